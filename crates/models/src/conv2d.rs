//! Convolutions over rows and columns with what follows them, and bilinear enlargement.

use burn::module::{Initializer, Module};
use burn::nn::PaddingConfig2d;
use burn::nn::conv::{Conv2d, Conv2dConfig, ConvTranspose2d, ConvTranspose2dConfig};
use burn::tensor::{Device, Tensor, TensorData};

use crate::Parameters;
use crate::batch_norm::BatchNorm;
use crate::convolution::convolve;
use crate::layers::fold_norm;
use crate::rectifier::Rectifier;

/// How a batch normalisation is set up: what a new batch counts is meant among many, see [`crate::batch_norm`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Norm {
    /// PyTorch's defaults: epsilon 1e-5, the new batch counts .1 in the running statistics.
    Torch,
    /// Epsilon 1e-3, the new batch counts .01 (which Keras calls a momentum of .99).
    Keras,
    /// Epsilon 1e-3, the new batch counts .1 (a momentum of .9).
    KerasFast,
}

impl Norm {
    pub(crate) fn build(self, channels: usize, device: &Device) -> BatchNorm {
        match self {
            Norm::Torch => BatchNorm::new(channels, device),
            Norm::Keras => BatchNorm::with([1e-3, 0.01], channels, device),
            Norm::KerasFast => BatchNorm::with([1e-3, 0.1], channels, device),
        }
    }
}

/// The shape of a convolution that keeps the size: padded evenly, an odd one out at the end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kernel {
    channels: [usize; 2],
    size: usize,
    stride: usize,
    dilation: usize,
    bias: bool,
    groups: usize,
}

impl Kernel {
    pub(crate) const fn new(channels: [usize; 2], size: usize) -> Self {
        Self { channels, size, stride: 1, dilation: 1, bias: true, groups: 1 }
    }

    /// Each `stride`-th output only.
    pub(crate) const fn stride(self, stride: usize) -> Self {
        Self { stride, ..self }
    }

    pub(crate) const fn dilation(self, dilation: usize) -> Self {
        Self { dilation, ..self }
    }

    pub(crate) const fn without_bias(self) -> Self {
        Self { bias: false, ..self }
    }

    /// Each channel for itself.
    pub(crate) const fn depthwise(self) -> Self {
        Self { groups: self.channels[0], ..self }
    }

    /// The convolution alone.
    pub(crate) fn linear(self, device: &Device) -> ConvBlock {
        ConvBlock { conv: self.conv(device), norm: None, rectified: false }
    }

    /// Followed by a rectifier.
    pub(crate) fn rectified(self, device: &Device) -> ConvBlock {
        ConvBlock { conv: self.conv(device), norm: None, rectified: true }
    }

    /// Followed by batch normalisation, and the rectifier if `rectified`.
    pub(crate) fn normalised(self, norm: Norm, rectified: bool, device: &Device) -> ConvBlock {
        ConvBlock { conv: self.conv(device), norm: Some(norm.build(self.channels[1], device)), rectified }
    }

    /// Its weights and biases.
    pub(crate) const fn parameters(self) -> Parameters {
        let [from, to] = self.channels;
        Parameters::trained(from / self.groups * to * self.size * self.size + if self.bias { to } else { 0 })
    }

    /// With the batch normalisation that follows.
    pub(crate) fn normalised_parameters(self) -> Parameters {
        self.parameters() + Parameters::norm(self.channels[1])
    }

    fn conv(self, device: &Device) -> Conv2d {
        let reach = self.dilation * (self.size - 1);
        let (before, after) = (reach / 2, reach - reach / 2);
        Conv2dConfig::new(self.channels, [self.size; 2])
            .with_stride([self.stride; 2])
            .with_dilation([self.dilation; 2])
            .with_padding(PaddingConfig2d::Explicit(before, before, after, after))
            .with_bias(self.bias)
            .with_groups(self.groups)
            .with_initializer(Initializer::Zeros)
            .init(device)
    }
}

/// A convolution, and the batch normalisation and rectifier that may follow.
#[derive(Module, Debug)]
pub(crate) struct ConvBlock {
    conv: Conv2d,
    /// Absent once folded into the convolution.
    norm: Option<BatchNorm>,
    rectified: bool,
}

impl ConvBlock {
    /// `[n, channel, y, x]` to `[n, channel, y, x]`.
    pub(crate) fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let rectifier = if self.rectified { Rectifier::Plain } else { Rectifier::None };
        convolve(&self.conv, self.norm.as_ref(), rectifier, x)
    }

    pub(crate) fn fold(mut self) -> Self {
        fold_norm(&mut self.norm, &mut self.conv.weight, &mut self.conv.bias, 0);
        self
    }
}

/// Transposed convolutions in a row, 2x2 of stride 2 with bias: each doubles rows and columns.
#[derive(Module, Debug)]
pub(crate) struct Ups {
    convs: Vec<ConvTranspose2d>,
}

impl Ups {
    /// One step between each two of `widths`.
    pub(crate) fn new(widths: &[usize], device: &Device) -> Self {
        let steps = widths.windows(2).map(|pair| {
            ConvTranspose2dConfig::new([pair[0], pair[1]], [2, 2])
                .with_stride([2, 2])
                .with_initializer(Initializer::Zeros)
                .init(device)
        });
        Self { convs: steps.collect() }
    }

    pub(crate) fn parameters(widths: &[usize]) -> Parameters {
        widths.windows(2).map(|pair| Parameters::conv([pair[0], pair[1]], 4)).sum()
    }

    pub(crate) fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        self.convs.iter().fold(x, |x, conv| convolve(conv, None, Rectifier::None, x))
    }
}

/// Enlarges rows and columns `factor` times, bilinearly between pixel centres, the borders repeated
/// (PyTorch's `align_corners=False`). Two products with fixed matrices, which every backend can go back
/// through.
pub(crate) fn enlarge(x: Tensor<4>, factor: usize) -> Tensor<4> {
    let [_, _, rows, columns] = x.dims();
    let device = x.device();
    let along_rows = Tensor::<2>::from_data(between_centres(rows, factor), &device);
    let along_columns = Tensor::<2>::from_data(between_centres(columns, factor), &device).transpose();
    along_rows.unsqueeze::<4>().matmul(x).matmul(along_columns.unsqueeze::<4>())
}

/// The weights `[factor * length, length]` of linear interpolation between pixel centres.
fn between_centres(length: usize, factor: usize) -> TensorData {
    let mut weights = vec![0.0; factor * length * length];
    for (row, weights) in weights.chunks_mut(length).enumerate() {
        let place = ((row as f32 + 0.5) / factor as f32 - 0.5).clamp(0.0, (length - 1) as f32);
        let (before, share) = (place as usize, place.fract());
        weights[before] += 1.0 - share;
        weights[(before + 1).min(length - 1)] += share;
    }
    TensorData::new(weights, [factor * length, length])
}

#[cfg(test)]
#[cfg(feature = "flex")]
mod tests {
    use super::*;
    use crate::state::to_host;

    #[test]
    fn enlarging_goes_evenly_from_centre_to_centre() {
        let x = Tensor::<4>::from_data(TensorData::new(vec![0.0f32, 4.0], [1, 1, 1, 2]), &Device::flex());
        assert_eq!(to_host(enlarge(x, 2)), [0.0, 1.0, 3.0, 4.0, 0.0, 1.0, 3.0, 4.0]);
    }
}
