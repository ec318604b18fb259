//! What a training run ends with.

use std::path::{Path, PathBuf};

use super::HistoryRow;
use super::checkpoint::Progress;
use crate::state::StateDict;
use crate::{
    Backend, Error, ModelCard, NetworkPredictor, ObservedBy, PriorSummary, Result, TrainingSummary,
    ValidNetworkConfig, weights,
};

/// A trained network: the weights of its best epoch.
#[derive(Debug, Clone)]
pub struct Trained {
    pub(super) network: ValidNetworkConfig,
    pub(super) progress: Progress,
    pub(super) samples: usize,
    pub(super) weights: StateDict,
    /// Where the weights came from, for messages.
    pub(super) path: PathBuf,
}

impl Trained {
    /// One row an epoch.
    pub fn history(&self) -> &[HistoryRow] {
        &self.progress.history
    }

    /// The epoch, from 1, whose weights these are.
    pub fn best_epoch(&self) -> usize {
        self.progress.best_epoch
    }

    /// The card's account of the training.
    pub fn summary(&self, catalog: impl Into<String>, version: impl Into<String>) -> TrainingSummary {
        let best = self.progress.history.get(self.progress.best_epoch.saturating_sub(1));
        TrainingSummary {
            epochs: self.progress.epoch(),
            best_epoch: self.progress.best_epoch,
            seed: self.progress.training.seed,
            samples: self.samples,
            validation_overall_accuracy: best.and_then(|row| row.validation_overall_accuracy),
            validation_macro_f1: best.and_then(|row| row.validation_macro_f1),
            calibration: self.progress.calibration,
            prior: self.prior(),
            class_weights: self.progress.class_weights.clone(),
            catalog: catalog.into(),
            version: version.into(),
        }
    }

    /// The bias that was fitted, or else that of the shares.
    fn prior(&self) -> Option<PriorSummary> {
        let shares = self.progress.shares.as_ref()?;
        Some(PriorSummary {
            natural: shares.natural().to_vec(),
            drawn: shares.drawn().to_vec(),
            bias: self.progress.bias.clone().unwrap_or_else(|| shares.bias()),
        })
    }

    /// Writes the weight file. It appears whole or not at all; the same training gives the same bytes.
    ///
    /// # Errors
    /// [`Error::Setting`] for a card that does not agree with itself; [`Error::CardMismatch`] for the card
    /// of another network; errors of writing.
    pub fn save(&self, path: &Path, card: &ModelCard) -> Result<()> {
        self.check_card(card)?;
        weights::write_model(path, card, &self.weights)
    }

    /// The network ready to predict.
    ///
    /// # Errors
    /// As [`Trained::save`], and [`Error::BackendNotBuilt`].
    pub fn predictor(&self, card: ModelCard, backend: Backend) -> Result<NetworkPredictor> {
        self.check_card(&card)?;
        NetworkPredictor::from_state(card, self.weights.clone(), &self.path, backend)
    }

    fn check_card(&self, card: &ModelCard) -> Result<()> {
        let refuse = |what: &str, expected: String, found: String| {
            Err(Error::CardMismatch { what: what.to_owned(), expected, found })
        };
        if card.check()? != self.network {
            return refuse("network", format!("{:?}", self.network.get()), format!("{:?}", card.network));
        }
        match card.timeline.observed_by {
            ObservedBy::Pixel => Ok(()),
            // Nothing is trained by the rule of earlier versions.
            other => refuse("timeline.observed_by", format!("{:?}", ObservedBy::Pixel), format!("{other:?}")),
        }
    }
}
