//! The samples that probabilities are scored on, in two halves, and the raster of percents under them.

use super::points::Points;
use super::probability_blocks::{Blocks, Halves};
use crate::{Error, Result};
use ecotone_core::{ClassCode, GeoBox, Legend, LegendEntry, Nodata, Rgb, Window};
use ecotone_io::{CogOptions, CogWriter, Content, PixelType, RasterDataset, Resampling};
use ecotone_jobs::{Codes, Mask, Progress};
use ecotone_metrics::{ConformalScores, ConformalSets, IGNORE};
use ecotone_tiling::WindowGrid;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

/// Side of a window in pixels: two blocks of a COG.
const WINDOW: usize = 1024;

/// Where the reference comes from, so that it can be read twice.
#[expect(clippy::large_enum_variant, reason = "a job holds one of them")]
pub(super) enum Reference<'a> {
    /// Points of a sample, and whether they were drawn in clusters.
    Points {
        points: &'a Points,
        clustered: bool,
    },
    Raster {
        codes: Codes,
        mask: Option<Mask>,
        blocks: Blocks,
    },
}

impl Reference<'_> {
    /// What calibrates or is scored as a whole, in the plural.
    pub(super) const fn unit(&self) -> &'static str {
        match self {
            Self::Points { clustered: false, .. } => "points",
            Self::Points { clustered: true, .. } => "clusters",
            Self::Raster { .. } => "blocks",
        }
    }

    /// The classes of samples, [`IGNORE`] for those that are of no whole block.
    pub(super) fn whole<'a>(&self, truth: &'a [u8], numbers: &[u64]) -> Cow<'a, [u8]> {
        match self {
            Self::Points { .. } => Cow::Borrowed(truth),
            Self::Raster { blocks, .. } => blocks.whole(truth, numbers),
        }
    }

    /// How the halves were drawn, for people.
    pub(super) fn split(&self, seed: u64) -> String {
        match self {
            Self::Points { clustered: false, .. } => {
                format!("half of the points of each class, drawn with seed {seed}")
            }
            Self::Points { clustered: true, .. } => format!("half of the clusters, drawn with seed {seed}"),
            Self::Raster { blocks, .. } => blocks.words(seed),
        }
    }
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

    /// Shows samples window by window: percents `[class, sample]`, the reference's class indices and the numbers of their
    /// blocks; all of them, or only those that the halves leave to be scored.
    pub(super) fn samples(
        &self,
        step: &str,
        scored: Option<&Halves>,
        progress: &dyn Progress,
        mut see: impl FnMut(&[u8], &[u8], &[u64]) -> Result<()>,
    ) -> Result<()> {
        let (codes, mask, blocks) = match self.reference {
            Reference::Points { points, clustered } => return self.points(points, *clustered, scored, see),
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
            if let Some(halves) = scored {
                let kept = blocks.scored(window, halves);
                truth.iter_mut().zip(kept).filter(|(_, kept)| !kept).for_each(|(class, _)| *class = IGNORE);
            }
            if truth.iter().any(|class| *class != IGNORE) {
                see(&self.percents.read(&here)?, &truth, &blocks.numbers(window))?;
            }
            progress.advance(1, "");
        }
        progress.end();
        Ok(())
    }

    fn points(
        &self,
        points: &Points,
        clustered: bool,
        scored: Option<&Halves>,
        mut see: impl FnMut(&[u8], &[u8], &[u64]) -> Result<()>,
    ) -> Result<()> {
        for (point, number) in points.scored().zip(numbers(points, clustered)) {
            if scored.is_none_or(|halves| !halves.has(number)) {
                let values = self.percents.read(&self.grid.crop(point.pixel))?;
                see(&values, &[point.reference as u8], &[number])?;
            }
        }
        Ok(())
    }

    /// Draws what calibrates: half of the blocks or clusters that hold a sample, or half of the points of each class.
    pub(super) fn halves(&self, found: &ConformalScores) -> Result<Halves> {
        let groups = match self.reference {
            Reference::Points { points, clustered: false } => {
                let mut by_class = vec![Vec::new(); self.legend.len()];
                points.scored().zip(0..).for_each(|(point, number)| by_class[point.reference].push(number));
                by_class
            }
            _ => vec![found.blocks().into_iter().collect()],
        };
        Halves::draw(&groups, self.seed)
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

/// The number of each scored point, or of its cluster.
fn numbers(points: &Points, clustered: bool) -> Vec<u64> {
    let mut clusters: BTreeMap<&str, u64> = BTreeMap::new();
    let mut found = Vec::new();
    for (point, own) in points.scored().zip(0..) {
        let next = clusters.len() as u64;
        found.push(if clustered { *clusters.entry(&point.cluster).or_insert(next) } else { own });
    }
    found
}
