//! U-Net + ConvLSTM: a U-Net makes a probability map of each date, two ConvLSTM layers read their sequence.
//!
//! Road mapping from three Sentinel-2 dates. The source trains the U-Net on single dates first, freezes it and trains the
//! recurrent part; here [`UNetConvLstmConfig::trains`] says which part a training changes, and [`crate::FirstWeights`] hands the
//! trained U-Net on. The tensors below `unet.` are those of a [`crate::UNetConfig`] network of the same settings,
//! whose weight file fits there.

use burn::module::Module;
use burn::tensor::activation::softmax;
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use crate::architecture::Architecture;
use crate::chance::Chance;
use crate::conv2d::{ConvBlock, Kernel};
use crate::convlstm::ConvLstm;
use crate::dates::{date_maps, each_date, shown_pictures};
use crate::kept;
use crate::settings::check_settings;
use crate::unet::{UNet, default_decoder_convs, default_depth, default_width};
use crate::{ConvLstmConfig, InputKind, InputRules, Parameters, Result, StepMask, UNetConfig};

/// What a training changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trains {
    /// Both parts together.
    #[default]
    All,
    /// The U-Net alone, each date by itself: every picture is held against the labels of the pixels that it saw. The
    /// network's own scores are of each pixel the mean over the dates that saw it.
    Unet,
    /// The recurrent part alone: the U-Net is frozen, its running statistics included.
    Recurrent,
}

/// Settings of a U-Net + ConvLSTM; the defaults are those of the road-mapping network.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UNetConvLstmConfig {
    /// Input channels.
    pub channels: usize,
    /// Output classes.
    pub classes: usize,
    /// As [`UNetConfig::width`].
    #[serde(default = "default_width")]
    pub width: usize,
    /// As [`UNetConfig::depth`].
    #[serde(default = "default_depth")]
    pub depth: usize,
    /// As [`UNetConfig::decoder_convs`].
    #[serde(default = "default_decoder_convs")]
    pub decoder_convs: usize,
    /// State channels of the first ConvLSTM layer: the source says 32 in one place and 2 in another.
    #[serde(default = "default_first_hidden")]
    pub first_hidden: usize,
    /// The second ConvLSTM layer; the first is like it but for its state channels.
    #[serde(default = "default_cell")]
    pub cell: ConvLstmConfig,
    /// What a training changes.
    #[serde(default)]
    pub trains: Trains,
}

fn default_first_hidden() -> usize {
    32
}

fn default_cell() -> ConvLstmConfig {
    ConvLstmConfig { peephole: true, ..ConvLstmConfig::default() }
}

impl UNetConvLstmConfig {
    /// The network of the source, all of it trained.
    pub fn new(channels: usize, classes: usize) -> Self {
        Self {
            channels,
            classes,
            width: default_width(),
            depth: default_depth(),
            decoder_convs: default_decoder_convs(),
            first_hidden: default_first_hidden(),
            cell: default_cell(),
            trains: Trains::default(),
        }
    }

    fn unet(&self) -> UNetConfig {
        let Self { channels, classes, width, depth, decoder_convs, .. } = *self;
        UNetConfig { channels, classes, width, depth, decoder_convs }
    }

    fn first(&self) -> ConvLstmConfig {
        ConvLstmConfig { hidden: self.first_hidden, ..self.cell }
    }

    /// The last layer turns the state into scores.
    fn head(&self) -> Kernel {
        Kernel::new([self.cell.hidden, self.classes], 1)
    }
}

/// The network; see the module's text for its shape.
#[derive(Module, Debug)]
pub(crate) struct UNetConvLstm {
    unet: UNet,
    first: ConvLstm,
    second: ConvLstm,
    head: ConvBlock,
    #[module(skip)]
    trains: Trains,
}

impl UNetConvLstm {
    /// The U-Net's scores of pictures.
    fn scores(&self, pictures: Tensor<4>) -> Tensor<4> {
        match self.trains == Trains::Recurrent && pictures.is_autodiff() {
            // Frozen: neither gradients nor batch statistics.
            true => Tensor::from_inner(self.unet.clone().valid().picture(pictures.inner())),
            false => self.unet.picture(pictures),
        }
    }
}

impl UNetConvLstmConfig {
    pub(crate) fn check(&self) -> Result<()> {
        self.unet().check()?;
        self.cell.check()?;
        let hidden = self.first_hidden;
        check_settings([("first_hidden", hidden.to_string(), (1..=1024).contains(&hidden), "1 to 1024")])
    }
}

impl Architecture for UNetConvLstm {
    type Config = UNetConvLstmConfig;

    const SOURCE: &'static str =
        "Road mapping from Sentinel-2 series: U-Net and ConvLSTM (Shi et al. 2015) with peepholes";

    fn rules(config: &UNetConvLstmConfig) -> InputRules {
        InputRules { kind: InputKind::Series, ..config.unet().rules() }
    }

