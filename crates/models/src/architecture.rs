//! What the registry of networks asks of each.

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use serde::Serialize;

use crate::chance::Chance;
use crate::init::Scheme;
use crate::{InputRules, Parameters, StepMask};

/// What the registry asks of a network, whose settings are a struct with `classes` and a `check` that names the first
/// setting that cannot be. Settings given here have passed it.
pub(crate) trait Architecture: Module {
    /// Its settings.
    type Config;

    /// The publication the network is from.
    const SOURCE: &'static str;

    /// How its training begins.
    const INIT: Scheme = Scheme::Torch;

    /// The inputs it can take.
    fn rules(config: &Self::Config) -> InputRules;

    /// Numbers of parameters, in closed form.
    fn parameters(config: &Self::Config) -> Parameters;

    /// Values that training keeps for the way back, for each pixel of a sample of so many dates, in closed form;
    /// see [`crate::kept`].
    fn kept(config: &Self::Config, steps: usize) -> f64;

    /// Its outputs; the first is the prediction.
    fn heads(_config: &Self::Config) -> Vec<Head> {
        vec![Head { name: "classes", loss_weight: 1.0 }]
    }

    /// Whether it learns each date by itself: its scores of training are those of the pictures shown
    /// ([`crate::dates::shown_pictures`]), each held against the labels.
    fn learns_by_date(_config: &Self::Config) -> bool {
        false
    }

    /// The network with all convolution weights 0, to be drawn by [`crate::init`] or loaded.
    fn build(config: &Self::Config, device: &Device) -> Self;

    /// Class scores (before softmax) `[n, class, y, x]` of each head, of `input` `[n, channel, time, y, x]`,
    /// the dates of which saw what `mask` tells. See [`Self::learns_by_date`].
    fn forward(&self, input: Tensor<5>, mask: &StepMask, chance: &mut Chance) -> Vec<Tensor<4>>;

    /// The same network for inference, as fast as it gets.
    fn fold(self) -> Self {
        self
    }
}

/// One output of a network.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Head {
    /// What it classifies by.
    pub name: &'static str,
    /// Its loss counts this much in training.
    pub loss_weight: f64,
}
