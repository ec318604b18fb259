//! The map of a round: rows of windows in turn, kept as strips, then written as COGs.

use super::super::learning_set::Kept;
use super::super::pixels::PixelSeries;
use super::Grown;
use super::map::{Classified, classify_windows};
use crate::Result;
use crate::labels::{UNLABELLED, class_codes};
use ecotone_core::{Legend, Window};
use ecotone_cubes::{nothing_seen, windows_of};
use ecotone_jobs::{
    LayerFile, NO_PERCENT, Progress, Region, RowsOf, Strips, nodata_code, percent, write_layers,
};
use ecotone_labeling::{entropy, margin};
use sha2::{Digest, Sha256};

/// Map, confidence, entropy, lack of margin.
const FIXED: usize = 4;

impl Grown<'_> {
    /// Maps the whole grid, and writes map.tif, confidence.tif, uncertainty.tif and, where asked for, probabilities.tif.
    /// Gives the number of pixels that some scene saw.
    pub(super) fn map(&self, kept: Kept, progress: &dyn Progress) -> Result<u64> {
        let geobox = self.pixels.series().geobox();
        let shape = geobox.shape();
        let count = FIXED + if self.job.probabilities { self.legend.len() } else { 0 };
        let (folder, windows) = (self.folder.strips(), self.pixels.regions(self.job.window)?);
        let resumed = self.folder.resumed();
        let mut regions = Region::open_all(&folder, windows, shape, count, &self.description(), resumed)?;
        let mut kept = kept;
        for region in &mut regions {
            let own = kept.take_if(|(window, _)| region.window().contains(*window));
            self.map_rows(region, own, progress)?;
        }
        let names = ["entropy (percent of the most)", "lack of margin (percent)"].map(str::to_owned).to_vec();
        let mut files =
            vec![LayerFile::map(), LayerFile::confidence(), LayerFile::percents("uncertainty.tif", names)];
        if self.job.probabilities {
            files.push(LayerFile::probabilities(&self.legend));
        }
        let rows = regions.iter().map(|region| region.window().rows).sum();
        let strips = (regions.iter().flat_map(Region::read), rows);
        let observed = write_layers(self.folder.root(), geobox, &self.legend, &files, strips, progress)?;
        Region::remove_all(&folder, regions)?;
        match observed {
            0 => Err(nothing_seen(self.pixels.series().scenes().count(), &self.events.failures_in_windows())
                .into()),
            _ => Ok(observed),
        }
    }

    /// Fills the strips of a region, each as high as a window, from the row that they have come to.
    fn map_rows(&self, region: &mut Region, kept: Kept, progress: &dyn Progress) -> Result<()> {
        let Some(rest) = region.rest() else { return Ok(()) };
        let mut windows = self.pixels.windows_in(region.window(), self.job.window)?;
        windows.retain(|window| window.row_end() > rest.row);
        let known = self.classes_known();
        let (mut done, total) = (0, windows.len() as u64);
        let mut open = Open::new(region, self.job, &self.legend);
        classify_windows(&self.pixels, &self.forest, &windows, kept, progress, |found| {
            let layers = encode(&found, &self.legend, known, self.job.probabilities);
            // Before the strip that lacks them may be kept.
            self.events.scenes_failed(Some(found.window), &found.pixels.failures)?;
            open.put(found.window, &layers)?;
            done += 1;
            self.events.window(found.window, done, total)?;
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
            ("areas", series.site().in_words()),
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
    region: Window,
    side: usize,
    empty: Vec<u8>,
    /// First row of the region, number of rows and data `[layer, y, x]`.
    now: Option<(usize, usize, Vec<u8>)>,
}

impl<'a> Open<'a> {
    fn new(region: &'a mut Region, job: &super::ForestJob, legend: &Legend) -> Self {
        let probabilities = if job.probabilities { legend.len() } else { 0 };
        let mut empty = vec![nodata_code(legend)];
        empty.extend(vec![NO_PERCENT; FIXED - 1 + probabilities]);
        let window = region.window();
        Self { strips: region.strips_mut(), region: window, side: job.window, empty, now: None }
    }

    /// A strip without anything in it.
    fn begin(&self, row: usize) -> (usize, usize, Vec<u8>) {
        let rows = self.side.min(self.region.rows - row);
        let data = self.empty.iter().flat_map(|value| vec![*value; rows * self.region.cols]).collect();
        (row, rows, data)
    }

    /// Puts the layers of a window where they belong. Windows come row by row.
    fn put(&mut self, window: Window, layers: &[Vec<u8>]) -> Result<()> {
        let window = window.relative_to(self.region);
        let (row, cols) = (window.row as usize, self.region.cols);
        self.close_until(row)?;
        let (first, rows, mut data) = self.now.take().unwrap_or_else(|| self.begin(row));
        let size = rows * cols;
        for (layer, plane) in layers.iter().zip(data.chunks_exact_mut(size)) {
            for (line, values) in layer.chunks_exact(window.cols).enumerate() {
                let at = (row - first + line) * cols + window.col as usize;
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
            if next >= self.region.rows {
                return Ok(());
            }
            self.now = Some(self.begin(next));
        }
    }

    fn finish(mut self) -> Result<()> {
        self.close_until(self.region.rows)
    }
}

impl PixelSeries {
    /// Windows of a side on the lattice of the grid that meet an area, region by region and row by row.
    pub(crate) fn windows_of(&self, side: usize) -> Result<Vec<Window>> {
        let regions = self.regions(side)?;
        Ok(regions
            .into_iter()
            .map(|region| self.windows_in(region, side))
            .collect::<Result<Vec<_>>>()?
            .concat())
    }

    /// The regions of the map that consist of such windows.
    fn regions(&self, side: usize) -> Result<Vec<Window>> {
        Ok(self.series().site().regions(side, 0)?)
    }

    /// The windows of a region that meet an area, and an outline where that has one.
    fn windows_in(&self, region: Window, side: usize) -> Result<Vec<Window>> {
        let mut windows = Vec::new();
        for window in windows_of(region, side) {
            if self.series().site().inside(window)?.is_some() {
                windows.push(window);
            }
        }
        Ok(windows)
    }
}
