//! Convolution blocks as one operation, on the backends that have kernels for them.
//!
//! burn 0.22 composes the gradients of a convolution from further convolutions (of groups one by one), and a
//! normalisation from single steps. Here a block is one operation to burn; `flex` runs it on this project's kernels, libtorch
//! on its own. The results are the same to rounding.
#![cfg_attr(
    feature = "tch",
    expect(deprecated, reason = "burn names libtorch deprecated; it is an option of this version")
)]

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Dispatch, backend_extension};
use burn::module::Param;
use burn::tensor::{Device, Tensor};
use ecotone_kernels::Way;

use crate::batch_norm::BatchNorm;
use crate::rectifier::Rectifier;

/// A convolution's weights, and how it goes over its input.
pub(crate) struct Kernel<'a, const D: usize> {
    pub(crate) weight: &'a Param<Tensor<D>>,
    pub(crate) bias: Option<&'a Param<Tensor<1>>>,
    pub(crate) way: Way,
}

impl<const D: usize> Kernel<'_, D> {
    /// Weight and bias, which is 0 where there is none.
    fn operands(&self, device: &Device) -> (Tensor<D>, Tensor<1>) {
        let shape = self.weight.dims();
        let outputs = if self.way.added.is_some() { shape[1] * self.way.groups } else { shape[0] };
        let none = || Tensor::zeros([outputs], device);
        (self.weight.val(), self.bias.map_or_else(none, Param::val))
    }
}

/// Whether the backend of `x` has blocks.
pub(crate) fn runs<const D: usize>(x: &Tensor<D>) -> bool {
    let device = x.device();
    #[cfg(feature = "flex")]
    if device == Device::flex() {
        return true;
    }
    #[cfg(feature = "tch")]
    #[expect(deprecated, reason = "libtorch is an option of this burn version")]
    if [Device::libtorch(), Device::libtorch_cuda(0)].contains(&device) {
        return true;
    }
    false
}

/// Convolution, normalisation by the batch's statistics (which are kept as `norm` would), rectifier.
pub(crate) fn block<const D: usize>(
    x: Tensor<D>,
    kernel: Kernel<'_, D>,
    norm: &BatchNorm,
    rectifier: Rectifier,
) -> Tensor<D> {
    let (weight, bias) = kernel.operands(&x.device());
    let (output, mean, variance) = Dispatch::block(
        x.into_dispatch(),
        weight.into_dispatch(),
        bias.into_dispatch(),
        norm.gamma.val().into_dispatch(),
        norm.beta.val().into_dispatch(),
        Pass { way: kernel.way, rectifier },
        norm.epsilon,
    );
    norm.observe(Tensor::from_dispatch(mean), Tensor::from_dispatch(variance));
    Tensor::from_dispatch(output)
}

/// Convolution and rectifier.
pub(crate) fn convolution<const D: usize>(
    x: Tensor<D>,
    kernel: Kernel<'_, D>,
    rectifier: Rectifier,
) -> Tensor<D> {
    let (weight, bias) = kernel.operands(&x.device());
    let (x, weight, bias) = (x.into_dispatch(), weight.into_dispatch(), bias.into_dispatch());
    Tensor::from_dispatch(Dispatch::convolution(x, weight, bias, Pass { way: kernel.way, rectifier }))
}

/// What a block does but for normalising.
#[derive(Debug, Clone)]
pub(crate) struct Pass {
    pub(crate) way: Way,
    pub(crate) rectifier: Rectifier,
}

/// Blocks around a convolution.
#[backend_extension(Flex: cfg(feature = "flex"), LibTorch: cfg(feature = "tch"), Autodiff)]
pub(crate) trait Blocks: Backend {
    /// Convolution with bias, and the rectifier.
    fn convolution(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        pass: Pass,
    ) -> FloatTensor<Self>;

    /// Convolution with bias, normalisation by the batch's statistics, rectifier; and the statistics: mean and
    /// biased variance of each channel.
    fn block(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        pass: Pass,
        epsilon: f64,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);
}
