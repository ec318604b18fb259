//! An estimate with its standard error and intervals.

use super::normal_quantile;
use crate::{Error, Result};

/// A range that holds the true value in a given share of all samples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Its lower end.
    pub lower: f64,
    /// Its upper end.
    pub upper: f64,
}

impl Interval {
    /// Whether a value lies in it, ends included.
    pub fn contains(&self, value: f64) -> bool {
        (self.lower..=self.upper).contains(&value)
    }
}

/// A value estimated from a sample.
///
/// Where a stratum has one sample unit only, its variance is undefined: `standard_error` and the intervals are `None`
/// then, never 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The estimate.
    pub value: f64,
    /// Its standard error, in the unit of the value.
    pub standard_error: Option<f64>,
    /// Lower end of the plain (Wald) interval `value - z * standard_error`, which papers print. It can lie below 0,
    /// and has no width where the sample shows no variation: a sign to use [`wilson`](Self::wilson).
    pub lower: Option<f64>,
    /// Upper end of the plain interval; it can lie above 1.
    pub upper: Option<f64>,
    /// The Wilson interval at the effective sample size, for proportions and what is in proportion to them; it stays
    /// in range and has a width at 0 and 1, where the sample size is the number of units that the value rests on.
    /// `None` for differences and ratios.
    pub wilson: Option<Interval>,
    /// The plain interval of the log odds, taken back to a proportion: `l ± z SE / (p (1 - p))` with
    /// `l = ln(p / (1 - p))` (Korn and Graubard 1998, Survey Methodology 24:193-201, and 1999, *Analysis of Health
    /// Surveys*; `xlogit` of R's `survey`, and SAS). It stays within 0 and 1, and is `None` at 0 and 1 themselves, and
    /// for differences and ratios.
    pub logit: Option<Interval>,
    /// The Wilson interval, widened by the part of the class that may lie in strata that could hold it and showed none, and
    /// of areas by what may be another class in strata that showed no other: by the limit of Clopper and Pearson (1934)
    /// for none of the stratum's units, which is about 3.7 in `n` at .95 (the rule of three). The interval for rare
    /// classes, of producer's accuracies (its lower end is wider) and areas (both ends); never narrower than
    /// [`wilson`](Self::wilson), the same where each stratum showed both, and `None` for all other figures.
    pub omission: Option<Interval>,
}

impl Estimate {
    /// An estimate with its plain interval only.
    pub(super) fn plain(value: f64, variance: Option<f64>, z: f64) -> Self {
        let standard_error = variance.map(f64::sqrt);
        Self {
            value,
            standard_error,
            lower: standard_error.map(|error| value - z * error),
            upper: standard_error.map(|error| value + z * error),
            wilson: None,
            logit: None,
            omission: None,
        }
    }

    /// A proportion that rests on `units` sample units; the rounding of a sum of shares may take it past 0 or 1.
    pub(super) fn proportion(value: f64, variance: Option<f64>, units: f64, z: f64) -> Self {
        let value = value.clamp(0.0, 1.0);
        let effective = |variance: f64| {
            let spread = value * (1.0 - value);
            // No sample has an effective size of 10^12 units: such a variance is rounding around 0.
            if spread > 0.0 && variance > 1e-12 * spread { spread / variance } else { units }
        };
        let wilson = variance.map(|variance| wilson(value, effective(variance), z));
        let logit = variance.and_then(|variance| logit(value, variance, z));
        Self { wilson, logit, ..Self::plain(value, variance, z) }
    }

    /// The same in another unit, such as a share of an area as an area.
    pub(super) fn scaled(self, factor: f64) -> Self {
        let scale = |value: Option<f64>| value.map(|value| value * factor);
        let scale_both = |i: Interval| Interval { lower: i.lower * factor, upper: i.upper * factor };
        Self {
            value: self.value * factor,
            standard_error: scale(self.standard_error),
            lower: scale(self.lower),
            upper: scale(self.upper),
            wilson: self.wilson.map(scale_both),
            logit: self.logit.map(scale_both),
            omission: self.omission.map(scale_both),
        }
    }
}

