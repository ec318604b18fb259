//! Pooling, joining and layout of feature maps `[n, channel, …]`.

#[cfg(feature = "flex")]
use burn::tensor::Device;
use burn::tensor::Tensor;
use burn::tensor::module::max_pool2d;
use burn::tensor::ops::MaxPoolOptions;

#[cfg(feature = "flex")]
use crate::{flex, way::straight};

/// The channels of `first`, then those of `second`.
pub(crate) fn join<const D: usize>(first: Tensor<D>, second: Tensor<D>) -> Tensor<D> {
    #[cfg(feature = "flex")]
    if first.device() == Device::flex() {
        return flex::join(first, second);
    }
    Tensor::cat(vec![first, second], 1)
}

/// The same values, laid in memory as what goes over them number by number is fastest.
pub(crate) fn channels_first<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    #[cfg(feature = "flex")]
    if x.device() == Device::flex() {
        return flex::channels_first(x);
    }
    x
}

/// Maximum over boxes of rows and columns, of side `size`, each `stride` from the next. What lies in the `padding` is smaller
/// than any number.
pub(crate) fn max_pool(x: Tensor<4>, size: usize, stride: usize, padding: usize) -> Tensor<4> {
    #[cfg(feature = "flex")]
    if x.device() == Device::flex() {
        return flex::maximum(x, straight([size; 2], [stride; 2], [(padding, padding); 2], [1; 2], 1));
    }
    max_pool2d(x, MaxPoolOptions::new([size; 2]).with_stride([stride; 2]).with_padding([padding; 2]))
}

/// Maximum over 2x2x2 boxes of `[n, channel, time, y, x]`; an odd last step, row or column is dropped.
pub(crate) fn max_pool_2x2x2(x: Tensor<5>) -> Tensor<5> {
    #[cfg(feature = "flex")]
    if x.device() == Device::flex() {
        return flex::maximum(x, straight([2; 3], [2; 3], [(0, 0); 3], [1; 3], 1));
    }
    // Two flat poolings that need no copy: columns and rows with time folded into the channels, then pairs
    // of steps with rows and columns folded together.
    let [n, channels, time, rows, columns] = x.dims();
    let (half_rows, half_columns) = (rows / 2, columns / 2);
    let x = x.reshape([n, channels * time, rows, columns]);
    let x = max_pool(x, 2, 2, 0).reshape([n, channels, time, half_rows * half_columns]);
    let pairs = MaxPoolOptions::new([2, 1]);
    max_pool2d(x, pairs).reshape([n, channels, time / 2, half_rows, half_columns])
}

#[cfg(test)]
#[cfg(feature = "flex")]
mod tests {
    use super::*;
    use crate::oracle::{assert_close, cpu_devices};
    use crate::parity::picture;
    use crate::state::to_host;

    /// Output and gradient.
    fn step<const D: usize>(x: &Tensor<D>, forward: impl Fn(Tensor<D>) -> Tensor<D>) -> Vec<f32> {
        let x = x.clone().require_grad();
        let output = forward(x.clone());
        let weights = picture("weights", output.dims(), &x.device());
        let found = (output.clone() * weights).sum().backward();
        [to_host(output), to_host(x.grad(&found).unwrap())].concat()
    }

    #[test]
    fn pooling_and_joining_are_burns() {
        for device in cpu_devices().map(|device| device.autodiff()) {
            for [size, stride, padding] in [[2, 2, 0], [3, 2, 0], [3, 2, 1]] {
                let x = picture::<4>("input", [2, 5, 8, 7], &device);
                let options =
                    MaxPoolOptions::new([size; 2]).with_stride([stride; 2]).with_padding([padding; 2]);
                let expected = step(&x, |x| max_pool2d(x, options.clone()));
                assert_close(&step(&x, |x| max_pool(x, size, stride, padding)), &expected, 1e-6);
            }
            let x = picture::<5>("input", [2, 3, 5, 6, 7], &device);
            let boxes = |x: Tensor<5>| {
                let x = x.narrow(2, 0, 4).narrow(4, 0, 6).reshape([2, 3, 2, 2, 3, 2, 3, 2]);
                x.max_dim(3).max_dim(5).max_dim(7).reshape([2, 3, 2, 3, 3])
            };
            assert_close(&step(&x, max_pool_2x2x2), &step(&x, boxes), 1e-6);
            assert_close(&step(&x, |x| channels_first(max_pool_2x2x2(x))), &step(&x, boxes), 1e-6);
            let twice = |x: Tensor<5>| [x.clone().narrow(1, 0, 2), x * 2.0];
            let expected = step(&x, |x| Tensor::cat(twice(x).to_vec(), 1));
            let found = step(&x, |x| {
                let [first, second] = twice(x);
                join(first, second)
            });
            assert_close(&found, &expected, 1e-6);
        }
    }
}
