//! patches.csv: a line a patch.

use super::name::name;
use crate::Result;
use crate::labels::UNLABELLED;
use ecotone_core::{GeoBox, Legend, Window, XY};
use ecotone_io::write_csv;
use ecotone_tiling::Part;
use std::path::Path;

/// What is told of a patch.
pub(super) struct Line {
    window: Window,
    pub(super) part: Part,
    centre: XY<f64>,
    valid: f64,
    labelled: f64,
    /// Pixels of each class, by its index.
    pixels: [u64; 256],
}

impl Line {
    pub(super) fn new(window: Window, part: Part, indices: &[u8], valid: f64, grid: &GeoBox) -> Self {
        let mut pixels = [0; 256];
        indices.iter().for_each(|index| pixels[usize::from(*index)] += 1);
        let middle = XY::new(
            window.col as f64 + window.cols as f64 / 2.0,
            window.row as f64 + window.rows as f64 / 2.0,
        );
        let labelled = 1.0 - pixels[usize::from(UNLABELLED)] as f64 / indices.len().max(1) as f64;
        Self { window, part, centre: grid.transform().pixel_to_world(middle), valid, labelled, pixels }
    }
}

/// Writes `id,image,label,x,y,row,col,part,valid_share,labelled_share` and the pixels of each class, `pixels_CODE`.
pub(super) fn write_table(path: &Path, legend: &Legend, lines: &[Line]) -> Result<()> {
    let fixed = ["id", "image", "label", "x", "y", "row", "col", "part", "valid_share", "labelled_share"];
    let classes = legend.entries().iter().map(|entry| format!("pixels_{}", entry.code.0));
    let header: Vec<String> = fixed.map(str::to_owned).into_iter().chain(classes).collect();
    let rows = lines.iter().map(|line| {
        let name = name(line.window);
        let id = name.trim_end_matches(".tif").to_owned();
        let cells = [
            id,
            format!("images/{name}"),
            format!("labels/{name}"),
            line.centre.x.to_string(),
            line.centre.y.to_string(),
            line.window.row.to_string(),
            line.window.col.to_string(),
            line.part.to_string(),
            format!("{:.4}", line.valid),
            format!("{:.4}", line.labelled),
        ];
        let pixels = line.pixels[..legend.len()].iter().map(u64::to_string);
        cells.into_iter().chain(pixels).collect::<Vec<_>>()
    });
    Ok(write_csv(path, &header, rows)?)
}
