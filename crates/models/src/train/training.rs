//! What a training run is given.

use std::path::Path;

use super::feed::Pass;
use super::{FirstWeights, PatchSource, ValidTrainConfig};
use crate::{Backend, ClassShares, ClassWeights, ValidNetworkConfig};

/// Everything a training run is given.
#[derive(Clone, Copy)]
pub struct Training<'a> {
    /// The network to train.
    pub network: &'a ValidNetworkConfig,
    /// The settings.
    pub config: &'a ValidTrainConfig,
    /// What runs it.
    pub backend: Backend,
    /// Patches to train on.
    pub train: &'a dyn PatchSource,
    /// Patches to choose the best epoch by; they may be none.
    pub validation: &'a dyn PatchSource,
    /// One weight a class.
    pub class_weights: &'a ClassWeights,
    /// How common classes are on the ground and in the loss, weights included; none: alike.
    pub shares: Option<&'a ClassShares>,
    /// Weights to start from; what they lack is drawn from the seed, as all weights are where there are none.
    pub first_weights: Option<&'a FirstWeights>,
    /// Folder for the state of the run after each epoch. Other files in it are left alone.
    pub checkpoints: &'a Path,
    /// Go on from the folder's checkpoint if it has one; otherwise any checkpoint there is removed.
    pub resume: bool,
}

impl Training<'_> {
    /// One pass over the validation patches, each alone as in a map: its windows may be larger than training's patches,
    /// and must not take a batch's memory.
    pub(super) fn validation_pass(&self) -> Pass<'_> {
        Pass { batch: 1, ..self.pass(self.validation, "validation", 0) }
    }

    /// Whether an epoch, from 1, is validated.
    pub(super) fn is_validated(&self, epoch: usize) -> bool {
        epoch == 1 || epoch == self.config.get().epochs || self.validation.is_watched(epoch)
    }

    pub(super) fn pass<'p>(
        &'p self,
        source: &'p dyn PatchSource,
        which: &'static str,
        epoch: usize,
    ) -> Pass<'p> {
        Pass { source, which, epoch, batch: self.config.get().batch, augment: None, network: self.network }
    }
}
