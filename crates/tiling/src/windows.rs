//! The lattice of windows that a map is predicted in.

use crate::{Error, Result};
use ecotone_core::{Shape2d, Window};

/// Square windows that cover a map without overlap, each read with a halo.
///
/// The lattice starts at the map's first pixel. Every window reads the same number of pixels, so that a network
/// sees one input size; at the map's edge what it reads reaches outside, and the reader fills that with nodata.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WindowGrid {
    shape: Shape2d,
    window: usize,
    halo: usize,
}

/// One window of a [`WindowGrid`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct HaloWindow {
    /// Its row in the grid of windows.
    pub row: usize,
    /// Its column in the grid of windows.
    pub col: usize,
    /// Its own pixels, cut at the map's edge; the cores of a grid cover the map and are disjoint.
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
        Ok(Self { shape, window, halo })
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

    /// Rows and columns of windows.
    pub const fn grid_shape(&self) -> Shape2d {
        Shape2d::new(self.shape.rows.div_ceil(self.window), self.shape.cols.div_ceil(self.window))
    }

    /// All windows, row by row.
    pub fn windows(&self) -> impl Iterator<Item = HaloWindow> + use<> {
        let grid = *self;
        let Shape2d { rows, cols } = grid.grid_shape();
        (0..rows).flat_map(move |row| (0..cols).map(move |col| grid.window_at(row, col)))
    }

    /// The windows whose read pixels (`with_halo`) or own pixels touch a part of the map, row by row.
    pub fn reaching(&self, region: Window, with_halo: bool) -> Vec<HaloWindow> {
        let reach = if with_halo { self.halo } else { 0 } as i64;
        // Those near the region, so that it does not matter how large the map is.
        let near = |first: i64, end: i64, count: usize| {
            let index = |at: i64| (at.max(0) as usize / self.window).min(count);
            index(first - reach)..(index(end + reach) + 1).min(count)
        };
        let Shape2d { rows, cols } = self.grid_shape();
        let cols = near(region.col, region.col_end(), cols);
        near(region.row, region.row_end(), rows)
            .flat_map(|row| cols.clone().map(move |col| self.window_at(row, col)))
            .filter(|w| if with_halo { w.read } else { w.core }.intersection(region).is_some())
            .collect()
    }

    fn window_at(&self, row: usize, col: usize) -> HaloWindow {
        let first = |index: usize| (index * self.window) as i64;
        let whole = Window::new(first(row), first(col), self.window, self.window);
        let (rows, cols) = (self.shape.rows - row * self.window, self.shape.cols - col * self.window);
        let core = Window::new(whole.row, whole.col, rows.min(self.window), cols.min(self.window));
        HaloWindow { row, col, core, read: whole.pad(self.halo) }
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
        ) {
            let grid = WindowGrid::new(Shape2d::new(rows, cols), window, halo).unwrap();
            let mut seen = vec![0u8; rows * cols];
            for w in grid.windows() {
                prop_assert!(w.read.contains(w.core));
                prop_assert_eq!(w.read.shape(), Shape2d::new(grid.read_side(), grid.read_side()));
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
        fn those_that_reach_a_region_are_found_among_all(
            rows in 1usize..60, cols in 1usize..60, window in 1usize..30, halo in 0usize..20,
            row in 0i64..60, col in 0i64..60, height in 1usize..30, width in 1usize..30,
        ) {
            let grid = WindowGrid::new(Shape2d::new(rows, cols), window, halo).unwrap();
            let region = Window::new(row, col, height, width);
            for with_halo in [false, true] {
                let touches = |w: &HaloWindow| if with_halo { w.read } else { w.core }.intersection(region).is_some();
                let expected: Vec<HaloWindow> = grid.windows().filter(touches).collect();
                prop_assert_eq!(grid.reaching(region, with_halo), expected);
            }
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
    }

    #[test]
    fn a_window_needs_a_pixel() {
        let message = WindowGrid::new(Shape2d::new(3, 3), 0, 1).unwrap_err().to_string();
        assert_eq!(message, "window of 0 pixels cannot cover a map; it needs at least 1");
    }
}
