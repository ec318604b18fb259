//! TempCNN: convolutions over the dates of each pixel, without a look at its neighbours.
//!
//! Pelletier et al. 2019 (Remote Sensing 11, 523), in the form of BreizhCrops (Rußwurm et al. 2020): three
//! convolutions along time and one dense layer, each with batch normalisation, rectifier and dropout.

#[cfg(test)]
mod tests;

use burn::module::{Initializer, Module};
use burn::nn::PaddingConfig1d;
use burn::nn::conv::{Conv1d, Conv1dConfig};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use crate::architecture::Architecture;
use crate::batch_norm::BatchNorm;
use crate::chance::Chance;
use crate::convolution::convolve;
use crate::kept;
use crate::layers::fold_norm;
use crate::linear::Linear;
use crate::pixels::each_pixel;
use crate::rectifier::Rectifier;
use crate::settings::{channels, check_settings, classes, dropout};
use crate::{InputKind, InputRules, Parameters, Result, StepMask};

/// Settings of a TempCNN; the defaults are the published ones, for 46 dates.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TempCnnConfig {
    /// Input channels: bands and indices.
    pub channels: usize,
    /// Output classes.
    pub classes: usize,
    /// Dates of a series: the dense layer has weights for each.
    #[serde(default = "default_steps")]
    pub steps: usize,
    /// Feature maps of each convolution; the dense layer has four times as many.
    #[serde(default = "default_width")]
    pub width: usize,
    /// Dates that a convolution sees; odd.
    #[serde(default = "default_kernel")]
    pub kernel: usize,
    /// Share of each layer's values that training drops.
    #[serde(default = "default_dropout")]
    pub dropout: f64,
}

fn default_steps() -> usize {
    46
}

fn default_width() -> usize {
    128
}

fn default_kernel() -> usize {
    7
}

fn default_dropout() -> f64 {
    0.182
}

impl TempCnnConfig {
    /// The published network for `channels` inputs and `classes` outputs, and 46 dates.
    pub fn new(channels: usize, classes: usize) -> Self {
        Self {
            channels,
            classes,
            steps: default_steps(),
            width: default_width(),
            kernel: default_kernel(),
            dropout: default_dropout(),
        }
    }

    /// Channels that each convolution reads.
    fn inputs(&self) -> [usize; 3] {
        [self.channels, self.width, self.width]
    }
}

/// A convolution along time, batch normalisation, rectifier.
#[derive(Module, Debug)]
struct SeriesConv {
    conv: Conv1d,
    /// Absent once folded into the convolution.
    norm: Option<BatchNorm>,
}

impl SeriesConv {
    fn new(channels: [usize; 2], kernel: usize, device: &Device) -> Self {
        let conv = Conv1dConfig::new(channels[0], channels[1], kernel)
            .with_padding(PaddingConfig1d::Explicit(kernel / 2, kernel / 2))
            .with_initializer(Initializer::Zeros)
            .init(device);
        Self { conv, norm: Some(BatchNorm::new(channels[1], device)) }
    }

    fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        convolve(&self.conv, self.norm.as_ref(), Rectifier::Plain, x)
    }

    fn fold(mut self) -> Self {
        fold_norm(&mut self.norm, &mut self.conv.weight, &mut self.conv.bias, 0);
        self
    }
}

/// The network. Dates without an observation are read as they are, filled.
#[derive(Module, Debug)]
pub(crate) struct TempCnn {
    convs: Vec<SeriesConv>,
    dense: Linear,
    /// Absent once folded into the dense layer.
    norm: Option<BatchNorm>,
    head: Linear,
    #[module(skip)]
    dropout: f64,
}

impl TempCnn {
    /// Class scores `[pixel, class]` of `series` `[pixel, time, channel]`.
    fn classify(&self, series: Tensor<3>, chance: &mut Chance) -> Tensor<2> {
        let mut x = series.swap_dims(1, 2);
        for conv in &self.convs {
            x = chance.dropout(conv.forward(x), self.dropout);
        }
        let x = self.dense.forward(x.flatten::<2>(1, 2));
        let x = relu(match &self.norm {
            Some(norm) => norm.forward(x),
            None => x,
        });
        self.head.forward(chance.dropout(x, self.dropout))
    }

