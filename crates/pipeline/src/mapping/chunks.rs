//! Which windows are read together, so that a block of a file that lies under many of them is decoded once for all.

use ecotone_core::Shape2d;
use ecotone_tiling::HaloWindow;

/// Rows and columns of windows that are read together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Chunks {
    windows: Shape2d,
    rows: usize,
    cols: usize,
}

/// Bytes that a window takes.
#[derive(Debug, Clone, Copy)]
pub(super) struct OfWindow {
    /// Its cubes.
    pub(super) cubes: usize,
    /// What the network says of it.
    pub(super) prediction: usize,
}

impl Chunks {
    /// As many of a tile's `windows` as have their cubes in so much `memory`, as nearly a square as that allows; at least
    /// one. Predictions of lower rows wait for those of the row above to end: of so few rows that these fit, too.
    pub(super) fn of(windows: Shape2d, bytes: OfWindow, memory: usize) -> Self {
        let Shape2d { rows: down, cols: across } = windows;
        let fit = (memory / bytes.cubes.max(1)).max(1);
        let waiting = (memory / (across * bytes.prediction).max(1)).max(1);
        let most = waiting.min(down.max(1));
        let cols = (fit / fit.isqrt().min(most)).min(across.max(1));
        Self { windows, rows: (fit / cols).min(most), cols }
    }

    /// The windows of the tile, which are given row by row, chunk by chunk: each row by row.
    pub(super) fn cut(self, windows: Vec<HaloWindow>) -> impl Iterator<Item = Vec<HaloWindow>> {
        let Shape2d { rows: down, cols: across } = self.windows;
        let starts = (0..down).step_by(self.rows);
        let starts = starts.flat_map(move |row| (0..across).step_by(self.cols).map(move |col| (row, col)));
        starts.map(move |(row, col)| {
            let rows = row..(row + self.rows).min(down);
            let cols = (self.cols).min(across - col);
            rows.flat_map(|row| &windows[row * across + col..][..cols]).copied().collect()
        })
    }
}

/// Rows and columns of windows that are given row by row.
pub(super) fn shape_of(windows: &[HaloWindow]) -> Shape2d {
    let across = windows.iter().take_while(|window| window.row == windows[0].row).count();
    Shape2d::new(windows.len() / across.max(1), across)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ecotone_core::Window;
    use ecotone_tiling::WindowGrid;
    use proptest::prelude::*;

    const ONE: OfWindow = OfWindow { cubes: 10, prediction: 1 };

    fn windows(rows: usize, cols: usize) -> Vec<HaloWindow> {
        let shape = Shape2d::new(rows * 8, cols * 8);
        WindowGrid::new(shape, 8, 2).unwrap().reaching(Window::whole(shape), false)
    }

    proptest! {
        #[test]
        fn chunks_hold_every_window_once_within_the_memory(
            rows in 1usize..20, cols in 1usize..20, memory in 1usize..900, prediction in 1usize..40,
        ) {
            let all = windows(rows, cols);
            let chunks = Chunks::of(shape_of(&all), OfWindow { cubes: 10, prediction }, memory);
            let mut seen: Vec<HaloWindow> = Vec::new();
            for chunk in chunks.cut(all.clone()) {
                prop_assert!(chunk.len() == 1 || chunk.len() * 10 <= memory);
                seen.extend(chunk);
            }
            seen.sort();
            prop_assert_eq!(seen, all);
            prop_assert!(chunks.rows == 1 || chunks.rows * cols * prediction <= memory);
        }

        #[test]
        fn as_many_are_read_together_as_memory_has_room_for(rows in 1usize..20, cols in 1usize..20, fit in 1usize..400) {
            let all = windows(rows, cols);
            let chunks = Chunks::of(shape_of(&all), ONE, fit * 10);
            if fit >= rows * cols {
                prop_assert_eq!(chunks.cut(all).count(), 1);
            } else {
                prop_assert!((chunks.rows + 1) * (chunks.cols + 1) > fit.min(rows * cols), "{:?} of {}", chunks, fit);
            }
        }
    }

    /// Issue 15: blocks of files are not to be decoded for every window that they lie under.
    #[test]
    fn a_country_is_read_in_few_chunks() {
        // 80 x 80 windows of 160 pixels a side with their halos, 46 steps of 12 channels: 57 MB each.
        let (all, side) = (windows(80, 80), 160 * 160);
        let bytes = OfWindow { cubes: 46 * 12 * 4 * side, prediction: 9 * 4 * side };
        let chunks = Chunks::of(shape_of(&all), bytes, 1 << 30);
        assert_eq!((chunks.rows, chunks.cols), (4, 4));
        assert_eq!(chunks.cut(all.clone()).count(), 400, "reads for 6400 windows");
        // A light series in the same memory.
        let bytes = OfWindow { cubes: 12 * 5 * 4 * side, ..bytes };
        assert_eq!(Chunks::of(shape_of(&all), bytes, 1 << 30).cut(all.clone()).count(), 49);
        // No room: window by window, as if there were no chunks.
        assert_eq!(Chunks::of(shape_of(&all), bytes, 0).cut(all).count(), 6400);
    }
}
