//! Counts of pairs of codes, made for hundreds of millions of pixels.

const PAIRS: usize = 1 << 16;

/// Neighbours are counted in different lanes: adding to one place again waits until the last sum is stored.
const LANES: usize = 2;

/// Sums over pairs of a map code and a reference code.
///
/// Most legends have codes below 16: two pixels are then one number of 16 bits, and counted at once. No branch depends
/// on the pixels, since a processor guesses wrong at every edge between classes.
#[derive(Debug)]
pub(super) struct PairTable {
    /// `[lane, map code and reference code]`.
    single: Vec<[u64; PAIRS]>,
    /// `[lane, second pixel and first pixel]`, each a map code and a reference code of four bits.
    double: Vec<[u64; PAIRS]>,
}

impl PairTable {
    /// Without any count.
    pub(super) fn new() -> Self {
        // Zeroed where they lie: an array of this size would not fit on a thread's stack.
        let empty = || vec![[0; PAIRS]; LANES];
        Self { single: empty(), double: empty() }
    }

    /// Adds so many parts for each pair of pixels.
    pub(super) fn add(&mut self, map: &[u8], reference: &[u8], parts: u64) {
        const HIGH_HALVES: u64 = 0xf0f0_f0f0_f0f0_f0f0;
        let ((map8, map_rest), (reference8, rest)) = (map.as_chunks::<8>(), reference.as_chunks::<8>());
        for (map8, reference8) in map8.iter().zip(reference8) {
            let (rows, cols) = (u64::from_le_bytes(*map8), u64::from_le_bytes(*reference8));
            if (rows | cols) & HIGH_HALVES == 0 {
                let pixels = rows << 4 | cols;
                for pair in 0..4 {
                    self.double[pair % LANES][(pixels >> (16 * pair)) as usize & (PAIRS - 1)] += parts;
                }
            } else {
                for lane in 0..8 {
                    self.single[lane % LANES][place(map8[lane], reference8[lane])] += parts;
                }
            }
        }
        for (row, col) in map_rest.iter().zip(rest) {
            self.single[0][place(*row, *col)] += parts;
        }
    }

    /// Adds the sums of another.
    pub(super) fn merge(&mut self, other: &Self) {
        for (mine, theirs) in [(&mut self.single, &other.single), (&mut self.double, &other.double)] {
            let (mine, theirs) = (mine.as_flattened_mut(), theirs.as_flattened());
            mine.iter_mut().zip(theirs).for_each(|(mine, theirs)| *mine += theirs);
        }
    }

    /// Map code, reference code and sum of each pair that occurs.
    pub(super) fn sums(&self) -> Vec<(u8, u8, u64)> {
        let mut sums = vec![0u64; PAIRS];
        for lane in self.single.iter() {
            sums.iter_mut().zip(lane).for_each(|(sum, parts)| *sum += parts);
        }
        for lane in self.double.iter() {
            for (two, parts) in (0..=u16::MAX).zip(lane).filter(|(_, parts)| **parts > 0) {
                for pixel in two.to_be_bytes() {
                    sums[place(pixel >> 4, pixel & 0xf)] += parts;
                }
            }
        }
        let pair = |(pair, sum): (u16, u64)| {
            let [row, col] = pair.to_be_bytes();
            (row, col, sum)
        };
        (0..=u16::MAX).zip(sums).filter(|(_, sum)| *sum > 0).map(pair).collect()
    }
}

fn place(row: u8, col: u8) -> usize {
    usize::from(u16::from_be_bytes([row, col]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[track_caller]
    fn check(map: &[u8], reference: &[u8]) {
        let mut expected = BTreeMap::new();
        for pair in map.iter().zip(reference) {
            *expected.entry(pair).or_insert(0) += 4;
        }
        let expected: Vec<(u8, u8, u64)> =
            expected.into_iter().map(|((row, col), sum)| (*row, *col, sum)).collect();
        let (mut table, mut other) = (PairTable::new(), PairTable::new());
        table.add(map, reference, 3);
        other.add(map, reference, 1);
        table.merge(&other);
        assert_eq!(table.sums(), expected);
    }

    #[test]
    fn every_pixel_counts_once_whatever_its_code() {
        let small: Vec<u8> = (0..1003u32).map(|i| (i / 7 % 16) as u8).collect();
        let mixed: Vec<u8> = (0..1003u32).map(|i| if i < 500 { i % 5 } else { i % 250 } as u8).collect();
        check(&small, &small[3..]);
        check(&small, &mixed);
        check(&mixed, &small);
        check(&mixed, &mixed[1..]);
        check(&[255; 9], &[0; 9]);
        check(&[], &[]);
    }
}
