//! Growing one tree.

use super::ranks::{Column, Key, midpoint};
use super::score::Score;
use super::sort::by_rank;
use super::split::{Node, Sample, Split};
use super::tree::Tree;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use std::marker::PhantomData;

/// When to stop, and how many features to look at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) max_features: usize,
    pub(super) max_depth: usize,
    pub(super) min_samples_split: usize,
    pub(super) min_samples_leaf: usize,
}

/// A tree and what its splits lowered weight x impurity by, a feature.
pub(super) struct Grown {
    pub(super) tree: Tree,
    pub(super) lowered: Vec<f64>,
}

/// A node whose samples are known and whose split is not.
struct Pending {
    node: usize,
    start: usize,
    end: usize,
    depth: usize,
}

/// The memory that a growing tree works in.
pub(super) struct Grower<'a, K: Key, S: Score> {
    columns: &'a [Column<K>],
    limits: Limits,
    samples: Vec<Sample>,
    /// Features in the order of the latest draws.
    features: Vec<usize>,
    keys: Vec<K>,
    spare: Vec<K>,
    totals: Vec<f64>,
    left: Vec<f64>,
    score: PhantomData<S>,
}

impl<'a, K: Key, S: Score> Grower<'a, K, S> {
    /// A tree is to be grown from these samples, each of a weight above 0.
    pub(super) fn new(
        columns: &'a [Column<K>],
        classes: usize,
        limits: Limits,
        samples: Vec<Sample>,
    ) -> Self {
        Self {
            columns,
            limits,
            features: (0..columns.len()).collect(),
            keys: vec![K::default(); samples.len()],
            spare: vec![K::default(); samples.len()],
            totals: vec![0.0; classes],
            left: vec![0.0; classes],
            samples,
            score: PhantomData,
        }
    }

    pub(super) fn grow(mut self, random: &mut ChaCha8Rng) -> Grown {
        let mut grown = Grown { tree: Tree::default(), lowered: vec![0.0; self.columns.len()] };
        let root = grown.tree.push();
        let mut pending = vec![Pending { node: root, start: 0, end: self.samples.len(), depth: 0 }];
        while let Some(Pending { node, start, end, depth }) = pending.pop() {
            let weight = self.weigh(start, end);
            let Some(split) = self.best_split(start, end, depth, weight, random) else {
                grown.tree.set_leaf(node, &self.totals, weight);
                continue;
            };
            let values = &self.columns[split.feature].values;
            let (left, right) = (grown.tree.push(), grown.tree.push());
            let parent = &mut grown.tree.nodes[node];
            parent.threshold = midpoint(values[split.below as usize], values[split.above as usize]);
            parent.feature = split.feature as u32;
            parent.child = left as u32;
            grown.lowered[split.feature] += split.score - S::whole(&self.totals, weight);
            let middle = start + self.part(start, end, &split);
            pending.push(Pending { node: right, start: middle, end, depth: depth + 1 });
            pending.push(Pending { node: left, start, end: middle, depth: depth + 1 });
        }
        grown
    }

    /// Puts the weight of each class into `totals`, and gives their sum.
    fn weigh(&mut self, start: usize, end: usize) -> f64 {
        self.totals.fill(0.0);
        for sample in &self.samples[start..end] {
            self.totals[sample.class as usize] += sample.weight;
        }
        self.totals.iter().sum()
    }

    fn best_split(
        &mut self,
        start: usize,
        end: usize,
        depth: usize,
        weight: f64,
        random: &mut ChaCha8Rng,
    ) -> Option<Split> {
        let Limits { max_features, max_depth, min_samples_split, min_samples_leaf } = self.limits;
        let Self { columns, samples, features, keys, spare, totals, left, .. } = self;
        let samples = &samples[start..end];
        let pure = samples.iter().all(|sample| sample.class == samples[0].class);
        let few = samples.len() < min_samples_split.max(2 * min_samples_leaf);
        if pure || few || depth >= max_depth {
            return None;
        }
        let node = Node { samples, totals, weight, least: min_samples_leaf };
        let (keys, spare) = (&mut keys[..samples.len()], &mut spare[..samples.len()]);
        let mut best = None;
        let mut constant = 0;
        // As scikit-learn does: a node looks on while it saw nothing but constants.
        for seen in 0..features.len() {
            if seen >= max_features && seen > constant {
                break;
            }
            let drawn = random.random_range(seen..features.len());
            features.swap(seen, drawn);
            let feature = features[seen];
            let (smallest, largest) = gather(&columns[feature].ranks, samples, keys);
            if smallest == largest {
                constant += 1;
                continue;
            }
            by_rank(keys, spare, smallest, largest);
            node.scan::<K, S>(keys, feature, left, &mut best);
        }
        best
    }

    /// Brings the samples of the left side to the front, and says how many they are.
    fn part(&mut self, start: usize, end: usize, split: &Split) -> usize {
        let ranks = &self.columns[split.feature].ranks;
        let samples = &mut self.samples[start..end];
        let mut left = 0;
        for place in 0..samples.len() {
            let goes_left = K::rank_of(ranks[samples[place].row as usize]) <= split.below;
            samples.swap(left, place);
            left += usize::from(goes_left);
        }
        left
    }
}

/// The keys of the samples' ranks in one column, and their smallest and largest.
fn gather<K: Key>(ranks: &[K::Rank], samples: &[Sample], keys: &mut [K]) -> (u32, u32) {
    let (mut smallest, mut largest) = (u32::MAX, 0);
    for (place, (key, sample)) in keys.iter_mut().zip(samples).enumerate() {
        let rank = K::rank_of(ranks[sample.row as usize]);
        smallest = smallest.min(rank);
        largest = largest.max(rank);
        *key = K::pack(rank, place);
    }
    (smallest, largest)
}
