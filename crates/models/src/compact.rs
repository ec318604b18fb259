//! A compact fully convolutional network of one date, in the shape of Dynamic World's.
//!
//! Brown et al. 2022 (Scientific Data). No size is ever changed, so that any picture can be read: a 3x3
//! convolution; two blocks of three depthwise separable 3x3 convolutions with a 1x1 shortcut; beside them a
//! 3x3 convolution of the first one's features, joined in before a last block; a 1x1 convolution to the
//! classes. The publication leaves normalisation and the last block's width open: batch normalisation with
//! rectifiers, and the second block's width.

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use crate::architecture::Architecture;
use crate::chance::Chance;
use crate::channels::join;
use crate::conv2d::{ConvBlock, Kernel, Norm};
use crate::dates::each_date;
use crate::kept;
use crate::settings::{channels, check_settings, classes};
use crate::{InputKind, InputRules, Parameters, Result, StepMask};

/// Settings of the compact fully convolutional network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompactConfig {
    /// Input channels.
    pub channels: usize,
    /// Output classes.
    pub classes: usize,
    /// Feature maps of the first convolution.
    #[serde(default = "default_stem")]
    pub stem: usize,
    /// Feature maps of the first, the second and the last block.
    #[serde(default = "default_blocks")]
    pub blocks: [usize; 3],
    /// Feature maps of the convolution beside the first two blocks.
    #[serde(default = "default_beside")]
    pub beside: usize,
}

fn default_stem() -> usize {
    64
}

fn default_blocks() -> [usize; 3] {
    [96, 144, 144]
}

fn default_beside() -> usize {
    48
}

impl CompactConfig {
    /// The published widths.
    pub fn new(channels: usize, classes: usize) -> Self {
        let (stem, blocks, beside) = (default_stem(), default_blocks(), default_beside());
        Self { channels, classes, stem, blocks, beside }
    }

    fn stem(&self) -> Kernel {
        Kernel::new([self.channels, self.stem], 3)
    }

    fn beside(&self) -> Kernel {
        Kernel::new([self.stem, self.beside], 3)
    }

    /// Channels before and after each block.
    fn blocks(&self) -> [[usize; 2]; 3] {
        let [first, second, last] = self.blocks;
        [[self.stem, first], [first, second], [second + self.beside, last]]
    }

    fn head(&self) -> Kernel {
        Kernel::new([self.blocks[2], self.classes], 1)
    }
}

/// A 3x3 convolution of each channel for itself, then a 1x1 convolution of all.
#[derive(Module, Debug)]
struct Separable {
    spatial: ConvBlock,
    across: ConvBlock,
}

/// The two convolutions of a [`Separable`].
fn separable([from, to]: [usize; 2]) -> [Kernel; 2] {
    [Kernel::new([from, from], 3).depthwise(), Kernel::new([from, to], 1)]
}

/// Three separable convolutions and a shortcut.
#[derive(Module, Debug)]
struct Block {
    convs: Vec<Separable>,
    shortcut: ConvBlock,
}

/// Channels before and after each convolution of a block.
fn inside([from, to]: [usize; 2]) -> [[usize; 2]; 3] {
    [[from, to], [to, to], [to, to]]
}

impl Block {
    fn new(channels: [usize; 2], device: &Device) -> Self {
        let convs = inside(channels).map(|channels| {
            let [spatial, across] = separable(channels);
            Separable {
                spatial: spatial.linear(device),
                across: across.normalised(Norm::Torch, true, device),
            }
        });
        Self { convs: convs.to_vec(), shortcut: Kernel::new(channels, 1).linear(device) }
    }

    fn kept([from, to]: [usize; 2]) -> f64 {
        let convs = inside([from, to]).map(|[from, to]| kept::linear(from) + kept::normalised(to));
        convs.into_iter().sum::<f64>() + kept::linear(to)
    }

    fn parameters(channels: [usize; 2]) -> Parameters {
        let convs = inside(channels).map(|channels| {
            let [spatial, across] = separable(channels);
            spatial.parameters() + across.normalised_parameters()
        });
        convs.into_iter().sum::<Parameters>() + Kernel::new(channels, 1).parameters()
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let pass = |x, conv: &Separable| conv.across.forward(conv.spatial.forward(x));
        self.convs.iter().fold(x.clone(), pass) + self.shortcut.forward(x)
    }

