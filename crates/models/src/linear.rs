//! A linear layer whose weights lie as PyTorch's do.

use burn::module::{Initializer, Module, Param};
use burn::tensor::module::linear;
use burn::tensor::{Device, Tensor};

use crate::Parameters;
use crate::batch_norm::BatchNorm;
use crate::layers::folded;

/// `y = W x + b` along the last axis.
#[derive(Module, Debug)]
pub(crate) struct Linear {
    /// `[output, input]`.
    pub(crate) weight: Param<Tensor<2>>,
    pub(crate) bias: Param<Tensor<1>>,
}

impl Linear {
    /// All weights 0, until [`crate::init`] draws them.
    pub(crate) fn new([input, output]: [usize; 2], device: &Device) -> Self {
        Self {
            weight: Initializer::Zeros.init([output, input], device),
            bias: Initializer::Zeros.init([output], device),
        }
    }

    pub(crate) const fn parameters(channels: [usize; 2]) -> Parameters {
        Parameters::conv(channels, 1)
    }

    /// `[.., input]` to `[.., output]`.
    pub(crate) fn forward<const D: usize>(&self, x: Tensor<D>) -> Tensor<D> {
        linear(x, self.weight.val().transpose(), Some(self.bias.val()))
    }

    /// With a normalisation that follows folded in.
    pub(crate) fn fold(mut self, norm: &BatchNorm) -> Self {
        (self.weight, self.bias) = folded(norm, &self.weight, Some(&self.bias), 0);
        self
    }
}
