//! What a training run tells while it runs.

use serde::{Deserialize, Serialize};

use super::SelectBy;

/// One epoch's line in the history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HistoryRow {
    /// The epoch, from 1.
    pub epoch: usize,
    /// Mean loss over the labelled training pixels while training.
    pub train_loss: f64,
    /// Mean loss over the labelled validation pixels; none without such pixels, or where the epoch was not validated.
    pub validation_loss: Option<f64>,
    /// Overall accuracy on them of the map that these weights would make, 0 to 1.
    pub validation_overall_accuracy: Option<f64>,
    /// Mean F1 on them of the classes that they have, 0 to 1: see
    /// [`reference_macro_f1`](ecotone_metrics::ConfusionMatrix::reference_macro_f1).
    pub validation_macro_f1: Option<f64>,
    /// The learning rate of the last step.
    pub learning_rate: f64,
    /// Wall-clock time, validation included.
    pub seconds: f64,
}

impl HistoryRow {
    /// Whether this epoch is better than `other`: by the score that is asked for, then by validation loss. The
    /// training loss stands in where nothing was validated.
    pub fn is_better_than(&self, other: &Self, by: SelectBy) -> bool {
        let key = |row: &Self| {
            let loss = row.validation_loss.unwrap_or(row.train_loss);
            let score = match by {
                SelectBy::MacroF1 => row.validation_macro_f1,
                SelectBy::OverallAccuracy => row.validation_overall_accuracy,
                SelectBy::Loss => None,
            };
            (score.unwrap_or(-1.0), -loss)
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
    /// An epoch was done and saved; validated where the row has a validation loss.
    Epoch(HistoryRow),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn epochs_are_compared_by_what_was_asked_for() {
        let row = |loss, accuracy, f1| HistoryRow {
            epoch: 1,
            train_loss: 1.0,
            validation_loss: loss,
            validation_overall_accuracy: accuracy,
            validation_macro_f1: f1,
            learning_rate: 0.1,
            seconds: 1.0,
        };
        #[track_caller]
        fn check(a: &HistoryRow, b: &HistoryRow, expected: [bool; 3]) {
            let by = [SelectBy::MacroF1, SelectBy::OverallAccuracy, SelectBy::Loss];
            assert_eq!(by.map(|by| a.is_better_than(b, by)), expected);
            assert!(by.iter().all(|&by| !a.is_better_than(a, by)), "none is better than itself");
        }
        let fair = row(Some(0.5), Some(0.7), Some(0.6));
        check(&row(Some(0.6), Some(0.6), Some(0.7)), &fair, [true, false, false]);
        check(&row(Some(0.6), Some(0.8), Some(0.5)), &fair, [false, true, false]);
        check(&row(Some(0.4), Some(0.6), Some(0.5)), &fair, [false, false, true]);
        // Of equals, the one with the lower loss.
        check(&row(Some(0.4), Some(0.7), Some(0.6)), &fair, [true; 3]);
        // A score that is not defined loses to any.
        check(&fair, &row(Some(0.4), None, None), [true, true, false]);
        // Nothing was validated: the training loss.
        let trained = row(None, None, None);
        check(&HistoryRow { train_loss: 0.9, ..trained.clone() }, &trained, [true; 3]);
    }
}
