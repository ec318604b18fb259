//! From a batch to class probabilities, whatever runs the network.

use std::path::Path;

use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};

use crate::network::Network;
use crate::prior::add_bias;
use crate::state::{self, StateDict};
use crate::{
    Backend, Batch, Error, ModelCard, ObservedBy, Prior, Probabilities, Result, ValidNetworkConfig, device,
    weights,
};

/// Something that predicts. It is free of any tensor library, so that another runtime can take a
/// network's place.
pub trait Predictor: Send {
    /// What the model expects and yields.
    fn card(&self) -> &ModelCard;

    /// Class probabilities of each pixel of `batch`.
    ///
    /// # Errors
    /// [`Error::InputSize`] or [`Error::CardMismatch`] when the batch is not what the card says.
    fn predict(&mut self, batch: &Batch) -> Result<Probabilities>;
}

/// A [`Predictor`] that runs one of this crate's networks.
#[derive(Debug)]
pub struct NetworkPredictor {
    card: ModelCard,
    config: ValidNetworkConfig,
    network: Network,
    device: Device,
    prior: Prior,
}

impl NetworkPredictor {
    /// Loads a weight file onto a backend, for the natural prior.
    ///
    /// # Errors
    /// As [`crate::read_card`]; [`Error::Setting`] for a card that does not agree with itself;
    /// [`Error::WeightsMismatch`] for weights of another network; [`Error::BackendNotBuilt`].
    pub fn load(path: &Path, backend: Backend) -> Result<Self> {
        let (card, state) = weights::read_model(path)?;
        Self::from_state(card, state, path, backend)
    }

    pub(crate) fn from_state(
        card: ModelCard,
        state: StateDict,
        path: &Path,
        backend: Backend,
    ) -> Result<Self> {
        let config = card.check()?;
        let device = device::open(backend)?;
        let network = state::load(config.build(&device).valid(), state, path, config.name())?.fold();
        Ok(Self { card, config, network, device, prior: Prior::Natural })
    }

    /// The same for probabilities under another prior; both are one where the card tells of no draw.
    pub fn with_prior(self, prior: Prior) -> Self {
        Self { prior, ..self }
    }
}

impl Predictor for NetworkPredictor {
    fn card(&self) -> &ModelCard {
        &self.card
    }

    fn predict(&mut self, batch: &Batch) -> Result<Probabilities> {
        let shape = batch.shape();
        self.config.check_input(shape.channels, shape.steps, shape.rows, shape.cols)?;
        if shape.steps != self.card.timeline.steps {
            return Err(Error::CardMismatch {
                what: "a number of steps of".to_owned(),
                expected: self.card.timeline.steps.to_string(),
                found: shape.steps.to_string(),
            });
        }
        let size = [shape.n, shape.channels, shape.steps, shape.rows, shape.cols];
        let input = Tensor::<5>::from_data(TensorData::new(batch.channels_first(), size), &self.device);
        let mask = match self.card.timeline.observed_by {
            ObservedBy::Pixel => batch.mask(),
            ObservedBy::Window => &batch.mask().by_window(),
        };
        let mut scores = self.network.predict(input, mask);
        if let Some(calibration) = self.card.training.calibration {
            scores = scores / calibration.temperature;
        }
        if self.prior == Prior::Natural {
            scores = add_bias(scores, &self.card.bias());
        }
        let (mut values, classes) = (state::to_host(scores), self.config.classes());
        values
            .chunks_exact_mut(classes * shape.rows * shape.cols)
            .for_each(|scores| softmax(scores, classes));
        Ok(Probabilities { n: shape.n, classes, rows: shape.rows, cols: shape.cols, values })
    }
}

/// Scores `[class, pixel]` to probabilities. Computed here, by an exponential of no machine's own library, so that equal scores
/// are equal maps everywhere.
fn softmax(scores: &mut [f32], classes: usize) {
    let pixels = scores.len() / classes;
    let mut largest = scores[..pixels].to_vec();
    let mut sums = vec![0.0; pixels];
    for scores in scores.chunks_exact(pixels) {
        largest.iter_mut().zip(scores).for_each(|(largest, score)| *largest = largest.max(*score));
    }
    for scores in scores.chunks_exact_mut(pixels) {
        for ((score, largest), sum) in scores.iter_mut().zip(&largest).zip(&mut sums) {
            *score = libm::expf(*score - largest);
            *sum += *score;
        }
    }
    for scores in scores.chunks_exact_mut(pixels) {
        scores.iter_mut().zip(&sums).for_each(|(score, sum)| *score /= sum);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_are_those_of_the_softmax() {
        let mut scores = [1.0f32, -80.0, f32::NAN, 2.0, 90.0, 0.0];
        softmax(&mut scores, 2);
        let expected = 1.0f32 / (1.0 + 1f32.exp());
        assert!((scores[0] - expected).abs() < 1e-7 && (scores[3] - 1.0 + expected).abs() < 1e-7);
        assert_eq!([scores[1], scores[4]], [0.0, 1.0]);
        assert!(scores[2].is_nan() && scores[5].is_nan());
    }
}
