//! How many units a sample needs for the precision asked for.

use crate::estimate::normal_quantile;
use crate::{Error, Result};

/// Units of a simple random sample that estimates a proportion within `half_width` at a `confidence`.
///
/// `n0 = z² p (1 - p) / d²`, with `population` corrected to `n = n0 / (1 + (n0 - 1) / N)` (Cochran 1977, *Sampling
/// Techniques*, 3rd ed., chapter 4). `proportion` is the one expected (0.5 needs the most), `half_width` is
/// `d`, half the width of the interval. Returns the exact number: round it up.
///
/// ```
/// use ecotone_metrics::cochran_sample_size;
///
/// assert_eq!(cochran_sample_size(0.5, 0.05, 0.95, None)?.ceil(), 385.0);
/// assert_eq!(cochran_sample_size(0.5, 0.05, 0.95, Some(1000))?.ceil(), 278.0);
/// # Ok::<(), ecotone_metrics::Error>(())
/// ```
///
/// # Errors
/// When `proportion` or `confidence` is not between 0 and 1, `half_width` not greater than 0, or `population` is 0.
pub fn cochran_sample_size(
    proportion: f64,
    half_width: f64,
    confidence: f64,
    population: Option<u64>,
) -> Result<f64> {
    check_share("expected proportion", proportion)?;
    check_positive("half width of the interval", half_width)?;
    let z = normal_quantile(confidence)?;
    let infinite = z * z * proportion * (1.0 - proportion) / (half_width * half_width);
    match population {
        None => Ok(infinite),
        Some(0) => Err(Error::NothingToSample),
        // Below one unit the correction would enlarge n0.
        Some(units) => Ok(infinite.min(infinite / (1.0 + (infinite - 1.0) / units as f64))),
    }
}

/// Units of a stratified sample whose overall accuracy has the standard error `target`.
///
/// `n = (Σ W_i S_i)² / (S(Ô)² + Σ W_i S_i² / N)` with `S_i = √(U_i (1 - U_i))` (Cochran 1977, eq. 5.25; Olofsson et
/// al. 2014, RSE 148:42-57, eq. 13). Without `population` the second term of the denominator, negligible for maps, is
/// left out. `sizes` are the areas or pixels of the strata in any unit, `users_accuracies` what is expected of each.
/// Returns the exact number: round it up.
///
/// ```
/// use ecotone_metrics::olofsson_sample_size;
///
/// let n = olofsson_sample_size(&[0.02, 0.015, 0.32, 0.645], &[0.7, 0.6, 0.9, 0.95], 0.01, None)?;
/// assert_eq!(n.ceil(), 641.0);
/// # Ok::<(), ecotone_metrics::Error>(())
/// ```
///
/// # Errors
/// When sizes and accuracies differ in number, a size is negative or not finite, all are 0, an accuracy lies outside
/// 0 to 1, or the target is not greater than 0.
pub fn olofsson_sample_size(
    sizes: &[f64],
    users_accuracies: &[f64],
    target: f64,
    population: Option<u64>,
) -> Result<f64> {
    let total = check_sizes(sizes)?;
    check_positive("target standard error", target)?;
    let deviations = deviations(sizes.len(), users_accuracies)?;
    let weighted = |power| -> f64 {
        sizes.iter().zip(&deviations).map(|(size, s): (_, &f64)| size / total * s.powi(power)).sum()
    };
    let spread: f64 = weighted(1);
    let correction = match population {
        None => 0.0,
        Some(0) => return Err(Error::NothingToSample),
        Some(units) => weighted(2) / units as f64,
    };
    Ok(spread * spread / (target * target + correction))
}

/// The standard error of the overall accuracy that a stratified sample of `units[h]` in each stratum may be expected to
/// have: `√(Σ W_h² U_h (1 - U_h) / n_h (1 - n_h / N_h))` (Cochran 1977, eq. 5.7; Olofsson et al. 2014, eq. 5).
///
/// `sizes` are the areas or pixels of the strata in any unit, `users_accuracies` what is expected of each, and `available`
/// the units that each has (`N_h`); without, the last term is left out. Infinite where a stratum gets no unit whose
/// accuracy is not expected to be 0 or 1.
///
/// ```
/// use ecotone_metrics::{Allocation, anticipated_standard_error};
///
/// // Olofsson et al. 2014, section 5.1: 641 units are enough for .01 by optimal allocation, and no other.
/// let (sizes, expected) = ([0.02, 0.015, 0.32, 0.645], [0.7, 0.6, 0.9, 0.95]);
/// let error = |units: &[u64; 4]| anticipated_standard_error(&sizes, &expected, units, None);
/// assert!(error(&[23, 19, 243, 356])? < 0.01);
/// assert!(error(&[75, 75, 165, 326])? > 0.01);
/// # Ok::<(), ecotone_metrics::Error>(())
/// ```
///
/// # Errors
/// When sizes, accuracies and units differ in number, a size is negative or not finite, all are 0, or an accuracy lies
/// outside 0 to 1.
pub fn anticipated_standard_error(
    sizes: &[f64],
    users_accuracies: &[f64],
    units: &[u64],
    available: Option<&[u64]>,
) -> Result<f64> {
    let total = check_sizes(sizes)?;
    let deviations = deviations(sizes.len(), users_accuracies)?;
    for found in [units.len(), available.map_or(units.len(), <[u64]>::len)] {
        if found != sizes.len() {
            return Err(Error::Strata { expected: sizes.len(), found });
        }
    }
    let variance = |stratum: usize| {
        let deviation = sizes[stratum] / total * deviations[stratum];
        let sampled = available.map_or(0.0, |all| units[stratum] as f64 / all[stratum].max(1) as f64);
        let all_the_same = deviation == 0.0;
        if all_the_same {
            0.0
        } else {
            deviation * deviation / units[stratum] as f64 * (1.0 - sampled).max(0.0)
        }
    };
    Ok((0..sizes.len()).map(variance).sum::<f64>().sqrt())
}

