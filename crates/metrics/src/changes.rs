//! Whether the changes that a series of maps shows are changes on the ground.

use crate::{Error, IGNORE, Result};

/// Pixels of a map and of the truth from one date to the next: who sees a change.
///
/// Annual maps that are made one by one show mostly changes that never were, as their errors differ from year to year.
///
/// ```
/// use ecotone_metrics::ChangeScores;
///
/// let (map, later_map) = ([0, 0, 1, 1, 2], [0, 1, 1, 2, 2]);
/// let (truth, later_truth) = ([0, 0, 1, 1, 1], [0, 1, 1, 1, 2]);
/// let mut scores = ChangeScores::default();
/// scores.add([&map, &later_map], [&truth, &later_truth])?;
/// assert_eq!(scores.mapped_share(), Some(0.4)); // the second and the fourth pixel
/// assert_eq!(scores.false_share(), Some(0.5)); // the fourth did not change
/// assert_eq!(scores.found_share(), Some(0.5)); // of the second and the fifth
/// # Ok::<(), ecotone_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ChangeScores {
    /// Pixels with a class in both maps and both truths.
    pub pixels: u64,
    /// Pixels that change in the map.
    pub mapped: u64,
    /// Pixels that change in truth.
    pub real: u64,
    /// Pixels that change in both, from and to the classes of the truth or others.
    pub both: u64,
}

impl ChangeScores {
    /// Counts a window: class indices of two dates, [`IGNORE`] for none.
    ///
    /// # Errors
    /// When the four differ in length.
    pub fn add(&mut self, map: [&[u8]; 2], truth: [&[u8]; 2]) -> Result<()> {
        let pixels = map[0].len();
        if let Some(other) = [map[1], truth[0], truth[1]].into_iter().find(|other| other.len() != pixels) {
            return Err(Error::Unpaired { map: pixels, reference: other.len() });
        }
        for pixel in 0..pixels {
            let [before, after] = map.map(|map| map[pixel]);
            let [was, is] = truth.map(|truth| truth[pixel]);
            if [before, after, was, is].contains(&IGNORE) {
                continue;
            }
            self.pixels += 1;
            self.mapped += u64::from(before != after);
            self.real += u64::from(was != is);
            self.both += u64::from(before != after && was != is);
        }
        Ok(())
    }

    /// Share of the pixels that change in the map, 0 to 1.
    pub fn mapped_share(&self) -> Option<f64> {
        share(self.mapped, self.pixels)
    }

    /// Share of the pixels that change in truth, 0 to 1.
    pub fn real_share(&self) -> Option<f64> {
        share(self.real, self.pixels)
    }

    /// Share of the mapped changes where nothing changed, 0 to 1: commission.
    pub fn false_share(&self) -> Option<f64> {
        share(self.mapped - self.both, self.mapped)
    }

    /// Share of the true changes that the map shows as a change, 0 to 1; 1 less omission.
    pub fn found_share(&self) -> Option<f64> {
        share(self.both, self.real)
    }
}

fn share(part: u64, all: u64) -> Option<f64> {
    (all > 0).then(|| part as f64 / all as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_without_a_class_are_left_out_and_nothing_is_divided_by_nothing() {
        let mut scores = ChangeScores::default();
        assert_eq!((scores.false_share(), scores.found_share(), scores.mapped_share()), (None, None, None));
        scores.add([&[0, IGNORE], &[1, 1]], [&[0, 0], &[IGNORE, 1]]).unwrap();
        assert_eq!(scores, ChangeScores::default());
        assert!(scores.add([&[0], &[1]], [&[0], &[1, 1]]).is_err());
    }
}
