//! What training makes small: the losses, over labelled pixels only, with a weight a class.

mod formulas;
mod targets;
#[cfg(test)]
#[cfg(feature = "flex")]
mod tests;

pub(crate) use targets::WeightedTargets;

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// The target of a pixel without a label: it takes no part in loss, gradient or score.
pub const IGNORE: u8 = 255;

/// What training makes small. Serialised with its name as `kind`; numbers left out are the published ones.
///
/// In the formulas, `p` is the network's probability of a pixel's class, `w` the pixel's weight (that of its
/// class) over the weights of all labelled pixels, and sums run over the labelled pixels.
///
/// ```
/// use ecotone_models::Loss;
///
/// assert_eq!(serde_json::from_str::<Loss>(r#"{"kind": "focal"}"#)?, Loss::Focal { gamma: 2.0 });
/// assert_eq!("focal".parse::<Loss>()?, Loss::Focal { gamma: 2.0 });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Loss {
    /// `-sum w ln p`.
    #[default]
    CrossEntropy,
    /// `-sum w (1 - p)^gamma ln p`: pixels that are right already count less (Lin et al. 2017).
    Focal {
        /// 0 (cross-entropy) to 10.
        #[serde(default = "focal_gamma")]
        gamma: f64,
    },
    /// 1 less the mean of the classes' soft Dice coefficients `2 I / (P + T)`, over the classes of the batch
    /// (Milletari et al. 2016). `I`, `P` and `T` are a class's weighted sums of probability on its own pixels,
    /// of probability, and of pixels. Small classes count as much as large ones.
    Dice,
    /// `alpha` times the cross-entropy, less `1 - alpha` times the logarithm of the mean soft intersection
    /// over union `I / (P + T - I)` of the classes of the batch.
    Joint {
        /// 0 (overlap only) to 1 (cross-entropy only).
        #[serde(default = "joint_alpha")]
        alpha: f64,
    },
    /// `sum w (1 - p^q) / q`: between cross-entropy (q towards 0) and the mean absolute error (q = 1), which
    /// wrong labels cannot drive far (Zhang & Sabuncu 2018).
    GeneralisedCrossEntropy {
        /// Above 0, to 1.
        #[serde(default = "generalised_q")]
        q: f64,
    },
    /// `alpha` times the cross-entropy plus `beta` times the reverse one, in which prediction and label change
    /// places and the logarithm of 0 is -4 (Wang et al. 2019). For weak labels, too.
    SymmetricCrossEntropy {
        /// 0 or above.
        #[serde(default = "symmetric_alpha")]
        alpha: f64,
        /// 0 or above.
        #[serde(default = "symmetric_beta")]
        beta: f64,
    },
}

fn focal_gamma() -> f64 {
    2.0
}

fn joint_alpha() -> f64 {
    0.5
}

fn generalised_q() -> f64 {
    0.7
}

fn symmetric_alpha() -> f64 {
    0.1
}

fn symmetric_beta() -> f64 {
    1.0
}

impl Loss {
    /// The names, as in `kind`.
    pub const NAMES: [&'static str; 6] =
        ["cross_entropy", "focal", "dice", "joint", "generalised_cross_entropy", "symmetric_cross_entropy"];

    /// Checks the numbers.
    ///
    /// # Errors
    /// [`Error::Setting`] names the first number that cannot be.
    pub(crate) fn check(self) -> Result<()> {
        let rule = |setting, found: f64, holds, rule| match holds {
            true => Ok(()),
            false => Err(Error::Setting { setting, found: found.to_string(), rule }),
        };
        let share = |value: f64| (0.0..=1.0).contains(&value);
        let weight = |value: f64| value.is_finite() && value >= 0.0;
        match self {
            Self::CrossEntropy | Self::Dice => Ok(()),
            Self::Focal { gamma } => rule("loss.gamma", gamma, (0.0..=10.0).contains(&gamma), "0 to 10"),
            Self::Joint { alpha } => rule("loss.alpha", alpha, share(alpha), "0 to 1"),
            Self::GeneralisedCrossEntropy { q } => {
                rule("loss.q", q, share(q) && q > 0.0, "above 0 and at most 1")
            }
            Self::SymmetricCrossEntropy { alpha, beta } => {
                rule("loss.alpha", alpha, weight(alpha), "0 or above")?;
                rule("loss.beta", beta, weight(beta) && alpha + beta > 0.0, "0 or above, one of both above 0")
            }
        }
    }
}

impl FromStr for Loss {
    type Err = Error;

    /// The loss of this name with the published numbers.
    fn from_str(word: &str) -> Result<Self> {
        Ok(match word {
            "cross_entropy" => Self::CrossEntropy,
            "focal" => Self::Focal { gamma: focal_gamma() },
            "dice" => Self::Dice,
            "joint" => Self::Joint { alpha: joint_alpha() },
            "generalised_cross_entropy" => Self::GeneralisedCrossEntropy { q: generalised_q() },
            "symmetric_cross_entropy" => {
                Self::SymmetricCrossEntropy { alpha: symmetric_alpha(), beta: symmetric_beta() }
            }
            _ => {
                let rule = "cross_entropy, focal, dice, joint, generalised_cross_entropy or \
                            symmetric_cross_entropy";
                return Err(Error::Setting { setting: "loss", found: word.to_owned(), rule });
            }
        })
    }
}
