//! Networks of pixel series on patches: each pixel's dates are a sample of its own.

use burn::tensor::Tensor;

/// So many pixels go through a network at once in inference, to bound its memory.
const CHUNK: usize = 4096;

/// Class scores `[n, class, y, x]` of `input` `[n, channel, time, y, x]`, from `classify`, which maps the
/// pixels' series `[pixel, time, channel]` to `[pixel, class]`.
///
/// In training all pixels go through it at once: they share batch statistics, and the gradient keeps them all.
pub(crate) fn each_pixel(input: Tensor<5>, mut classify: impl FnMut(Tensor<3>) -> Tensor<2>) -> Tensor<4> {
    let [n, channels, steps, rows, columns] = input.dims();
    let pixels = n * rows * columns;
    let chunk = if input.is_autodiff() { pixels } else { CHUNK };
    let series = input.permute([0, 3, 4, 2, 1]).reshape([pixels, steps, channels]);
    let scores = (0..pixels).step_by(chunk.max(1)).map(|start| {
        let count = chunk.min(pixels - start);
        classify(series.clone().narrow(0, start, count))
    });
    let scores = Tensor::cat(scores.collect(), 0);
    let classes = scores.dims()[1];
    scores.reshape([n, rows, columns, classes]).permute([0, 3, 1, 2])
}

#[cfg(test)]
#[cfg(feature = "flex")]
mod tests {
    use super::*;
    use crate::state::to_host;
    use burn::tensor::{Device, Int};

    #[test]
    fn each_pixel_is_a_sample_whatever_the_chunk() {
        // More pixels than a chunk; the class is channel 0 of date 1.
        let shape = [2, 2, 3, 50, 60];
        let count: usize = shape.iter().product();
        let input = Tensor::<1, Int>::arange(0..count as i64, &Device::flex()).float().reshape(shape);
        let first = |series: Tensor<3>| series.narrow(1, 1, 1).narrow(2, 0, 1).reshape([-1, 1]);
        let expected = to_host(input.clone().narrow(1, 0, 1).narrow(2, 1, 1));
        assert_eq!(to_host(each_pixel(input.clone(), first)), expected);
        assert_eq!(to_host(each_pixel(input.autodiff(), first)), expected);
    }
}
