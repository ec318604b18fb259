//! Batches of an epoch, made by one background thread ahead of the training, in order.

use std::sync::mpsc::sync_channel;
use std::thread;

use burn::tensor::{Device, Tensor, TensorData};

use super::{Augment, Patch, PatchSource};
use crate::batch::append_channels_first;
use crate::loss::WeightedTargets;
use crate::{ClassWeights, Error, Result, StepMask, ValidNetworkConfig};

/// How many batches wait ready.
const AHEAD: usize = 2;

/// Patches put together for the network.
pub(crate) struct LabelledBatch {
    /// `[n, channel, time, y, x]`.
    size: [usize; 5],
    values: Vec<f32>,
    pub(crate) mask: StepMask,
    /// `[n, y, x]`.
    pub(crate) targets: Vec<u8>,
}

impl LabelledBatch {
    /// The labels, ready for the loss.
    pub(crate) fn weighted_targets(
        &self,
        network: &ValidNetworkConfig,
        weights: &ClassWeights,
        smoothing: f32,
    ) -> Result<WeightedTargets> {
        let [n, _, _, rows, cols] = self.size;
        WeightedTargets::new([n, network.classes(), rows, cols], &self.targets, weights, smoothing)
    }

    /// The input on a device. It can be taken once.
    pub(crate) fn take_input(&mut self, device: &Device) -> Tensor<5> {
        Tensor::from_data(TensorData::new(std::mem::take(&mut self.values), self.size), device)
    }
}

/// One pass over a source.
pub(crate) struct Pass<'a> {
    pub(crate) source: &'a dyn PatchSource,
    /// `training` or `validation`, for messages.
    pub(crate) which: &'static str,
    pub(crate) epoch: usize,
    pub(crate) batch: usize,
    /// Random views and their seed.
    pub(crate) augment: Option<(Augment, u64)>,
    pub(crate) network: &'a ValidNetworkConfig,
}

impl Pass<'_> {
    /// Calls `consume(step, steps, batch)` for each batch in order, steps counted from 0.
    pub(crate) fn run(
        &self,
        mut consume: impl FnMut(usize, usize, LabelledBatch) -> Result<()>,
    ) -> Result<()> {
        let order = self.source.draw(self.epoch);
        if order.is_empty() {
            return Err(Error::EmptySource { which: self.which, epoch: self.epoch });
        }
        let steps = order.len().div_ceil(self.batch);
        thread::scope(|scope| {
            let (send, receive) = sync_channel(AHEAD);
            scope.spawn(move || {
                for (step, ids) in order.chunks(self.batch).enumerate() {
                    let batch = self.assemble(step * self.batch, ids);
                    let failed = batch.is_err();
                    // A consumer that stopped has hung up.
                    if send.send(batch).is_err() || failed {
                        break;
                    }
                }
            });
            receive.into_iter().enumerate().try_for_each(|(step, batch)| consume(step, steps, batch?))
        })
    }

    /// The patches `ids`, the first of which stands at `place` in the epoch.
    fn assemble(&self, place: usize, ids: &[usize]) -> Result<LabelledBatch> {
        let patches = ids.iter().enumerate().map(|(offset, &id)| {
            let patch = self.patch(id)?;
            Ok(match self.augment {
                Some((augment, seed)) => augment.apply(patch, seed, self.epoch, place + offset),
                None => patch,
            })
        });
        let patches = patches.collect::<Result<Vec<Patch>>>()?;
        let expected @ [steps, channels, rows, cols] = patches[0].shape();
        let mut batch = LabelledBatch {
            size: [patches.len(), channels, steps, rows, cols],
            values: Vec::with_capacity(patches.len() * patches[0].values.len()),
            mask: StepMask::all(0, 0),
            targets: Vec::new(),
        };
        let mut valid = Vec::new();
        for (patch, &id) in patches.iter().zip(ids) {
            if patch.shape() != expected {
                return Err(Error::PatchShape { id, expected, found: patch.shape() });
            }
            append_channels_first(&mut batch.values, &patch.values, 0, [steps, channels, rows * cols]);
            valid.extend_from_slice(&patch.valid);
            batch.targets.extend_from_slice(&patch.target);
        }
        batch.mask = StepMask::of_valid(patches.len(), steps, rows * cols, &valid);
        Ok(batch)
    }

    fn patch(&self, id: usize) -> Result<Patch> {
        let failed = |source| Error::Patch { id, epoch: self.epoch, source };
        let patch = self.source.patch(id, self.epoch).map_err(failed)?;
        let [steps, channels, rows, cols] = patch.shape();
        let fits = patch.check().and_then(|()| self.network.check_input(channels, steps, rows, cols));
        fits.map_err(|error| failed(Box::new(error)))?;
        Ok(patch)
    }
}
