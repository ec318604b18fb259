//! UNet3D: a U-Net whose convolutions run over time, rows and columns together.
//!
//! Çiçek et al. 2016 (MICCAI, "3D U-Net"), in the form published with the PASTIS time series benchmark
//! (Garnot & Landrieu 2021): per level two 3x3x3 convolutions with batch normalisation and leaky
//! rectifiers, 2x2x2 max pooling, transposed convolutions upwards, and a mean over the dates at the end.

mod config;
#[cfg(test)]
mod tests;

pub use config::UNet3dConfig;

use burn::module::{Initializer, Module};
use burn::nn::conv::{Conv3d, Conv3dConfig};
use burn::tensor::activation::softmax;
use burn::tensor::{Device, Tensor};

use crate::architecture::Architecture;
use crate::chance::Chance;
use crate::channels::{join, max_pool_2x2x2};
use crate::convolution::convolve;
use crate::layers::{ConvNorm, DoubleConv, UpConv, conv3};
use crate::rectifier::Rectifier;
use crate::{Collapse, InputRules, Parameters, StepMask};

/// The network. Built by [`crate::NetworkConfig`]; see the module's text for its shape.
#[derive(Module, Debug)]
pub(crate) struct UNet3d {
    encoder: Vec<DoubleConv>,
    centre_in: ConvNorm,
    centre_out: ConvNorm,
    /// Coarsest first, as `decoder`.
    up: Vec<UpConv>,
    decoder: Vec<DoubleConv>,
    head: Conv3d,
    attention: Option<Conv3d>,
    #[module(skip)]
    collapse: Collapse,
}

impl Architecture for UNet3d {
    type Config = UNet3dConfig;

    const SOURCE: &'static str =
        "Cicek et al. 2016, 3D U-Net; time series form of Garnot & Landrieu 2021 (PASTIS)";

    fn rules(config: &UNet3dConfig) -> InputRules {
        config.rules()
    }

    fn parameters(config: &UNet3dConfig) -> Parameters {
        config.parameters()
    }

    fn kept(config: &Self::Config, steps: usize) -> f64 {
        steps as f64 * config.kept()
    }

    fn build(config: &UNet3dConfig, device: &Device) -> Self {
        Self::new(config, device)
    }

    fn forward(&self, input: Tensor<5>, mask: &StepMask, _chance: &mut Chance) -> Vec<Tensor<4>> {
        vec![self.forward(input, mask)]
    }

    fn fold(self) -> Self {
        self.fold()
    }
}

impl UNet3d {
    /// Builds the network with all convolution weights 0; [`crate::init`] draws them.
    pub(crate) fn new(settings: &UNet3dConfig, device: &Device) -> Self {
        let widths = settings.widths();
        let depth = settings.depth;
        let encoder = (0..depth).map(|level| {
            let above = if level == 0 { settings.channels } else { widths[level - 1] };
            DoubleConv::new([above, widths[level], widths[level]], device)
        });
        let up = (0..depth).rev().map(|level| {
            // As published: the step out of the centre is linear, the others are normalised and rectified.
            UpConv::new([widths[level + 1], widths[level]], level + 1 != depth, device)
        });
        let decoder = (0..depth).rev().map(|level| {
            let out = if level == 0 { widths[0] / 2 } else { widths[level] };
            DoubleConv::new([2 * widths[level], widths[level], out], device)
        });
        let attention = (settings.collapse == Collapse::Attention).then(|| {
            Conv3dConfig::new([widths[0] / 2, 1], [1, 1, 1]).with_initializer(Initializer::Zeros).init(device)
        });
        Self {
            encoder: encoder.collect(),
            centre_in: ConvNorm::new([widths[depth - 1], widths[depth]], device),
            centre_out: ConvNorm::new([widths[depth], widths[depth]], device),
            up: up.collect(),
            decoder: decoder.collect(),
            head: conv3([widths[0] / 2, settings.classes], device),
            attention,
            collapse: settings.collapse,
        }
    }

    /// Class scores `[n, class, y, x]` (before softmax) of `input` `[n, channel, time, y, x]`, whose
    /// empty dates `mask` tells. Input sizes must keep the [`InputRules`].
    ///
    /// A step that has no partner in a pooling is dropped on the way up, as in the publication: of 46
    /// dates the last two reach the result through the convolutions only.
    pub(crate) fn forward(&self, input: Tensor<5>, mask: &StepMask) -> Tensor<4> {
        let mut x = input;
        let mut skips = Vec::with_capacity(self.encoder.len());
        for level in &self.encoder {
            let features = level.forward(x);
            x = max_pool_2x2x2(features.clone());
            skips.push(features);
        }
        x = self.centre_out.forward(self.centre_in.forward(x));
        for (up, level) in self.up.iter().zip(&self.decoder) {
            x = up.forward(x);
            if let Some(skip) = skips.pop() {
                let steps = x.dims()[2];
                let skip = if skip.dims()[2] == steps { skip } else { skip.narrow(2, 0, steps) };
                x = level.forward(join(x, skip));
            }
        }
        self.collapse(x, mask)
    }

    /// From features of every date to scores of the series. Features have as many rows, columns and (but for those
    /// dropped) dates as the input, so that each date counts for the pixels that it saw.
    fn collapse(&self, features: Tensor<5>, mask: &StepMask) -> Tensor<4> {
        let [_, _, steps, rows, columns] = features.dims();
        let weights = mask.of_series(self.collapse, [steps, rows, columns], &features.device());
        let weights = match &self.attention {
            None => weights,
            Some(attention) => {
                // Dates that did not see the pixel take no part in the softmax.
                let bias = weights.equal_elem(0.0).float() * -1e9;
                softmax(attention.forward(features.clone()) + bias, 2)
            }
        };
        (convolve(&self.head, None, Rectifier::None, features) * weights).sum_dim(2).squeeze_dim(2)
    }

    /// The same network for inference, with each normalisation folded into its convolution.
    pub(crate) fn fold(self) -> Self {
        Self {
            encoder: self.encoder.into_iter().map(DoubleConv::fold).collect(),
            centre_in: self.centre_in.fold(),
            centre_out: self.centre_out.fold(),
            up: self.up.into_iter().map(UpConv::fold).collect(),
            decoder: self.decoder.into_iter().map(DoubleConv::fold).collect(),
            ..self
        }
    }
}
