//! What conformal sets are calibrated on: how probable its own class was at each sample, by block of ground.

use crate::probability::for_each_referenced;
use crate::{Error, Levels, Probability, Result};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::collections::{BTreeMap, BTreeSet};

/// The probability of the reference's class at each sample, counted by class, block and level; windows of any size in
/// any order.
///
/// A block is what was drawn, or lies far enough apart, to be alike no other: a block of a split, a cluster of a sample,
/// a single point of a simple one. Its number is the caller's. Memory is that of the levels that each class has in each
/// block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConformalScores {
    levels: Levels,
    /// `(block, samples by level)`, by class.
    classes: Vec<BTreeMap<u64, BTreeMap<usize, u64>>>,
}

impl ConformalScores {
    /// Without any count.
    pub fn new(classes: usize, levels: Levels) -> Self {
        Self { levels, classes: vec![BTreeMap::new(); classes] }
    }

    /// Counts a window: probabilities `[class, pixel]`, the reference's class indices and the numbers of the blocks, one
    /// a pixel each.
    ///
    /// Left out are the pixels that [`ProbabilityScores::add`](crate::ProbabilityScores::add) leaves out.
    ///
    /// # Errors
    /// As there, and when blocks are not as many as the reference has pixels; nothing is counted then.
    pub fn add<T: Probability>(
        &mut self,
        probabilities: &[T],
        reference: &[u8],
        blocks: &[u64],
    ) -> Result<()> {
        check_blocks(reference, blocks)?;
        for_each_referenced(self.classes.len(), probabilities, reference, |pixel, truth, vector| {
            let levels = self.classes[truth].entry(blocks[pixel]).or_default();
            *levels.entry(self.levels.of(vector[truth])).or_default() += 1;
        })
    }

    /// The same with the blocks that are kept only, such as those that calibrate.
    #[must_use]
    pub fn only(mut self, keeps: impl Fn(u64) -> bool) -> Self {
        self.classes.iter_mut().for_each(|blocks| blocks.retain(|block, _| keeps(*block)));
        self
    }

    /// Number of classes.
    pub const fn classes(&self) -> usize {
        self.classes.len()
    }

    /// How finely probabilities are told apart.
    pub const fn levels(&self) -> Levels {
        self.levels
    }

    /// The blocks that hold a sample, ascending.
    pub fn blocks(&self) -> BTreeSet<u64> {
        self.classes.iter().flat_map(BTreeMap::keys).copied().collect()
    }

    /// Samples of a class; 0 for one that there is not.
    pub fn samples(&self, class: usize) -> u64 {
        self.classes.get(class).map_or(0, |blocks| blocks.values().flat_map(BTreeMap::values).sum())
    }

    /// The level of one sample of each block that holds the class, drawn evenly among the block's. What is drawn hangs
    /// on the seed and the counts, not on the order in which windows came.
    pub(super) fn one_a_block(&self, class: usize, seed: u64) -> Vec<usize> {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        // The first stream draws the halves.
        random.set_stream(1 + class as u64);
        let mut draw = |levels: &BTreeMap<usize, u64>| {
            let mut place = random.random_range(0..levels.values().sum::<u64>());
            let holds = |(_, samples): &(&usize, &u64)| {
                let here = place < **samples;
                place = place.saturating_sub(**samples);
                here
            };
            levels.iter().find(holds).map_or(0, |(level, _)| *level)
        };
        self.classes.get(class).map_or(vec![], |blocks| blocks.values().map(&mut draw).collect())
    }
}

pub(super) fn check_blocks(reference: &[u8], blocks: &[u64]) -> Result<()> {
    let (expected, found) = (reference.len(), blocks.len());
    if expected == found { Ok(()) } else { Err(Error::Blocks { expected, found }) }
}
