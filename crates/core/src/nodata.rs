//! The value that stands for "nothing was measured here".

/// A sentinel in a raster; NaN counts as itself.
#[derive(Debug, Clone, Copy)]
pub struct Nodata(f64);

impl Nodata {
    /// A number, or NaN.
    pub const fn new(value: f64) -> Self {
        Self(value)
    }

    /// The sentinel as a number.
    pub const fn value(self) -> f64 {
        self.0
    }

    /// True where `value` is the sentinel.
    pub fn matches(self, value: f64) -> bool {
        value == self.0 || (value.is_nan() && self.0.is_nan())
    }
}

impl PartialEq for Nodata {
    fn eq(&self, other: &Self) -> bool {
        self.matches(other.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nan_is_a_sentinel_like_any_other() {
        assert!(Nodata::new(f64::NAN).matches(f64::NAN));
        assert!(!Nodata::new(f64::NAN).matches(0.0));
        assert!(Nodata::new(-10_000.0).matches(-10_000.0));
        assert_eq!(Nodata::new(f64::NAN), Nodata::new(f64::NAN));
    }
}
