//! Rectangles of pixels.

use crate::Shape2d;
use std::fmt;

/// A rectangle of pixels on some grid; it may reach over the grid's edge, as a window with halo does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Window {
    /// First row.
    pub row: i64,
    /// First column.
    pub col: i64,
    /// Number of rows.
    pub rows: usize,
    /// Number of columns.
    pub cols: usize,
}

impl Window {
    /// From the first row and column, then the number of rows and columns.
    pub const fn new(row: i64, col: i64, rows: usize, cols: usize) -> Self {
        Self { row, col, rows, cols }
    }

    /// The whole of a grid.
    pub const fn whole(shape: Shape2d) -> Self {
        Self::new(0, 0, shape.rows, shape.cols)
    }

    /// Its size.
    pub const fn shape(self) -> Shape2d {
        Shape2d::new(self.rows, self.cols)
    }

    /// Row after the last.
    pub const fn row_end(self) -> i64 {
        self.row + self.rows as i64
    }

    /// Column after the last.
    pub const fn col_end(self) -> i64 {
        self.col + self.cols as i64
    }

    /// Grown by `halo` pixels on every side.
    #[must_use]
    pub const fn pad(self, halo: usize) -> Self {
        Self::new(self.row - halo as i64, self.col - halo as i64, self.rows + 2 * halo, self.cols + 2 * halo)
    }

    /// What two windows share; `None` where that is nothing.
    pub fn intersection(self, other: Self) -> Option<Self> {
        let (row, col) = (self.row.max(other.row), self.col.max(other.col));
        let (row_end, col_end) = (self.row_end().min(other.row_end()), self.col_end().min(other.col_end()));
        (row < row_end && col < col_end)
            .then(|| Self::new(row, col, (row_end - row) as usize, (col_end - col) as usize))
    }

    /// The same pixels counted from the corner of `outer`.
    #[must_use]
    pub const fn relative_to(self, outer: Self) -> Self {
        Self::new(self.row - outer.row, self.col - outer.col, self.rows, self.cols)
    }

    /// True where `inner` lies wholly inside.
    pub fn contains(self, inner: Self) -> bool {
        self.intersection(inner) == Some(inner)
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rows {}..{}, columns {}..{}", self.row, self.row_end(), self.col, self.col_end())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn windows() -> impl Strategy<Value = Window> {
        (-50i64..50, -50i64..50, 1usize..40, 1usize..40).prop_map(|(r, c, h, w)| Window::new(r, c, h, w))
    }

    proptest! {
        #[test]
        fn intersection_is_symmetric_and_inside(a in windows(), b in windows()) {
            let shared = a.intersection(b);
            prop_assert_eq!(shared, b.intersection(a));
            if let Some(shared) = shared {
                prop_assert!(a.contains(shared) && b.contains(shared));
            }
        }

        #[test]
        fn a_halo_contains_its_window(a in windows(), halo in 0usize..20) {
            prop_assert!(a.pad(halo).contains(a));
            prop_assert_eq!(a.relative_to(a.pad(halo)), Window::new(halo as i64, halo as i64, a.rows, a.cols));
        }
    }
}
