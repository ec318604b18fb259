//! Two maps compared on one sample.

use super::assessment::check_classes;
use super::sampled::Sampled;
use super::{Assessment, Estimate, Estimator, McNemar, PairedUnit, SampleUnit, Strata, normal_quantile};
use crate::Result;

/// What one sample says about the difference of two maps.
///
/// Both maps are judged at the same units, so their errors are correlated and the difference is known better than
/// either accuracy; comparing two separate intervals would miss that (Stehman and Foody 2019, RSE 231:111199).
/// Variances are of linearised values under the design, as in [`Assessment`].
///
/// ```
/// use ecotone_metrics::{Estimator, Paired, PairedUnit, Strata};
///
/// let unit = |first, second, reference| PairedUnit { stratum: 0, first, second, reference };
/// let units = [[unit(0, 0, 0); 6].as_slice(), &[unit(0, 1, 0); 3], &[unit(1, 0, 0); 1]].concat();
/// let paired = Paired::new(2, &units, &Strata::new(&[1.0])?, Estimator::Simple)?;
/// let difference = paired.overall_accuracy_difference().unwrap();
/// assert!((difference.value - 0.2).abs() < 1e-12);
/// assert!((paired.mcnemar().exact_p_value - 0.625).abs() < 1e-12);
/// # Ok::<(), ecotone_metrics::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Paired {
    pub(super) sampled: Sampled<PairedUnit>,
    units: Vec<PairedUnit>,
    strata: Strata,
    estimator: Estimator,
    classes: usize,
    confidence: f64,
    z: f64,
}

impl Paired {
    /// From units drawn one by one. Estimates are at the confidence 0.95.
    ///
    /// # Errors
    /// As [`Assessment::new`].
    pub fn new(classes: usize, units: &[PairedUnit], strata: &Strata, estimator: Estimator) -> Result<Self> {
        for unit in units {
            check_classes(classes, unit.first, unit.reference)?;
            check_classes(classes, unit.second, unit.reference)?;
        }
        let sampled = Sampled::units(units.iter().map(|unit| (unit.stratum, *unit, 1)), strata, estimator)?;
        let confidence = 0.95;
        let z = normal_quantile(confidence)?;
        Ok(Self { sampled, units: units.to_vec(), strata: strata.clone(), estimator, classes, confidence, z })
    }

    /// The same with intervals at another confidence.
    ///
    /// # Errors
    /// When it is not between 0 and 1.
    pub fn with_confidence(self, confidence: f64) -> Result<Self> {
        Ok(Self { z: normal_quantile(confidence)?, confidence, ..self })
    }

    /// The confidence of the intervals.
    pub const fn confidence(&self) -> f64 {
        self.confidence
    }

    /// The same with another sample.
    pub(super) fn with(&self, sampled: Sampled<PairedUnit>) -> Self {
        Self { sampled, ..self.clone() }
    }

    /// The first map alone.
    ///
    /// # Errors
    /// None that [`new`](Self::new) did not find.
    pub fn first(&self) -> Result<Assessment> {
        self.alone(|unit| unit.first)
    }

    /// The second map alone.
    ///
    /// # Errors
    /// None that [`new`](Self::new) did not find.
    pub fn second(&self) -> Result<Assessment> {
        self.alone(|unit| unit.second)
    }

    fn alone(&self, map: impl Fn(&PairedUnit) -> usize) -> Result<Assessment> {
        let unit = |unit: &PairedUnit| SampleUnit::new(map(unit), unit.reference).in_stratum(unit.stratum);
        let units: Vec<SampleUnit> = self.units.iter().map(unit).collect();
        Assessment::new(self.classes, &units, &self.strata, self.estimator)?.with_confidence(self.confidence)
    }

    /// Overall accuracy of the first map less that of the second.
    pub fn overall_accuracy_difference(&self) -> Option<Estimate> {
        self.difference(|map, reference| Some(map == reference))
    }

    /// Overall accuracy of the first map over that of the second; `None` where the second is never right.
    pub fn overall_accuracy_ratio(&self) -> Option<Estimate> {
        let first = |unit: PairedUnit| one(unit.first == unit.reference);
        let second = |unit: PairedUnit| one(unit.second == unit.reference);
        let below = self.sampled.total(second);
        if below <= 0.0 {
            return None;
        }
        let value = self.sampled.total(first) / below;
        let variance = self.sampled.variance(|unit| (first(unit) - value * second(unit)) / below, None);
        Some(Estimate::plain(value, variance, self.z))
    }

    /// User's accuracy of a class in the first map less that in the second; `None` where the sample never met the
    /// class on one of the maps.
    pub fn users_accuracy_difference(&self, class: usize) -> Option<Estimate> {
        self.difference(|map, reference| (map == class).then_some(reference == class))
    }

    /// Producer's accuracy of a class in the first map less that in the second; `None` where the sample never met the
    /// class in the reference.
    pub fn producers_accuracy_difference(&self, class: usize) -> Option<Estimate> {
        self.difference(|map, reference| (reference == class).then_some(map == class))
    }

    /// McNemar's test on the units, without their weights: see there for when it is right.
    pub fn mcnemar(&self) -> McNemar {
        let right = |unit: &PairedUnit| (unit.first == unit.reference, unit.second == unit.reference);
        let count = |wanted| self.units.iter().filter(|unit| right(unit) == wanted).count() as u64;
        McNemar::new(count((true, false)), count((false, true)))
    }

    /// The difference of the maps' shares of right units among those that count: `right(map, reference)`, `None`
    /// where a unit does not count.
    fn difference(&self, right: impl Fn(usize, usize) -> Option<bool>) -> Option<Estimate> {
        let x = |map, reference| one(right(map, reference).is_some());
        let y = |map, reference| one(right(map, reference) == Some(true));
        let wholes = [
            self.sampled.total(|unit| x(unit.first, unit.reference)),
            self.sampled.total(|unit| x(unit.second, unit.reference)),
        ];
        if wholes.iter().any(|whole| *whole <= 0.0) {
            return None;
        }
        let shares = [
            self.sampled.total(|unit| y(unit.first, unit.reference)) / wholes[0],
            self.sampled.total(|unit| y(unit.second, unit.reference)) / wholes[1],
        ];
        let residual = |side: usize, map, reference| {
            (y(map, reference) - shares[side] * x(map, reference)) / wholes[side]
        };
        let variance = self.sampled.variance(
            |unit| residual(0, unit.first, unit.reference) - residual(1, unit.second, unit.reference),
            None,
        );
        Some(Estimate::plain(shares[0] - shares[1], variance, self.z))
    }
}

fn one(truth: bool) -> f64 {
    f64::from(u8::from(truth))
}

#[cfg(test)]
mod tests;
