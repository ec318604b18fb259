//! What the probabilities of a trained network owe to its draw and to its validation.

use serde::{Deserialize, Serialize};

use crate::scaling::Scaling;
use crate::{ClassShares, LabelledScores, Prior, Result, Temperature};

/// How a network's probabilities were made to mean what they say.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalibrationSummary {
    /// Class scores are divided by this before softmax; from 0.01 to 100.
    pub temperature: f64,
    /// Expected calibration error on the validation blocks at temperature 1 and without a bias, 0 to 1.
    pub error_before: f64,
    /// The same as the map says it, on the blocks that this was fitted to: at `temperature`, with the bias where the map is
    /// made for the natural prior.
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

/// What makes scores the probabilities of a map: a temperature, and a bias a class for the natural prior.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Fitted {
    temperature: Temperature,
    /// From the training's shares to those of the ground, over the temperature.
    pub(crate) bias: Vec<f64>,
    /// The prior that the temperature was fitted under.
    prior: Prior,
}

impl Fitted {
    /// Temperature and bias as the scores of labelled pixels tell them. For the drawn prior, whose map adds no bias, the
    /// temperature is fitted without one, and then the bias at that temperature. Without shares there is nothing to take
    /// back.
    ///
    /// # Errors
    /// [`Error::NoLabelledPixel`](crate::Error::NoLabelledPixel) without pixels.
    pub(crate) fn to(scores: &LabelledScores, shares: Option<&ClassShares>, prior: Prior) -> Result<Self> {
        let Some(shares) = shares else {
            let bias = vec![0.0; scores.classes()];
            return Ok(Self { temperature: Temperature::fit(scores)?, bias, prior });
        };
        let scaling = match prior {
            Prior::Natural => Scaling::fit(scores, shares)?,
            Prior::Drawn => Scaling::at(Temperature::fit(scores)?, scores, shares)?,
        };
        Ok(Self { temperature: scaling.temperature(), bias: scaling.bias().to_vec(), prior })
    }

    /// What is known without a fit: scores as they are, and the bias of the shares.
    pub(crate) fn by_shares(classes: usize, shares: Option<&ClassShares>, prior: Prior) -> Self {
        let bias = shares.map_or_else(|| vec![0.0; classes], ClassShares::bias);
        Self { temperature: Temperature::ONE, bias, prior }
    }

    /// The bias that a map of the prior adds.
    fn added(&self) -> Vec<f64> {
        match self.prior {
            Prior::Natural => self.bias.clone(),
            Prior::Drawn => vec![0.0; self.bias.len()],
        }
    }

    /// The scores as the map's softmax takes them.
    pub(crate) fn scaled(&self, scores: &LabelledScores) -> LabelledScores {
        scores.scaled(self.temperature, &self.added())
    }

    /// What it does to probabilities; none without a pixel.
    ///
    /// # Errors
    /// [`Error::Score`](crate::Error::Score) for scores that are not finite.
    pub(crate) fn summary(&self, scores: &LabelledScores) -> Result<Option<CalibrationSummary>> {
        let before = scores.error_with(Temperature::ONE, &vec![0.0; self.bias.len()])?;
        let after = scores.error_with(self.temperature, &self.added())?;
        let temperature = self.temperature.get();
        Ok(before.zip(after).map(|(error_before, error_after)| CalibrationSummary {
            temperature,
            error_before,
            error_after,
        }))
    }
}
