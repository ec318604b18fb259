//! Random views of a patch, keyed by seed, epoch and place in the epoch.

mod series;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{Augment, Patch};

/// Where a view's pixels are: mirrored first, then turned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct View {
    mirror_rows: bool,
    mirror_cols: bool,
    /// Quarter turns; even where the patch is no square.
    turns: u8,
}

impl Augment {
    /// The view of `patch` that the seed has for this place of this epoch.
    pub(crate) fn apply(self, patch: Patch, seed: u64, epoch: usize, place: usize) -> Patch {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        random.set_stream(((epoch as u64) << 32) | place as u64);
        let mut view = View::default();
        if self.flips {
            view.mirror_rows = random.random();
            view.mirror_cols = random.random();
        }
        if self.rotations {
            let turns = random.random_range(0..4);
            view.turns = if patch.rows == patch.cols { turns } else { turns / 2 * 2 };
        }
        // What is drawn below comes after, so that without it the views above are what they always were.
        let patch = series::shift(view.of(patch), self.temporal_shift, &mut random);
        let patch = series::hide(patch, self.date_dropout, &mut random);
        series::disturb(patch, self.band_noise, &mut random)
    }
}

impl View {
    fn of(self, patch: Patch) -> Patch {
        if self == Self::default() {
            return patch;
        }
        let from = self.sources(patch.rows, patch.cols);
        Patch {
            values: gather(&patch.values, &from),
            valid: gather(&patch.valid, &from),
            target: gather(&patch.target, &from),
            ..patch
        }
    }

    /// For each pixel of the view, the pixel it shows.
    fn sources(self, rows: usize, cols: usize) -> Vec<usize> {
        let source = |row: usize, col: usize| {
            let (mut row, mut col) = (row, col);
            if self.turns & 2 != 0 {
                (row, col) = (rows - 1 - row, cols - 1 - col);
            }
            if self.turns & 1 != 0 {
                (row, col) = (rows - 1 - col, row);
            }
            let row = if self.mirror_rows { rows - 1 - row } else { row };
            let col = if self.mirror_cols { cols - 1 - col } else { col };
            row * cols + col
        };
        (0..rows).flat_map(|row| (0..cols).map(move |col| source(row, col))).collect()
    }
}

/// The pixels `from` of each plane of `planes`.
fn gather<T: Copy>(planes: &[T], from: &[usize]) -> Vec<T> {
    planes.chunks(from.len()).flat_map(|plane| from.iter().map(|&pixel| plane[pixel])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn patch(rows: usize, cols: usize) -> Patch {
        let pixels = rows * cols;
        Patch {
            steps: 1,
            channels: 2,
            rows,
            cols,
            values: (0..2 * pixels).map(|value| value as f32).collect(),
            valid: (0..pixels).map(|pixel| pixel % 3 == 0).collect(),
            target: (0..pixels).map(|pixel| pixel as u8).collect(),
        }
    }

    #[test]
    fn views_are_as_drawn_on_paper() {
        #[track_caller]
        fn check(mirror_rows: bool, mirror_cols: bool, turns: u8, expected: [u8; 4]) {
            // 0 1
            // 2 3
            let seen = View { mirror_rows, mirror_cols, turns }.of(patch(2, 2));
            assert_eq!(seen.target, expected);
        }
        check(true, false, 0, [2, 3, 0, 1]);
        check(false, true, 0, [1, 0, 3, 2]);
        check(false, false, 1, [2, 0, 3, 1]);
        check(false, false, 2, [3, 2, 1, 0]);
        check(false, false, 3, [1, 3, 0, 2]);
    }

    #[test]
    fn values_valid_and_target_move_together() {
        for place in 0..32 {
            let seen = Augment::default().apply(patch(3, 3), 5, 1, place);
            for pixel in 0..9 {
                let from = usize::from(seen.target[pixel]);
                assert_eq!(seen.values[pixel], from as f32);
                assert_eq!(seen.values[9 + pixel], (9 + from) as f32);
                assert_eq!(seen.valid[pixel], from % 3 == 0);
            }
        }
    }

    #[test]
    fn views_depend_on_the_key_and_reach_all_eight() {
        let view = |seed, epoch, place| Augment::default().apply(patch(3, 3), seed, epoch, place).target;
        assert_eq!(view(1, 2, 3), view(1, 2, 3));
        let seen: BTreeSet<_> = (0..100).map(|place| view(1, 2, place)).collect();
        assert_eq!(seen.len(), 8);
        assert!((0..20).any(|place| view(1, 2, place) != view(1, 3, place)));
        assert!((0..20).any(|place| view(1, 2, place) != view(2, 2, place)));
    }

    /// A run of an earlier version with the same seed saw these views.
    #[test]
    fn mirrored_and_turned_views_are_what_they_always_were() {
        let corners = |place| Augment::default().apply(patch(3, 3), 5, 2, place).target[0];
        assert_eq!((0..12).map(corners).collect::<Vec<_>>(), [8, 2, 6, 0, 8, 6, 6, 6, 0, 6, 2, 2]);
        let noisy = Augment { temporal_shift: 1, date_dropout: 0.5, band_noise: 0.1, ..Augment::default() };
        for place in 0..12 {
            let seen = noisy.apply(patch(3, 3), 5, 2, place);
            assert_eq!(seen.target, Augment::default().apply(patch(3, 3), 5, 2, place).target);
        }
    }

    #[test]
    fn a_patch_that_is_no_square_keeps_its_shape() {
        let seen: BTreeSet<_> =
            (0..100).map(|place| Augment::default().apply(patch(2, 4), 1, 1, place).target).collect();
        assert_eq!(seen.len(), 4);
        let still = Augment { flips: false, rotations: false, ..Augment::default() };
        assert_eq!(still.apply(patch(2, 4), 1, 1, 1), patch(2, 4));
    }
}
