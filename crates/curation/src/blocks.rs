//! Which blocks train, validate and test.

use crate::labels::{Labels, UNLABELLED};
use crate::{Error, Result};
use ecotone_core::{ClassCode, Legend, LegendEntry, Nodata};
use ecotone_io::{CogOptions, Content, gsd_metres, pixel_side_metres};
use ecotone_jobs::Progress;
use ecotone_tiling::{BlockSplit, FoldConfig, Fractions, Part, SplitConfig};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Which blocks train, which stop the training, which test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Split {
    /// Side of a block in metres.
    pub block_m: f64,
    /// Width in metres of the strips along blocks that nobody uses.
    pub gap_m: f64,
    /// Share of blocks that train.
    pub train: f64,
    /// Share of blocks that stop the training.
    pub validation: f64,
    /// Share of blocks that test.
    pub test: f64,
    /// Rounds of a cross-validation; 0: by the shares.
    pub folds: usize,
    /// The round that tests, from 0.
    pub fold: usize,
    /// Decides the draw.
    pub seed: u64,
}

impl Default for Split {
    fn default() -> Self {
        Self {
            block_m: 1280.0,
            gap_m: 0.0,
            train: 0.6,
            validation: 0.2,
            test: 0.2,
            folds: 0,
            fold: 0,
            seed: 1,
        }
    }
}

/// Draws the blocks.
///
/// # Errors
/// When there are too few of them, or training or test blocks without a label.
pub fn draw_split(settings: &Split, labels: &Labels, legend: &Legend) -> Result<BlockSplit> {
    let (geobox, areas) = (labels.geobox(), labels.site.area_grid());
    let gsd = gsd_metres(geobox)?;
    // A gap holds in either direction.
    let least = pixel_side_metres(geobox)?.map_or(gsd, |side| side.x.min(side.y));
    let pixels = |metres: f64, side: f64| (metres / side).round().max(0.0) as usize;
    let (block, gap) = (pixels(settings.block_m, gsd).max(1), pixels(settings.gap_m, least));
    let (shape, classes, indices) = (geobox.shape(), legend.len(), &labels.indices);
    let split = match settings.folds {
        0 => {
            let Split { train, validation, test, seed, .. } = *settings;
            let fractions = Fractions { train, validation, test };
            let config = SplitConfig { block, gap, fractions, seed };
            BlockSplit::stratified(areas.clone(), &config, classes, indices)?
        }
        folds => {
            let config = FoldConfig { block, gap, folds, fold: settings.fold, seed: settings.seed };
            BlockSplit::fold(areas.clone(), &config, classes, indices)?
        }
    };
    let split = match labels.site.clip()? {
        Some(clip) => split.only(&clip),
        None => split,
    };
    for part in [Part::Train, Part::Test] {
        let labelled = |(code, label): (&u8, &u8)| *code == part.code() && *label != UNLABELLED;
        if !split.codes().iter().zip(&labels.indices).any(labelled) {
            let part = if part == Part::Train { "training" } else { "test" };
            return Err(Error::EmptyPart { part, rows: shape.rows, cols: shape.cols, block });
        }
    }
    Ok(split)
}

/// Writes the blocks as a raster, and says what each part holds.
pub fn write_split(
    split: &BlockSplit,
    labels: &Labels,
    legend: &Legend,
    path: &Path,
    progress: &dyn Progress,
) -> Result<()> {
    let (content, nodata) = (Content::Classes(split_legend()?), Some(Nodata::new(0.0)));
    labels.site.write_plane(path, split.codes(), CogOptions { content, nodata, ..CogOptions::default() })?;
    progress.note(&split.to_string());
    for missing in split.missing_classes() {
        let name = &legend.entries()[missing.class].name;
        progress.note(&format!("no {} pixel of `{name}`: too few blocks hold it", missing.part));
    }
    Ok(())
}

/// The parts of a split as classes of split.tif.
fn split_legend() -> Result<Legend> {
    let colors = ecotone_report::split_key();
    let entry = |part: &Part| LegendEntry {
        code: ClassCode(part.code()),
        name: part.to_string(),
        color: colors[usize::from(part.code())].color,
    };
    Ok(Legend::new(Part::USED.iter().map(entry).collect())?)
}
