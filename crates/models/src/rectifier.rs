//! What follows a convolution.

use burn::tensor::Tensor;
use burn::tensor::activation::{leaky_relu, relu};

/// Which one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Rectifier {
    /// Nothing.
    None,
    /// 0 below 0.
    Plain,
    /// A slope of .01 below 0 (PyTorch's default).
    Leaky,
}

impl Rectifier {
    pub(crate) fn apply<const D: usize>(self, x: Tensor<D>) -> Tensor<D> {
        match self {
            Rectifier::None => x,
            Rectifier::Plain => relu(x),
            Rectifier::Leaky => leaky_relu(x, 0.01),
        }
    }
}
