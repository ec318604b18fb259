//! Blocks that networks share: convolution with batch normalisation.

use burn::module::{Initializer, Module, Param};
use burn::nn::PaddingConfig3d;
use burn::nn::conv::{Conv3d, Conv3dConfig, ConvTranspose3d, ConvTranspose3dConfig};
use burn::tensor::{Device, Tensor};

use crate::batch_norm::BatchNorm;
use crate::convolution::convolve;
use crate::rectifier::Rectifier;

/// A 3x3x3 convolution that keeps the size, with bias; all weights 0 until [`crate::init`] draws them.
pub(crate) fn conv3(channels: [usize; 2], device: &Device) -> Conv3d {
    Conv3dConfig::new(channels, [3, 3, 3])
        .with_padding(PaddingConfig3d::Explicit(1, 1, 1))
        .with_initializer(Initializer::Zeros)
        .init(device)
}

/// Convolution 3x3x3, batch normalisation, leaky rectifier.
#[derive(Module, Debug)]
pub(crate) struct ConvNorm {
    pub(crate) conv: Conv3d,
    /// Absent once folded into the convolution.
    pub(crate) norm: Option<BatchNorm>,
}

impl ConvNorm {
    pub(crate) fn new(channels: [usize; 2], device: &Device) -> Self {
        Self { conv: conv3(channels, device), norm: Some(BatchNorm::new(channels[1], device)) }
    }

    pub(crate) fn forward(&self, x: Tensor<5>) -> Tensor<5> {
        convolve(&self.conv, self.norm.as_ref(), Rectifier::Leaky, x)
    }

    pub(crate) fn fold(mut self) -> Self {
        fold_norm(&mut self.norm, &mut self.conv.weight, &mut self.conv.bias, 0);
        self
    }
}

/// Two [`ConvNorm`] in a row.
#[derive(Module, Debug)]
pub(crate) struct DoubleConv {
    pub(crate) first: ConvNorm,
    pub(crate) second: ConvNorm,
}

impl DoubleConv {
    pub(crate) fn new([input, middle, output]: [usize; 3], device: &Device) -> Self {
        Self {
            first: ConvNorm::new([input, middle], device),
            second: ConvNorm::new([middle, output], device),
        }
    }

    pub(crate) fn forward(&self, x: Tensor<5>) -> Tensor<5> {
        self.second.forward(self.first.forward(x))
    }

    pub(crate) fn fold(self) -> Self {
        Self { first: self.first.fold(), second: self.second.fold() }
    }
}

/// Transposed convolution 3x3x3 that doubles time, rows and columns.
#[derive(Module, Debug)]
pub(crate) struct UpConv {
    pub(crate) conv: ConvTranspose3d,
    norm: Option<BatchNorm>,
    /// Whether batch normalisation and the rectifier follow.
    activated: bool,
}

impl UpConv {
    pub(crate) fn new(channels: [usize; 2], activated: bool, device: &Device) -> Self {
        let conv = ConvTranspose3dConfig::new(channels, [3, 3, 3])
            .with_stride([2, 2, 2])
            .with_padding([1, 1, 1])
            .with_padding_out([1, 1, 1])
            .with_initializer(Initializer::Zeros)
            .init(device);
        let norm = activated.then(|| BatchNorm::new(channels[1], device));
        Self { conv, norm, activated }
    }

    pub(crate) fn forward(&self, x: Tensor<5>) -> Tensor<5> {
        let rectifier = if self.activated { Rectifier::Leaky } else { Rectifier::None };
        convolve(&self.conv, self.norm.as_ref(), rectifier, x)
    }

    pub(crate) fn fold(mut self) -> Self {
        fold_norm(&mut self.norm, &mut self.conv.weight, &mut self.conv.bias, 1);
        self
    }
}

/// Takes the trained normalisation after a convolution, where there is one, into its weights and bias.
/// `axis` is that of the output channels in `weight`.
pub(crate) fn fold_norm<const D: usize>(
    norm: &mut Option<BatchNorm>,
    weight: &mut Param<Tensor<D>>,
    bias: &mut Option<Param<Tensor<1>>>,
    axis: usize,
) {
    if let Some(norm) = norm.take() {
        let (new_weight, new_bias) = folded(&norm, weight, bias.as_ref(), axis);
        (*weight, *bias) = (new_weight, Some(new_bias));
    }
}

/// The weights and bias of a convolution that does what convolution and trained normalisation did.
/// `axis` is that of the output channels in `weight`.
pub(crate) fn folded<const D: usize>(
    norm: &BatchNorm,
    weight: &Param<Tensor<D>>,
    bias: Option<&Param<Tensor<1>>>,
    axis: usize,
) -> (Param<Tensor<D>>, Param<Tensor<1>>) {
    let mean = norm.running_mean.value_sync();
    let scale = norm.gamma.val() / (norm.running_var.value_sync() + norm.epsilon).sqrt();
    let mut shape = [1; D];
    shape[axis] = scale.dims()[0];
    let offset = match bias {
        Some(bias) => bias.val() - mean,
        None => -mean,
    };
    let bias = offset * scale.clone() + norm.beta.val();
    (Param::from_tensor(weight.val() * scale.reshape(shape)), Param::from_tensor(bias))
}
