//! A forest grown from samples, and the pixels of a series classified by it, window by window.

use super::super::learning_set::Kept;
use super::super::pixels::{PixelRows, PixelSeries};
use crate::{Error, Result};
use ecotone_core::{Legend, Window};
use ecotone_jobs::Progress;
use ecotone_labeling::{ClassWeights, RandomForest};
use ndarray::{Array2, Axis};

/// How a forest is grown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Growing {
    /// Number of trees.
    pub(crate) trees: usize,
    /// Whether every class counts as much as another.
    pub(crate) balanced: bool,
    /// Whether the importance of features is also found by shuffling.
    pub(crate) permutation: bool,
    /// Decides every draw.
    pub(crate) seed: u64,
}

impl Growing {
    /// Grows a forest from features `[sample, feature]` and class indices of a legend. It knows all of its classes;
    /// those without samples get the probability 0.
    ///
    /// # Errors
    /// Samples of one class only, or samples that nothing tells apart.
    pub(crate) fn grow(
        &self,
        features: &Array2<f32>,
        labels: &[usize],
        legend: &Legend,
    ) -> Result<RandomForest> {
        let samples = labels.len();
        if let Some(first) = labels.first().filter(|first| labels.iter().all(|label| label == *first)) {
            let class = legend.entries().get(*first).map_or_else(String::new, |entry| entry.name.clone());
            return Err(Error::OneClass { samples, class });
        }
        let same = features.axis_iter(Axis(0)).all(|row| row == features.row(0));
        if same {
            return Err(Error::SameFeatures { samples, features: features.ncols() });
        }
        let weights = if self.balanced { ClassWeights::Balanced } else { ClassWeights::None };
        let params = RandomForest::params().trees(self.trees).class_weights(weights).classes(legend.len());
        let params = params.out_of_bag(true).permutation_importance(self.permutation).seed(self.seed);
        Ok(params.grow(features, labels)?)
    }
}

/// The pixels of a window, classified.
pub(crate) struct Classified {
    /// Where they lie on the grid.
    pub(crate) window: Window,
    /// Their features, and whether any scene saw them.
    pub(crate) pixels: PixelRows,
    /// Class probabilities, `[pixel, class]`; 0 where nothing was seen.
    pub(crate) probabilities: Array2<f32>,
}

/// Reads and classifies windows of the series in turn and gives each to `each`. One window is held at a time; one that
/// was `kept` is not read again.
///
/// # Errors
/// When the heights cannot be read, the forest takes other features, or `each` fails.
pub(crate) fn classify_windows(
    pixels: &PixelSeries,
    forest: &RandomForest,
    windows: &[Window],
    mut kept: Kept,
    progress: &dyn Progress,
    mut each: impl FnMut(Classified) -> Result<()>,
) -> Result<()> {
    progress.begin("classify", windows.len() as u64, "windows");
    for &window in windows {
        let rows = match kept.take_if(|(there, _)| *there == window) {
            Some((_, rows)) => rows,
            None => pixels.read(window)?,
        };
        let probabilities = probabilities(forest, &rows)?;
        each(Classified { window, pixels: rows, probabilities })?;
        progress.advance(1, "");
    }
    progress.end();
    Ok(())
}

/// Class probabilities of pixels, `[pixel, class]`; 0 where nothing was seen.
pub(crate) fn probabilities(forest: &RandomForest, rows: &PixelRows) -> Result<Array2<f32>> {
    let mut found = forest.probabilities(&rows.features)?;
    found
        .axis_iter_mut(Axis(0))
        .zip(&rows.seen)
        .filter(|(_, seen)| !**seen)
        .for_each(|(mut row, _)| row.fill(0.0));
    Ok(found)
}
