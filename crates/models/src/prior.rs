//! How common classes are on the ground and in a training, and what their scores lack by the difference.

use burn::tensor::{Tensor, TensorData};
use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// Shares whose logarithms differ by less than this are alike: nothing was drawn that must be taken back.
const ALIKE: f64 = 0.01;

/// Which shares of the classes probabilities are told for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Prior {
    /// Those on the ground: probabilities of a class sum up to its pixels.
    #[default]
    Natural,
    /// Those of the training, where rare classes were drawn more often or weighed more: more of them on the map, found more
    /// often and claimed wrongly more often.
    Drawn,
}

/// The share of each class on the training ground and in the loss, in the order of class indices.
///
/// ```
/// use ecotone_models::ClassShares;
///
/// // A tenth of the ground is of class 1, but half of what was trained on; class 2 was never seen.
/// let shares = ClassShares::new(vec![0.9, 0.1, 0.0], vec![0.5, 0.5, 0.0])?;
/// assert_eq!(shares.bias(), [1.8f64.ln(), 0.2f64.ln(), 0.0]);
/// # Ok::<(), ecotone_models::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassShares {
    natural: Vec<f64>,
    drawn: Vec<f64>,
}

impl ClassShares {
    /// From a number a class on either side, such as counts or shares; each side is made to sum to 1.
    ///
    /// # Errors
    /// [`Error::Length`] where the sides differ in length; [`Error::Setting`] for a number that is negative or not finite,
    /// and for a side of zeros.
    pub fn new(natural: Vec<f64>, drawn: Vec<f64>) -> Result<Self> {
        if natural.len() != drawn.len() {
            return Err(Error::Length {
                what: "shares of the classes in the training",
                shape: vec![natural.len()],
                found: drawn.len(),
            });
        }
        Ok(Self { natural: to_one("natural", natural)?, drawn: to_one("drawn", drawn)? })
    }

    /// Shares on the ground, which sum to 1.
    pub fn natural(&self) -> &[f64] {
        &self.natural
    }

    /// Shares in the loss, which sum to 1.
    pub fn drawn(&self) -> &[f64] {
        &self.drawn
    }

    /// Whether a class is on the ground and in the loss.
    pub(crate) fn is_learnt(&self, class: usize) -> bool {
        self.natural[class] > 0.0 && self.drawn[class] > 0.0
    }

    /// Whether the training saw the classes as the ground has them, each within 1 %.
    pub fn are_alike(&self) -> bool {
        self.bias().iter().all(|bias| bias.abs() < ALIKE)
    }

    /// What is added to a class's score before softmax so that probabilities learnt under the shares of the training hold
    /// under those of the ground: `ln(natural share / drawn share)` (Saerens, Latinne & Decaestecker 2002, equation 2.4).
    /// Exact where the network knows the probabilities of its training, to which the cross-entropy drives it.
    ///
    /// 0 for a class that the training never saw: no number would tell of it, and its scores, which only ever fell, stay.
    pub fn bias(&self) -> Vec<f64> {
        let of = |class| {
            if self.is_learnt(class) { (self.natural[class] / self.drawn[class]).ln() } else { 0.0 }
        };
        (0..self.natural.len()).map(of).collect()
    }
}

fn to_one(setting: &'static str, numbers: Vec<f64>) -> Result<Vec<f64>> {
    let sum: f64 = numbers.iter().sum();
    let refuse = |found: f64, rule| Err(Error::Setting { setting, found: found.to_string(), rule });
    match numbers.iter().find(|share| !(share.is_finite() && **share >= 0.0)) {
        Some(share) => refuse(*share, "of shares that are finite and not negative"),
        None if sum > 0.0 => Ok(numbers.into_iter().map(|share| share / sum).collect()),
        None => refuse(sum, "of shares above 0"),
    }
}

/// Adds a bias a class to `scores` `[n, class, y, x]`; an empty one is none.
pub(crate) fn add_bias(scores: Tensor<4>, bias: &[f64]) -> Tensor<4> {
    if bias.iter().all(|bias| *bias == 0.0) {
        return scores;
    }
    let values: Vec<f32> = bias.iter().map(|bias| *bias as f32).collect();
    let bias = Tensor::<4>::from_data(TensorData::new(values, [1, bias.len(), 1, 1]), &scores.device());
    scores + bias
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_that_cannot_be_are_refused() {
        #[track_caller]
        fn check(natural: &[f64], drawn: &[f64], expected: &str) {
            let message = ClassShares::new(natural.to_vec(), drawn.to_vec()).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        }
        check(&[1.0], &[0.5, 0.5], "shares of the classes");
        check(&[1.0, -0.5], &[0.5, 0.5], "`natural` is -0.5");
        check(&[0.5, 0.5], &[f64::NAN, 0.5], "`drawn` is NaN");
        check(&[0.5, 0.5], &[0.0, 0.0], "`drawn` is 0");
    }

    #[test]
    fn what_is_alike_needs_no_bias_and_what_was_not_learnt_has_none() {
        let shares =
            |natural: [f64; 3], drawn: [f64; 3]| ClassShares::new(natural.to_vec(), drawn.to_vec()).unwrap();
        assert!(shares([8.0, 2.0, 0.0], [80.1, 19.9, 0.0]).are_alike());
        assert!(!shares([8.0, 2.0, 0.0], [78.0, 22.0, 0.0]).are_alike());
        // On the ground, but in no patch.
        let unseen = shares([0.5, 0.25, 0.25], [0.5, 0.5, 0.0]);
        assert_eq!(unseen.bias(), [0.0, 0.5f64.ln(), 0.0]);
        assert!(unseen.is_learnt(1) && !unseen.is_learnt(2));
    }
}