    fn parameters(config: &UNetConvLstmConfig) -> Parameters {
        let unet = config.unet().parameters();
        let recurrent = config.first().parameters(config.classes)
            + config.cell.parameters(config.first_hidden)
            + config.head().parameters();
        match config.trains {
            Trains::All => unet + recurrent,
            Trains::Unet => unet + recurrent.frozen(),
            Trains::Recurrent => unet.frozen() + recurrent,
        }
    }

    fn kept(config: &Self::Config, steps: usize) -> f64 {
        // Frozen, it holds no more than the features at hand.
        let unet = match config.trains {
            Trains::Recurrent => kept::normalised(config.width),
            Trains::All | Trains::Unet => config.unet().kept(),
        };
        let recurrent = kept::rectified(config.classes)
            + kept::cell(config.first_hidden)
            + kept::cell(config.cell.hidden);
        steps as f64 * (unet + if config.trains == Trains::Unet { 0.0 } else { recurrent })
    }

    fn learns_by_date(config: &UNetConvLstmConfig) -> bool {
        config.trains == Trains::Unet
    }

    fn build(config: &UNetConvLstmConfig, device: &Device) -> Self {
        Self {
            unet: UNet::build(&config.unet(), device),
            first: ConvLstm::new(config.classes, config.first(), device),
            second: ConvLstm::new(config.first_hidden, config.cell, device),
            head: config.head().linear(device),
            trains: config.trains,
        }
    }

    fn forward(&self, input: Tensor<5>, mask: &StepMask, chance: &mut Chance) -> Vec<Tensor<4>> {
        if self.trains == Trains::Unet {
            return vec![match input.is_autodiff() {
                true => self.scores(shown_pictures(input, mask)),
                false => each_date(input, mask, |pictures| self.scores(pictures)),
            }];
        }
        let maps = date_maps(input, mask, |pictures| softmax(self.scores(pictures), 1));
        let states = self.first.sequence(maps, Some(mask), chance);
        let state = self.second.last(states, Some(mask), chance);
        vec![self.head.forward(state)]
    }

    fn fold(self) -> Self {
        Self { unet: self.unet.fold(), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::{cpu_devices, gradients, vectors};
    use crate::parity::{assert_same, filled, picture};
    use crate::state;
    use burn::optim::GradientsParams;

    fn small() -> UNetConvLstmConfig {
        let cell = ConvLstmConfig { hidden: 3, ..default_cell() };
        UNetConvLstmConfig { width: 4, depth: 2, first_hidden: 5, cell, ..UNetConvLstmConfig::new(3, 4) }
    }

    fn scores(network: &UNetConvLstm, device: &Device) -> Tensor<4> {
        let input = picture("unet-convlstm", [2, 3, 3, 16, 12], device);
        let mask = StepMask::all(2, 3);
        Architecture::forward(network, input, &mask, &mut Chance::none()).swap_remove(0)
    }

    #[test]
    fn outputs_are_those_of_pytorch() {
        let vectors = vectors("networks.safetensors");
        for device in cpu_devices() {
            let network = filled(UNetConvLstm::build(&small(), &device)).valid();
            assert_same(scores(&network, &device), &vectors, "unet-convlstm");
            assert_same(scores(&Architecture::fold(network), &device), &vectors, "unet-convlstm");
        }
    }

    #[test]
    fn the_network_has_the_parameters_of_its_pytorch_twin() {
        let config = UNetConvLstmConfig::new(3, 2);
        let count = |trains| UNetConvLstm::parameters(&UNetConvLstmConfig { trains, ..config.clone() });
        assert_eq!(count(Trains::All), Parameters { total: 7_099_556, trainable: 7_094_628 });
        let unet = Parameters { total: 7_099_556, trainable: 6_981_218 };
        assert_eq!(count(Trains::Unet), unet);
        let recurrent = Parameters { total: 7_099_556, trainable: 7_094_628 - 6_981_218 };
        assert_eq!(count(Trains::Recurrent), recurrent);
    }

    /// Which parts get gradients, and whether the running statistics of the U-Net move.
    #[test]
    fn a_frozen_part_does_not_move() {
        for device in cpu_devices().map(|device| device.autodiff()) {
            for (trains, unet, recurrent) in
                [(Trains::All, true, true), (Trains::Unet, true, false), (Trains::Recurrent, false, true)]
            {
                let config = UNetConvLstmConfig { trains, ..small() };
                let network = filled(UNetConvLstm::build(&config, &device));
                let before = state::read(&network.clone().valid());
                let loss = scores(&network, &device).square().sum();
                let found = gradients(&network, &GradientsParams::from_grads(loss.backward(), &network));
                let after = state::read(&network.clone().valid());
                assert_eq!(before != after, unet, "{trains:?}");
                let moves = |part: bool| {
                    let mut part = found.iter().filter(|(name, _)| name.starts_with("unet.") == part);
                    part.any(|(_, gradient)| gradient.values.iter().any(|&value| value != 0.0))
                };
                assert_eq!([moves(true), moves(false)], [unet, recurrent], "{trains:?}");
            }
        }
    }
}
