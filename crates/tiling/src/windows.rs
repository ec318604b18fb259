//! The lattice of windows that a map is predicted in.

use crate::{Error, Result};
use ecotone_core::{Shape2d, Window};
use std::ops::Range;

/// Square windows on an endless lattice, and a map on it that those with a pixel in it cover without overlap. Each is read
/// with a halo.
///
/// The lattice begins at the map's first pixel, or wherever [`at`](Self::at) says. Every window reads the same number of
/// pixels, so that a network sees one input size; at the map's edge what it reads reaches outside, and the reader fills
/// that with what lies there. Pixels are counted from the map's first one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WindowGrid {
    shape: Shape2d,
    window: usize,
    halo: usize,
    /// The place of the map's first pixel on the lattice.
    first: (i64, i64),
}

/// One window of a [`WindowGrid`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct HaloWindow {
    /// Its row on the lattice of windows, negative before its origin.
    pub row: i64,
    /// Its column on the lattice of windows.
    pub col: i64,
    /// Its own pixels, cut at the map's edge; the cores of a grid cover the map and are disjoint. Without a pixel where the
    /// window reaches the map by its halo alone.
    pub core: Window,
    /// What is read for it: the uncut window grown by the halo, always of one size.
    pub read: Window,
}

impl WindowGrid {
    /// Windows of `window` x `window` pixels over a map, read with a `halo`, all in pixels.
    ///
    /// ```
    /// use ecotone_core::{Shape2d, Window};
    /// use ecotone_tiling::WindowGrid;
    ///
    /// let grid = WindowGrid::new(Shape2d::new(100, 250), 128, 16)?;
    /// let windows: Vec<_> = grid.windows().collect();
    /// assert_eq!(windows.len(), 2);
    /// assert_eq!(windows[1].core, Window::new(0, 128, 100, 122));
    /// assert_eq!(windows[1].read, Window::new(-16, 112, 160, 160));
    /// # Ok::<(), ecotone_tiling::Error>(())
    /// ```
    ///
    /// # Errors
    /// When the window has no pixel.
    pub fn new(shape: Shape2d, window: usize, halo: usize) -> Result<Self> {
        if window == 0 {
            return Err(Error::Empty { what: "window" });
        }
        Ok(Self { shape, window, halo, first: (0, 0) })
    }

    /// The same windows on a lattice that begins elsewhere: on it, the map's first pixel lies in that row and column.
    ///
    /// ```
    /// use ecotone_core::{Shape2d, Window};
    /// use ecotone_tiling::WindowGrid;
    ///
    /// let grid = WindowGrid::new(Shape2d::new(100, 100), 128, 16)?.at(-100, 60);
    /// let cores: Vec<_> = grid.windows().map(|window| (window.row, window.col, window.core)).collect();
    /// assert_eq!(cores, [(-1, 0, Window::new(0, 0, 100, 68)), (-1, 1, Window::new(0, 68, 100, 32))]);
    /// # Ok::<(), ecotone_tiling::Error>(())
    /// ```
    #[must_use]
    pub const fn at(self, first_row: i64, first_col: i64) -> Self {
        Self { first: (first_row, first_col), ..self }
    }

    /// The same grid, once it is sure that windows read a multiple of so many pixels, as pooling networks need.
    ///
    /// # Errors
    /// When they do not; the message names the next larger window that would.
    pub fn multiple_of(self, multiple: usize) -> Result<Self> {
        let (read, multiple) = (self.read_side(), multiple.max(1));
        if read.is_multiple_of(multiple) {
            return Ok(self);
        }
        let nearest = read.next_multiple_of(multiple) - 2 * self.halo;
        Err(Error::Multiple { window: self.window, halo: self.halo, read, multiple, nearest })
    }

    /// The map's size.
    pub const fn shape(&self) -> Shape2d {
        self.shape
    }

    /// Side of a window without its halo, in pixels.
    pub const fn window(&self) -> usize {
        self.window
    }

    /// Halo, in pixels.
    pub const fn halo(&self) -> usize {
        self.halo
    }

