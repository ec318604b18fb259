//! Pairs that cannot be swapped by accident.

use crate::{Error, Result};

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

/// The side of a pixel on the ground, in units of the CRS (metres for projected ones); always positive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Resolution(XY<f64>);

impl Resolution {
    /// From the pixel's width and height.
    ///
    /// # Errors
    /// When either is not a positive finite number.
    pub fn new(x: f64, y: f64) -> Result<Self> {
        for side in [x, y] {
            if !(side.is_finite() && side > 0.0) {
                return Err(Error::Resolution(side));
            }
        }
        Ok(Self(XY::new(x, y)))
    }

    /// A square pixel.
    ///
    /// # Errors
    /// When the side is not a positive finite number.
    pub fn square(side: f64) -> Result<Self> {
        Self::new(side, side)
    }

    /// Width of a pixel.
    pub const fn x(self) -> f64 {
        self.0.x
    }

    /// Height of a pixel.
    pub const fn y(self) -> f64 {
        self.0.y
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resolution_is_positive() {
        assert!(Resolution::square(20.0).is_ok());
        for bad in [0.0, -10.0, f64::NAN, f64::INFINITY] {
            assert!(Resolution::square(bad).is_err(), "{bad}");
        }
    }
}
