//! The samples that probabilities are scored on, in two halves, and the raster of percents under them.

use super::points::Points;
use crate::{Error, Result};
use ecotone_core::{ClassCode, GeoBox, Legend, LegendEntry, Nodata, Rgb, Shape2d, Window};
use ecotone_io::{CogOptions, CogWriter, Content, PixelType, RasterDataset, Resampling};
use ecotone_jobs::{Codes, Mask, Progress};
use ecotone_metrics::{ConformalSets, Draw, IGNORE};
use ecotone_tiling::WindowGrid;
use std::path::Path;

/// Side of a window in pixels: two blocks of a COG.
const WINDOW: usize = 1024;
/// Largest side of the blocks of pixels that calibrate or are scored together.
const BLOCK: usize = 128;
/// About how many blocks there are along the longer side of a small map.
const BLOCKS: usize = 16;

/// Which half of the reference a sample belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Half {
    Calibration,
    Scoring,
}

/// Where the reference comes from, so that it can be read twice.
#[expect(clippy::large_enum_variant, reason = "a job holds one of them")]
pub(super) enum Reference<'a> {
    Points(&'a Points),
    Raster { codes: Codes, mask: Option<Mask>, blocks: Blocks },
}

/// The open raster of percents.
pub(super) struct Percents {
    dataset: RasterDataset,
    classes: usize,
}

impl Percents {
    /// Opens it.
    ///
    /// # Errors
    /// When it has not one band of bytes a class, or its bands are named in another order.
    pub(super) fn open(path: &Path, legend: &Legend) -> Result<Self> {
        let dataset = RasterDataset::open_unplaced(path)?;
        let (bands, names) = (dataset.bands(), legend.entries());
        let found = bands.len();
        if found != names.len() {
            return Err(Error::Bands { path: path.to_owned(), found, expected: names.len() });
        }
        if let Some(band) = bands.iter().position(|band| band.pixel_type != PixelType::U8) {
            let found = format!("{:?}", bands[band].pixel_type);
            return Err(Error::NoPercents { path: path.to_owned(), band: band + 1, found });
        }
        for (index, (band, entry)) in bands.iter().zip(names).enumerate() {
            let is_another = names.iter().any(|other| other.name == band.description);
            if is_another && band.description != entry.name {
                let (path, found, expected) = (path.to_owned(), band.description.clone(), entry.name.clone());
                return Err(Error::BandOrder { path, band: index + 1, found, expected });
            }
        }
        let dataset = dataset.with_nodata(Some(Nodata::new(f64::from(IGNORE)))).with_alpha_as_data();
        Ok(Self { dataset, classes: names.len() })
    }

    /// `[class, y, x]`.
    fn read(&self, grid: &GeoBox) -> Result<Vec<u8>> {
        let pixels = grid.shape().len();
        let mut values = vec![IGNORE; self.classes * pixels];
        for (class, values) in values.chunks_mut(pixels.max(1)).enumerate() {
            self.dataset.read_onto_slice(class + 1, grid, Resampling::Nearest, values)?;
        }
        Ok(values)
    }
}

/// One way over all samples, always in the same order.
pub(super) struct Pass<'a> {
    pub(super) percents: &'a Percents,
    pub(super) grid: &'a GeoBox,
    pub(super) legend: &'a Legend,
    pub(super) reference: &'a Reference<'a>,
    pub(super) seed: u64,
}

