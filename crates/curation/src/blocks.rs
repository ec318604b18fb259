//! Which blocks train, validate and test.

use crate::fields::{Grouping, fields_of};
use crate::labels::{LabelFiles, Labels, UNLABELLED};
use crate::{Error, Result};
use ecotone_core::{ClassCode, Legend, LegendEntry, Nodata};
use ecotone_io::{CogOptions, Content, gsd_metres, pixel_side_metres};
use ecotone_jobs::{Error as JobError, Progress};
use ecotone_tiling::{BlockSplit, Fields, FoldConfig, Fractions, Part, Shared, SplitConfig};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The word for [`AUTO_GAP`].
const AUTO: &str = "auto";

/// Pixels left unused between parts where a recipe does not say how many metres: neighbours share what a sensor spreads
/// over a pixel's border, and labels are drawn no better than that.
pub const AUTO_GAP: usize = 2;

/// Which blocks train, which stop the training, which test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Split {
    /// Side of a block in metres.
    pub block_m: f64,
    /// Width in metres of the strips between pixels of different parts that nobody uses; `auto`: two pixels of the map.
    pub gap_m: String,
    /// What stays together: see [`Grouping`].
    pub group: String,
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
            gap_m: AUTO.to_owned(),
            group: Grouping::Components.to_string(),
            train: 0.6,
            validation: 0.2,
            test: 0.2,
            folds: 0,
            fold: 0,
            seed: 1,
        }
    }
}

impl Split {
    /// Width in metres of the strips that nobody uses; `None`: [`AUTO_GAP`] pixels of the map.
    ///
    /// # Errors
    /// When it is neither `auto` nor a length of 0 or more.
    pub fn gap(&self) -> std::result::Result<Option<f64>, JobError> {
        match self.gap_m.parse::<f64>() {
            _ if self.gap_m == AUTO => Ok(None),
            Ok(metres) if metres.is_finite() && metres >= 0.0 => Ok(Some(metres)),
            _ => Err(JobError::Value {
                key: "split.gap_m",
                found: self.gap_m.clone(),
                expected: "`auto` (two pixels of the map) or a length in metres, 0 or more".to_owned(),
            }),
        }
    }

    /// What stays together.
    ///
    /// # Errors
    /// When it is none of the words.
    pub fn grouping(&self) -> std::result::Result<Grouping, JobError> {
        Grouping::parse(&self.group)
    }
}

/// A split of labelled ground.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawn {
    /// Which pixels train, validate and test.
    pub split: BlockSplit,
    /// What test pixels have in common with training pixels: by the fields that stay together, or by connected pixels of one label where
    /// none do. `None` where no test pixel has a label.
    pub shared: Option<Shared>,
}

/// Draws the blocks; `files` are those of the labels.
///
/// # Errors
/// When a setting makes no sense, the fields cannot be read, there are too few blocks, or training or test blocks are
/// without a label.
pub fn draw_split(settings: &Split, files: &LabelFiles, labels: &Labels, legend: &Legend) -> Result<Drawn> {
    let (geobox, areas) = (labels.geobox(), labels.site.area_grid());
    let gsd = gsd_metres(geobox)?;
    // A gap holds in either direction.
    let least = pixel_side_metres(geobox)?.map_or(gsd, |side| side.x.min(side.y));
    let pixels = |metres: f64, side: f64| (metres / side).round().max(0.0) as usize;
    let block = pixels(settings.block_m, gsd).max(1);
    let gap = settings.gap()?.map_or(AUTO_GAP, |metres| pixels(metres, least));
    let (shape, classes, indices) = (geobox.shape(), legend.len(), &labels.indices);
    let grouping = settings.grouping()?;
    let fields = fields_of(&grouping, files, labels)?;
    let apart = if grouping == Grouping::None { &Fields::none() } else { &fields };
    let split = match settings.folds {
        0 => {
            let Split { train, validation, test, seed, .. } = *settings;
            let fractions = Fractions { train, validation, test };
            let config = SplitConfig { block, gap, fractions, seed };
            BlockSplit::stratified_by_fields(areas.clone(), &config, classes, indices, apart)?
        }
        folds => {
            let config = FoldConfig { block, gap, folds, fold: settings.fold, seed: settings.seed };
            BlockSplit::fold_by_fields(areas.clone(), &config, classes, indices, apart)?
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
    let shared = Shared::of(&split, indices, &fields)?;
    Ok(Drawn { split, shared })
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
