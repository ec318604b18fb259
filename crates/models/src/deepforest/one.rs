//! DeepForest-1a, -1b and -1c: one branch, one or two ConvLSTMs over the encoder's features.

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::config::{DeepForestConfig, memory};
use super::encoder::{Encoder, Features, fifth};
use crate::architecture::Architecture;
use crate::aspp::{Aspp, AsppShape};
use crate::bottleneck::Stage;
use crate::chance::Chance;
use crate::conv2d::{ConvBlock, Kernel, Ups, enlarge};
use crate::convlstm::ConvLstm;
use crate::dates::{StackedRadar, one_picture_or_each_date};
use crate::init::Scheme;
use crate::kept;
use crate::{InputRules, Parameters, StepMask};

/// DeepForest-1a. Stages 4 and 5, both brought to 64 x 64 x 256, are read by one ConvLSTM.
#[derive(Module, Debug)]
pub(crate) struct DeepForest1a {
    encoder: Encoder,
    fifth: Stage,
    up_fourth: Ups,
    up_fifth: Ups,
    memory: ConvLstm,
    conv: ConvBlock,
    up: Ups,
    head: ConvBlock,
    dropout: f64,
    #[module(skip)]
    stacked: Option<StackedRadar>,
}

/// The widths of the enlargements of 1a: of stage 4, of stage 5, of the result.
fn widths_1a(width: usize) -> [Vec<usize>; 3] {
    let w = width;
    [vec![16 * w, 4 * w, 4 * w], vec![32 * w, 4 * w, 4 * w, 4 * w], vec![4 * w, 2 * w, 2 * w]]
}

impl DeepForest1a {
    /// Class scores `[n, class, y, x]` of pictures `[n, channel, y, x]`.
    fn picture(&self, picture: Tensor<4>, chance: &mut Chance) -> Tensor<4> {
        let Features { fourth, .. } = self.encoder.forward(picture);
        let coarse = self.up_fifth.forward(self.fifth.forward(fourth.clone()));
        let fine = chance.dropout(self.up_fourth.forward(fourth), self.dropout);
        let coarse = chance.dropout(coarse, self.dropout);
        let state = self.memory.last(vec![fine, coarse], None, chance);
        self.head.forward(self.up.forward(self.conv.forward(state)))
    }
}

impl Architecture for DeepForest1a {
    type Config = DeepForestConfig;

    const SOURCE: &'static str = "DeepForest-1a: residual encoder and a ConvLSTM over its last two stages";

    const INIT: Scheme = Scheme::Glorot;

    fn rules(config: &DeepForestConfig) -> InputRules {
        config.rules(32)
    }

    fn parameters(config: &DeepForestConfig) -> Parameters {
        let w = config.width;
        let ups = widths_1a(w).iter().map(|widths| Ups::parameters(widths)).sum::<Parameters>();
        config.encoder().parameters()
            + fifth(16 * w, w).parameters()
            + ups
            + memory(w).parameters(4 * w)
            + Kernel::new([2 * w, 4 * w], 3).parameters()
            + Kernel::new([2 * w, config.classes], 1).parameters()
    }

    fn kept(config: &Self::Config, steps: usize) -> f64 {
        let w = config.width;
        let [fourth, coarse, up] = widths_1a(w);
        let ups = kept::ups(&fourth, kept::area(4))
            + kept::ups(&coarse, kept::area(5))
            + kept::ups(&up, kept::area(2));
        let memory = 2.0 * (kept::linear(4 * w) + kept::cell(2 * w)) + kept::rectified(4 * w);
        let picture = config.encoder().kept() + fifth(16 * w, w).kept(kept::area(4)) + ups;
        config.pictures(steps) * (picture + memory * kept::area(2) + kept::linear(config.classes))
    }

    fn build(config: &DeepForestConfig, device: &Device) -> Self {
        let w = config.width;
        let [up_fourth, up_fifth, up] = widths_1a(w).map(|widths| Ups::new(&widths, device));
        Self {
            encoder: Encoder::new(config.encoder(), device),
            fifth: Stage::new(fifth(16 * w, w), device),
            up_fourth,
            up_fifth,
            memory: ConvLstm::new(4 * w, memory(w), device),
            conv: Kernel::new([2 * w, 4 * w], 3).rectified(device),
            up,
            head: Kernel::new([2 * w, config.classes], 1).linear(device),
            stacked: config.stacked(),
            dropout: config.dropout,
        }
    }

