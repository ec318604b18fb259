//! Sorting keys by their ranks.

use super::ranks::Key;

/// Below this many keys a comparison sort is faster than counting.
const FEW: usize = 192;
const DIGIT: u32 = 8;
const DIGITS: usize = 1 << DIGIT;

/// Sorts `keys` by rank, where `largest` is the largest rank minus `smallest`; `spare` is scratch of the same length.
///
/// Keys of one rank come in any order that depends on nothing but the keys.
pub(super) fn by_rank<K: Key>(keys: &mut [K], spare: &mut [K], smallest: u32, largest: u32) {
    if keys.len() < FEW {
        keys.sort_unstable();
        return;
    }
    let span = largest - smallest;
    let passes = (u32::BITS - span.leading_zeros()).div_ceil(DIGIT);
    let (mut from, mut to) = (keys, spare);
    for pass in 0..passes {
        count_into(from, to, smallest, pass * DIGIT);
        std::mem::swap(&mut from, &mut to);
    }
    if passes % 2 == 1 {
        to.copy_from_slice(from);
    }
}

/// One stable pass of a counting sort, over the eight bits of a rank from `shift` on.
fn count_into<K: Key>(from: &[K], to: &mut [K], smallest: u32, shift: u32) {
    let digit = |key: K| ((key.rank() - smallest) >> shift) as usize & (DIGITS - 1);
    let mut places = [0u32; DIGITS];
    for &key in from {
        places[digit(key)] += 1;
    }
    let mut sum = 0;
    for place in &mut places {
        sum += std::mem::replace(place, sum);
    }
    for &key in from {
        let place = &mut places[digit(key)];
        to[*place as usize] = key;
        *place += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check<K: Key + std::fmt::Debug>(ranks: &[u32]) {
        let mut keys: Vec<K> = ranks.iter().enumerate().map(|(place, &rank)| K::pack(rank, place)).collect();
        let mut expected = keys.clone();
        expected.sort_unstable();
        let mut spare = vec![K::default(); keys.len()];
        let smallest = ranks.iter().min().copied().unwrap_or(0);
        let largest = ranks.iter().max().copied().unwrap_or(0);
        by_rank(&mut keys, &mut spare, smallest, largest);
        assert_eq!(keys, expected);
        assert!(keys.iter().all(|key| ranks[key.place()] == key.rank()));
    }

    proptest! {
        #[test]
        fn counting_sorts_as_comparing_does(ranks in prop::collection::vec(0u32..65536, 0..900)) {
            check::<u32>(&ranks);
            check::<u64>(&ranks);
        }

        #[test]
        fn narrow_and_wide_ranks(low in 0u32..3_000_000, ranks in prop::collection::vec(0u32..20, 150..400)) {
            check::<u64>(&ranks.iter().map(|rank| rank + low).collect::<Vec<_>>());
            check::<u64>(&ranks.iter().map(|rank| rank * 100_000 + low).collect::<Vec<_>>());
        }
    }
}