/// The Wilson (score) interval of a proportion seen in `units` independent units.
///
/// `(p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n)` (Wilson 1927, JASA 22:209-212). For a design that is not
/// simple random, `units` is the effective sample size `p (1 - p) / variance` (Kish 1965; compared with others by
/// Franco et al. 2019, JSSAM 7:334-364).
///
/// ```
/// use ecotone_metrics::wilson_interval;
///
/// let all_right = wilson_interval(1.0, 30.0, 0.95)?;
/// assert!((all_right.lower - 0.8865).abs() < 1e-4);
/// assert_eq!(all_right.upper, 1.0);
/// # Ok::<(), ecotone_metrics::Error>(())
/// ```
///
/// # Errors
/// When the proportion lies outside 0 to 1, `units` is not greater than 0, or `confidence` not between 0 and 1.
pub fn wilson_interval(proportion: f64, units: f64, confidence: f64) -> Result<Interval> {
    let out_of = |what, value, expected| Err(Error::Range { what, value, expected });
    if !(0.0..=1.0).contains(&proportion) {
        return out_of("proportion", proportion, "0 to 1");
    }
    if !units.is_finite() || units <= 0.0 {
        return out_of("number of units", units, "a finite number greater than 0");
    }
    Ok(wilson(proportion, units, normal_quantile(confidence)?))
}

fn wilson(p: f64, n: f64, z: f64) -> Interval {
    let square = z * z / n;
    let middle = (p + square / 2.0) / (1.0 + square);
    let half = z * (p * (1.0 - p) / n + square / (4.0 * n)).sqrt() / (1.0 + square);
    // At 0 and 1 one end is the value itself; rounding must not push it aside.
    Interval { lower: (middle - half).clamp(0.0, p), upper: (middle + half).clamp(p, 1.0) }
}

/// `None` where the odds are 0 or infinite.
fn logit(p: f64, variance: f64, z: f64) -> Option<Interval> {
    let spread = p * (1.0 - p);
    let (middle, half) = ((p / (1.0 - p)).ln(), z * variance.sqrt() / spread);
    let share = |odds: f64| 1.0 / (1.0 + (-odds).exp());
    (spread > 0.0).then(|| Interval { lower: share(middle - half), upper: share(middle + half) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_that_rounds_to_more_than_all_is_all() {
        let all = Estimate::proportion(1.0 + f64::EPSILON, Some(0.0), 30.0, 1.96);
        assert_eq!((all.value, all.wilson.map(|wilson| wilson.upper)), (1.0, Some(1.0)));
    }

    #[test]
    fn logit_intervals_are_those_of_other_programs() {
        // statsmodels: the interval of the constant of a binomial GLM on nine ones and a zero, as a probability.
        let z = normal_quantile(0.95).unwrap();
        let found = Estimate::proportion(0.9, Some(0.09 / 10.0), 10.0, z).logit.unwrap();
        let off = (found.lower - 0.532_763_27).abs().max((found.upper - 0.986_118_34).abs());
        assert!(off < 1e-8, "{found:?}");
        let area = Estimate::proportion(0.9, Some(0.09 / 10.0), 10.0, z).scaled(100.0).logit.unwrap();
        assert!((area.lower - 100.0 * found.lower).abs() < 1e-10);
    }

    #[test]
    fn odds_of_0_and_1_have_no_interval() {
        for value in [0.0, 1.0] {
            assert_eq!(Estimate::proportion(value, Some(0.0), 10.0, 1.96).logit, None);
        }
    }

    #[test]
    fn one_end_lies_at_0_or_1_and_the_other_inside() {
        let none = wilson_interval(0.0, 10.0, 0.95).unwrap();
        let all = wilson_interval(1.0, 10.0, 0.95).unwrap();
        assert_eq!((none.lower, all.upper), (0.0, 1.0));
        assert!((none.upper - (1.0 - all.lower)).abs() < 1e-15);
        assert!((none.upper - 0.277_533).abs() < 1e-6, "{none:?}");
    }

    #[test]
    fn an_undefined_variance_leaves_everything_but_the_value_open() {
        let estimate = Estimate::proportion(0.7, None, 5.0, 1.96).scaled(10.0);
        assert_eq!(estimate.value, 7.0);
        let open = (estimate.standard_error, estimate.lower, estimate.upper, estimate.wilson, estimate.logit);
        assert_eq!((open, estimate.omission), ((None, None, None, None, None), None));
    }

    #[test]
    fn the_effective_size_of_a_simple_sample_is_its_size() {
        let estimate = Estimate::proportion(0.3, Some(0.3 * 0.7 / 50.0), 9.0, normal_quantile(0.95).unwrap());
        let (found, expected) = (estimate.wilson.unwrap(), wilson_interval(0.3, 50.0, 0.95).unwrap());
        assert!((found.lower - expected.lower).abs() < 1e-14 && (found.upper - expected.upper).abs() < 1e-14);
    }

    #[test]
    fn senseless_arguments_are_errors() {
        assert!(wilson_interval(1.1, 10.0, 0.95).is_err());
        assert!(wilson_interval(f64::NAN, 10.0, 0.95).is_err());
        assert!(wilson_interval(0.5, 0.0, 0.95).is_err());
        assert!(wilson_interval(0.5, 10.0, 95.0).is_err());
    }
}
