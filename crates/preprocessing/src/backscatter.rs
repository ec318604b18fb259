//! Backscatter in decibels, whether a product stores linear power or decibels.
//!
//! Providers differ: terrain-corrected products of the large archives hold gamma nought in linear power, others hold
//! decibels, and few records say which. Power is never negative, and decibels of land nearly always are, so the pixels
//! tell; [`BackscatterEvidence`] looks at them.

use std::fmt;

/// What the values of a radar product mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BackscatterUnits {
    /// Linear power: above 0, around 0.01 to 1 over land.
    Power,
    /// `10 log10` of it: around -25 to 0 over land.
    Decibel,
}

impl BackscatterUnits {
    /// Turns values into decibels in place. What is no power, 0 and below, was not measured: `valid` becomes false
    /// there. Values that are not finite are invalid, too.
    pub fn to_decibel(self, values: &mut [f32], valid: &mut [bool]) {
        for (value, valid) in values.iter_mut().zip(valid) {
            let decibel = match self {
                Self::Power => 10.0 * value.log10(),
                Self::Decibel => *value,
            };
            *valid &= decibel.is_finite();
            *value = if decibel.is_finite() { decibel } else { 0.0 };
        }
    }
}

impl fmt::Display for BackscatterUnits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Power => "linear power",
            Self::Decibel => "decibels",
        })
    }
}

/// What the pixels of a scene say about its units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BackscatterEvidence {
    /// Valid pixels looked at.
    pub pixels: u64,
    /// Of these, pixels below 0.
    pub negative: u64,
}

impl BackscatterEvidence {
    /// Looks at valid values of a co-polarised band, or of any band. Values that are not finite are passed over.
    pub fn of(values: impl IntoIterator<Item = f32>) -> Self {
        values.into_iter().filter(|value| value.is_finite()).fold(Self::default(), |seen, value| Self {
            pixels: seen.pixels + 1,
            negative: seen.negative + u64::from(value < 0.0),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::BackscatterUnits::{Decibel, Power};

    #[test]
    fn both_units_of_a_pixel_are_the_same_decibels() {
        let (mut power, mut decibel) = ([0.1, 1.0, 0.0, -0.2, f32::NAN], [-10.0, 0.0, f32::NEG_INFINITY]);
        let (mut seen, mut also) = ([true; 5], [true; 3]);
        Power.to_decibel(&mut power, &mut seen);
        Decibel.to_decibel(&mut decibel, &mut also);
        assert_eq!((power, seen), ([-10.0, 0.0, 0.0, 0.0, 0.0], [true, true, false, false, false]));
        assert_eq!((decibel, also), ([-10.0, 0.0, 0.0], [true, true, false]));
        let mut masked = [false];
        Power.to_decibel(&mut [0.5], &mut masked);
        assert_eq!(masked, [false]);
    }
}
