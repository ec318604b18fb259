//! How large a pixel is on the ground.

use crate::{Error, Result, XY};

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
