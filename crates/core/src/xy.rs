//! Pairs that cannot be swapped by accident.

/// Something along x (columns, eastings) and along y (rows, northings).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct XY<T> {
    /// Along x.
    pub x: T,
    /// Along y.
    pub y: T,
}

impl<T> XY<T> {
    /// From x, then y.
    pub const fn new(x: T, y: T) -> Self {
        Self { x, y }
    }
}

/// The size of a grid in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Shape2d {
    /// Number of rows (y).
    pub rows: usize,
    /// Number of columns (x).
    pub cols: usize,
}

impl Shape2d {
    /// From rows, then columns.
    pub const fn new(rows: usize, cols: usize) -> Self {
        Self { rows, cols }
    }

    /// Number of pixels.
    pub const fn len(self) -> usize {
        self.rows * self.cols
    }

    /// True where there is no pixel.
    pub const fn is_empty(self) -> bool {
        self.len() == 0
    }
}
