//! The map of a round: rows of windows in turn, kept as strips, then written as COGs.

use super::super::learning_set::Kept;
use super::super::pixels::PixelSeries;
use super::Grown;
use super::map::{Classified, classify_windows};
use crate::Result;
use crate::failed_scenes::nothing_seen;
use crate::labels::{UNLABELLED, class_codes};
use crate::layers::{LayerFile, NO_PERCENT, nodata_code, percent, write_layers};
use crate::progress::Progress;
use crate::strips::{Layers, RowsOf, Strips};
use crate::summary::Failure;
use ecotone_core::{Legend, Window};
use ecotone_labeling::{entropy, margin};
use sha2::{Digest, Sha256};

/// What a map came to.
pub(super) struct MappedRound {
    /// Scenes that failed in some window.
    pub(super) failures: Vec<Failure>,
    /// Pixels that some scene saw.
    pub(super) observed: u64,
}

/// Map, confidence, entropy, lack of margin.
const FIXED: usize = 4;

impl Grown<'_> {
    /// Maps the whole grid, and writes map.tif, confidence.tif, uncertainty.tif and, where asked for, probabilities.tif.
    pub(super) fn map(&self, kept: Kept, progress: &dyn Progress) -> Result<MappedRound> {
        let geobox = self.pixels.series().geobox();
        let shape = geobox.shape();
        let count = FIXED + if self.job.probabilities { self.legend.len() } else { 0 };
        let layers = Layers { cols: shape.cols, count };
        let mut strips =
            Strips::open(&self.folder.strips(), layers, &self.description(), self.folder.resumed())?;
        let mut rest: Vec<Window> = self.pixels.windows_of(self.job.window);
        let first = strips.next_row() as i64;
        rest.retain(|window| window.row_end() > first);
        self.map_rows(&rest, kept, &mut strips, progress)?;
        let names = ["entropy (percent of the most)", "lack of margin (percent)"].map(str::to_owned).to_vec();
        let mut files =
            vec![LayerFile::map(), LayerFile::confidence(), LayerFile::percents("uncertainty.tif", names)];
        if self.job.probabilities {
            files.push(LayerFile::probabilities(&self.legend));
        }
        let failures = strips.failures();
        let observed =
            write_layers(self.folder.root(), geobox, &self.legend, &files, strips.read(), progress)?;
        strips.remove()?;
        match observed {
            0 => Err(nothing_seen(self.pixels.series().scenes().count(), &failures)),
            _ => Ok(MappedRound { failures, observed }),
        }
    }

    /// Fills strips, each as high as a window, from the row that the strips have come to.
    fn map_rows(
        &self,
        windows: &[Window],
        kept: Kept,
        strips: &mut Strips,
        progress: &dyn Progress,
    ) -> Result<()> {
        let shape = self.pixels.series().geobox().shape();
        let known = self.classes_known();
        let mut open = Open::new(strips, shape.rows, shape.cols, self.job, &self.legend);
        classify_windows(&self.pixels, &self.forest, windows, kept, progress, |found| {
            let layers = encode(&found, &self.legend, known, self.job.probabilities);
            open.put(found.window, &layers)?;
            open.strips.count(found.window.row, found.window.col, found.pixels.failures);
            Ok(())
        })?;
        open.finish()
    }

    /// How many classes the samples have.
    pub(super) fn classes_known(&self) -> usize {
        let mut known = vec![false; self.legend.len()];
        self.labels.iter().for_each(|label| known[*label] = true);
        known.into_iter().filter(|known| *known).count()
    }

    /// Everything that the rows of the map follow from.
    fn description(&self) -> RowsOf {
        let series = self.pixels.series();
        let forest: String =
            Sha256::digest(self.forest.to_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
        let settings = vec![
            ("forest", forest),
            ("grid", format!("{:?}", series.geobox())),
            ("areas", format!("{:?}", series.site().areas())),
            ("windows", self.job.window.to_string()),
            ("choice of --probabilities", self.job.probabilities.to_string()),
            ("inputs", format!("{:?}", series.specs())),
            ("heights", format!("{:?}", series.heights())),
        ];
        RowsOf { settings, scenes: series.scenes().map(|scene| scene.key.clone()).collect() }
    }
}

