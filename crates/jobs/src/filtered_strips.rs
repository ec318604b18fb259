//! Strips of a map on their way, through a majority filter.

use crate::layers::NO_PERCENT;
use ecotone_core::Window;
use ecotone_postprocessing::MajorityFilter;
use std::collections::VecDeque;

/// A window of a map and its data `[layer, y, x]`.
type Strip = (Window, Vec<u8>);

/// Strips whose first layer, class codes, is filtered. Where a code changed, the second layer, the confidence in the code
/// that stood there, holds none; other layers stay.
pub struct FilteredStrips {
    filter: MajorityFilter,
    waiting: VecDeque<Strip>,
    /// Rows of codes of the strips that wait, as far as they are decided.
    decided: VecDeque<Vec<u8>>,
}

impl FilteredStrips {
    /// None so far.
    pub fn new(filter: MajorityFilter) -> Self {
        Self { filter, waiting: VecDeque::new(), decided: VecDeque::new() }
    }

    /// Takes the next strip, as wide as the filter; gives those whose rows are now decided.
    pub fn push(&mut self, window: Window, data: Vec<u8>) -> Vec<Strip> {
        for row in data.chunks_exact(window.cols).take(window.rows) {
            self.decided.extend(self.filter.push(row));
        }
        self.waiting.push_back((window, data));
        ready(&mut self.waiting, &mut self.decided)
    }

    /// The strips at the end, which wait for none to come.
    pub fn finish(self) -> Vec<Strip> {
        let Self { filter, mut waiting, mut decided } = self;
        decided.extend(filter.finish());
        ready(&mut waiting, &mut decided)
    }
}

/// The first strips that wait, as far as all their rows are decided.
fn ready(waiting: &mut VecDeque<Strip>, decided: &mut VecDeque<Vec<u8>>) -> Vec<Strip> {
    let mut ready = Vec::new();
    while waiting.front().is_some_and(|(window, _)| window.rows <= decided.len())
        && let Some((window, mut data)) = waiting.pop_front()
    {
        let size = window.shape().len();
        for (pixel, code) in decided.drain(..window.rows).flatten().enumerate() {
            if data[pixel] != code {
                data[pixel] = code;
                data[size + pixel] = NO_PERCENT;
            }
        }
        ready.push((window, data));
    }
    ready
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strips_come_out_whole_and_confidence_goes_where_the_class_does() {
        // Rows of three pixels: a lone 2 among 1, in the second of three strips; layers: code, confidence, one more.
        let strip = |row: i64, codes: &[u8]| {
            let window = Window::new(row, 0, codes.len() / 3, 3);
            (window, [codes, &vec![90; codes.len()], &vec![7; codes.len()]].concat())
        };
        let mut filter = FilteredStrips::new(MajorityFilter::new(3, 3, 0).unwrap());
        let mut found = Vec::new();
        let mut waited = Vec::new();
        for (window, data) in [strip(0, &[1; 6]), strip(2, &[1, 2, 1]), strip(3, &[1; 3])] {
            found.extend(filter.push(window, data));
            waited.push(found.len());
        }
        found.extend(filter.finish());
        assert_eq!(waited, [0, 1, 2], "the last row of each strip waits for the one below it");
        let rows: Vec<(i64, usize)> = found.iter().map(|(window, _)| (window.row, window.rows)).collect();
        assert_eq!(rows, [(0, 2), (2, 1), (3, 1)]);
        assert_eq!(found[1].1, [1, 1, 1, 90, NO_PERCENT, 90, 7, 7, 7]);
        assert_eq!(found[0].1[..6], [1; 6]);
    }
}