    fn forward(&self, input: Tensor<5>, mask: &StepMask, chance: &mut Chance) -> Vec<Tensor<4>> {
        vec![one_picture_or_each_date(input, mask, self.stacked, |pictures| self.picture(pictures, chance))]
    }

    fn fold(self) -> Self {
        Self { encoder: self.encoder.fold(), fifth: self.fifth.fold(), ..self }
    }
}

/// What 1b and 1c share: a ConvLSTM reads stages 3 and 4 at 64 x 64, a second one its result and stage 5 at
/// 128 x 128.
#[derive(Module, Debug)]
struct TwoMemories {
    encoder: Encoder,
    fifth: Stage,
    up_third: Ups,
    up_fourth: Ups,
    up_fifth: Ups,
    first: ConvLstm,
    conv: ConvBlock,
    up: Ups,
    second: ConvLstm,
    dropout: f64,
}

/// The widths of the enlargements of stages 3, 4, 5 and of the first ConvLSTM's result.
fn widths_1b(width: usize) -> [Vec<usize>; 4] {
    let w = width;
    [
        vec![8 * w, 4 * w],
        vec![16 * w, 4 * w, 4 * w],
        vec![32 * w, 2 * w, 2 * w, 2 * w, 2 * w],
        vec![4 * w, 2 * w],
    ]
}

impl TwoMemories {
    fn new(config: &DeepForestConfig, device: &Device) -> Self {
        let w = config.width;
        let [up_third, up_fourth, up_fifth, up] = widths_1b(w).map(|widths| Ups::new(&widths, device));
        Self {
            encoder: Encoder::new(config.encoder(), device),
            fifth: Stage::new(fifth(16 * w, w), device),
            up_third,
            up_fourth,
            up_fifth,
            first: ConvLstm::new(4 * w, memory(w), device),
            conv: Kernel::new([2 * w, 4 * w], 3).rectified(device),
            up,
            second: ConvLstm::new(2 * w, memory(w), device),
            dropout: config.dropout,
        }
    }

    /// As [`Architecture::kept`], of one picture.
    fn kept(config: &DeepForestConfig) -> f64 {
        let w = config.width;
        let [third, fourth, coarse, up] = widths_1b(w);
        let ups = kept::ups(&third, kept::area(3)) + kept::ups(&fourth, kept::area(4));
        let ups = ups + kept::ups(&coarse, kept::area(5)) + kept::ups(&up, kept::area(2));
        let first = 2.0 * (kept::linear(4 * w) + kept::cell(2 * w)) + kept::rectified(4 * w);
        let second = 2.0 * (kept::linear(2 * w) + kept::cell(2 * w));
        let memories = first * kept::area(2) + second * kept::area(1);
        config.encoder().kept() + fifth(16 * w, w).kept(kept::area(4)) + ups + memories
    }

    fn parameters(config: &DeepForestConfig) -> Parameters {
        let w = config.width;
        let ups = widths_1b(w).iter().map(|widths| Ups::parameters(widths)).sum::<Parameters>();
        config.encoder().parameters()
            + fifth(16 * w, w).parameters()
            + ups
            + memory(w).parameters(4 * w)
            + Kernel::new([2 * w, 4 * w], 3).parameters()
            + memory(w).parameters(2 * w)
    }

    /// The second ConvLSTM's state `[n, 128, y / 2, x / 2]`.
    fn forward(&self, picture: Tensor<4>, chance: &mut Chance) -> Tensor<4> {
        let Features { third, fourth } = self.encoder.forward(picture);
        let coarsest = self.up_fifth.forward(self.fifth.forward(fourth.clone()));
        let fine = chance.dropout(self.up_third.forward(third), self.dropout);
        let coarse = chance.dropout(self.up_fourth.forward(fourth), self.dropout);
        let state = self.first.last(vec![fine, coarse], None, chance);
        let fine = chance.dropout(self.up.forward(self.conv.forward(state)), self.dropout);
        let coarse = chance.dropout(coarsest, self.dropout);
        self.second.last(vec![fine, coarse], None, chance)
    }

    fn fold(self) -> Self {
        Self { encoder: self.encoder.fold(), fifth: self.fifth.fold(), ..self }
    }
}

