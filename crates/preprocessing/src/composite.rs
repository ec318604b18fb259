//! Composites over time: one value a pixel from many observations, whatever their order.

use crate::Result;
use crate::error::check_length;

/// One observation of an area.
#[derive(Debug, Clone, Copy)]
pub struct Layer<'a> {
    /// Values `[band, y, x]`.
    pub values: &'a [f32],
    /// Where they hold, `[y, x]` (true = valid).
    pub valid: &'a [bool],
}

/// One value a pixel and band.
#[derive(Debug, Clone, PartialEq)]
pub struct Composite {
    /// Values `[band, y, x]`; 0 where there was no valid observation.
    pub values: Vec<f32>,
    /// Where there was one, `[y, x]`.
    pub valid: Vec<bool>,
}

/// The median of each band over the valid observations; of an even number, the mean of the middle two.
///
/// Robust against clouds that the mask missed, but its bands may come from different days.
///
/// # Errors
/// When a layer is not `bands` x the size of its mask, or masks differ in size.
pub fn median(layers: &[Layer<'_>], bands: usize) -> Result<Composite> {
    band_by_band(layers, bands, |_, seen| middle(seen))
}

/// The mean of each band over the valid observations. The first `decibels` of the bands are decibels: of them it is the
/// mean of the power that they stand for, in decibels again.
///
/// # Errors
/// When a layer is not `bands` x the size of its mask, or masks differ in size.
pub fn mean(layers: &[Layer<'_>], bands: usize, decibels: usize) -> Result<Composite> {
    band_by_band(layers, bands, |band, seen| match seen {
        [only] => *only,
        _ => {
            // From here on the order of the layers is forgotten, down to the rounding of the sum.
            seen.sort_unstable_by(f32::total_cmp);
            if band < decibels {
                mean_of_power(seen)
            } else {
                mean_of(seen.iter().map(|v| f64::from(*v))) as f32
            }
        }
    })
}

/// One value a pixel and band of the valid observations there.
fn band_by_band(
    layers: &[Layer<'_>],
    bands: usize,
    one: impl Fn(usize, &mut [f32]) -> f32,
) -> Result<Composite> {
    let size = check(layers, bands)?;
    let mut composite = empty(layers, bands, size);
    let mut seen = Vec::with_capacity(layers.len());
    for band in 0..bands {
        for pixel in 0..size {
            seen.clear();
            let place = band * size + pixel;
            seen.extend(layers.iter().filter(|l| l.valid[pixel]).map(|l| l.values[place]));
            if !seen.is_empty() {
                composite.values[place] = one(band, &mut seen);
            }
        }
    }
    Ok(composite)
}

/// The observation nearest to all others: the one with the least sum of Euclidean distances over bands (Flood 2013).
///
/// It is a spectrum that was measured on one day. Of two equally near the one with the smaller values, first band
/// first, is taken.
///
/// # Errors
/// When a layer is not `bands` x the size of its mask, or masks differ in size.
pub fn medoid(layers: &[Layer<'_>], bands: usize) -> Result<Composite> {
    let size = check(layers, bands)?;
    let mut composite = empty(layers, bands, size);
    for pixel in 0..size {
        let spectrum = |layer: &Layer<'_>| -> Vec<f32> {
            (0..bands).map(|band| layer.values[band * size + pixel]).collect()
        };
        let mut spectra: Vec<Vec<f32>> = layers.iter().filter(|l| l.valid[pixel]).map(spectrum).collect();
        // From here on the order of the layers is forgotten, down to the rounding of the sums.
        spectra.sort_by(|a, b| compare(a, b));
        let mut best: Option<(f64, &Vec<f32>)> = None;
        for candidate in &spectra {
            let sum: f64 = spectra.iter().map(|other| distance(candidate, other)).sum();
            if best.is_none_or(|(least, _)| sum < least) {
                best = Some((sum, candidate));
            }
        }
        for (band, value) in best.iter().flat_map(|(_, spectrum)| spectrum.iter().enumerate()) {
            composite.values[band * size + pixel] = *value;
        }
    }
    Ok(composite)
}

fn check(layers: &[Layer<'_>], bands: usize) -> Result<usize> {
    let size = layers.first().map_or(0, |layer| layer.valid.len());
    for layer in layers {
        check_length("mask of a composite's layer", size, layer.valid.len())?;
        check_length("composite's layer", bands * size, layer.values.len())?;
    }
    Ok(size)
}

fn empty(layers: &[Layer<'_>], bands: usize, size: usize) -> Composite {
    let valid = (0..size).map(|pixel| layers.iter().any(|layer| layer.valid[pixel])).collect();
    Composite { values: vec![0.0; bands * size], valid }
}

fn mean_of(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = values.len() as f64;
    values.sum::<f64>() / count
}

/// Power counts from the largest one, so that none is too large to be a number. The values rise.
fn mean_of_power(decibels: &[f32]) -> f32 {
    let largest = decibels.last().copied().map_or(0.0, f64::from);
    let share = mean_of(decibels.iter().map(|value| 10f64.powf((f64::from(*value) - largest) / 10.0)));
    (largest + 10.0 * share.log10()) as f32
}

fn middle(values: &mut [f32]) -> f32 {
    values.sort_unstable_by(f32::total_cmp);
    let half = values.len() / 2;
    if values.len() % 2 == 1 { values[half] } else { f32::midpoint(values[half - 1], values[half]) }
}

fn compare(a: &[f32], b: &[f32]) -> std::cmp::Ordering {
    a.iter()
        .zip(b)
        .map(|(a, b)| a.total_cmp(b))
        .find(|order| order.is_ne())
        .unwrap_or(std::cmp::Ordering::Equal)
}

fn distance(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(a, b)| f64::from(a - b).powi(2)).sum::<f64>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Observation = (Vec<f32>, Vec<bool>);

    fn layers(observations: &[Observation]) -> Vec<Layer<'_>> {
        observations.iter().map(|(values, valid)| Layer { values, valid }).collect()
    }

    fn observations() -> impl Strategy<Value = Vec<Observation>> {
        let value = prop_oneof![Just(0.25f32), 0.0..1.0f32];
        let one = (proptest::collection::vec(value, 12), proptest::collection::vec(any::<bool>(), 4));
        proptest::collection::vec(one, 1..8)
    }

    proptest! {
        #[test]
        fn order_and_empty_scenes_change_nothing(mut seen in observations(), turn in 0usize..8) {
            let all = |seen: &[Observation]| {
                let layers = layers(seen);
                let means = [0, 2].map(|decibels| mean(&layers, 3, decibels).unwrap());
                (median(&layers, 3).unwrap(), medoid(&layers, 3).unwrap(), means)
            };
            let before = all(&seen);
            let n = seen.len();
            seen.rotate_left(turn % n);
            seen.reverse();
            seen.push((vec![f32::NAN; 12], vec![false; 4]));
            prop_assert_eq!(before, all(&seen));
        }

        #[test]
        fn a_medoid_was_measured_and_a_median_lies_between(seen in observations()) {
            let (middle, real) = (median(&layers(&seen), 3).unwrap(), medoid(&layers(&seen), 3).unwrap());
            for pixel in 0..4 {
                let valid: Vec<_> = seen.iter().filter(|(_, valid)| valid[pixel]).collect();
                prop_assert_eq!(real.valid[pixel], !valid.is_empty());
                if valid.is_empty() {
                    prop_assert_eq!(real.values[pixel], 0.0);
                    continue;
                }
                prop_assert!(valid.iter().any(|(v, _)| (0..3).all(|b| v[b * 4 + pixel] == real.values[b * 4 + pixel])));
                for band in 0..3 {
                    let m = middle.values[band * 4 + pixel];
                    let below = valid.iter().filter(|(v, _)| v[band * 4 + pixel] <= m).count();
                    let above = valid.iter().filter(|(v, _)| v[band * 4 + pixel] >= m).count();
                    prop_assert!(2 * below >= valid.len() && 2 * above >= valid.len());
                }
            }
        }
    }

    #[test]
    fn an_outlier_moves_neither() {
        let seen: Vec<Observation> =
            [0.1, 0.12, 0.9].iter().map(|value| (vec![*value, *value * 2.0], vec![true])).collect();
        assert_eq!(median(&layers(&seen), 2).unwrap().values, [0.12, 0.24]);
        assert_eq!(medoid(&layers(&seen), 2).unwrap().values, [0.12, 0.24]);
    }

    #[test]
    fn means_of_values_and_of_power() {
        // 10^-1 and 10^-2 are 0.055 in the mean, which is -12.596 decibels; 10^0 beside them makes 0.37, -4.318.
        let seen = |values: &[f32]| -> Vec<Observation> {
            values.iter().map(|value| (vec![*value, *value], vec![true])).collect()
        };
        let check = |values: &[f32], power: f32, plain: f32| {
            let found = mean(&layers(&seen(values)), 2, 1).unwrap().values;
            assert!((found[0] - power).abs() < 1e-3 && (found[1] - plain).abs() < 1e-6, "{found:?}");
        };
        check(&[-10.0, -20.0], -12.596, -15.0);
        check(&[-10.0, 0.0, -20.0], -4.318, -10.0);
        check(&[-7.25], -7.25, -7.25);
        check(&[0.1, 0.3], 0.201_15, 0.2);
        let extreme = mean(&layers(&seen(&[3e38, 3e38, -3e38])), 2, 1).unwrap().values;
        assert!(extreme.iter().all(|value| value.is_finite()), "{extreme:?}");
        // What is hidden has no part in it.
        let mut hidden = seen(&[-10.0, -20.0, 40.0]);
        hidden[2].1 = vec![false];
        let found = mean(&layers(&hidden), 2, 0).unwrap().values;
        assert_eq!(found, [-15.0, -15.0]);
    }

    #[test]
    fn layers_of_another_size_are_refused() {
        let seen = [(vec![0.0; 4], vec![true; 2]), (vec![0.0; 4], vec![true; 3])];
        assert!(median(&layers(&seen), 2).is_err());
        assert!(medoid(&layers(&seen[..1]), 3).is_err());
        assert_eq!(median(&[], 3).unwrap().values, [0.0f32; 0]);
    }
}
