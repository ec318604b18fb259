//! What trees make of the samples that they did not learn from.

use super::bootstrap;
use super::fit::Training;
use super::importance::{self, Importance};
use super::predict::{BLOCK, largest};
use super::split::Sample;
use super::tree::Tree;
use ndarray::Array2;
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

    /// From the trees that learnt from `training`.
    pub(super) fn new(trees: &[Tree], seed: u64, training: &Training<'_>, importance: bool) -> Self {
        let Training { values, features, labels, classes, samples } = *training;
        let bag = |tree| bootstrap::counts(&mut bootstrap::stream(seed, tree), samples.len());
        let out: Vec<Vec<bool>> =
            (0..trees.len()).into_par_iter().map(|tree| out_of(&bag(tree), samples, labels.len())).collect();
        let blocks: Vec<_> = values
            .par_chunks(BLOCK * features)
            .enumerate()
            .map(|(block, values)| {
                let (first, rows) = (block * BLOCK, values.len() / features);
                let mut sums = vec![0.0; rows * classes];
                let mut counts = vec![0; rows];
                for (tree, out) in trees.iter().zip(&out) {
                    let rows = rows_out(&out[first..first + rows]);
                    rows.iter().for_each(|row| counts[*row as usize] += 1);
                    tree.add_shares(values, features, &rows, classes, &mut sums);
                }
                (sums, counts)
            })
            .collect();
        let permutation_importance = importance.then(|| importance::out_of_bag(trees, &out, seed, training));
        Self { permutation_importance, ..Self::from_sums(blocks, labels, classes) }
    }

    fn from_sums(blocks: Vec<(Vec<f64>, Vec<u32>)>, labels: &[usize], classes: usize) -> Self {
        let (mut wrong, mut seen) = (0u64, 0u64);
        let mut probabilities = Array2::zeros((labels.len(), classes));
        let mut trees = Vec::with_capacity(labels.len());
        for (sums, counts) in blocks {
            for (sums, count) in sums.chunks(classes).zip(counts) {
                let row = trees.len();
                trees.push(count);
                if count > 0 {
                    seen += 1;
                    wrong += u64::from(largest(sums, f64::from(count)) != labels[row]);
                    let share = |sum: &f64| (sum / f64::from(count)) as f32;
                    probabilities.row_mut(row).iter_mut().zip(sums).for_each(|(p, sum)| *p = share(sum));
                }
            }
        }
        let error = (seen > 0).then(|| wrong as f64 / seen as f64);
        Self { probabilities, trees, error, permutation_importance: None }
    }
}

/// Whether each of `rows` is out of the bag with these counts of `samples`.
fn out_of(counts: &[u32], samples: &[Sample], rows: usize) -> Vec<bool> {
    let mut out = vec![true; rows];
    for (sample, count) in samples.iter().zip(counts) {
        out[sample.row as usize] = *count == 0;
    }
    out
}

/// The numbers of the rows that are out.
pub(super) fn rows_out(out: &[bool]) -> Vec<u32> {
    out.iter().enumerate().filter(|(_, out)| **out).map(|(row, _)| row as u32).collect()
}
