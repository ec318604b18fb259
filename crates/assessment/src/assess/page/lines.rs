//! Lines such as roads, scored with a buffer.

use crate::assess::LineFigures;
use ecotone_report::{count, escape, number, row, table};

/// A row a class and buffer; nothing where no class is a line.
pub(super) fn lines(lines: &[LineFigures]) -> String {
    let line = |line: &LineFigures| {
        let cells = [
            format!("{} m", line.buffer_m),
            number(line.precision, 3),
            number(line.recall, 3),
            number(line.f1, 3),
            number(line.quality, 3),
            number(line.iou, 3),
            count(line.map_pixels),
            count(line.reference_pixels),
        ];
        row("", &escape(&line.class).to_string(), &cells)
    };
    if lines.is_empty() {
        return String::new();
    }
    let rows: String = lines.iter().map(line).collect();
    let header =
        ["Class", "Buffer", "Precision", "Recall", "F1", "Quality", "IoU", "Map pixels", "Reference pixels"];
    format!(
        "<p>Precision: the share of the mapped line with a reference line within the buffer; recall: the share of the \
         reference with a mapped line within it (Mnih and Hinton 2010; correctness, completeness and quality of Heipke et \
         al. 1997). IoU has no buffer. Pixels stand for length: thin wide lines to one pixel on both sides first. The \
         buffer should be the error of position of the reference, and no more; a network may be cut and score well.</p>\n{}",
        table("Lines", "numbers", &header, &rows)
    )
}
