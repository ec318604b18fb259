//! The encoder of the DeepForest family: a ResNet-50 with a bottleneck before its stem.

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use crate::Parameters;
use crate::bottleneck::{Stage, StageShape};
use crate::channels::max_pool;
use crate::conv2d::{ConvBlock, Kernel, Norm};
use crate::kept;

/// The stages of an encoder of `width` (64 as published) up to stage 4, which may be dilated instead of
/// halving.
#[derive(Debug, Clone, Copy)]
pub(super) struct EncoderShape {
    pub(super) channels: usize,
    pub(super) width: usize,
    /// Whether stage 4 keeps the size and looks twice as far, as in DeepLab.
    pub(super) atrous: bool,
}

impl EncoderShape {
    fn entry(&self) -> StageShape {
        StageShape { stride: 1, ..StageShape::halving(self.channels, self.width, 1, Norm::Keras) }
    }

    fn stem(&self) -> Kernel {
        Kernel::new([4 * self.width, self.width], 7)
    }

    fn stages(&self) -> [StageShape; 3] {
        let width = self.width;
        let fourth = StageShape::halving(8 * width, 4 * width, 6, Norm::Keras);
        let atrous = StageShape { stride: 1, dilation: [2, 2], ..fourth };
        [
            StageShape::halving(width, width, 3, Norm::Keras),
            StageShape::halving(4 * width, 2 * width, 4, Norm::Keras),
            if self.atrous { atrous } else { fourth },
        ]
    }

    /// As [`crate::architecture::Architecture::kept`].
    pub(super) fn kept(&self) -> f64 {
        let fine =
            self.entry().kept(1.0) + kept::normalised(self.width) + kept::linear(self.width) * kept::area(1);
        let stages = self.stages();
        fine + (1..).zip(&stages).map(|(halvings, stage)| stage.kept(kept::area(halvings))).sum::<f64>()
    }

    pub(super) fn parameters(&self) -> Parameters {
        let stages = self.stages().iter().map(StageShape::parameters).sum::<Parameters>();
        self.entry().parameters() + self.stem().normalised_parameters() + stages
    }
}

/// Stage 5 of an encoder of `width` for an input of `channels`: 32 `width` channels at half the size.
pub(super) fn fifth(channels: usize, width: usize) -> StageShape {
    StageShape::halving(channels, 8 * width, 3, Norm::Keras)
}

/// What the encoder makes of a picture `[n, channel, y, x]`, at width 64.
pub(super) struct Features {
    /// `[n, 512, y / 8, x / 8]`.
    pub(super) third: Tensor<4>,
    /// `[n, 1024, y / 16, x / 16]`, or `[n, 1024, y / 8, x / 8]` where atrous.
    pub(super) fourth: Tensor<4>,
}

/// The encoder up to stage 4.
#[derive(Module, Debug)]
pub(super) struct Encoder {
    entry: Stage,
    stem: ConvBlock,
    stages: Vec<Stage>,
}

impl Encoder {
    pub(super) fn new(shape: EncoderShape, device: &Device) -> Self {
        Self {
            entry: Stage::new(shape.entry(), device),
            stem: shape.stem().normalised(Norm::Keras, true, device),
            stages: shape.stages().into_iter().map(|stage| Stage::new(stage, device)).collect(),
        }
    }

    /// Rows and columns must be multiples of 16 (of 8 where atrous).
    pub(super) fn forward(&self, picture: Tensor<4>) -> Features {
        let x = self.stem.forward(self.entry.forward(picture));
        let x = max_pool(x, 3, 2, 0);
        let third = self.stages[..2].iter().fold(x, |x, stage| stage.forward(x));
        let fourth = self.stages[2..].iter().fold(third.clone(), |x, stage| stage.forward(x));
        Features { third, fourth }
    }

    pub(super) fn fold(self) -> Self {
        Self {
            entry: self.entry.fold(),
            stem: self.stem.fold(),
            stages: self.stages.into_iter().map(Stage::fold).collect(),
        }
    }
}
