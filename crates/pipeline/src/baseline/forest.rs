//! A random forest of pixels as a baseline: the network's own inputs and training pixels, without its neighbourhood.

use super::known::Known;
use crate::Result;
use ecotone_labeling::{Draw, RandomForest, Shares};
use ndarray::{Array2, Axis};
use rayon::prelude::*;

/// Trees of the forest, as many as scikit-learn's.
const TREES: usize = 100;
/// Values that it learns from at most, whatever the recipe says: 128 MiB, and about thrice that while it grows.
const MOST_VALUES: usize = 1 << 25;
/// Pixels that are classified at once.
const CHUNK: usize = 1 << 14;

/// A forest, and what it learnt from.
pub(crate) struct PixelForest {
    forest: RandomForest,
    /// Pixels of the training blocks that have a label and were seen.
    pub(crate) training: usize,
    /// Those of them that it learnt from.
    pub(crate) learnt: usize,
    /// Values a pixel.
    pub(crate) features: usize,
}

/// How a forest is grown.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Growing {
    /// Number of classes.
    pub(crate) classes: usize,
    /// Training pixels that it learns from at most; of more, each class is thinned to its share.
    pub(crate) most: usize,
    /// Decides which, and every draw of the trees.
    pub(crate) seed: u64,
}

impl PixelForest {
    /// Learns from the training pixels of all areas and years that were ever seen; `None` where they are of fewer than two
    /// classes, or none are wanted.
    pub(crate) fn learn(areas: &[Known<'_>], how: &Growing) -> Result<Option<Self>> {
        let features = areas.first().map_or(0, Known::features);
        let mut candidates: Vec<(u32, u32)> = Vec::new();
        let (mut labels, mut counts) = (Vec::new(), vec![0u64; how.classes]);
        for (place, area) in areas.iter().enumerate() {
            let seen = area.cube.observations();
            for pixel in (0..seen.len()).filter(|pixel| seen[*pixel] > 0 && area.teaches(*pixel)) {
                let class = usize::from(area.learnt[pixel]);
                candidates.push((place as u32, pixel as u32));
                labels.push(class);
                counts[class] += 1;
            }
        }
        let most = how.most.min(MOST_VALUES / features.max(1));
        if most == 0 || counts.iter().filter(|count| **count > 0).count() < 2 {
            return Ok(None);
        }
        let training = candidates.len();
        if training > most {
            let shares = Shares::Proportional(counts.iter().map(|count| *count as f64).collect());
            let rows = Draw::new(&labels, how.classes, most, &shares, how.seed)?.rows;
            candidates = rows.iter().map(|row| candidates[*row]).collect();
            labels = rows.iter().map(|row| labels[*row]).collect();
        }
        let mut records = Array2::zeros((candidates.len(), features));
        let rows: Vec<_> = records.axis_iter_mut(Axis(0)).zip(&candidates).collect();
        rows.into_par_iter().for_each(|(mut record, (place, pixel))| {
            let values = areas[*place as usize].values(*pixel as usize);
            record.iter_mut().zip(values).for_each(|(value, own)| *value = own);
        });
        let params = RandomForest::params().trees(TREES).classes(how.classes).seed(how.seed);
        let forest = params.grow(&records, &labels)?;
        Ok(Some(Self { forest, training, learnt: labels.len(), features }))
    }

    /// The map of an area where it is scored; a pixel that was never seen gets `unseen`.
    pub(crate) fn map(&self, area: &Known<'_>, unseen: usize) -> Result<Vec<u8>> {
        let (pixels, seen) = (area.scored(), area.cube.observations());
        let mut classes = Vec::with_capacity(pixels.len());
        for chunk in pixels.chunks(CHUNK) {
            let mut records = Array2::zeros((chunk.len(), self.features));
            let rows: Vec<_> = records.axis_iter_mut(Axis(0)).zip(chunk).collect();
            rows.into_par_iter().for_each(|(mut record, pixel)| {
                record.iter_mut().zip(area.values(*pixel)).for_each(|(value, own)| *value = own);
            });
            let found = self.forest.classify(&records)?;
            classes.extend(
                chunk.iter().zip(found).map(|(pixel, class)| if seen[*pixel] > 0 { class } else { unseen }),
            );
        }
        Ok(area.map_of(&pixels, classes))
    }

    /// What it learnt from, in words.
    pub(crate) fn in_words(&self) -> String {
        let Self { training, learnt, features, .. } = self;
        let of = match learnt == training {
            true => format!("all {training} training pixels"),
            false => format!("{learnt} of {training} training pixels (thinned, each class to its share)"),
        };
        format!("{TREES} trees of single pixels, from {of} with the network's own {features} values")
    }
}