/// The standard deviations `√(U (1 - U))` of right-or-wrong within strata of these accuracies.
pub(crate) fn deviations(strata: usize, users_accuracies: &[f64]) -> Result<Vec<f64>> {
    if users_accuracies.len() != strata {
        return Err(Error::Strata { expected: strata, found: users_accuracies.len() });
    }
    users_accuracies
        .iter()
        .map(|u| check_share("expected user's accuracy", *u).map(|()| (u * (1.0 - u)).sqrt()))
        .collect()
}

/// The sum of sizes that can be sizes.
pub(crate) fn check_sizes(sizes: &[f64]) -> Result<f64> {
    for (stratum, &size) in sizes.iter().enumerate() {
        if !size.is_finite() || size < 0.0 {
            return Err(Error::StratumSize { stratum, size });
        }
    }
    let total: f64 = sizes.iter().sum();
    if total.is_finite() && total > 0.0 { Ok(total) } else { Err(Error::NothingToSample) }
}

fn check_share(what: &'static str, value: f64) -> Result<()> {
    if (0.0..=1.0).contains(&value) { Ok(()) } else { Err(Error::Range { what, value, expected: "0 to 1" }) }
}

fn check_positive(what: &'static str, value: f64) -> Result<()> {
    if value > 0.0 && value.is_finite() {
        Ok(())
    } else {
        Err(Error::Range { what, value, expected: "a finite number greater than 0" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Olofsson et al. 2014, section 5.1.1: the sample size of their example.
    const W: [f64; 4] = [0.02, 0.015, 0.32, 0.645];
    const EXPECTED: [f64; 4] = [0.7, 0.6, 0.9, 0.95];

    #[test]
    fn olofssons_example_needs_641_units() {
        let n = olofsson_sample_size(&W, &EXPECTED, 0.01, None).unwrap();
        assert!((n - 640.535922).abs() < 5e-7, "{n}");
        let pixels = W.map(|w| w * 1e7);
        let same = olofsson_sample_size(&pixels, &EXPECTED, 0.01, None).unwrap();
        assert!((same - n).abs() < 1e-9);
        let corrected = olofsson_sample_size(&pixels, &EXPECTED, 0.01, Some(10_000_000)).unwrap();
        assert!(corrected < n && n - corrected < 0.1);
    }

    #[test]
    fn the_optimal_allocation_has_the_error_that_its_size_was_made_for() {
        let n = olofsson_sample_size(&W, &EXPECTED, 0.01, None).unwrap();
        let shares = crate::Allocation::Optimal(EXPECTED.to_vec()).shares(1e6 * n, &W).unwrap();
        let units: Vec<u64> = shares.iter().map(|share| *share as u64).collect();
        let error = anticipated_standard_error(&W, &EXPECTED, &units, None).unwrap();
        assert!((error * 1e3 - 0.01).abs() < 1e-6, "{error}");
        // A stratum that is counted whole adds nothing, one without a unit everything.
        let whole =
            anticipated_standard_error(&[1.0, 1.0], &[0.8, 0.8], &[40, 10], Some(&[40, 1000])).unwrap();
        assert!((whole - (0.25 * 0.16 / 10.0 * 0.99_f64).sqrt()).abs() < 1e-12);
        let none = anticipated_standard_error(&[1.0, 1.0], &[0.8, 0.8], &[40, 0], None).unwrap();
        assert!(none.is_infinite());
        assert!(anticipated_standard_error(&[1.0, 1.0], &[0.8, 1.0], &[40, 0], None).unwrap().is_finite());
        assert!(anticipated_standard_error(&W, &EXPECTED, &[1, 2], None).is_err());
    }

    #[test]
    fn the_finite_population_never_needs_more_than_it_has() {
        for units in [1, 2, 10, 384, 100_000] {
            let n = cochran_sample_size(0.5, 0.05, 0.95, Some(units)).unwrap();
            assert!(n <= units as f64 && n <= 384.15, "{units}: {n}");
        }
    }

    #[test]
    fn senseless_targets_are_named() {
        for (accuracy, target) in [(1.1, 0.01), (f64::NAN, 0.01), (0.9, 0.0), (0.9, f64::NAN), (0.9, -1.0)] {
            let found = olofsson_sample_size(&[1.0], &[accuracy], target, None);
            assert!(matches!(found, Err(Error::Range { .. })), "{found:?}");
        }
        assert_eq!(
            olofsson_sample_size(&[1.0, 2.0], &[0.9], 0.01, None),
            Err(Error::Strata { expected: 2, found: 1 })
        );
        assert_eq!(olofsson_sample_size(&[0.0], &[0.9], 0.01, None), Err(Error::NothingToSample));
        let negative = olofsson_sample_size(&[1.0, -1.0], &[0.9, 0.9], 0.01, None);
        assert_eq!(negative, Err(Error::StratumSize { stratum: 1, size: -1.0 }));
        assert!(cochran_sample_size(0.5, 0.05, 1.0, None).is_err());
        assert!(cochran_sample_size(0.5, 0.05, 0.95, Some(0)).is_err());
    }
}
