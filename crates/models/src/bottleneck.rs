//! Bottleneck blocks and stages of them: what residual networks are made of.
//!
//! He et al. 2016 (CVPR). A block of widths (f, f, 4f) is a 1x1, a 3x3 and a 1x1 convolution, each with
//! batch normalisation, the first two with rectifiers; then the shortcut is added and rectified. The first
//! block of a stage has a 1x1 convolution in its shortcut.

use burn::module::Module;
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};

use crate::Parameters;
use crate::conv2d::{ConvBlock, Kernel, Norm};
use crate::kept;

/// The shape of a stage: `blocks` bottlenecks of which the first may change size and channels.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StageShape {
    /// Channels of the input.
    pub(crate) channels: usize,
    /// f of the widths (f, f, 4f).
    pub(crate) width: usize,
    pub(crate) blocks: usize,
    /// Of the first block.
    pub(crate) stride: usize,
    /// Of the 3x3 convolutions: of the first block, and of the others.
    pub(crate) dilation: [usize; 2],
    /// [`Norm::Torch`] makes blocks as torchvision does: the 3x3 convolution strides and convolutions have no
    /// bias. Otherwise the first 1x1 convolution strides and all have one.
    pub(crate) norm: Norm,
}

/// The convolutions of one block.
struct Kernels {
    reduce: Kernel,
    spatial: Kernel,
    expand: Kernel,
    shortcut: Option<Kernel>,
}

impl StageShape {
    /// A stage that halves rows and columns, without dilation.
    pub(crate) const fn halving(channels: usize, width: usize, blocks: usize, norm: Norm) -> Self {
        Self { channels, width, blocks, stride: 2, dilation: [1, 1], norm }
    }

    /// Channels of the output.
    pub(crate) const fn out(&self) -> usize {
        4 * self.width
    }

    fn block(&self, place: usize) -> Kernels {
        let first = place == 0;
        let (channels, stride) = if first { (self.channels, self.stride) } else { (self.out(), 1) };
        let torch = self.norm == Norm::Torch;
        let bias = |kernel: Kernel| if torch { kernel.without_bias() } else { kernel };
        let (early, late) = if torch { (1, stride) } else { (stride, 1) };
        let dilation = self.dilation[usize::from(!first)];
        Kernels {
            reduce: bias(Kernel::new([channels, self.width], 1).stride(early)),
            spatial: bias(Kernel::new([self.width; 2], 3).stride(late).dilation(dilation)),
            expand: bias(Kernel::new([self.width, self.out()], 1)),
            shortcut: first.then(|| bias(Kernel::new([channels, self.out()], 1).stride(stride))),
        }
    }

    /// As [`crate::architecture::Architecture::kept`], of pictures that have the share `area` of the pixels.
    pub(crate) fn kept(&self, area: f64) -> f64 {
        let inside = 2.0 * kept::normalised(self.width) + kept::normalised(self.out());
        let shortcut = kept::normalised(self.out());
        let sums = kept::rectified(self.out());
        (self.blocks as f64 * (inside + sums) + shortcut) * area / (self.stride * self.stride) as f64
    }

    pub(crate) fn parameters(&self) -> Parameters {
        let blocks = (0..self.blocks).map(|place| self.block(place));
        let kernels = blocks.flat_map(|kernels| {
            [Some(kernels.reduce), Some(kernels.spatial), Some(kernels.expand), kernels.shortcut]
        });
        kernels.flatten().map(Kernel::normalised_parameters).sum()
    }
}

/// A bottleneck; see the module's text.
#[derive(Module, Debug)]
struct Bottleneck {
    reduce: ConvBlock,
    spatial: ConvBlock,
    expand: ConvBlock,
    shortcut: Option<ConvBlock>,
}

impl Bottleneck {
    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let inside = self.expand.forward(self.spatial.forward(self.reduce.forward(x.clone())));
        relu(match &self.shortcut {
            Some(shortcut) => shortcut.forward(x) + inside,
            None => x + inside,
        })
    }

    fn fold(self) -> Self {
        Self {
            reduce: self.reduce.fold(),
            spatial: self.spatial.fold(),
            expand: self.expand.fold(),
            shortcut: self.shortcut.map(ConvBlock::fold),
        }
    }
}

/// Bottlenecks in a row, the first with a convolution in its shortcut.
#[derive(Module, Debug)]
pub(crate) struct Stage {
    blocks: Vec<Bottleneck>,
}

impl Stage {
    pub(crate) fn new(shape: StageShape, device: &Device) -> Self {
        let blocks = (0..shape.blocks).map(|place| {
            let Kernels { reduce, spatial, expand, shortcut } = shape.block(place);
            let build = |kernel: Kernel, rectified| kernel.normalised(shape.norm, rectified, device);
            Bottleneck {
                reduce: build(reduce, true),
                spatial: build(spatial, true),
                expand: build(expand, false),
                shortcut: shortcut.map(|kernel| build(kernel, false)),
            }
        });
        Self { blocks: blocks.collect() }
    }

    /// `[n, channel, y, x]` to `[n, 4 width, y / stride, x / stride]`, rounded up.
    pub(crate) fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        self.blocks.iter().fold(x, |x, block| block.forward(x))
    }

    pub(crate) fn fold(self) -> Self {
        Self { blocks: self.blocks.into_iter().map(Bottleneck::fold).collect() }
    }
}
