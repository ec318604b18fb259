//! Convolutions with what may follow them, on the fastest way that the backend has.

use burn::nn::conv::{Conv1d, Conv2d, Conv3d, ConvTranspose2d, ConvTranspose3d};
use burn::tensor::Tensor;

use crate::batch_norm::BatchNorm;
#[cfg(any(feature = "flex", feature = "tch"))]
use crate::blocks::{self, Kernel};
use crate::rectifier::Rectifier;
#[cfg(any(feature = "flex", feature = "tch"))]
use crate::way::{Padding as _, straight, transposed};

/// A convolution along one, two or three axes: burn's of that kind.
pub(crate) trait Convolution<const D: usize> {
    /// The convolution alone, by burn.
    fn by_burn(&self, x: Tensor<D>) -> Tensor<D>;

    /// How a kernel does the same; none where padding hangs on the input.
    #[cfg(any(feature = "flex", feature = "tch"))]
    fn kernel(&self) -> Option<Kernel<'_, D>>;
}

/// The convolution of `x` `[n, channel, …]`, batch normalisation if there is one, and the rectifier.
pub(crate) fn convolve<const D: usize>(
    conv: &impl Convolution<D>,
    norm: Option<&BatchNorm>,
    rectifier: Rectifier,
    x: Tensor<D>,
) -> Tensor<D> {
    #[cfg(any(feature = "flex", feature = "tch"))]
    if let Some(kernel) = conv.kernel().filter(|_| blocks::runs(&x)) {
        return match norm {
            None => blocks::convolution(x, kernel, rectifier),
            Some(norm) if x.is_autodiff() => blocks::block(x, kernel, norm, rectifier),
            Some(norm) => rectifier.apply(norm.forward(blocks::convolution(x, kernel, Rectifier::None))),
        };
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

            #[cfg(any(feature = "flex", feature = "tch"))]
            fn kernel(&self) -> Option<Kernel<'_, $d>> {
                let $this = self;
                Some(Kernel { weight: &self.weight, bias: self.bias.as_ref(), way: $way })
            }
        }
    )*};
}

convolutions! {
    Conv1d<3>: |conv| straight(
        [conv.kernel_size], [conv.stride], conv.padding.sides()?, [conv.dilation], conv.groups,
    );
    Conv2d<4>: |conv| straight(
        conv.kernel_size, conv.stride, conv.padding.sides()?, conv.dilation, conv.groups,
    );
    Conv3d<5>: |conv| straight(
        conv.kernel_size, conv.stride, conv.padding.sides()?, conv.dilation, conv.groups,
    );
    ConvTranspose2d<4>: |conv| transposed(
        conv.kernel_size, conv.stride, conv.padding, conv.dilation, conv.groups, conv.padding_out,
    );
    ConvTranspose3d<5>: |conv| transposed(
        conv.kernel_size, conv.stride, conv.padding, conv.dilation, conv.groups, conv.padding_out,
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::{assert_close, cpu_devices, gradients};
    use crate::parity::{filled, picture};
    use crate::state::{self, to_host};
    use burn::module::{Module, ModuleDisplay};
    use burn::nn::conv::{
        Conv1dConfig, Conv2dConfig, Conv3dConfig, ConvTranspose2dConfig, ConvTranspose3dConfig,
    };
    use burn::nn::{PaddingConfig1d, PaddingConfig2d, PaddingConfig3d};
    use burn::optim::GradientsParams;
    use burn::tensor::Device;

    /// A convolution that gives 6 channels, and its normalisation.
    #[derive(Module, Debug)]
    struct Layer<C> {
        conv: C,
        norm: Option<BatchNorm>,
    }

    /// Output, gradients by name, that of the input, and statistics after a step of training, in one row.
    fn step<const D: usize, C: Convolution<D> + Module + ModuleDisplay>(
        layer: &Layer<C>,
        x: &Tensor<D>,
        forward: impl Fn(&Layer<C>, Tensor<D>) -> Tensor<D>,
    ) -> Vec<f32> {
        let x = x.clone().require_grad();
        let output = forward(layer, x.clone());
        let weights = picture("weights", output.dims(), &x.device());
        let found = (output.clone() * weights).sum().backward();
        let mut row = to_host(output);
        row.extend(to_host(x.grad(&found).unwrap()));
        let found = gradients(layer, &GradientsParams::from_grads(found, layer));
        row.extend(found.values().flat_map(|gradient| &gradient.values));
        row.extend(state::read(layer).values().flat_map(|tensor| &tensor.values));
        row
    }

    #[track_caller]
    fn is_burns<const D: usize, C: Convolution<D> + Module + ModuleDisplay>(
        conv: impl Fn(&Device) -> C,
        shape: [usize; D],
    ) {
        for device in cpu_devices().map(|device| device.autodiff()) {
            let x = picture::<D>("input", shape, &device);
            for normalised in [false, true] {
                for rectifier in [Rectifier::None, Rectifier::Plain, Rectifier::Leaky] {
                    let layer = || {
                        let norm = normalised.then(|| BatchNorm::new(6, &device));
                        filled(Layer { conv: conv(&device), norm })
                    };
                    let found = step(&layer(), &x, |layer, x| {
                        convolve(&layer.conv, layer.norm.as_ref(), rectifier, x)
                    });
                    let expected = step(&layer(), &x, |layer, x| {
                        let x = layer.conv.by_burn(x);
                        rectifier.apply(match &layer.norm {
                            Some(norm) => norm.forward(x),
                            None => x,
                        })
                    });
                    assert_close(&found, &expected, 1e-3);
                }
            }
        }
    }

    #[test]
    fn every_way_over_the_input_is_burns() {
        let uneven = PaddingConfig2d::Explicit(2, 2, 3, 3);
        let pictures =
            || Conv2dConfig::new([6, 6], [3, 3]).with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1));
        is_burns(
            |device| Conv1dConfig::new(4, 6, 4).with_padding(PaddingConfig1d::Explicit(1, 2)).init(device),
            [2, 4, 9],
        );
        is_burns(|device| pictures().with_groups(6).with_bias(false).init(device), [2, 6, 7, 5]);
        is_burns(|device| pictures().with_stride([2, 2]).with_dilation([1, 2]).init(device), [2, 6, 7, 6]);
        is_burns(
            |device| Conv2dConfig::new([4, 6], [6, 6]).with_padding(uneven.clone()).init(device),
            [2, 4, 6, 7],
        );
        is_burns(
            |device| {
                Conv3dConfig::new([3, 6], [3, 3, 3])
                    .with_padding(PaddingConfig3d::Explicit(1, 1, 1))
                    .init(device)
            },
            [1, 3, 4, 5, 3],
        );
        is_burns(
            |device| {
                ConvTranspose2dConfig::new([4, 6], [4, 4])
                    .with_stride([2, 2])
                    .with_padding([1, 1])
                    .init(device)
            },
            [2, 4, 3, 5],
        );
        is_burns(
            |device| {
                ConvTranspose3dConfig::new([3, 6], [3, 3, 3])
                    .with_stride([2, 2, 2])
                    .with_padding([1, 1, 1])
                    .with_padding_out([1, 1, 1])
                    .init(device)
            },
            [1, 3, 2, 3, 4],
        );
    }
}
