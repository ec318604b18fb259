//! Features as ranks: each value replaced by its place among the distinct values of its column.
//!
//! Splits depend on the order of values alone, and ranks are half as long as values, sort as integers, and give back the
//! exact values on both sides of a split.

use rayon::prelude::*;

/// Packs a rank and a place into one integer that sorts by rank.
pub(super) trait Key: Copy + Ord + Default + Send + Sync {
    /// A rank as it is kept.
    type Rank: Copy + Default + Send + Sync;
    fn shorten(rank: u32) -> Self::Rank;
    fn rank_of(rank: Self::Rank) -> u32;
    fn pack(rank: u32, place: usize) -> Self;
    fn rank(self) -> u32;
    fn place(self) -> usize;
}

/// For up to 65 536 rows.
impl Key for u32 {
    type Rank = u16;

    fn shorten(rank: u32) -> u16 {
        rank as u16
    }

    fn rank_of(rank: u16) -> u32 {
        u32::from(rank)
    }

    fn pack(rank: u32, place: usize) -> Self {
        rank << 16 | place as u32
    }

    fn rank(self) -> u32 {
        self >> 16
    }

    fn place(self) -> usize {
        (self & 0xffff) as usize
    }
}

/// For up to 2^32 rows.
impl Key for u64 {
    type Rank = u32;

    fn shorten(rank: u32) -> u32 {
        rank
    }

    fn rank_of(rank: u32) -> u32 {
        rank
    }

    fn pack(rank: u32, place: usize) -> Self {
        Self::from(rank) << 32 | place as Self
    }

    fn rank(self) -> u32 {
        (self >> 32) as u32
    }

    fn place(self) -> usize {
        (self & 0xffff_ffff) as usize
    }
}

/// One feature of all rows.
pub(super) struct Column<K: Key> {
    /// Rank of each row.
    pub(super) ranks: Vec<K::Rank>,
    /// The distinct values, ascending.
    pub(super) values: Vec<f32>,
}

/// Ranks the columns of finite `values`, `[row, column]`.
pub(super) fn columns<K: Key>(values: &[f32], features: usize) -> Vec<Column<K>> {
    (0..features)
        .into_par_iter()
        .map(|feature| {
            let column = values.iter().skip(feature).step_by(features);
            let mut order: Vec<u64> = column
                .enumerate()
                .map(|(row, &value)| u64::from(ordered(value)) << 32 | row as u64)
                .collect();
            order.sort_unstable();
            let mut ranks = vec![K::Rank::default(); order.len()];
            let mut distinct: Vec<f32> = Vec::new();
            for key in order {
                let row = (key & 0xffff_ffff) as usize;
                let value = values[row * features + feature];
                if distinct.last().is_none_or(|last| *last < value) {
                    distinct.push(value);
                }
                ranks[row] = K::shorten(distinct.len() as u32 - 1);
            }
            Column { ranks, values: distinct }
        })
        .collect()
}

/// Bits that sort as the numbers do. -0 comes before 0, and is equal to it where values are compared afterwards.
fn ordered(value: f32) -> u32 {
    let bits = value.to_bits();
    if bits >> 31 == 0 { bits | 1 << 31 } else { !bits }
}

/// The threshold between two neighbouring values: `x <= threshold` holds for `below` and not for `above`, and for every
/// other f32 just when it is at most their mean.
pub(super) fn midpoint(below: f32, above: f32) -> f32 {
    let mean = (f64::from(below) + f64::from(above)) / 2.0;
    let rounded = mean as f32;
    if f64::from(rounded) > mean { rounded.next_down() } else { rounded }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ranks_and_values_give_the_column_back() {
        let values = [3.0, -1.0, -0.0, -1.0, 0.0, 5.5, 3.0, -7.25];
        let found = columns::<u32>(&values, 2);
        assert_eq!(found[0].ranks, [1, 0, 0, 1]);
        assert_eq!(found[0].values, [-0.0, 3.0]);
        assert_eq!(found[1].ranks, [1, 1, 2, 0]);
        assert_eq!(found[1].values, [-7.25, -1.0, 5.5]);
        let long = columns::<u64>(&values, 2);
        assert_eq!(long[1].ranks, [1, 1, 2, 0]);
    }

    proptest! {
        #[test]
        fn a_threshold_parts_its_neighbours(a in -1e30f32..1e30, b in -1e30f32..1e30) {
            prop_assume!(a != b);
            let (below, above) = (a.min(b), a.max(b));
            let threshold = midpoint(below, above);
            prop_assert!(below <= threshold && threshold < above);
            let next = below.next_up();
            if next < above {
                let mean = (f64::from(below) + f64::from(above)) / 2.0;
                prop_assert_eq!(next <= threshold, f64::from(next) <= mean);
            }
        }
    }
}
