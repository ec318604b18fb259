//! What a training run tells while it runs.

use serde::{Deserialize, Serialize};

/// One epoch's line in the history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HistoryRow {
    /// The epoch, from 1.
    pub epoch: usize,
    /// Mean loss over the labelled training pixels while training.
    pub train_loss: f64,
    /// Mean loss over the labelled validation pixels; none without such pixels.
    pub validation_loss: Option<f64>,
    /// Overall accuracy on them, 0 to 1.
    pub validation_overall_accuracy: Option<f64>,
    /// Macro-F1 on them, 0 to 1.
    pub validation_macro_f1: Option<f64>,
    /// The learning rate of the last step.
    pub learning_rate: f64,
    /// Wall-clock time, validation included.
    pub seconds: f64,
}

impl HistoryRow {
    /// Whether this epoch is better than `other`: by macro-F1, then by validation loss, then by training
    /// loss where nothing was validated.
    pub fn is_better_than(&self, other: &Self) -> bool {
        let key = |row: &Self| {
            let loss = row.validation_loss.unwrap_or(row.train_loss);
            (row.validation_macro_f1.unwrap_or(-1.0), -loss)
        };
        key(self) > key(other)
    }
}

/// Something that happened in a training run.
#[derive(Debug, Clone, PartialEq)]
pub enum TrainEvent {
    /// The run goes on after this epoch of an earlier one.
    Resumed {
        /// The last epoch done, from 1.
        epoch: usize,
    },
    /// A step was done.
    Step {
        /// The epoch, from 1.
        epoch: usize,
        /// The step in the epoch, from 1.
        step: usize,
        /// Steps in the epoch.
        steps: usize,
        /// The loss of the step's batch; none where it had no labelled pixel and was skipped.
        loss: Option<f32>,
        /// The learning rate.
        learning_rate: f64,
    },
    /// An epoch was done, validated and saved.
    Epoch(HistoryRow),
}