    /// Side of what a window reads, in pixels.
    pub const fn read_side(&self) -> usize {
        self.window + 2 * self.halo
    }

    /// Rows and columns of windows with a pixel in the map.
    pub fn grid_shape(&self) -> Shape2d {
        let (rows, cols) = self.touching(Window::whole(self.shape), 0);
        Shape2d::new((rows.end - rows.start) as usize, (cols.end - cols.start) as usize)
    }

    /// All windows with a pixel in the map, row by row.
    pub fn windows(&self) -> impl Iterator<Item = HaloWindow> + use<> {
        self.over(self.touching(Window::whole(self.shape), 0))
    }

    /// The windows whose read pixels (`with_halo`) or own, uncut pixels touch a region, row by row. Region and windows may
    /// lie beyond the map's edge.
    pub fn reaching(&self, region: Window, with_halo: bool) -> Vec<HaloWindow> {
        self.over(self.touching(region, if with_halo { self.halo } else { 0 })).collect()
    }

    /// Rows and columns of the lattice whose windows, grown by `reach`, touch a region.
    fn touching(&self, region: Window, reach: usize) -> (Range<i64>, Range<i64>) {
        let (window, reach) = (self.window as i64, reach as i64);
        let span = |first: i64, from: i64, to: i64| {
            if from >= to {
                return 0..0;
            }
            (first + from - reach).div_euclid(window)..(first + to - 1 + reach).div_euclid(window) + 1
        };
        let rows = span(self.first.0, region.row, region.row_end());
        (rows, span(self.first.1, region.col, region.col_end()))
    }

    fn over(&self, (rows, cols): (Range<i64>, Range<i64>)) -> impl Iterator<Item = HaloWindow> + use<> {
        let grid = *self;
        rows.flat_map(move |row| cols.clone().map(move |col| grid.window_at(row, col)))
    }

