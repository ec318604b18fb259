//! Convolutions with what may follow them, on the fastest way that the backend has.

use burn::nn::BatchNorm;
use burn::nn::conv::{Conv1d, Conv2d, Conv3d, ConvTranspose2d, ConvTranspose3d};
use burn::tensor::Tensor;
use burn::tensor::activation::{leaky_relu, relu};

#[cfg(feature = "tch")]
use crate::torch::{self, Padding as _, Way};

/// A convolution along one, two or three axes: burn's of that kind.
pub(crate) trait Convolution<const D: usize> {
    /// The convolution alone, by burn.
    fn by_burn(&self, x: Tensor<D>) -> Tensor<D>;

    /// How libtorch does the same; none if it cannot in one call.
    #[cfg(feature = "tch")]
    fn for_torch(&self) -> Option<torch::Kernel<'_, D>>;
}

/// What follows a convolution.
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
    fn apply<const D: usize>(self, x: Tensor<D>) -> Tensor<D> {
        match self {
            Rectifier::None => x,
            Rectifier::Plain => relu(x),
            Rectifier::Leaky => leaky_relu(x, 0.01),
        }
    }
}

/// The convolution of `x` `[n, channel, …]`, batch normalisation if there is one, and the rectifier.
pub(crate) fn convolve<const D: usize>(
    conv: &impl Convolution<D>,
    norm: Option<&BatchNorm>,
    rectifier: Rectifier,
    x: Tensor<D>,
) -> Tensor<D> {
    #[cfg(feature = "tch")]
    if let Some(kernel) = conv.for_torch().filter(|_| torch::runs(&x)) {
        match norm {
            None => return torch::convolution(x, kernel, rectifier),
            Some(norm) if x.is_autodiff() => return torch::block(x, kernel, norm, rectifier),
            Some(norm) => {
                return rectifier.apply(norm.forward(torch::convolution(x, kernel, Rectifier::None)));
            }
        }
    }
    let x = conv.by_burn(x);
    rectifier.apply(match norm {
        Some(norm) => norm.forward(x),
        None => x,
    })
}

macro_rules! convolutions {
    ($($conv:ident<$d:literal>: |$this:ident| $way:expr;)*) => {$(
        impl Convolution<$d> for $conv {
            fn by_burn(&self, x: Tensor<$d>) -> Tensor<$d> {
                self.forward(x)
            }

            #[cfg(feature = "tch")]
            fn for_torch(&self) -> Option<torch::Kernel<'_, $d>> {
                let $this = self;
                Some(torch::Kernel { weight: &self.weight, bias: self.bias.as_ref(), way: $way })
            }
        }
    )*};
}

convolutions! {
    Conv1d<3>: |conv| Way::straight([conv.stride], conv.padding.sides()?, [conv.dilation], conv.groups);
    Conv2d<4>: |conv| Way::straight(conv.stride, conv.padding.sides()?, conv.dilation, conv.groups);
    Conv3d<5>: |conv| Way::straight(conv.stride, conv.padding.sides()?, conv.dilation, conv.groups);
    ConvTranspose2d<4>: |conv|
        Way::transposed(conv.stride, conv.padding, conv.dilation, conv.groups, conv.padding_out);
    ConvTranspose3d<5>: |conv|
        Way::transposed(conv.stride, conv.padding, conv.dilation, conv.groups, conv.padding_out);
}
