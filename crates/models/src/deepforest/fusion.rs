//! DeepForest-2a and -2b: an optical branch and a radar branch, each with a head, and a head over both.

use burn::module::Module;
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};

use super::config::{DeepForestFusionConfig, memory};
use super::encoder::{Encoder, Features, fifth};
use super::unet::DeepForestUNet;
use crate::architecture::{Architecture, Head};
use crate::batch_norm::BatchNorm;
use crate::bottleneck::Stage;
use crate::chance::Chance;
use crate::channels::join;
use crate::conv2d::{ConvBlock, Kernel, Norm, Ups};
use crate::convlstm::ConvLstm;
use crate::dates::{mean_picture, pictures};
use crate::init::Scheme;
use crate::kept;
use crate::{InputRules, Parameters, StepMask};

/// The radar's ConvLSTM over its series, and the heads.
#[derive(Module, Debug)]
struct Fusion {
    radar: ConvLstm,
    radar_head: ConvBlock,
    optical_head: ConvBlock,
    fused_head: ConvBlock,
    /// Channels of the radar input, the last ones.
    radar_channels: usize,
}

/// The kernels of the radar's, the optical and the fused head over `optical` channels.
fn heads(config: &DeepForestFusionConfig, optical: usize) -> [Kernel; 3] {
    [config.width, optical, optical + config.width].map(|from| Kernel::new([from, config.classes], 1))
}

impl Fusion {
    fn new(config: &DeepForestFusionConfig, optical: usize, device: &Device) -> Self {
        let [radar_head, optical_head, fused_head] =
            heads(config, optical).map(|kernel| kernel.linear(device));
        let radar = ConvLstm::new(config.radar, config.memory(), device);
        Self { radar, radar_head, optical_head, fused_head, radar_channels: config.radar }
    }

    /// As [`Architecture::kept`], without the optical features.
    fn kept(config: &DeepForestFusionConfig, optical: usize, steps: usize) -> f64 {
        let radar = kept::linear(config.channels) + kept::linear(config.radar) + kept::cell(config.width);
        let heads = kept::linear(optical + config.width) + 3.0 * kept::linear(config.classes);
        steps as f64 * radar + heads
    }

    fn parameters(config: &DeepForestFusionConfig, optical: usize) -> Parameters {
        let heads = heads(config, optical).map(Kernel::parameters).into_iter().sum::<Parameters>();
        config.memory().parameters(config.radar) + heads
    }

    /// Fused, optical and radar scores; `optical` makes features `[n, channel, y, x]` of a picture.
    fn forward(
        &self,
        input: Tensor<5>,
        mask: &StepMask,
        chance: &mut Chance,
        optical: impl FnOnce(Tensor<4>, &mut Chance) -> Tensor<4>,
    ) -> Vec<Tensor<4>> {
        let first = input.dims()[1] - self.radar_channels;
        let radar = pictures(input.clone().narrow(1, first, self.radar_channels));
        let features = optical(mean_picture(input.narrow(1, 0, first), mask), chance);
        let state = self.radar.last(radar, Some(mask), chance);
        vec![
            self.fused_head.forward(join(features.clone(), state.clone())),
            self.optical_head.forward(features),
            self.radar_head.forward(state),
        ]
    }
}

/// DeepForest-2a: the optical branch is the U-Net baseline, whose class map is fused.
#[derive(Module, Debug)]
pub(crate) struct DeepForest2a {
    optical: DeepForestUNet,
    fusion: Fusion,
}

impl Architecture for DeepForest2a {
    type Config = DeepForestFusionConfig;

    const SOURCE: &'static str = "DeepForest-2a: U-Net over Sentinel-2, ConvLSTM over Sentinel-1";

    const INIT: Scheme = Scheme::Glorot;

    fn rules(config: &DeepForestFusionConfig) -> InputRules {
        config.rules()
    }

    fn heads(_config: &DeepForestFusionConfig) -> Vec<Head> {
        DeepForestFusionConfig::heads()
    }

    fn parameters(config: &DeepForestFusionConfig) -> Parameters {
        DeepForestUNet::parameters(&config.optical_unet()) + Fusion::parameters(config, config.classes)
    }

    fn kept(config: &Self::Config, steps: usize) -> f64 {
        DeepForestUNet::kept(&config.optical_unet(), 1) + Fusion::kept(config, config.classes, steps)
    }

    fn build(config: &DeepForestFusionConfig, device: &Device) -> Self {
        Self {
            optical: DeepForestUNet::build(&config.optical_unet(), device),
            fusion: Fusion::new(config, config.classes, device),
        }
    }

