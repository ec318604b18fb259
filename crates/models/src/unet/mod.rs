//! U-Net: a network of one date, with skips from each level of its encoder to the same level of its decoder.
//!
//! Ronneberger et al. 2015 (MICCAI). An encoder level is two 3x3 convolutions with batch normalisation and
//! rectifiers, then 2x2 max pooling; a decoder level is a 2x2 transposed convolution that halves the
//! channels, the skip, and one (road mapping) or two (original) 3x3 convolutions. Convolutions keep the size.

mod config;
#[cfg(test)]
mod tests;

pub use config::UNetConfig;
pub(crate) use config::{default_decoder_convs, default_depth, default_width};

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use crate::architecture::Architecture;
use crate::chance::Chance;
use crate::channels::{join, max_pool};
use crate::conv2d::{ConvBlock, Kernel, Norm, Ups};
use crate::dates::each_date;
use crate::{InputRules, Parameters, StepMask};

/// The network; see the module's text for its shape.
#[derive(Module, Debug)]
pub(crate) struct UNet {
    /// Finest first, two convolutions each.
    encoder: Vec<Vec<ConvBlock>>,
    /// Coarsest first, as `decoder`.
    up: Vec<Ups>,
    decoder: Vec<Vec<ConvBlock>>,
    head: ConvBlock,
}

impl UNet {
    /// Class scores `[n, class, y, x]` (before softmax) of pictures `[n, channel, y, x]`.
    pub(crate) fn picture(&self, picture: Tensor<4>) -> Tensor<4> {
        let pass = |level: &[ConvBlock], x| level.iter().fold(x, |x, conv| conv.forward(x));
        let mut x = picture;
        let mut skips = Vec::with_capacity(self.encoder.len());
        for (place, level) in self.encoder.iter().enumerate() {
            if place > 0 {
                skips.push(x.clone());
                x = max_pool(x, 2, 2, 0);
            }
            x = pass(level, x);
        }
        for ((up, level), skip) in self.up.iter().zip(&self.decoder).zip(skips.into_iter().rev()) {
            x = pass(level, join(up.forward(x), skip));
        }
        self.head.forward(x)
    }

    pub(crate) fn fold(self) -> Self {
        let fold = |levels: Vec<Vec<ConvBlock>>| {
            levels.into_iter().map(|level| level.into_iter().map(ConvBlock::fold).collect()).collect()
        };
        Self { encoder: fold(self.encoder), decoder: fold(self.decoder), ..self }
    }
}

impl Architecture for UNet {
    type Config = UNetConfig;

    const SOURCE: &'static str = "Ronneberger et al. 2015, U-Net; half widths of Sentinel-2 road mapping";

    fn rules(config: &UNetConfig) -> InputRules {
        config.rules()
    }

    fn parameters(config: &UNetConfig) -> Parameters {
        config.parameters()
    }

    fn kept(config: &Self::Config, steps: usize) -> f64 {
        steps as f64 * config.kept()
    }

    fn build(config: &UNetConfig, device: &Device) -> Self {
        let conv = |channels: [usize; 2]| Kernel::new(channels, 3).normalised(Norm::Torch, true, device);
        let encoder = config.encoder().into_iter();
        let decoder = config.decoder().into_iter();
        Self {
            encoder: encoder.map(|[from, to]| vec![conv([from, to]), conv([to, to])]).collect(),
            up: decoder.clone().map(|width| Ups::new(&[2 * width, width], device)).collect(),
            decoder: decoder
                .map(|width| config.decoder_level(width).into_iter().map(conv).collect())
                .collect(),
            head: Kernel::new([config.width, config.classes], 1).linear(device),
        }
    }

    fn forward(&self, input: Tensor<5>, mask: &StepMask, _chance: &mut Chance) -> Vec<Tensor<4>> {
        vec![each_date(input, mask, |pictures| self.picture(pictures))]
    }

    fn fold(self) -> Self {
        self.fold()
    }
}
