//! Atrous spatial pyramid: parallel dilated convolutions that look at several scales at once.

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use crate::Parameters;
use crate::conv2d::{ConvBlock, Kernel, Norm};
use crate::kept;

/// The shape of a pyramid.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AsppShape {
    /// Channels of the input.
    pub(crate) channels: usize,
    /// Channels of the 1x1 branch.
    pub(crate) first: usize,
    /// Channels of each 3x3 branch.
    pub(crate) width: usize,
    /// Dilations of the 3x3 branches.
    pub(crate) rates: [usize; 3],
    /// Linear branches (DeepForest-1c), or normalised and rectified ones with a further branch that sees the
    /// mean of the whole picture (Chen et al. 2017, DeepLabv3).
    pub(crate) linear: bool,
}

impl AsppShape {
    /// Channels of the output.
    pub(crate) const fn out(&self) -> usize {
        self.first + 3 * self.width + if self.linear { 0 } else { self.width }
    }

    /// As [`crate::architecture::Architecture::kept`], of pictures with all pixels.
    pub(crate) fn kept(&self) -> f64 {
        let branch = if self.linear { kept::linear } else { kept::normalised };
        branch(self.first) + 3.0 * branch(self.width) + kept::linear(self.out())
    }

    fn branches(&self) -> Vec<Kernel> {
        let dilated = self.rates.map(|rate| Kernel::new([self.channels, self.width], 3).dilation(rate));
        let first = Kernel::new([self.channels, self.first], 1);
        let branches = [vec![first], dilated.to_vec()].concat();
        if self.linear { branches } else { branches.into_iter().map(Kernel::without_bias).collect() }
    }

    /// The branch of the whole picture.
    fn whole(&self) -> Option<Kernel> {
        (!self.linear).then(|| Kernel::new([self.channels, self.width], 1).without_bias())
    }

    pub(crate) fn parameters(&self) -> Parameters {
        let branches = self.branches().into_iter().chain(self.whole());
        let count = |kernel: Kernel| match self.linear {
            true => kernel.parameters(),
            false => kernel.normalised_parameters(),
        };
        branches.map(count).sum()
    }
}

/// The pyramid; its branches are put side by side.
#[derive(Module, Debug)]
pub(crate) struct Aspp {
    branches: Vec<ConvBlock>,
    whole: Option<ConvBlock>,
}

impl Aspp {
    pub(crate) fn new(shape: AsppShape, device: &Device) -> Self {
        let build = |kernel: Kernel| match shape.linear {
            true => kernel.linear(device),
            false => kernel.normalised(Norm::Torch, true, device),
        };
        Self { branches: shape.branches().into_iter().map(build).collect(), whole: shape.whole().map(build) }
    }

    /// `[n, channel, y, x]` to `[n, branches' channels, y, x]`.
    pub(crate) fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let mut scales: Vec<Tensor<4>> =
            self.branches.iter().map(|branch| branch.forward(x.clone())).collect();
        if let Some(whole) = &self.whole {
            let [_, _, rows, columns] = x.dims();
            let mean = whole.forward(x.mean_dim(2).mean_dim(3));
            scales.push(mean.repeat_dim(2, rows).repeat_dim(3, columns));
        }
        Tensor::cat(scales, 1)
    }

    pub(crate) fn fold(self) -> Self {
        Self {
            branches: self.branches.into_iter().map(ConvBlock::fold).collect(),
            whole: self.whole.map(ConvBlock::fold),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::{cpu_devices, vectors};
    use crate::parity::{assert_same, filled, picture};

    #[test]
    fn outputs_are_those_of_pytorch() {
        let vectors = vectors("networks.safetensors");
        let shape = AsppShape { channels: 4, first: 3, width: 2, rates: [6, 12, 18], linear: false };
        for device in cpu_devices() {
            let pyramid = filled(Aspp::new(shape, &device)).valid();
            let input = picture("aspp", [1, 4, 9, 7], &device);
            assert_eq!(pyramid.forward(input.clone()).dims()[1], shape.out());
            assert_same(pyramid.forward(input.clone()), &vectors, "aspp");
            assert_same(pyramid.fold().forward(input), &vectors, "aspp");
        }
    }
}