    fn window_at(&self, row: i64, col: i64) -> HaloWindow {
        let at = |index: i64, first: i64| index * self.window as i64 - first;
        let own = Window::new(at(row, self.first.0), at(col, self.first.1), self.window, self.window);
        let core = own.intersection(Window::whole(self.shape));
        let core = core.unwrap_or_else(|| Window::new(own.row, own.col, 0, 0));
        HaloWindow { row, col, core, read: own.pad(self.halo) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn cores_cover_and_are_disjoint(
            rows in 0usize..60, cols in 0usize..60, window in 1usize..30, halo in 0usize..20,
            first_row in -99i64..99, first_col in -99i64..99,
        ) {
            let grid = WindowGrid::new(Shape2d::new(rows, cols), window, halo).unwrap().at(first_row, first_col);
            let mut seen = vec![0u8; rows * cols];
            for w in grid.windows() {
                prop_assert!(w.read.contains(w.core) && !w.core.shape().is_empty());
                prop_assert_eq!(w.read.shape(), Shape2d::new(grid.read_side(), grid.read_side()));
                prop_assert_eq!((w.read.row + halo as i64 + first_row) % window as i64, 0, "it starts on the lattice");
                prop_assert_eq!((w.read.col + halo as i64 + first_col) % window as i64, 0, "it starts on the lattice");
                for y in w.core.row..w.core.row_end() {
                    for x in w.core.col..w.core.col_end() {
                        seen[y as usize * cols + x as usize] += 1;
                    }
                }
            }
            prop_assert!(seen.iter().all(|count| *count == 1));
            prop_assert_eq!(grid.windows().count(), grid.grid_shape().len());
        }

        #[test]
        fn those_that_reach_a_region_are_found_among_all_near(
            rows in 1usize..60, cols in 1usize..60, window in 1usize..30, halo in 0usize..20,
            first_row in -99i64..99, first_col in -99i64..99,
            row in -20i64..60, col in -20i64..60, height in 1usize..30, width in 1usize..30,
        ) {
            let grid = WindowGrid::new(Shape2d::new(rows, cols), window, halo).unwrap().at(first_row, first_col);
            // The map with so much around it that whatever reaches the region lies in it, counted from the map's corner.
            let near = WindowGrid::new(Shape2d::new(300, 300), window, halo).unwrap().at(first_row - 100, first_col - 100);
            let back = |w: Window| Window::new(w.row - 100, w.col - 100, w.rows, w.cols);
            let region = Window::new(row, col, height, width);
            for with_halo in [false, true] {
                let own = |w: &HaloWindow| back(w.read.relative_to(Window::new(-(halo as i64), -(halo as i64), 0, 0)));
                let own = |w: &HaloWindow| Window::new(own(w).row, own(w).col, window, window);
                let touches = |w: &HaloWindow| {
                    if with_halo { back(w.read) } else { own(w) }.intersection(region).is_some()
                };
                let expected: Vec<(i64, i64, Window)> =
                    near.windows().filter(touches).map(|w| (w.row, w.col, back(w.read))).collect();
                let found: Vec<_> = grid.reaching(region, with_halo).iter().map(|w| (w.row, w.col, w.read)).collect();
                prop_assert_eq!(found, expected);
            }
        }

        #[test]
        fn a_map_cut_from_another_has_its_windows(
            window in 1usize..30, halo in 0usize..20, first_row in -99i64..99, first_col in -99i64..99,
            row in -20i64..60, col in -20i64..60,
        ) {
            let whole = WindowGrid::new(Shape2d::new(60, 70), window, halo).unwrap().at(first_row, first_col);
            let part = WindowGrid::new(Shape2d::new(9, 11), window, halo).unwrap().at(first_row + row, first_col + col);
            let own = |w: &HaloWindow| (w.row, w.col, Window::new(w.read.row + row, w.read.col + col, w.read.rows, w.read.cols));
            let found: Vec<_> = part.reaching(Window::new(0, 0, 9, 11), true).iter().map(own).collect();
            let expected: Vec<_> =
                whole.reaching(Window::new(row, col, 9, 11), true).iter().map(|w| (w.row, w.col, w.read)).collect();
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn the_named_multiple_fits(window in 1usize..200, halo in 0usize..40, multiple in 1usize..33) {
            let shape = Shape2d::new(10, 10);
            match WindowGrid::new(shape, window, halo).unwrap().multiple_of(multiple) {
                Ok(grid) => prop_assert_eq!(grid.read_side() % multiple, 0),
                Err(Error::Multiple { nearest, .. }) => {
                    prop_assert!(nearest > window && nearest < window + multiple);
                    prop_assert!(WindowGrid::new(shape, nearest, halo).unwrap().multiple_of(multiple).is_ok());
                }
                Err(other) => prop_assert!(false, "{other}"),
            }
        }
    }

    #[test]
    fn neighbours_reach_in_with_their_halo_only() {
        let grid = WindowGrid::new(Shape2d::new(30, 30), 10, 2).unwrap();
        let middle = Window::new(10, 10, 10, 10);
        assert_eq!(grid.reaching(middle, false).len(), 1);
        assert_eq!(grid.reaching(middle, true).len(), 9);
        assert_eq!(grid.reaching(Window::new(13, 13, 4, 4), true).len(), 1);
        let corner = grid.reaching(Window::new(0, 0, 10, 10), true);
        assert_eq!(corner.len(), 9, "those beyond the map's edge reach in as well");
        assert_eq!((corner[0].row, corner[0].col, corner[0].core.shape().len()), (-1, -1, 0));
    }

    #[test]
    fn finding_windows_takes_no_longer_on_a_large_map() {
        let grid = WindowGrid::new(Shape2d::new(usize::MAX >> 2, usize::MAX >> 2), 10, 2).unwrap();
        let far = grid.at(-(1 << 60), 1 << 60).reaching(Window::new(1 << 59, 1 << 58, 10, 10), true);
        assert!((4..=9).contains(&far.len()));
    }

    #[test]
    fn a_window_needs_a_pixel() {
        let message = WindowGrid::new(Shape2d::new(3, 3), 0, 1).unwrap_err().to_string();
        assert_eq!(message, "window of 0 pixels cannot cover a map; it needs at least 1");
    }
}
