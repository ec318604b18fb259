//! What trees make of the samples that they did not learn from.

use super::bootstrap::{self, rows_out};
use super::importance::{self, Importance};
use super::shares::{BLOCK, largest};
use super::training::Training;
use super::tree::Tree;
use ndarray::{Array2, ArrayView1};
use rayon::prelude::*;

/// Samples classified by those trees only that did not draw them (Breiman 1996, "Out-of-bag estimation"): nearly as
/// honest as a test set, and it costs none. Samples of weight 0 are out of every bag.
///
/// Neighbouring pixels of one field are no independent samples: where they are in the data, it is too good.
#[derive(Debug, Clone, PartialEq)]
pub struct OutOfBag {
    probabilities: Array2<f32>,
    trees: Vec<u32>,
    error: Option<f64>,
    permutation_importance: Option<Vec<Importance>>,
}

impl OutOfBag {
    /// Mean class shares, `[sample, class]`, summing to 1; a row of zeros where [`trees`](Self::trees) is 0.
    pub fn probabilities(&self) -> &Array2<f32> {
        &self.probabilities
    }

    /// The most probable class of each sample, the lowest of those that are equally probable; `None` where every tree
    /// learnt from it.
    pub fn classes(&self) -> Vec<Option<usize>> {
        let best = |row: ArrayView1<'_, f32>| {
            (1..row.len()).fold(0, |best, class| if row[class] > row[best] { class } else { best })
        };
        let rows = self.probabilities.rows().into_iter().zip(&self.trees);
        rows.map(|(row, trees)| (*trees > 0).then(|| best(row))).collect()
    }

    /// How many trees did not learn from each sample. Few trees leave samples that all of them drew.
    pub fn trees(&self) -> &[u32] {
        &self.trees
    }

    /// Share of samples put into a class that is not theirs, among those that some tree did not learn from; `None` where
    /// there is none.
    pub fn error(&self) -> Option<f64> {
        self.error
    }

    /// By how much each feature's shuffling lowers a tree's accuracy on the samples that it did not learn from
    /// (Breiman 2001, section 10): mean and standard deviation over trees. `None` where it was not asked for.
    pub fn permutation_importance(&self) -> Option<&[Importance]> {
        self.permutation_importance.as_deref()
    }

    /// From the trees that learnt from `training`. One tree after another, so that memory does not know their number.
    pub(super) fn new(trees: &[Tree], seed: u64, training: &Training<'_>, importance: bool) -> Self {
        let Training { values, features, labels, classes, .. } = *training;
        let mut sums = vec![0.0; labels.len() * classes];
        let mut counts = vec![0u32; labels.len()];
        for (number, tree) in trees.iter().enumerate() {
            let out = bootstrap::out_of_bag(number, seed, training);
            let blocks = sums.par_chunks_mut(BLOCK * classes).zip(counts.par_chunks_mut(BLOCK));
            let blocks = blocks.zip(out.par_chunks(BLOCK)).zip(values.par_chunks(BLOCK * features));
            blocks.for_each(|(((sums, counts), out), values)| {
                counts.iter_mut().zip(out).for_each(|(count, out)| *count += u32::from(*out));
                tree.add_shares(values, features, &rows_out(out), classes, sums);
            });
        }
        let permutation_importance = importance.then(|| importance::out_of_bag(trees, seed, training));
        Self { permutation_importance, ..Self::from_sums(&sums, counts, labels, classes) }
    }

    fn from_sums(sums: &[f64], trees: Vec<u32>, labels: &[usize], classes: usize) -> Self {
        let (mut wrong, mut seen) = (0u64, 0u64);
        let mut probabilities = Array2::zeros((labels.len(), classes));
        for (row, (sums, count)) in sums.chunks(classes).zip(&trees).enumerate().filter(|(_, (_, n))| **n > 0)
        {
            seen += 1;
            wrong += u64::from(largest(sums, f64::from(*count)) != labels[row]);
            let share = |sum: &f64| (sum / f64::from(*count)) as f32;
            probabilities.row_mut(row).iter_mut().zip(sums).for_each(|(p, sum)| *p = share(sum));
        }
        let error = (seen > 0).then(|| wrong as f64 / seen as f64);
        Self { probabilities, trees, error, permutation_importance: None }
    }
}