/// DeepForest-1b: two ConvLSTMs, then a convolution and an enlargement.
#[derive(Module, Debug)]
pub(crate) struct DeepForest1b {
    body: TwoMemories,
    conv: ConvBlock,
    up: Ups,
    head: ConvBlock,
    #[module(skip)]
    stacked: Option<StackedRadar>,
}

impl Architecture for DeepForest1b {
    type Config = DeepForestConfig;

    const SOURCE: &'static str = "DeepForest-1b: residual encoder and ConvLSTMs over its last three stages";

    const INIT: Scheme = Scheme::Glorot;

    fn rules(config: &DeepForestConfig) -> InputRules {
        config.rules(32)
    }

    fn parameters(config: &DeepForestConfig) -> Parameters {
        let w = config.width;
        TwoMemories::parameters(config)
            + Kernel::new([2 * w; 2], 3).parameters()
            + Ups::parameters(&[2 * w; 2])
            + Kernel::new([2 * w, config.classes], 1).parameters()
    }

    fn kept(config: &Self::Config, steps: usize) -> f64 {
        let w = config.width;
        let up = kept::rectified(2 * w) * kept::area(1) + kept::linear(2 * w);
        config.pictures(steps) * (TwoMemories::kept(config) + up + kept::linear(config.classes))
    }

    fn build(config: &DeepForestConfig, device: &Device) -> Self {
        let w = config.width;
        Self {
            body: TwoMemories::new(config, device),
            conv: Kernel::new([2 * w; 2], 3).rectified(device),
            up: Ups::new(&[2 * w; 2], device),
            head: Kernel::new([2 * w, config.classes], 1).linear(device),
            stacked: config.stacked(),
        }
    }

    fn forward(&self, input: Tensor<5>, mask: &StepMask, chance: &mut Chance) -> Vec<Tensor<4>> {
        let picture = |pictures| {
            let state = self.body.forward(pictures, chance);
            self.head.forward(self.up.forward(self.conv.forward(state)))
        };
        vec![one_picture_or_each_date(input, mask, self.stacked, picture)]
    }

    fn fold(self) -> Self {
        Self { body: self.body.fold(), ..self }
    }
}

/// DeepForest-1c: two ConvLSTMs, then a linear pyramid and a bilinear enlargement.
#[derive(Module, Debug)]
pub(crate) struct DeepForest1c {
    body: TwoMemories,
    pyramid: Aspp,
    head: ConvBlock,
    #[module(skip)]
    stacked: Option<StackedRadar>,
}

fn pyramid(config: &DeepForestConfig) -> AsppShape {
    let channels = 2 * config.width;
    AsppShape { channels, first: config.classes, width: channels, rates: [6, 12, 18], linear: true }
}

impl Architecture for DeepForest1c {
    type Config = DeepForestConfig;

    const SOURCE: &'static str = "DeepForest-1c: as DeepForest-1b, with an atrous pyramid at the end";

    const INIT: Scheme = Scheme::Glorot;

    fn rules(config: &DeepForestConfig) -> InputRules {
        config.rules(32)
    }

    fn parameters(config: &DeepForestConfig) -> Parameters {
        let pyramid = pyramid(config);
        TwoMemories::parameters(config)
            + pyramid.parameters()
            + Kernel::new([pyramid.out(), config.classes], 1).parameters()
    }

    fn kept(config: &Self::Config, steps: usize) -> f64 {
        let coarse = (pyramid(config).kept() + kept::linear(config.classes)) * kept::area(1);
        config.pictures(steps) * (TwoMemories::kept(config) + coarse + kept::rectified(config.classes))
    }

    fn build(config: &DeepForestConfig, device: &Device) -> Self {
        let pyramid = pyramid(config);
        Self {
            body: TwoMemories::new(config, device),
            pyramid: Aspp::new(pyramid, device),
            head: Kernel::new([pyramid.out(), config.classes], 1).linear(device),
            stacked: config.stacked(),
        }
    }

    fn forward(&self, input: Tensor<5>, mask: &StepMask, chance: &mut Chance) -> Vec<Tensor<4>> {
        let picture = |pictures| {
            let state = self.body.forward(pictures, chance);
            enlarge(self.head.forward(self.pyramid.forward(state)), 2)
        };
        vec![one_picture_or_each_date(input, mask, self.stacked, picture)]
    }

    fn fold(self) -> Self {
        Self { body: self.body.fold(), ..self }
    }
}
