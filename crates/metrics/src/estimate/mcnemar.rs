//! McNemar's test of two maps on the same sample.

use super::normal::chi_squared_1_above;

/// Whether two maps err equally often on the same units: only the units that one of them gets right matter.
///
/// For a **simple random** (or systematic) sample. On a stratified one it tests the sample, not the map: use the
/// design-based [`Paired::overall_accuracy_difference`](crate::Paired::overall_accuracy_difference).
///
/// ```
/// use ecotone_metrics::McNemar;
///
/// let test = McNemar::new(12, 3);
/// assert!((test.exact_p_value - 0.035_156_25).abs() < 1e-12);
/// assert!((test.chi_squared.unwrap() - 64.0 / 15.0).abs() < 1e-12);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct McNemar {
    /// Units `b` that only the first map has right.
    pub only_first: u64,
    /// Units `c` that only the second map has right.
    pub only_second: u64,
    /// Two-sided `p` of the exact test, twice the smaller tail of Binomial(b + c, 1/2) and at most 1.
    pub exact_p_value: f64,
    /// `(|b - c| - 1)² / (b + c)` (McNemar 1947, Psychometrika 12:153-157, with the continuity correction of Edwards
    /// 1948); `None` where the maps nowhere differ in being right.
    pub chi_squared: Option<f64>,
    /// `p` of that, one degree of freedom; for `b + c` of 25 and more.
    pub chi_squared_p_value: Option<f64>,
}

impl McNemar {
    /// From the numbers of units that only one of the maps has right.
    pub fn new(only_first: u64, only_second: u64) -> Self {
        let differing = only_first + only_second;
        let distance = (only_first.abs_diff(only_second) as f64 - 1.0).max(0.0);
        let chi_squared = (differing > 0).then(|| distance * distance / differing as f64);
        Self {
            only_first,
            only_second,
            exact_p_value: (2.0 * half_binomial_below(differing, only_first.min(only_second))).min(1.0),
            chi_squared,
            chi_squared_p_value: chi_squared.map(chi_squared_1_above),
        }
    }
}

/// `P(X <= most)` for Binomial(n, 1/2), summed from the largest term down so that nothing underflows before it is
/// negligible.
fn half_binomial_below(n: u64, most: u64) -> f64 {
    let (n, k) = (n as f64, most as f64);
    let largest = libm::lgamma(n + 1.0)
        - libm::lgamma(k + 1.0)
        - libm::lgamma(n - k + 1.0)
        - n * std::f64::consts::LN_2;
    let (mut term, mut sum) = (1.0, 0.0);
    for i in (0..=most).rev() {
        sum += term;
        term *= i as f64 / (n - i as f64 + 1.0);
        if term < sum * 1e-18 {
            break;
        }
    }
    largest.exp() * sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_that_never_differ_are_no_evidence() {
        let test = McNemar::new(0, 0);
        assert_eq!((test.exact_p_value, test.chi_squared, test.chi_squared_p_value), (1.0, None, None));
        assert!((McNemar::new(7, 7).exact_p_value - 1.0).abs() < 1e-12);
        assert_eq!(McNemar::new(7, 7).chi_squared, Some(0.0));
    }

    #[test]
    fn many_units_do_not_overflow() {
        let test = McNemar::new(1_000_000, 998_000);
        assert!((test.exact_p_value - test.chi_squared_p_value.unwrap()).abs() < 1e-4, "{test:?}");
        assert_eq!(McNemar::new(100_000, 0).exact_p_value, 0.0);
    }
}
