//! The U-Net baseline of DeepForest: 6x6 kernels, six levels, and a decoder that widens on its way up.
//!
//! As published, the first decoder level joins the bottom with itself and the finest skip is unused.

use burn::module::{Initializer, Module};
use burn::nn::conv::{ConvTranspose2d, ConvTranspose2dConfig};
use burn::tensor::{Device, Tensor};

use super::config::DeepForestUNetConfig;
use crate::architecture::Architecture;
use crate::chance::Chance;
use crate::channels::{join, max_pool};
use crate::conv2d::{ConvBlock, Kernel, Norm};
use crate::convolution::convolve;
use crate::dates::{StackedRadar, one_picture_or_each_date};
use crate::init::Scheme;
use crate::kept;
use crate::rectifier::Rectifier;
use crate::{InputRules, Parameters, StepMask};

/// The network; see the module's text.
#[derive(Module, Debug)]
pub(crate) struct DeepForestUNet {
    /// Finest first: a convolution and one of dilation 2 each.
    encoder: Vec<Vec<ConvBlock>>,
    /// Coarsest first, as `up`.
    decoder: Vec<ConvBlock>,
    up: Vec<ConvTranspose2d>,
    head: ConvTranspose2d,
    #[module(skip)]
    stacked: Option<StackedRadar>,
}

/// The two convolutions of each encoder level.
fn encoder(config: &DeepForestUNetConfig) -> Vec<[Kernel; 2]> {
    let mut channels = config.stacked().map_or(config.channels, StackedRadar::channels);
    let level = |factor: usize| {
        let width = factor * config.width;
        let kernels = [Kernel::new([channels, width], 6), Kernel::new([width; 2], 6).dilation(2)];
        channels = width;
        kernels
    };
    [1, 4, 4, 8, 8, 16].map(level).to_vec()
}

/// Channels before and after the convolution of each decoder level.
fn decoder(config: &DeepForestUNetConfig) -> [[usize; 2]; 5] {
    [[32, 4], [12, 4], [12, 8], [12, 8], [12, 16]].map(|pair| pair.map(|factor| factor * config.width))
}

/// A transposed 6x6 convolution that multiplies rows and columns by `stride`; of stride 1, it adds one row
/// and one column at the end.
fn transposed(channels: [usize; 2], stride: usize, device: &Device) -> ConvTranspose2d {
    ConvTranspose2dConfig::new(channels, [6, 6])
        .with_stride([stride; 2])
        .with_padding([2, 2])
        .with_initializer(Initializer::Zeros)
        .init(device)
}

impl DeepForestUNet {
    /// The linear class map `[n, class, y, x]` of pictures `[n, channel, y, x]`.
    pub(super) fn picture(&self, picture: Tensor<4>) -> Tensor<4> {
        let [_, _, rows, columns] = picture.dims();
        let mut x = picture;
        let mut skips = Vec::with_capacity(self.encoder.len());
        for (place, level) in self.encoder.iter().enumerate() {
            if place > 0 {
                x = max_pool(x, 2, 2, 0);
            }
            x = level.iter().fold(x, |x, conv| conv.forward(x));
            skips.push(x.clone());
        }
        for ((conv, up), skip) in self.decoder.iter().zip(&self.up).zip(skips.into_iter().rev()) {
            x = convolve(up, None, Rectifier::None, conv.forward(join(x, skip)));
        }
        convolve(&self.head, None, Rectifier::None, x).narrow(2, 0, rows).narrow(3, 0, columns)
    }

    pub(super) fn fold(self) -> Self {
        let fold = |level: Vec<ConvBlock>| level.into_iter().map(ConvBlock::fold).collect();
        Self { encoder: self.encoder.into_iter().map(fold).collect(), ..self }
    }
}

impl Architecture for DeepForestUNet {
    type Config = DeepForestUNetConfig;

    const SOURCE: &'static str = "U-Net baseline of DeepForest";

    const INIT: Scheme = Scheme::Glorot;

    fn rules(config: &DeepForestUNetConfig) -> InputRules {
        config.rules()
    }

    fn parameters(config: &DeepForestUNetConfig) -> Parameters {
        let encoder = encoder(config).into_iter().flatten().map(Kernel::normalised_parameters);
        let decoder = decoder(config)
            .map(|[from, to]| Parameters::conv([from, to], 36) + Parameters::conv([to, to], 36));
        let head = Parameters::conv([16 * config.width, config.classes], 36);
        encoder.chain(decoder).sum::<Parameters>() + head
    }

    fn kept(config: &Self::Config, steps: usize) -> f64 {
        let width = |factor: usize| factor * config.width;
        let encoder = [1, 4, 4, 8, 8, 16].into_iter().enumerate();
        let encoder =
            encoder.map(|(level, factor)| 2.0 * kept::normalised(width(factor)) * kept::area(level));
        let decoder = decoder(config).into_iter().enumerate().map(|(place, [from, to])| {
            (kept::linear(from) + kept::rectified(to) + kept::ups(&[to, to], 1.0)) * kept::area(5 - place)
        });
        let pictures = if config.stack_radar { 1.0 } else { steps as f64 };
        pictures * (encoder.chain(decoder).sum::<f64>() + kept::rectified(config.classes))
    }

    fn build(config: &DeepForestUNetConfig, device: &Device) -> Self {
        let normalised = |kernel: Kernel| kernel.normalised(Norm::KerasFast, true, device);
        let decoder = decoder(config);
        Self {
            encoder: encoder(config).into_iter().map(|level| level.map(normalised).to_vec()).collect(),
            decoder: decoder.map(|channels| Kernel::new(channels, 6).rectified(device)).to_vec(),
            up: decoder.map(|[_, width]| transposed([width; 2], 2, device)).to_vec(),
            head: transposed([16 * config.width, config.classes], 1, device),
            stacked: config.stacked(),
        }
    }

    fn forward(&self, input: Tensor<5>, mask: &StepMask, _chance: &mut Chance) -> Vec<Tensor<4>> {
        vec![one_picture_or_each_date(input, mask, self.stacked, |pictures| self.picture(pictures))]
    }

    fn fold(self) -> Self {
        self.fold()
    }
}
