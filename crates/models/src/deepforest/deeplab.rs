//! The DeepLab baseline of DeepForest: dilated stages, and three branches of dilated bottlenecks.

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::config::DeepForestConfig;
use super::encoder::{Encoder, EncoderShape};
use crate::architecture::Architecture;
use crate::bottleneck::{Stage, StageShape};
use crate::chance::Chance;
use crate::conv2d::{ConvBlock, Kernel, Norm, enlarge};
use crate::dates::{StackedRadar, one_picture_or_each_date};
use crate::init::Scheme;
use crate::kept;
use crate::{InputRules, Parameters, StepMask};

/// The network; see the module's text.
#[derive(Module, Debug)]
pub(crate) struct DeepForestDeepLab {
    encoder: Encoder,
    branches: Vec<Stage>,
    /// 1x1, of stage 4 itself.
    direct: ConvBlock,
    head: ConvBlock,
    dropout: f64,
    #[module(skip)]
    stacked: Option<StackedRadar>,
}

fn encoder(config: &DeepForestConfig) -> EncoderShape {
    EncoderShape { atrous: true, ..config.encoder() }
}

/// Three bottlenecks each, which look 6, 12 and 18 pixels far.
fn branches(config: &DeepForestConfig) -> [StageShape; 3] {
    let w = config.width;
    [6, 12, 18].map(|rate| StageShape {
        channels: 16 * w,
        width: 8 * w,
        blocks: 3,
        stride: 1,
        dilation: [rate, rate],
        norm: Norm::Keras,
    })
}

fn direct(config: &DeepForestConfig) -> Kernel {
    Kernel::new([16 * config.width, config.classes], 1)
}

fn head(config: &DeepForestConfig) -> Kernel {
    Kernel::new([config.classes + 3 * 32 * config.width, config.classes], 1)
}

impl Architecture for DeepForestDeepLab {
    type Config = DeepForestConfig;

    const SOURCE: &'static str = "DeepLab baseline of DeepForest";

    const INIT: Scheme = Scheme::Glorot;

    fn rules(config: &DeepForestConfig) -> InputRules {
        config.rules(8)
    }

    fn parameters(config: &DeepForestConfig) -> Parameters {
        let branches = branches(config).iter().map(StageShape::parameters).sum::<Parameters>();
        encoder(config).parameters() + branches + direct(config).parameters() + head(config).parameters()
    }

    fn kept(config: &Self::Config, steps: usize) -> f64 {
        let branches = branches(config)
            .map(|shape| shape.kept(kept::area(3)) + kept::linear(2 * shape.out()) * kept::area(3));
        let scales = branches.into_iter().sum::<f64>() + kept::linear(3 * config.classes) * kept::area(3);
        config.pictures(steps) * (encoder(config).kept() + scales + kept::rectified(config.classes))
    }

    fn build(config: &DeepForestConfig, device: &Device) -> Self {
        Self {
            encoder: Encoder::new(encoder(config), device),
            branches: branches(config).map(|shape| Stage::new(shape, device)).to_vec(),
            direct: direct(config).linear(device),
            head: head(config).linear(device),
            dropout: config.dropout,
            stacked: config.stacked(),
        }
    }

    fn forward(&self, input: Tensor<5>, mask: &StepMask, chance: &mut Chance) -> Vec<Tensor<4>> {
        let picture = |pictures| {
            let features = self.encoder.forward(pictures).fourth;
            let mut scales = vec![self.direct.forward(features.clone())];
            for branch in &self.branches {
                scales.push(chance.dropout(branch.forward(features.clone()), self.dropout));
            }
            enlarge(self.head.forward(Tensor::cat(scales, 1)), 8)
        };
        vec![one_picture_or_each_date(input, mask, self.stacked, picture)]
    }

    fn fold(self) -> Self {
        let branches = self.branches.into_iter().map(Stage::fold).collect();
        Self { encoder: self.encoder.fold(), branches, ..self }
    }
}