impl Pass<'_> {
    fn windows(&self) -> Result<Vec<Window>> {
        let windows = WindowGrid::new(self.grid.shape(), WINDOW, 0)?;
        Ok(windows.windows().map(|window| window.core).collect())
    }

    /// Shows blocks of samples of one half: percents `[class, sample]` and the reference's class indices.
    pub(super) fn samples(
        &self,
        step: &str,
        progress: &dyn Progress,
        mut see: impl FnMut(Half, &[u8], &[u8]) -> Result<()>,
    ) -> Result<()> {
        let (codes, mask, blocks) = match self.reference {
            Reference::Points(points) => return self.points(points, see),
            Reference::Raster { codes, mask, blocks } => (codes, mask, blocks),
        };
        let windows = self.windows()?;
        progress.begin(step, windows.len() as u64, "windows");
        for window in windows {
            let here = self.grid.crop(window);
            let mut truth = codes.read_indices(&here, self.legend)?;
            if let Some(mask) = mask {
                mask.apply(&here, &mut truth, IGNORE)?;
            }
            if truth.iter().any(|class| *class != IGNORE) {
                let values = self.percents.read(&here)?;
                for half in [Half::Calibration, Half::Scoring] {
                    see(half, &values, &blocks.only(half, window, &truth))?;
                }
            }
            progress.advance(1, "");
        }
        progress.end();
        Ok(())
    }

    fn points(&self, points: &Points, mut see: impl FnMut(Half, &[u8], &[u8]) -> Result<()>) -> Result<()> {
        let classes = self.legend.len();
        let mut by_class = vec![Vec::new(); classes];
        points.scored().for_each(|point| by_class[point.reference].push(point));
        let sizes: Vec<u64> = by_class.iter().map(|points| points.len() as u64).collect();
        let halves: Vec<u64> = sizes.iter().map(|points| points / 2).collect();
        let mut calibrates: Vec<Vec<bool>> =
            by_class.iter().map(|points| vec![false; points.len()]).collect();
        for unit in Draw::stratified(&sizes, &halves, self.seed)?.units() {
            calibrates[unit.group][unit.rank as usize] = true;
        }
        for (points, calibrates) in by_class.iter().zip(&calibrates) {
            for (point, calibrates) in points.iter().zip(calibrates) {
                let half = if *calibrates { Half::Calibration } else { Half::Scoring };
                let values = self.percents.read(&self.grid.crop(point.pixel))?;
                see(half, &values, &[point.reference as u8])?;
            }
        }
        Ok(())
    }

    /// How many classes the set of each pixel of the map has, as a COG.
    pub(super) fn write_sizes(
        &self,
        sets: &ConformalSets,
        path: &Path,
        progress: &dyn Progress,
    ) -> Result<()> {
        let classes = self.legend.len().min(254);
        let entry = |size: usize| {
            // One class is clear; none or all of them say as little as can be.
            let share = size.abs_diff(1) as f64 / classes as f64;
            let channel = |from: f64, to: f64| (from + (to - from) * share).round() as u8;
            LegendEntry {
                code: ClassCode(size as u8),
                name: format!("{size} class{}", if size == 1 { "" } else { "es" }),
                color: if size == 0 {
                    Rgb([0x22; 3])
                } else {
                    Rgb([channel(236.0, 122.0), channel(231.0, 1.0), channel(242.0, 119.0)])
                },
            }
        };
        let options = CogOptions {
            content: Content::Classes(Legend::new((0..=classes).map(entry).collect())?),
            nodata: Some(Nodata::new(f64::from(IGNORE))),
            descriptions: vec!["classes in the conformal set".to_owned()],
            ..CogOptions::default()
        };
        let mut file = CogWriter::create(path, self.grid.clone(), 1, options)?;
        let windows = self.windows()?;
        progress.begin("set sizes", windows.len() as u64, "windows");
        for window in windows {
            let values = self.percents.read(&self.grid.crop(window))?;
            file.write_window(1, window, &sets.sizes(&values)?)?;
            progress.advance(1, "");
        }
        progress.end();
        Ok(file.finish()?)
    }
}

/// Square blocks of pixels, half of which calibrate: pixels beside each other are too alike to be on both sides.
pub(super) struct Blocks {
    pub(super) side: usize,
    across: usize,
    calibrates: Vec<bool>,
}

impl Blocks {
    pub(super) fn new(shape: Shape2d, seed: u64) -> Result<Self> {
        let side = (shape.rows.max(shape.cols) / BLOCKS).clamp(1, BLOCK);
        let across = shape.cols.div_ceil(side);
        let mut calibrates = vec![false; across * shape.rows.div_ceil(side)];
        let blocks = calibrates.len() as u64;
        for unit in Draw::simple(blocks, blocks / 2, seed)?.units() {
            calibrates[unit.rank as usize] = true;
        }
        Ok(Self { side, across, calibrates })
    }

    /// The class indices of a window with those of the other half left out.
    fn only(&self, half: Half, window: Window, truth: &[u8]) -> Vec<u8> {
        let block = |pixel: usize| {
            let row = (window.row as usize + pixel / window.cols) / self.side;
            row * self.across + (window.col as usize + pixel % window.cols) / self.side
        };
        let keeps = |pixel: usize| self.calibrates[block(pixel)] == (half == Half::Calibration);
        truth.iter().enumerate().map(|(pixel, class)| if keeps(pixel) { *class } else { IGNORE }).collect()
    }
}
