//! Which blocks train, validate and test.

use super::Job;
use crate::labels::{Labels, UNLABELLED};
use crate::layers::write_plane;
use crate::progress::Progress;
use crate::recipe::Split;
use crate::{Error, Result, report};
use ecotone_core::{ClassCode, Legend, LegendEntry, Nodata};
use ecotone_io::{CogOptions, Content, gsd_metres, pixel_side_metres};
use ecotone_tiling::{BlockSplit, FoldConfig, Fractions, Part, SplitConfig};
use std::path::Path;

impl Job<'_> {
    /// Writes split.tif, and says what each part holds.
    pub(super) fn keep_split(&self, split: &BlockSplit, labels: &Labels, legend: &Legend) -> Result<()> {
        write_split(split, labels, legend, &self.folder.file("split.tif"), self.progress)
    }
}

/// Draws the blocks.
///
/// # Errors
/// When there are too few of them, or training or test blocks without a label.
pub(crate) fn draw_split(settings: &Split, labels: &Labels, legend: &Legend) -> Result<BlockSplit> {
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
pub(crate) fn write_split(
    split: &BlockSplit,
    labels: &Labels,
    legend: &Legend,
    path: &Path,
    progress: &dyn Progress,
) -> Result<()> {
    let (content, nodata) = (Content::Classes(split_legend()?), Some(Nodata::new(0.0)));
    write_plane(path, &labels.site, split.codes(), CogOptions { content, nodata, ..CogOptions::default() })?;
    progress.note(&split.to_string());
    for missing in split.missing_classes() {
        let name = &legend.entries()[missing.class].name;
        progress.note(&format!("no {} pixel of `{name}`: too few blocks hold it", missing.part));
    }
    Ok(())
}

/// The parts of a split as classes of split.tif.
fn split_legend() -> Result<Legend> {
    let colors = report::split_key();
    let entry = |part: &Part| LegendEntry {
        code: ClassCode(part.code()),
        name: part.to_string(),
        color: colors[usize::from(part.code())].color,
    };
    Ok(Legend::new(Part::USED.iter().map(entry).collect())?)
}