/// Code, percent of confidence, of entropy and of lacking margin, and percents of all classes where wanted, one byte
/// each, `[layer, pixel]`.
fn encode(found: &Classified, legend: &Legend, known: usize, probabilities: bool) -> Vec<Vec<u8>> {
    let size = found.pixels.seen.len();
    let mut indices = vec![UNLABELLED; size];
    let mut layers = vec![vec![NO_PERCENT; size]; FIXED - 1 + if probabilities { legend.len() } else { 0 }];
    for (pixel, row) in found.probabilities.rows().into_iter().enumerate() {
        if !found.pixels.seen[pixel] {
            continue;
        }
        let best = (1..row.len()).fold(0, |best, class| if row[class] > row[best] { class } else { best });
        indices[pixel] = best as u8;
        layers[0][pixel] = percent(row[best]);
        layers[1][pixel] = percent(entropy(row, known) as f32);
        layers[2][pixel] = percent(1.0 - margin(row) as f32);
        layers[3..].iter_mut().zip(row).for_each(|(layer, share)| layer[pixel] = percent(*share));
    }
    layers.insert(0, class_codes(&indices, legend, nodata_code(legend)));
    layers
}

/// The strip that windows are put into until one of a later row comes.
struct Open<'a> {
    strips: &'a mut Strips,
    side: usize,
    rows: usize,
    cols: usize,
    empty: Vec<u8>,
    /// First row, number of rows and data `[layer, y, x]`.
    now: Option<(usize, usize, Vec<u8>)>,
}

impl<'a> Open<'a> {
    fn new(
        strips: &'a mut Strips,
        rows: usize,
        cols: usize,
        job: &super::ForestJob,
        legend: &Legend,
    ) -> Self {
        let probabilities = if job.probabilities { legend.len() } else { 0 };
        let mut empty = vec![nodata_code(legend)];
        empty.extend(vec![NO_PERCENT; FIXED - 1 + probabilities]);
        Self { strips, side: job.window, rows, cols, empty, now: None }
    }

    /// A strip without anything in it.
    fn begin(&self, row: usize) -> (usize, usize, Vec<u8>) {
        let rows = self.side.min(self.rows - row);
        let data = self.empty.iter().flat_map(|value| vec![*value; rows * self.cols]).collect();
        (row, rows, data)
    }

    /// Puts the layers of a window where they belong. Windows come row by row.
    fn put(&mut self, window: Window, layers: &[Vec<u8>]) -> Result<()> {
        let row = window.row as usize;
        self.close_until(row)?;
        let (first, rows, mut data) = self.now.take().unwrap_or_else(|| self.begin(row));
        let size = rows * self.cols;
        for (layer, plane) in layers.iter().zip(data.chunks_exact_mut(size)) {
            for (line, values) in layer.chunks_exact(window.cols).enumerate() {
                let at = (row - first + line) * self.cols + window.col as usize;
                plane[at..at + window.cols].copy_from_slice(values);
            }
        }
        self.now = Some((first, rows, data));
        Ok(())
    }

    /// Keeps the strips above a row; those that no window touches are empty.
    fn close_until(&mut self, row: usize) -> Result<()> {
        loop {
            if let Some((first, rows, data)) = self.now.take() {
                if row < first + rows {
                    self.now = Some((first, rows, data));
                    return Ok(());
                }
                self.strips.push(rows, &data)?;
            }
            let next = self.strips.next_row();
            if next >= self.rows {
                return Ok(());
            }
            self.now = Some(self.begin(next));
        }
    }

    fn finish(mut self) -> Result<()> {
        self.close_until(self.rows)
    }
}

impl PixelSeries {
    /// Windows of a side on the lattice of the grid that meet an area, row by row.
    pub(crate) fn windows_of(&self, side: usize) -> Vec<Window> {
        let shape = self.series().geobox().shape();
        let areas = self.series().site().areas();
        let starts = |extent: usize| (0..extent).step_by(side).map(move |at| (at, side.min(extent - at)));
        let windows = starts(shape.rows).flat_map(|(row, rows)| {
            starts(shape.cols).map(move |(col, cols)| Window::new(row as i64, col as i64, rows, cols))
        });
        windows.filter(|window| areas.iter().any(|area| area.intersection(*window).is_some())).collect()
    }
}
