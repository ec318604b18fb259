//! The most frequent class around each pixel of a map.

use crate::{Error, Result};
use std::collections::VecDeque;

/// Gives each pixel the most frequent code of the square around it, row by row, whatever the map's height. Published
/// work calls it a median filter where the values are classes, which have no order.
///
/// Pixels without a class stay without and do not vote; squares reach to the map's edge and no further. Of equally
/// frequent codes a pixel's own wins, then the lowest.
#[derive(Debug, Clone)]
pub struct MajorityFilter {
    reach: usize,
    cols: usize,
    nodata: u8,
    /// The rows of the square around the next row to decide, as far as they have come.
    rows: VecDeque<Vec<u8>>,
    /// How often each code stands in each column of these rows, `[column, code]`.
    counts: Vec<u8>,
    /// Rows that came and rows that were decided.
    came: usize,
    decided: usize,
}

impl MajorityFilter {
    /// A filter of squares of `side` pixels over rows of `cols` pixels; `nodata` is the code of no class.
    ///
    /// # Errors
    /// A side that is even, 0 or above 255.
    pub fn new(side: usize, cols: usize, nodata: u8) -> Result<Self> {
        if side.is_multiple_of(2) || side > 255 {
            return Err(Error::Side { found: side });
        }
        let counts = vec![0; cols * 256];
        let rows = VecDeque::with_capacity(side);
        Ok(Self { reach: side / 2, cols, nodata, rows, counts, came: 0, decided: 0 })
    }

    /// Takes the next row of the map; gives the row that is now decided, if any.
    ///
    /// # Panics
    /// When the row has another length than the others.
    pub fn push(&mut self, row: &[u8]) -> Option<Vec<u8>> {
        assert_eq!(row.len(), self.cols, "rows of a map are equally long");
        if self.rows.len() > 2 * self.reach {
            self.drop_first();
        }
        for (col, code) in row.iter().enumerate() {
            self.counts[col * 256 + usize::from(*code)] += 1;
        }
        self.rows.push_back(row.to_vec());
        self.came += 1;
        (self.came > self.reach).then(|| self.decide())
    }

    /// The rows at the end, which wait for none to come.
    pub fn finish(mut self) -> Vec<Vec<u8>> {
        let mut rest = Vec::new();
        while self.decided < self.came {
            // The square of the next row begins lower than what is held, unless that is the map's first row.
            if self.came - self.rows.len() + self.reach < self.decided {
                self.drop_first();
            }
            rest.push(self.decide());
        }
        rest
    }

    fn drop_first(&mut self) {
        if let Some(row) = self.rows.pop_front() {
            for (col, code) in row.iter().enumerate() {
                self.counts[col * 256 + usize::from(*code)] -= 1;
            }
        }
    }

    /// Decides the next row by the rows that are held.
    fn decide(&mut self) -> Vec<u8> {
        let own = &self.rows[self.decided + self.rows.len() - self.came];
        let mut square = [0u16; 256];
        let column = |col: usize| &self.counts[col * 256..][..256];
        let add = |square: &mut [u16; 256], col: usize| {
            square.iter_mut().zip(column(col)).for_each(|(sum, count)| *sum += u16::from(*count));
        };
        (0..self.reach.min(self.cols)).for_each(|col| add(&mut square, col));
        let mut found = Vec::with_capacity(self.cols);
        for (col, own) in own.iter().enumerate() {
            if col + self.reach < self.cols {
                add(&mut square, col + self.reach);
            }
            if let Some(left) = col.checked_sub(self.reach + 1) {
                square.iter_mut().zip(column(left)).for_each(|(sum, count)| *sum -= u16::from(*count));
            }
            found.push(if *own == self.nodata { *own } else { self.winner(&square, *own) });
        }
        self.decided += 1;
        found
    }

    fn winner(&self, square: &[u16; 256], own: u8) -> u8 {
        (0..=255u8).filter(|code| *code != self.nodata).fold(own, |best, code| {
            if square[usize::from(code)] > square[usize::from(best)] { code } else { best }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn filtered(map: &[u8], cols: usize, side: usize) -> Vec<u8> {
        let mut filter = MajorityFilter::new(side, cols, 0).unwrap();
        let mut rows: Vec<Vec<u8>> = map.chunks(cols).filter_map(|row| filter.push(row)).collect();
        rows.extend(filter.finish());
        rows.concat()
    }

    /// The same by its definition.
    fn plain(map: &[u8], cols: usize, side: usize) -> Vec<u8> {
        let (rows, reach) = (map.len() / cols, side / 2);
        let pixel = |(place, own): (usize, &u8)| {
            if *own == 0 {
                return 0;
            }
            let (row, col) = (place / cols, place % cols);
            let mut counts = [0; 256];
            for r in row.saturating_sub(reach)..(row + reach + 1).min(rows) {
                for c in col.saturating_sub(reach)..(col + reach + 1).min(cols) {
                    counts[usize::from(map[r * cols + c])] += 1;
                }
            }
            counts[0] = 0;
            let most = counts.iter().max().copied().unwrap_or(0);
            if counts[usize::from(*own)] == most {
                *own
            } else {
                counts.iter().position(|count| *count == most).unwrap_or(0) as u8
            }
        };
        map.iter().enumerate().map(pixel).collect()
    }

    proptest! {
        #[test]
        fn rows_one_by_one_give_what_the_whole_map_gives(
            cols in 1usize..12, rows in 1usize..12, reach in 0usize..7, seed in any::<u64>()
        ) {
            let drawn = |i: u64| ((seed ^ i.wrapping_mul(0x9e37_79b9_7f4a_7c15)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 40) % 4;
            let map: Vec<u8> = (0..(rows * cols) as u64).map(|i| drawn(i) as u8).collect();
            prop_assert_eq!(filtered(&map, cols, 2 * reach + 1), plain(&map, cols, 2 * reach + 1));
        }
    }

    #[test]
    fn a_square_without_a_middle_is_refused() {
        for side in [0, 4, 257] {
            let message = MajorityFilter::new(side, 5, 0).unwrap_err().to_string();
            assert!(message.contains(&side.to_string()) && message.contains("odd"), "{message}");
        }
    }

    #[test]
    fn one_pixel_alone_is_its_own_majority() {
        assert_eq!(filtered(&[1, 2, 0, 3], 2, 1), [1, 2, 0, 3]);
    }
}
