//! How much a pixel of each class counts in the loss.

use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// One weight a class, in the order of class indices; finite and not negative.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<f32>", into = "Vec<f32>")]
pub struct ClassWeights(Vec<f32>);

impl ClassWeights {
    /// Given weights.
    ///
    /// # Errors
    /// [`Error::Setting`] when one is negative, NaN or infinite.
    pub fn new(weights: Vec<f32>) -> Result<Self> {
        match weights.iter().find(|weight| !weight.is_finite() || **weight < 0.0) {
            Some(weight) => Err(Error::Setting {
                setting: "class_weights",
                found: weight.to_string(),
                rule: "finite and not negative",
            }),
            None => Ok(Self(weights)),
        }
    }

    /// Weight 1 for each class.
    pub fn equal(classes: usize) -> Self {
        Self(vec![1.0; classes])
    }

    /// Weights that fall with a class's frequency: `min(cap, N / (k * n))` for `n` of `N` pixels, with `k`
    /// the number of classes that occur. Their mean over the pixels is 1, less where the cap cuts.
    ///
    /// A class without pixels gets 1, what a pixel weighs on average: training does not see it, and its pixels in the
    /// validation set count in the loss that an epoch may be chosen by, without governing it.
    ///
    /// ```
    /// use ecotone_models::ClassWeights;
    ///
    /// let weights = ClassWeights::inverse_frequency(&[90, 10, 0], 4.0);
    /// assert_eq!(weights.get(), [100.0 / 180.0, 4.0, 1.0]);
    /// ```
    pub fn inverse_frequency(counts: &[u64], cap: f32) -> Self {
        let total = counts.iter().sum::<u64>() as f64;
        let occurring = counts.iter().filter(|&&count| count > 0).count() as f64;
        let weight = |&count: &u64| match count {
            0 => 1.0,
            count => ((total / (occurring * count as f64)) as f32).min(cap),
        };
        Self(counts.iter().map(weight).collect())
    }

    /// The weights.
    pub fn get(&self) -> &[f32] {
        &self.0
    }
}

impl TryFrom<Vec<f32>> for ClassWeights {
    type Error = Error;

    fn try_from(weights: Vec<f32>) -> Result<Self> {
        Self::new(weights)
    }
}

impl From<ClassWeights> for Vec<f32> {
    fn from(weights: ClassWeights) -> Self {
        weights.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn weights_that_cannot_be_are_refused() {
        assert!(ClassWeights::new(vec![1.0, -0.5]).is_err());
        assert!(ClassWeights::new(vec![f32::NAN]).is_err());
        assert!(serde_json::from_str::<ClassWeights>("[1.0, -1.0]").is_err());
    }
    /// A class that training lacks counts in the loss of validation.
    #[test]
    fn a_class_without_training_pixels_weighs_as_an_average_pixel() {
        assert_eq!(ClassWeights::inverse_frequency(&[0, 30, 10], 10.0).get()[0], 1.0);
        assert_eq!(ClassWeights::inverse_frequency(&[0, 0], 10.0).get(), [1.0, 1.0]);
    }

    proptest! {
        #[test]
        fn the_mean_over_pixels_is_one_without_a_cap(counts in prop::collection::vec(0u64..10_000, 1..9)) {
            let total: u64 = counts.iter().sum();
            prop_assume!(total > 0);
            let weights = ClassWeights::inverse_frequency(&counts, f32::INFINITY);
            let sum: f64 = counts.iter().zip(weights.get()).map(|(&n, &w)| n as f64 * f64::from(w)).sum();
            prop_assert!((sum / total as f64 - 1.0).abs() < 1e-5);
        }

        #[test]
        fn rarer_classes_weigh_no_less(counts in prop::collection::vec(1u64..10_000, 2..9), cap in 1f32..20.0) {
            let weights = ClassWeights::inverse_frequency(&counts, cap);
            for (a, wa) in counts.iter().zip(weights.get()) {
                prop_assert!(*wa <= cap && *wa > 0.0);
                for (b, wb) in counts.iter().zip(weights.get()) {
                    prop_assert!(a <= b || wa <= wb);
                }
            }
        }
    }
}
