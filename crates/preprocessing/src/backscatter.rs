//! Backscatter in decibels, whether a product stores linear power or decibels.
//!
//! Providers differ: terrain-corrected products of the large archives hold gamma nought in linear power, others hold
//! decibels, and few records say which. Power is never negative, and decibels of land nearly always are, so the pixels
//! tell; [`BackscatterEvidence`] looks at them and decides, or refuses.

use crate::{Error, Result};
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
    /// A product of power has fewer negative pixels than this, and those by resampling.
    const NOT_POWER: f64 = 0.01;
    /// A product in decibels has more than this: cities and mountain sides alone are above 0.
    const DECIBEL: f64 = 0.5;

    /// Looks at valid values of a co-polarised band, or of any band. Values that are not finite are passed over.
    pub fn of(values: impl IntoIterator<Item = f32>) -> Self {
        values.into_iter().filter(|value| value.is_finite()).fold(Self::default(), |seen, value| Self {
            pixels: seen.pixels + 1,
            negative: seen.negative + u64::from(value < 0.0),
        })
    }

    /// The units of a scene, given what the user says of them, if anything.
    ///
    /// A scene without a valid pixel counts as power, so that a value below 0 that was missed is nodata and no wrong
    /// measurement.
    ///
    /// # Errors
    /// [`Error::BackscatterUnits`] where the pixels contradict the user, or fit neither.
    pub fn decide(self, scene: &str, told: Option<BackscatterUnits>) -> Result<BackscatterUnits> {
        let share = self.negative as f64 / self.pixels.max(1) as f64;
        let seen = match self.pixels {
            0 => told,
            _ if share < Self::NOT_POWER => Some(BackscatterUnits::Power),
            _ if share > Self::DECIBEL => Some(BackscatterUnits::Decibel),
            _ => None,
        };
        match (told, seen) {
            (None, None) if self.pixels == 0 => Ok(BackscatterUnits::Power),
            (None, Some(units)) => Ok(units),
            // Pixels that fit neither well enough do not outweigh the user.
            (Some(told), None) => Ok(told),
            (Some(told), Some(seen)) if told == seen => Ok(told),
            _ => Err(Error::BackscatterUnits { scene: scene.to_owned(), told, evidence: self }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::BackscatterUnits::{Decibel, Power};
    use super::*;

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

    #[test]
    fn pixels_tell_the_units_and_stand_against_a_wrong_word() {
        let (power, decibel) = (vec![0.2f32; 100], vec![-12.0f32; 100]);
        let of = |values: &[f32]| BackscatterEvidence::of(values.iter().copied());
        assert_eq!(of(&power).decide("S1A", None).unwrap(), Power);
        assert_eq!(of(&decibel).decide("S1A", None).unwrap(), Decibel);
        assert_eq!(of(&decibel).decide("S1A", Some(Decibel)).unwrap(), Decibel);
        let mixed: Vec<f32> = (0..100).map(|i| if i % 4 == 0 { -1.0 } else { 1.0 }).collect();
        assert_eq!(of(&mixed).decide("S1A", Some(Decibel)).unwrap(), Decibel);
        assert_eq!(of(&[]).decide("S1A", None).unwrap(), Power);
        assert_eq!(of(&[f32::NAN]).decide("S1A", Some(Decibel)).unwrap(), Decibel);
        for (values, told) in [(&decibel, Some(Power)), (&power, Some(Decibel)), (&mixed, None)] {
            let message = of(values).decide("S1A_1", told).unwrap_err().to_string();
            assert!(message.contains("S1A_1") && message.contains("inputs.sar.units"), "{message}");
        }
    }
}
