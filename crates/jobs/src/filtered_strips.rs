//! Strips of a map on their way to disk, through a majority filter.

use crate::Result;
use crate::layers::NO_PERCENT;
use ecotone_core::Window;
use ecotone_postprocessing::MajorityFilter;
use std::collections::VecDeque;

/// Strips whose first layer, class codes, is filtered. Where a code changed, the second layer, the confidence in the code
/// that stood there, holds none; other layers stay.
pub struct FilteredStrips<I> {
    strips: I,
    /// Until the last strip came.
    filter: Option<MajorityFilter>,
    waiting: VecDeque<(Window, Vec<u8>)>,
    /// Rows of codes of the strips that wait, as far as they are decided.
    decided: VecDeque<Vec<u8>>,
}

impl<I: Iterator<Item = Result<(Window, Vec<u8>)>>> FilteredStrips<I> {
    /// Of strips in order, each `[layer, y, x]`.
    pub fn new(strips: I, filter: MajorityFilter) -> Self {
        Self { strips, filter: Some(filter), waiting: VecDeque::new(), decided: VecDeque::new() }
    }

    /// The first strip that waits, where all its rows are decided.
    fn ready(&mut self) -> Option<(Window, Vec<u8>)> {
        let rows = self.waiting.front()?.0.rows;
        if self.decided.len() < rows {
            return None;
        }
        let (window, mut data) = self.waiting.pop_front()?;
        let size = window.shape().len();
        let codes: Vec<u8> = self.decided.drain(..rows).flatten().collect();
        for (pixel, code) in codes.into_iter().enumerate() {
            if data[pixel] != code {
                data[pixel] = code;
                data[size + pixel] = NO_PERCENT;
            }
        }
        Some((window, data))
    }
}

impl<I: Iterator<Item = Result<(Window, Vec<u8>)>>> Iterator for FilteredStrips<I> {
    type Item = Result<(Window, Vec<u8>)>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(strip) = self.ready() {
                return Some(Ok(strip));
            }
            match (self.strips.next(), &mut self.filter) {
                (Some(Ok((window, data))), Some(filter)) => {
                    let rows = data.chunks_exact(window.cols).take(window.rows);
                    self.decided.extend(rows.filter_map(|row| filter.push(row)));
                    self.waiting.push_back((window, data));
                }
                (Some(Err(error)), _) => return Some(Err(error)),
                (_, filter) => self.decided.extend(filter.take()?.finish()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strips_come_out_whole_and_confidence_goes_where_the_class_does() {
        // Rows of three pixels: a lone 2 among 1, in the second of three strips; layers: code, confidence, one more.
        let strip = |row: i64, codes: &[u8]| {
            let window = Window::new(row, 0, codes.len() / 3, 3);
            Ok((window, [codes, &vec![90; codes.len()], &vec![7; codes.len()]].concat()))
        };
        let strips = vec![strip(0, &[1; 6]), strip(2, &[1, 2, 1]), strip(3, &[1; 3])];
        let filter = MajorityFilter::new(3, 3, 0).unwrap();
        let found: Vec<_> = FilteredStrips::new(strips.into_iter(), filter).map(Result::unwrap).collect();
        let rows: Vec<(i64, usize)> = found.iter().map(|(window, _)| (window.row, window.rows)).collect();
        assert_eq!(rows, [(0, 2), (2, 1), (3, 1)]);
        assert_eq!(found[1].1, [1, 1, 1, 90, NO_PERCENT, 90, 7, 7, 7]);
        assert_eq!(found[0].1[..6], [1; 6]);
    }
}
