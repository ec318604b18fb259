//! The training loop: deterministic for a seed, saved after each epoch, resumed to the same bytes.

mod accumulate;
mod augment;
mod average;
mod checkpoint;
mod config;
mod feed;
mod first_weights;
mod history;
mod optimizer;
mod patch;
mod run;
#[cfg(test)]
#[cfg(feature = "flex")]
mod tests;
mod trained;
mod training;
mod validate;

pub use config::{Augment, Optimizer, Schedule, SelectBy, TrainConfig, ValidTrainConfig};
pub use first_weights::FirstWeights;
pub use history::{HistoryRow, TrainEvent};
pub use patch::{Patch, PatchError, PatchSource};
pub use trained::Trained;
pub use training::Training;
