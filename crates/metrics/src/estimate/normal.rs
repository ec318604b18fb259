//! The quantiles and tails that intervals and tests need.

use crate::{Error, Result};

/// The `z` that leaves `confidence` between `-z` and `z`; 1.959964 at 0.95.
pub(crate) fn normal_quantile(confidence: f64) -> Result<f64> {
    if confidence > 0.0 && confidence < 1.0 {
        Ok(quantile(0.5 + confidence / 2.0))
    } else {
        let expected = "between 0 and 1, exclusive";
        Err(Error::Range { what: "confidence", value: confidence, expected })
    }
}

/// The `t` that leaves `confidence` between `-t` and `t` with whole degrees of freedom; 2.228 at 0.95 with 10.
///
/// Found by halving on the exact finite sums (Abramowitz and Stegun 1964, 26.7.3 and 26.7.4); above 200 degrees it
/// is the expansion 26.7.5 around the normal quantile.
pub(super) fn student_quantile(confidence: f64, freedom: u64) -> Result<f64> {
    let z = normal_quantile(confidence)?;
    let n = freedom as f64;
    if freedom > 200 {
        let second = z.powi(5) * 5.0 + z.powi(3) * 16.0 + z * 3.0;
        let third = z.powi(7) * 3.0 + z.powi(5) * 19.0 + z.powi(3) * 17.0 - z * 15.0;
        return Ok(z + (z.powi(3) + z) / (4.0 * n) + second / (96.0 * n * n) + third / (384.0 * n.powi(3)));
    }
    // Halving the angle atan(t / √n) keeps the search within bounds.
    let (mut low, mut high) = (0.0, std::f64::consts::FRAC_PI_2);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if student_between(middle, freedom) < confidence { low = middle } else { high = middle }
    }
    Ok(f64::midpoint(low, high).tan() * n.sqrt())
}

/// The share of Student's distribution between `-t` and `t`, where `t = √n tan(angle)`.
fn student_between(angle: f64, freedom: u64) -> f64 {
    let (sine, cosine) = angle.sin_cos();
    let odd = freedom % 2 == 1;
    let (mut term, mut sum) = (if odd { cosine } else { 1.0 }, 0.0);
    // Terms cos^k times the products of (k - 1) / k, every second k.
    let mut k = if odd { 3 } else { 2 };
    while k <= freedom {
        sum += term;
        term *= cosine * cosine * (k - 1) as f64 / k as f64;
        k += 2;
    }
    if odd { (angle + sine * sum) * std::f64::consts::FRAC_2_PI } else { sine * sum }
}

/// The share of a chi-squared variable with one degree of freedom above `value`.
pub(super) fn chi_squared_1_above(value: f64) -> f64 {
    libm::erfc((value / 2.0).sqrt())
}

/// Inverse of the normal distribution function for `0.5 <= p < 1`: a start by Abramowitz and Stegun 1964, 26.2.23,
/// (error below 4.5e-4), then Halley steps on `erfc` to the last digits.
fn quantile(p: f64) -> f64 {
    let tail = 1.0 - p;
    let t = (-2.0 * tail.ln()).sqrt();
    let above = 2.515517 + t * (0.802853 + t * 0.010328);
    let mut x = t - above / (1.0 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
    for _ in 0..3 {
        let error = tail - 0.5 * libm::erfc(x / std::f64::consts::SQRT_2);
        let step = error * (2.0 * std::f64::consts::PI).sqrt() * (x * x / 2.0).exp();
        x -= step / (1.0 + x * step / 2.0);
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_tables() {
        // scipy.stats.norm.ppf
        for (confidence, expected) in [
            (0.5, 0.674_489_750_196_081_7),
            (0.9, 1.644_853_626_951_472_2),
            (0.95, 1.959_963_984_540_054),
            (0.99, 2.575_829_303_548_900_4),
            (0.999_999, 4.891_638_475_698_59),
        ] {
            let found = normal_quantile(confidence).unwrap();
            assert!((found - expected).abs() < 1e-10, "{confidence}: {found}");
        }
        assert!((normal_quantile(0.95).unwrap() - 1.959_963_984_540_054).abs() < 4e-15);
    }

    #[test]
    fn students_quantiles_are_those_of_tables() {
        // scipy.stats.t.ppf(0.975, freedom)
        for (freedom, expected) in [
            (1, 12.706_204_736_174_694),
            (2, 4.302_652_729_749_462),
            (3, 3.182_446_305_283_708),
            (10, 2.228_138_851_986_273_5),
            (200, 1.971_896_223_633_908_8),
            (201, 1.971_836_506_779_859),
            (5000, 1.960_438_551_706_507_3),
        ] {
            let found = student_quantile(0.95, freedom).unwrap();
            assert!((found - expected).abs() < 1e-8, "{freedom}: {found}");
        }
    }

    #[test]
    fn a_confidence_that_is_none_is_an_error() {
        for confidence in [0.0, 1.0, -0.5, 95.0, f64::NAN] {
            assert!(matches!(normal_quantile(confidence), Err(Error::Range { .. })));
        }
    }
}