    /// The name here of a tensor of the published module, if it is one.
    pub(crate) fn torch_name(name: &str) -> Option<String> {
        let (module, tensor) = name.rsplit_once('.')?;
        let norm = match tensor {
            "weight" => "gamma",
            "bias" => "beta",
            other => other,
        };
        Some(match module {
            "dense.block.0" => format!("dense.{tensor}"),
            "dense.block.1" => format!("norm.{norm}"),
            "logsoftmax.0" => format!("head.{tensor}"),
            _ => match module.strip_prefix("conv_bn_relu")?.split_once(".block.")? {
                (place, "0") => {
                    format!("convs.{}.conv.{tensor}", place.parse::<usize>().ok()?.checked_sub(1)?)
                }
                (place, "1") => format!("convs.{}.norm.{norm}", place.parse::<usize>().ok()?.checked_sub(1)?),
                _ => return None,
            },
        })
    }
}

impl TempCnnConfig {
    pub(crate) fn check(&self) -> Result<()> {
        let count = |value: usize, most: usize| (1..=most).contains(&value);
        check_settings([
            channels(self.channels),
            classes(self.classes),
            ("steps", self.steps.to_string(), count(self.steps, 1024), "1 to 1024"),
            ("width", self.width.to_string(), count(self.width, 1024), "1 to 1024"),
            (
                "kernel",
                self.kernel.to_string(),
                self.kernel % 2 == 1 && self.kernel < 100,
                "an odd number below 100",
            ),
            dropout("dropout", self.dropout),
        ])
    }
}

impl Architecture for TempCnn {
    type Config = TempCnnConfig;

    const SOURCE: &'static str = "Pelletier et al. 2019, TempCNN; form of BreizhCrops";

    fn rules(config: &Self::Config) -> InputRules {
        InputRules {
            min_steps: config.steps,
            max_steps: Some(config.steps),
            ..InputRules::new(InputKind::PixelSeries, config.channels)
        }
    }

    fn parameters(config: &Self::Config) -> Parameters {
        let (width, dense) = (config.width, 4 * config.width);
        let conv = |from| Parameters::conv([from, width], config.kernel) + Parameters::norm(width);
        config.inputs().into_iter().map(conv).sum::<Parameters>()
            + Linear::parameters([width * config.steps, dense])
            + Parameters::norm(dense)
            + Linear::parameters([dense, config.classes])
    }

    fn kept(config: &Self::Config, steps: usize) -> f64 {
        // What follows dropout is kept beside the share that was dropped.
        let conv = kept::normalised(config.width) + 2.0 * kept::linear(config.width);
        let dense = kept::normalised(4 * config.width) + 2.0 * kept::linear(4 * config.width);
        steps as f64 * (3.0 * conv + kept::linear(config.width)) + dense + kept::linear(config.classes)
    }

    fn build(config: &Self::Config, device: &Device) -> Self {
        let (width, dense) = (config.width, 4 * config.width);
        let conv = |from| SeriesConv::new([from, width], config.kernel, device);
        Self {
            convs: config.inputs().into_iter().map(conv).collect(),
            dense: Linear::new([width * config.steps, dense], device),
            norm: Some(BatchNorm::new(dense, device)),
            head: Linear::new([dense, config.classes], device),
            dropout: config.dropout,
        }
    }

    fn forward(&self, input: Tensor<5>, _mask: &StepMask, chance: &mut Chance) -> Vec<Tensor<4>> {
        vec![each_pixel(input, |series| self.classify(series, chance))]
    }

    fn fold(mut self) -> Self {
        self.convs = self.convs.into_iter().map(SeriesConv::fold).collect();
        if let Some(norm) = self.norm.take() {
            self.dense = self.dense.fold(&norm);
        }
        self
    }
}
