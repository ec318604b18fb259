//! What the probabilities of a trained network owe to its draw and to its validation.

use serde::{Deserialize, Serialize};

use crate::{ClassShares, LabelledScores, Result, Scaling, Temperature};

/// How a network's probabilities were made to mean what they say.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalibrationSummary {
    /// Class scores are divided by this before softmax; from 0.01 to 100.
    pub temperature: f64,
    /// Expected calibration error on the validation blocks at temperature 1 and without a bias, 0 to 1.
    pub error_before: f64,
    /// The same at `temperature` with the bias, on the blocks they were fitted to.
    pub error_after: f64,
}

/// How often the training saw each class, and how that is taken back; each in the order of class indices.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriorSummary {
    /// Share of each class on the training ground, 0 to 1.
    pub natural: Vec<f64>,
    /// Share of each class in the loss, 0 to 1.
    pub drawn: Vec<f64>,
    /// What is added to the score of each class, over the temperature, for the natural prior.
    pub bias: Vec<f64>,
}

/// What is fitted to the scores of a validation.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Fitted {
    pub(crate) calibration: CalibrationSummary,
    pub(crate) bias: Vec<f64>,
}

impl Fitted {
    /// Temperature and bias; without shares there is nothing to take back. None without a labelled pixel.
    pub(crate) fn to(scores: &LabelledScores, shares: Option<&ClassShares>) -> Result<Option<Self>> {
        if scores.is_empty() {
            return Ok(None);
        }
        let none = vec![0.0; scores.classes()];
        let (temperature, bias) = match shares {
            None => (Temperature::fit(scores)?, none.clone()),
            Some(shares) => {
                let scaling = Scaling::fit(scores, shares)?;
                (scaling.temperature(), scaling.bias().to_vec())
            }
        };
        let errors = (scores.error_with(Temperature::ONE, &none)?, scores.error_with(temperature, &bias)?);
        Ok(match errors {
            (Some(error_before), Some(error_after)) => {
                let temperature = temperature.get();
                let calibration = CalibrationSummary { temperature, error_before, error_after };
                Some(Self { calibration, bias })
            }
            _ => None,
        })
    }
}