    fn fold(self) -> Self {
        let fold = |conv: Separable| Separable { across: conv.across.fold(), ..conv };
        Self { convs: self.convs.into_iter().map(fold).collect(), ..self }
    }
}

/// The network; see the module's text.
#[derive(Module, Debug)]
pub(crate) struct Compact {
    stem: ConvBlock,
    beside: ConvBlock,
    blocks: Vec<Block>,
    head: ConvBlock,
}

impl Compact {
    /// Class scores `[n, class, y, x]` of pictures `[n, channel, y, x]`.
    fn picture(&self, picture: Tensor<4>) -> Tensor<4> {
        let stem = self.stem.forward(picture);
        let x = self.blocks[..2].iter().fold(stem.clone(), |x, block| block.forward(x));
        let x = join(x, self.beside.forward(stem));
        self.head.forward(self.blocks[2..].iter().fold(x, |x, block| block.forward(x)))
    }
}

impl CompactConfig {
    pub(crate) fn check(&self) -> Result<()> {
        let widths = [self.stem, self.beside, self.blocks[0], self.blocks[1], self.blocks[2]];
        let fits = |width: &usize| (1..=1024).contains(width);
        check_settings([
            channels(self.channels),
            classes(self.classes),
            ("stem, beside, blocks", format!("{widths:?}"), widths.iter().all(fits), "1 to 1024 each"),
        ])
    }
}

impl Architecture for Compact {
    type Config = CompactConfig;

    const SOURCE: &'static str = "Brown et al. 2022, Dynamic World";

    fn rules(config: &CompactConfig) -> InputRules {
        InputRules::new(InputKind::Date, config.channels)
    }

    fn parameters(config: &CompactConfig) -> Parameters {
        let blocks = config.blocks().map(Block::parameters).into_iter().sum::<Parameters>();
        config.stem().normalised_parameters()
            + config.beside().normalised_parameters()
            + blocks
            + config.head().parameters()
    }

    fn kept(config: &Self::Config, steps: usize) -> f64 {
        let joined = kept::linear(config.blocks[1] + config.beside);
        let blocks = config.blocks().map(Block::kept).into_iter().sum::<f64>();
        let picture = kept::normalised(config.stem) + kept::normalised(config.beside) + joined + blocks;
        steps as f64 * (picture + kept::linear(config.classes))
    }

    fn build(config: &CompactConfig, device: &Device) -> Self {
        Self {
            stem: config.stem().normalised(Norm::Torch, true, device),
            beside: config.beside().normalised(Norm::Torch, true, device),
            blocks: config.blocks().map(|channels| Block::new(channels, device)).to_vec(),
            head: config.head().linear(device),
        }
    }

    fn forward(&self, input: Tensor<5>, mask: &StepMask, _chance: &mut Chance) -> Vec<Tensor<4>> {
        vec![each_date(input, mask, |pictures| self.picture(pictures))]
    }

    fn fold(self) -> Self {
        Self {
            stem: self.stem.fold(),
            beside: self.beside.fold(),
            blocks: self.blocks.into_iter().map(Block::fold).collect(),
            ..self
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
        let config = CompactConfig { stem: 4, blocks: [6, 8, 5], beside: 3, ..CompactConfig::new(3, 4) };
        for device in cpu_devices() {
            let network = filled(Compact::build(&config, &device)).valid();
            let input = picture("compact", [2, 3, 7, 5], &device);
            assert_same(network.picture(input.clone()), &vectors, "compact");
            assert_same(Architecture::fold(network).picture(input), &vectors, "compact");
        }
    }

    #[test]
    fn the_network_has_the_parameters_of_its_pytorch_twin() {
        let expected = Parameters { total: 248_649, trainable: 246_121 };
        assert_eq!(Compact::parameters(&CompactConfig::new(9, 9)), expected);
    }

    #[test]
    fn settings_that_cannot_be_are_named() {
        let config = CompactConfig { beside: 0, ..CompactConfig::new(9, 9) };
        let expected = "setting `stem, beside, blocks` is [64, 0, 96, 144, 144], but must be 1 to 1024 each";
        assert_eq!(config.check().unwrap_err().to_string(), expected);
        assert!(CompactConfig::new(9, 1).check().is_err());
    }
}
