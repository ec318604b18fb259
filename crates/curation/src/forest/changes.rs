//! What became what from the round before to this one.

use super::Grown;
use crate::Result;
use ecotone_core::Window;
use ecotone_io::write_csv;
use ecotone_jobs::{Codes, Progress, class_builder, nodata_code};
use ecotone_metrics::{ConfusionMatrix, IGNORE};
use std::path::Path;

/// Rows compared at a time.
const ROWS: usize = 256;

/// Pixels that have a class in both rounds: rows = this round, columns = the round before.
#[derive(Debug)]
pub(super) struct Changes {
    pub(super) counts: ConfusionMatrix,
}

impl Changes {
    /// Share of the pixels that have another class now; `None` where no pixel has a class in both.
    pub(super) fn share(&self) -> Option<f64> {
        self.counts.overall_accuracy().map(|same| 1.0 - same)
    }
}

impl Grown<'_> {
    /// Writes changes.tif, the class of now where it is another than before and nothing elsewhere, and changes.csv.
    pub(super) fn compare(&self, before: &Path, progress: &dyn Progress) -> Result<Changes> {
        let geobox = self.pixels.series().geobox();
        let shape = geobox.shape();
        let (map, earlier) = (
            Codes::open(&self.folder.file("map.tif"), &self.legend, &[])?,
            Codes::open(&before.join("map.tif"), &self.legend, &[])?,
        );
        let nodata = nodata_code(&self.legend);
        let mut out = class_builder(&self.folder.file("changes.tif"), geobox, &self.legend)?;
        let mut counts = ConfusionMatrix::new(self.legend.len());
        progress.begin("compare", shape.rows as u64, "rows");
        for row in (0..shape.rows).step_by(ROWS) {
            let rows = ROWS.min(shape.rows - row);
            let window = Window::new(row as i64, 0, rows, shape.cols);
            let here = geobox.crop(window);
            let now = map.read_indices(&here, &self.legend)?;
            let then = earlier.read_indices(&here, &self.legend)?;
            counts.add_many(&now, &then)?;
            let codes = crate::labels::class_codes(&now, &self.legend, nodata);
            let changed = codes.iter().zip(now.iter().zip(&then));
            let changed: Vec<u8> = changed
                .map(|(code, (now, then))| if now == then || *then == IGNORE { nodata } else { *code })
                .collect();
            out.write_window(1, window, &changed)?;
            progress.advance(rows as u64, "");
        }
        out.finish()?;
        progress.end();
        self.write_changes(&counts)?;
        Ok(Changes { counts })
    }

    fn write_changes(&self, counts: &ConfusionMatrix) -> Result<()> {
        let entries = self.legend.entries();
        let mut rows = Vec::new();
        for (from, before) in entries.iter().enumerate() {
            for (to, now) in entries.iter().enumerate().filter(|(to, _)| counts.count(*to, from) > 0) {
                let pixels = counts.count(to, from);
                rows.push((before.code.0, before.name.as_str(), now.code.0, now.name.as_str(), pixels));
            }
        }
        let header = ["from_code", "from_class", "to_code", "to_class", "pixels"];
        Ok(write_csv(self.folder.file("changes.csv"), &header, rows)?)
    }
}
