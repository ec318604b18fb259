//! Which block goes to which part: iterative stratification.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

/// Distributes blocks over parts so that each part gets its fraction of every class, and some of every class where
/// there are blocks enough.
///
/// Iterative stratification (Sechidis, Tsoumakas and Vlahavas 2011, algorithm 1) with pixel counts for examples: the
/// class that the fewest blocks hold comes first, and each of its blocks goes to the part that still lacks most of it.
/// A part that has none of the class goes before all others, earlier parts first, so that a class in two blocks is
/// at least learnt and tested. Blocks rich in the class come first, and among equals (within a factor of two) the
/// seed decides.
///
/// `counts` is `[block][class]`; the answer is the part of each block, `None` for a block without any count.
pub fn stratify(counts: &[Vec<u64>], fractions: &[f64], seed: u64) -> Vec<Option<usize>> {
    let all: Vec<usize> = (0..counts.len()).collect();
    stratify_some(counts.len(), &all, counts, fractions, seed)
}

/// The same of `blocks` blocks of which only some, `numbers` in ascending order, have counts: `counts` and the answer are
/// of these alone.
pub(crate) fn stratify_some(
    blocks: usize,
    numbers: &[usize],
    counts: &[Vec<u64>],
    fractions: &[f64],
    seed: u64,
) -> Vec<Option<usize>> {
    let classes = counts.first().map_or(0, Vec::len);
    let total = |class: usize| counts.iter().map(|block| block[class]).sum::<u64>() as f64;
    let mut wanted: Vec<Vec<f64>> = fractions
        .iter()
        .map(|fraction| (0..classes).map(|class| fraction * total(class)).collect())
        .collect();
    let mut held = vec![vec![0u64; classes]; fractions.len()];
    let mut parts = vec![None; counts.len()];
    // All blocks are shuffled, so that it does not show in the order of some whether others were looked at.
    let mut order: Vec<usize> = (0..blocks).collect();
    order.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
    let order: Vec<usize> =
        order.into_iter().filter_map(|block| numbers.binary_search(&block).ok()).collect();

    while let Some(class) = rarest(counts, &parts, classes) {
        let mut blocks: Vec<usize> =
            order.iter().copied().filter(|b| parts[*b].is_none() && counts[*b][class] > 0).collect();
        blocks.sort_by_key(|block| std::cmp::Reverse(counts[*block][class].ilog2()));
        for block in blocks {
            let without = (0..fractions.len()).find(|part| fractions[*part] > 0.0 && held[*part][class] == 0);
            let part = without.unwrap_or_else(|| neediest(&wanted, fractions, class));
            parts[block] = Some(part);
            for (class, count) in counts[block].iter().enumerate() {
                wanted[part][class] -= *count as f64;
                held[part][class] += count;
            }
        }
    }
    parts
}

/// The class that the fewest unassigned blocks hold, of those that some hold.
fn rarest(counts: &[Vec<u64>], parts: &[Option<usize>], classes: usize) -> Option<usize> {
    let blocks = |class: usize| {
        counts.iter().zip(parts).filter(|(block, part)| part.is_none() && block[class] > 0).count()
    };
    (0..classes)
        .map(|class| (blocks(class), class))
        .filter(|(blocks, _)| *blocks > 0)
        .min()
        .map(|(_, class)| class)
}

/// The part that lacks most of a class; the first of equals.
fn neediest(wanted: &[Vec<f64>], fractions: &[f64], class: usize) -> usize {
    let mut best = 0;
    for part in 1..fractions.len() {
        if fractions[part] > 0.0 && wanted[part][class] > wanted[best][class] {
            best = part;
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_in_two_blocks_reaches_the_first_two_parts() {
        let mut counts = vec![vec![100, 0]; 10];
        counts[3][1] = 5;
        counts[8][1] = 50;
        let parts = stratify(&counts, &[0.6, 0.2, 0.2], 1);
        assert_eq!((parts[8], parts[3]), (Some(0), Some(1)));
    }

    #[test]
    fn blocks_without_a_label_are_left_over() {
        let parts = stratify(&[vec![0, 0], vec![3, 0]], &[0.5, 0.5], 1);
        assert_eq!(parts, [None, Some(0)]);
    }

    #[test]
    fn the_seed_decides_among_equals() {
        let counts = vec![vec![64]; 30];
        let split = |seed| stratify(&counts, &[0.6, 0.2, 0.2], seed);
        assert_eq!(split(4), split(4));
        assert!((5..9).any(|seed| split(seed) != split(4)));
        assert_eq!(split(4).iter().filter(|part| **part == Some(0)).count(), 18);
    }
}
