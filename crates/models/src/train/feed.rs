//! Batches of an epoch, made by one background thread ahead of the training, in order.

use std::sync::mpsc::sync_channel;
use std::thread;

use burn::tensor::{Device, Tensor, TensorData};

use super::{Augment, Patch, PatchSource};
use crate::batch::append_channels_first;
use crate::loss::{IGNORE, WeightedTargets};
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

    /// The labels that the scores of a network in training are held against: where it learns each date by itself, those of
    /// every picture shown, of the pixels that it saw.
    pub(crate) fn training_targets(
        &self,
        network: &ValidNetworkConfig,
        weights: &ClassWeights,
        smoothing: f32,
    ) -> Result<WeightedTargets> {
        if !network.learns_by_date() {
            return self.weighted_targets(network, weights, smoothing);
        }
        let [_, _, steps, rows, cols] = self.size;
        let (shown, pixels) = (self.mask.shown(), rows * cols);
        let mut targets = Vec::new();
        for place in (0..shown.len()).filter(|&place| shown[place]) {
            let labels = self.targets[place / steps * pixels..][..pixels].iter().enumerate();
            let seen = |(pixel, &label)| if self.mask.sees(place, pixel, pixels) { label } else { IGNORE };
            targets.extend(labels.map(seen));
        }
        let size = [targets.len() / pixels.max(1), network.classes(), rows, cols];
        WeightedTargets::new(size, &targets, weights, smoothing)
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
            // A map says nothing of a pixel that no date saw; nor is there anything to learn, or to score.
            let seen = |pixel: usize| patch.valid.chunks((rows * cols).max(1)).any(|date| date[pixel]);
            let labels = patch.target.iter().enumerate();
            batch.targets.extend(labels.map(|(pixel, &label)| if seen(pixel) { label } else { IGNORE }));
            append_channels_first(&mut batch.values, &patch.values, 0, [steps, channels, rows * cols]);
            valid.extend_from_slice(&patch.valid);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Loss;
    use crate::NetworkConfig;
    use crate::chance::Chance;
    use crate::oracle::{assert_close, cpu_devices, gradients, vectors};
    use crate::parity::{filled, picture};
    use crate::state::to_host;
    use burn::optim::GradientsParams;

    const UNET_FIRST: &str = r#"{"kind": "unet-convlstm", "channels": 3, "classes": 4, "width": 4, "depth": 2,
        "first_hidden": 5, "cell": {"hidden": 3, "peephole": true}, "trains": "unet"}"#;

    /// Two series of three dates; the last date of the first one saw nothing.
    fn batch(device: &Device) -> LabelledBatch {
        let mut valid: Vec<bool> =
            to_host(picture("valid", [2, 3, 16, 12], device)).iter().map(|&value| value > -0.5).collect();
        valid[2 * 192..3 * 192].fill(false);
        let labels = to_host(picture("labels", [2, 16, 12], device));
        LabelledBatch {
            size: [2, 3, 3, 16, 12],
            values: to_host(picture("unet-convlstm", [2, 3, 3, 16, 12], device)),
            mask: StepMask::of_valid(2, 3, 192, &valid),
            targets: labels.iter().map(|value| ((value + 1.0) * 2.0).clamp(0.0, 3.0) as u8).collect(),
        }
    }

    /// A13: source 004 trains its U-Net on single dates.
    #[test]
    fn a_unet_that_comes_first_learns_each_date_as_in_pytorch() {
        let vectors = vectors("networks.safetensors");
        let config = serde_json::from_str::<NetworkConfig>(UNET_FIRST).unwrap().check().unwrap();
        for device in cpu_devices().map(|device| device.autodiff()) {
            let network = filled(config.build(&device));
            let mut batch = batch(&device.clone().inner());
            let targets = batch.training_targets(&config, &ClassWeights::equal(4), 0.0).unwrap();
            let input = batch.take_input(&device);
            let scores = || network.forward(input.clone(), &batch.mask, &mut Chance::none()).swap_remove(0);
            assert_eq!(scores().dims(), [5, 4, 16, 12], "the pictures of the dates that saw anything");
            let loss = targets.loss(Loss::CrossEntropy, scores());
            assert_close(&to_host(loss.clone()), &vectors["by date.loss"].values, 1e-5);
            let by_date = gradients(&network, &GradientsParams::from_grads(loss.backward(), &network));
            let names = ["unet.encoder.0.0.conv.weight", "unet.head.conv.bias"];
            for name in names {
                assert_close(&by_date[name].values, &vectors[&format!("by date.{name}")].values, 1e-4);
            }
            // Of the mean of the dates' scores, as it was, the gradients are others.
            let dates = [(0, 2), (2, 3)].map(|(first, count)| scores().narrow(0, first, count).mean_dim(0));
            let whole = batch.weighted_targets(&config, &ClassWeights::equal(4), 0.0).unwrap();
            let loss = whole.loss(Loss::CrossEntropy, Tensor::cat(dates.to_vec(), 0));
            let of_mean = gradients(&network, &GradientsParams::from_grads(loss.backward(), &network));
            for name in names {
                let pairs = by_date[name].values.iter().zip(&of_mean[name].values);
                assert!(pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max) > 1e-3, "{name}");
            }
        }
    }

    #[test]
    fn only_a_unet_that_comes_first_learns_by_date() {
        for trains in ["all", "recurrent", "unet"] {
            let json = UNET_FIRST.replace("\"unet\"}", &format!("\"{trains}\"}}"));
            let config = serde_json::from_str::<NetworkConfig>(&json).unwrap().check().unwrap();
            assert_eq!(config.learns_by_date(), trains == "unet", "{json}");
        }
    }
}
