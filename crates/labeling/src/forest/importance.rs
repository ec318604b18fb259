//! How much accuracy hangs on a feature: what is lost when its values are shuffled among the samples.

use super::bootstrap::{self, rows_out};
use super::shares::largest;
use super::training::Training;
use super::tree::Tree;
use rand::seq::SliceRandom;
use rayon::prelude::*;

/// Keeps shuffles apart from the draws that trees are grown by.
pub(super) const SHUFFLES: u64 = 0x5348_5546_464c_4553;

/// The accuracy that shuffling a feature costs. It is shared among features that say the same, and may be a little
/// below 0 by chance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Importance {
    /// Mean loss of overall accuracy, -1 to 1.
    pub mean: f64,
    /// Standard deviation of the loss over shuffles or trees.
    pub deviation: f64,
}

impl Importance {
    pub(super) fn of(losses: &[f64]) -> Self {
        let count = losses.len().max(1) as f64;
        let mean = losses.iter().sum::<f64>() / count;
        let variance = losses.iter().map(|loss| (loss - mean).powi(2)).sum::<f64>() / count;
        Self { mean, deviation: variance.sqrt() }
    }
}

/// The importance of each feature by the samples that are out of each tree's bag.
pub(super) fn out_of_bag(trees: &[Tree], seed: u64, training: &Training<'_>) -> Vec<Importance> {
    let losses: Vec<Vec<f64>> = trees
        .par_iter()
        .enumerate()
        .filter_map(|(number, tree)| {
            let rows = rows_out(&bootstrap::out_of_bag(number, seed, training));
            losses(tree, number, &rows, seed, training)
        })
        .collect();
    let of = |feature: usize| losses.iter().map(|losses| losses[feature]).collect::<Vec<_>>();
    (0..training.features).map(|feature| Importance::of(&of(feature))).collect()
}

/// What each feature's shuffling costs one tree; nothing where no sample is out of its bag.
fn losses(tree: &Tree, number: usize, rows: &[u32], seed: u64, training: &Training<'_>) -> Option<Vec<f64>> {
    let Training { values, features, labels, classes, .. } = *training;
    if rows.is_empty() {
        return None;
    }
    let mut own: Vec<f32> =
        rows.iter().flat_map(|row| &values[*row as usize * features..][..features]).copied().collect();
    let order: Vec<u32> = (0..rows.len() as u32).collect();
    let mut sums = vec![0.0; rows.len() * classes];
    let mut accuracy = |own: &[f32]| {
        sums.fill(0.0);
        tree.add_shares(own, features, &order, classes, &mut sums);
        let found = sums.chunks(classes).map(|shares| largest(shares, 1.0));
        let right = found.zip(rows).filter(|(found, row)| *found == labels[**row as usize]).count();
        right as f64 / rows.len() as f64
    };
    let whole = accuracy(&own);
    let mut used = vec![false; features];
    tree.nodes.iter().enumerate().filter(|(place, node)| node.child as usize != *place).for_each(
        |(_, node)| {
            used[node.feature as usize] = true;
        },
    );
    let mut random = bootstrap::stream(seed ^ SHUFFLES, number);
    let losses = (0..features).map(|feature| {
        if !used[feature] {
            return 0.0;
        }
        let column: Vec<f32> = own.iter().skip(feature).step_by(features).copied().collect();
        let mut shuffled = column.clone();
        shuffled.shuffle(&mut random);
        let mut put = |column: &[f32]| {
            own.iter_mut().skip(feature).step_by(features).zip(column).for_each(|(to, from)| *to = *from);
            accuracy(&own)
        };
        let loss = whole - put(&shuffled);
        put(&column);
        loss
    });
    Some(losses.collect())
}
