//! Speckle: what coherent light makes of a rough surface.

use crate::noise::{bell, mix, uniform};

/// Equivalent number of looks of Sentinel-1 IW GRD in high resolution (ESA's product specification, S1-RS-MDA-52-7441).
pub(crate) const LOOKS: f32 = 4.4;

/// A factor on power: gamma distributed with mean 1 and variance `1 / LOOKS` (Oliver and Quegan 2004, section 4.3).
///
/// Drawn by the method of Marsaglia and Tsang (ACM TOMS 26, 2000) from numbers that follow from `bits`.
pub(crate) fn speckle(bits: u64) -> f32 {
    let d = LOOKS - 1.0 / 3.0;
    let c = 1.0 / (9.0 * d).sqrt();
    let mut state = bits;
    // One draw in fifty is refused; sixteen refusals in a row do not happen.
    for _ in 0..16 {
        state = mix(state);
        let x = normal(state);
        let v = (1.0 + c * x) * (1.0 + c * x) * (1.0 + c * x);
        let u = uniform(mix(state ^ 0x5bd1)).max(1e-7);
        if v > 0.0 && libm::logf(u) < 0.5 * x * x + d - d * v + d * libm::logf(v) {
            return d * v / LOOKS;
        }
    }
    1.0
}

/// Standard normal: eight bytes added, so that the tails reach further than [`bell`]'s.
fn normal(bits: u64) -> f32 {
    (bell(bits as u32) + bell((bits >> 32) as u32)) * std::f32::consts::FRAC_1_SQRT_2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speckle_has_mean_one_and_its_equivalent_number_of_looks() {
        let values: Vec<f64> = (0..200_000).map(|i| f64::from(speckle(mix(i)))).collect();
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let variance = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / values.len() as f64;
        let looks = mean * mean / variance;
        assert!((mean - 1.0).abs() < 0.005, "mean {mean}");
        assert!((looks - f64::from(LOOKS)).abs() < 0.12, "looks {looks}");
        // A gamma distribution of shape L is skewed by 2 / sqrt(L).
        let skew =
            values.iter().map(|v| (v - mean).powi(3)).sum::<f64>() / values.len() as f64 / variance.powf(1.5);
        assert!((skew - 2.0 / f64::from(LOOKS).sqrt()).abs() < 0.1, "skewness {skew}");
    }
}
