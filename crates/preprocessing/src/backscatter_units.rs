//! Which units a radar scene has: decided by its pixels and the user's word, or refused.

use crate::{BackscatterEvidence, BackscatterUnits, Error, Result};

impl BackscatterEvidence {
    /// A product of power has fewer negative pixels than this, and those by resampling.
    const NOT_POWER: f64 = 0.01;
    /// A product in decibels has more than this: cities and mountain sides alone are above 0.
    const DECIBEL: f64 = 0.5;

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
