//! The best split of a node on one feature.

use super::ranks::Key;
use super::score::Score;

/// A sample as trees see it: its row, its class, and what it counts for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sample {
    pub(super) row: u32,
    pub(super) class: u32,
    pub(super) weight: f64,
}

/// The best split found so far.
#[derive(Debug, Clone, Copy)]
pub(super) struct Split {
    pub(super) score: f64,
    pub(super) feature: usize,
    /// Largest rank on the left.
    pub(super) below: u32,
    /// Smallest rank on the right.
    pub(super) above: u32,
}

/// A node whose features are looked at.
pub(super) struct Node<'a> {
    pub(super) samples: &'a [Sample],
    /// Weight of each class.
    pub(super) totals: &'a [f64],
    /// Weight of all classes.
    pub(super) weight: f64,
    /// Fewest samples on a side.
    pub(super) least: usize,
}

impl Node<'_> {
    /// Puts the best split between sorted `keys` into `best`, where it is better; `left` is scratch for each class.
    pub(super) fn scan<K: Key, S: Score>(
        &self,
        keys: &[K],
        feature: usize,
        left: &mut [f64],
        best: &mut Option<Split>,
    ) {
        left.fill(0.0);
        let mut score = S::start(self.totals);
        let mut left_weight = 0.0;
        let mut highest = best.map_or(f64::NEG_INFINITY, |best| best.score);
        for (count, pair) in keys.windows(2).enumerate() {
            let [key, next] = pair else { continue };
            let Sample { class, weight, .. } = self.samples[key.place()];
            let class = class as usize;
            let passed = left[class];
            score.pass(passed, self.totals[class] - passed, weight);
            left[class] = passed + weight;
            left_weight += weight;
            if key.rank() == next.rank() {
                continue;
            }
            let found = score.score(left_weight, self.weight - left_weight);
            if found > highest && count + 1 >= self.least && keys.len() - count > self.least {
                highest = found;
                *best = Some(Split { score: found, feature, below: key.rank(), above: next.rank() });
            }
        }
    }
}
