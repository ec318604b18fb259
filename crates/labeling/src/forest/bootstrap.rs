//! Which samples a tree learns from, and how often; which rows it does not learn from.

use super::split::Sample;
use super::training::Training;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// The draws of one tree: its number picks the stream, so that trees can be grown in any order.
pub(super) fn stream(seed: u64, tree: usize) -> ChaCha8Rng {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(tree as u64);
    random
}

/// How often each sample comes when as many are drawn with replacement (Breiman 1996): the first thing that a tree
/// draws, so that it can be repeated.
pub(super) fn counts(random: &mut ChaCha8Rng, samples: usize) -> Vec<u32> {
    let mut counts = vec![0; samples];
    for _ in 0..samples {
        counts[random.random_range(0..samples)] += 1;
    }
    counts
}

/// The samples of one tree. One that comes twice stands there once, with twice its weight.
pub(super) fn draw(random: &mut ChaCha8Rng, samples: &[Sample]) -> Vec<Sample> {
    let counts = counts(random, samples.len());
    let drawn = samples.iter().zip(counts).filter(|(_, count)| *count > 0);
    drawn.map(|(sample, count)| Sample { weight: sample.weight * f64::from(count), ..*sample }).collect()
}

/// Whether each row is out of the bag of a tree.
pub(super) fn out_of_bag(tree: usize, seed: u64, training: &Training<'_>) -> Vec<bool> {
    let samples = training.samples;
    let drawn = counts(&mut stream(seed, tree), samples.len());
    let mut out = vec![true; training.labels.len()];
    for (sample, count) in samples.iter().zip(drawn) {
        out[sample.row as usize] = count == 0;
    }
    out
}

/// The numbers of the rows that are out.
pub(super) fn rows_out(out: &[bool]) -> Vec<u32> {
    out.iter().enumerate().filter(|(_, out)| **out).map(|(row, _)| row as u32).collect()
}