    fn forward(&self, input: Tensor<5>, mask: &StepMask, chance: &mut Chance) -> Vec<Tensor<4>> {
        self.fusion.forward(input, mask, chance, |picture, _| self.optical.picture(picture))
    }

    fn fold(self) -> Self {
        Self { optical: self.optical.fold(), ..self }
    }
}

/// DeepForest-2b: the optical branch reads stages 4 and 5 like -1a, stage 5 being made from stage 4's
/// enlargement.
#[derive(Module, Debug)]
pub(crate) struct DeepForest2b {
    encoder: Encoder,
    up_fourth: Ups,
    fifth: Stage,
    up_fifth: Ups,
    norm: BatchNorm,
    memory: ConvLstm,
    conv: ConvBlock,
    up: Ups,
    fusion: Fusion,
    dropout: f64,
}

/// The widths of the enlargements of stage 4, of stage 5, of the result.
fn widths(width: usize) -> [Vec<usize>; 3] {
    let w = width;
    [vec![16 * w, 4 * w, 4 * w], vec![32 * w, 4 * w], vec![4 * w, 2 * w, w]]
}

impl DeepForest2b {
    /// Features `[n, 64, y, x]` of optical pictures `[n, channel, y, x]`.
    fn features(&self, picture: Tensor<4>, chance: &mut Chance) -> Tensor<4> {
        let Features { fourth, .. } = self.encoder.forward(picture);
        let fine = chance.dropout(self.up_fourth.forward(fourth), self.dropout);
        let coarse = self.up_fifth.forward(self.fifth.forward(fine.clone()));
        let coarse = relu(self.norm.forward(chance.dropout(coarse, self.dropout)));
        let state = self.memory.last(vec![fine, coarse], None, chance);
        self.up.forward(self.conv.forward(state))
    }
}

impl Architecture for DeepForest2b {
    type Config = DeepForestFusionConfig;

    const SOURCE: &'static str = "DeepForest-2b: residual encoder over Sentinel-2, ConvLSTM over Sentinel-1";

    const INIT: Scheme = Scheme::Glorot;

    fn rules(config: &DeepForestFusionConfig) -> InputRules {
        config.rules()
    }

    fn heads(_config: &DeepForestFusionConfig) -> Vec<Head> {
        DeepForestFusionConfig::heads()
    }

    fn parameters(config: &DeepForestFusionConfig) -> Parameters {
        let w = config.width;
        let ups = widths(w).iter().map(|widths| Ups::parameters(widths)).sum::<Parameters>();
        config.optical().encoder().parameters()
            + ups
            + fifth(4 * w, w).parameters()
            + Parameters::norm(4 * w)
            + memory(w).parameters(4 * w)
            + Kernel::new([2 * w, 4 * w], 3).parameters()
            + Fusion::parameters(config, w)
    }

    fn kept(config: &Self::Config, steps: usize) -> f64 {
        let w = config.width;
        let [fourth, coarse, up] = widths(w);
        let ups = kept::ups(&fourth, kept::area(4))
            + kept::ups(&coarse, kept::area(3))
            + kept::ups(&up, kept::area(2));
        let memory = 2.0 * (kept::linear(4 * w) + kept::cell(2 * w))
            + kept::normalised(4 * w)
            + kept::rectified(4 * w);
        let optical = config.optical().encoder().kept() + fifth(4 * w, w).kept(kept::area(2)) + ups;
        optical + memory * kept::area(2) + Fusion::kept(config, w, steps)
    }

    fn build(config: &DeepForestFusionConfig, device: &Device) -> Self {
        let w = config.width;
        let [up_fourth, up_fifth, up] = widths(w).map(|widths| Ups::new(&widths, device));
        Self {
            encoder: Encoder::new(config.optical().encoder(), device),
            up_fourth,
            fifth: Stage::new(fifth(4 * w, w), device),
            up_fifth,
            norm: Norm::Keras.build(4 * w, device),
            memory: ConvLstm::new(4 * w, memory(w), device),
            conv: Kernel::new([2 * w, 4 * w], 3).rectified(device),
            up,
            fusion: Fusion::new(config, w, device),
            dropout: config.dropout,
        }
    }

    fn forward(&self, input: Tensor<5>, mask: &StepMask, chance: &mut Chance) -> Vec<Tensor<4>> {
        self.fusion.forward(input, mask, chance, |picture, chance| self.features(picture, chance))
    }

    fn fold(self) -> Self {
        Self { encoder: self.encoder.fold(), fifth: self.fifth.fold(), ..self }
    }
}
