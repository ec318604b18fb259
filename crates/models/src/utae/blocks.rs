//! Convolutions of the U-TAE: mirrored borders, group normalisation on the way down, batch normalisation on
//! the way up.

use burn::module::{Initializer, Module};
use burn::nn::conv::{Conv2d, Conv2dConfig, ConvTranspose2d, ConvTranspose2dConfig};
use burn::nn::{GroupNorm, GroupNormConfig};
use burn::tensor::activation::relu;
use burn::tensor::ops::PadMode;
use burn::tensor::{Device, Tensor};

use super::config::GROUPS;
use crate::Parameters;
use crate::batch_norm::BatchNorm;
use crate::channels::{channels_first, join};
use crate::convolution::convolve;
use crate::kept;
use crate::layers::folded;
use crate::rectifier::Rectifier;

/// What follows a convolution, before the rectifier.
#[derive(Module, Debug)]
enum Norm {
    Group(GroupNorm),
    Batch(BatchNorm),
}

/// Convolution, normalisation, rectifier.
#[derive(Module, Debug)]
pub(super) struct Conv {
    conv: Conv2d,
    /// Absent once folded into the convolution.
    norm: Option<Norm>,
}

impl Conv {
    /// On the way down: `size` x `size` with group normalisation.
    pub(super) fn grouped(channels: [usize; 2], [size, stride]: [usize; 2], device: &Device) -> Self {
        let norm = GroupNormConfig::new(GROUPS, channels[1]).init(device);
        Self { conv: conv(channels, [size, stride], device), norm: Some(Norm::Group(norm)) }
    }

    /// On the way up: `size` x `size` with batch normalisation.
    pub(super) fn batched(channels: [usize; 2], size: usize, device: &Device) -> Self {
        let norm = BatchNorm::new(channels[1], device);
        Self { conv: conv(channels, [size, 1], device), norm: Some(Norm::Batch(norm)) }
    }

    pub(super) fn grouped_parameters(channels: [usize; 2], size: usize) -> Parameters {
        Parameters::conv(channels, size * size) + Parameters::trained(2 * channels[1])
    }

    pub(super) fn batched_parameters(channels: [usize; 2], size: usize) -> Parameters {
        Parameters::conv(channels, size * size) + Parameters::norm(channels[1])
    }

    pub(super) fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let x = if self.conv.kernel_size[0] > 1 { mirrored(x) } else { x };
        match &self.norm {
            Some(Norm::Group(norm)) => {
                relu(norm.forward(channels_first(convolve(&self.conv, None, Rectifier::None, x))))
            }
            Some(Norm::Batch(norm)) => channels_first(convolve(&self.conv, Some(norm), Rectifier::Plain, x)),
            None => channels_first(convolve(&self.conv, None, Rectifier::Plain, x)),
        }
    }

    pub(super) fn fold(mut self) -> Self {
        if let Some(Norm::Batch(norm)) = &self.norm {
            let (weight, bias) = folded(norm, &self.conv.weight, self.conv.bias.as_ref(), 0);
            self.conv.weight = weight;
            self.conv.bias = Some(bias);
            self.norm = None;
        }
        self
    }
}

fn conv(channels: [usize; 2], [size, stride]: [usize; 2], device: &Device) -> Conv2d {
    Conv2dConfig::new(channels, [size; 2])
        .with_stride([stride; 2])
        .with_initializer(Initializer::Zeros)
        .init(device)
}

/// One more row and column on each side, mirrored at the border; repeated where there is but one.
fn mirrored(x: Tensor<4>) -> Tensor<4> {
    let [_, _, rows, columns] = x.dims();
    let mode = |length| if length > 1 { PadMode::Reflect } else { PadMode::Edge };
    x.pad([(1, 1), (0, 0)], mode(rows)).pad([(0, 0), (1, 1)], mode(columns))
}

/// A step down: half the rows and columns, then two convolutions, the second beside a shortcut.
#[derive(Module, Debug)]
pub(super) struct Down {
    halve: Conv,
    first: Conv,
    second: Conv,
}

impl Down {
    pub(super) fn new([input, output]: [usize; 2], device: &Device) -> Self {
        Self {
            halve: Conv::grouped([input, input], [4, 2], device),
            first: Conv::grouped([input, output], [3, 1], device),
            second: Conv::grouped([output, output], [3, 1], device),
        }
    }

    /// As [`crate::architecture::Architecture::kept`], of its output's pixels; borders are copied with the features.
    pub(super) fn kept([input, output]: [usize; 2]) -> f64 {
        let halve = 4.0 * kept::linear(input) + kept::normalised(input);
        halve + kept::linear(input) + 2.0 * (kept::normalised(output) + kept::linear(output))
    }

    pub(super) fn parameters([input, output]: [usize; 2]) -> Parameters {
        Conv::grouped_parameters([input, input], 4)
            + Conv::grouped_parameters([input, output], 3)
            + Conv::grouped_parameters([output, output], 3)
    }

    pub(super) fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let x = self.first.forward(self.halve.forward(x));
        x.clone() + self.second.forward(x)
    }
}

/// A step up: twice the rows and columns, beside the encoder's features, then as in [`Down`].
#[derive(Module, Debug)]
pub(super) struct Up {
    skip: Conv,
    double: ConvTranspose2d,
    /// Absent once folded into the transposed convolution.
    double_norm: Option<BatchNorm>,
    first: Conv,
    second: Conv,
}

impl Up {
    /// `skip` is the width of the encoder's features.
    pub(super) fn new([input, output]: [usize; 2], skip: usize, device: &Device) -> Self {
        let double = ConvTranspose2dConfig::new([input, output], [4, 4])
            .with_stride([2, 2])
            .with_padding([1, 1])
            .with_initializer(Initializer::Zeros)
            .init(device);
        Self {
            skip: Conv::batched([skip, skip], 1, device),
            double,
            double_norm: Some(BatchNorm::new(output, device)),
            first: Conv::batched([output + skip, output], 3, device),
            second: Conv::batched([output, output], 3, device),
        }
    }

    /// As [`crate::architecture::Architecture::kept`], of its output's pixels.
    pub(super) fn kept([_, output]: [usize; 2], skip: usize) -> f64 {
        let joined = 2.0 * kept::linear(output + skip);
        kept::normalised(skip) + 3.0 * kept::normalised(output) + joined + 2.0 * kept::linear(output)
    }

    pub(super) fn parameters([input, output]: [usize; 2], skip: usize) -> Parameters {
        Conv::batched_parameters([skip, skip], 1)
            + Conv::batched_parameters([input, output], 4)
            + Conv::batched_parameters([output + skip, output], 3)
            + Conv::batched_parameters([output, output], 3)
    }

    pub(super) fn forward(&self, x: Tensor<4>, skip: Tensor<4>) -> Tensor<4> {
        let x = convolve(&self.double, self.double_norm.as_ref(), Rectifier::Plain, x);
        let x = self.first.forward(join(x, self.skip.forward(skip)));
        x.clone() + self.second.forward(x)
    }

    pub(super) fn fold(mut self) -> Self {
        if let Some(norm) = self.double_norm.take() {
            let (weight, bias) = folded(&norm, &self.double.weight, self.double.bias.as_ref(), 1);
            self.double.weight = weight;
            self.double.bias = Some(bias);
        }
        Self { skip: self.skip.fold(), first: self.first.fold(), second: self.second.fold(), ..self }
    }
}
