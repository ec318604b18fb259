//! DeepLabv3: a dilated residual encoder, and an atrous pyramid over its last stage.
//!
//! Chen et al. 2017, in the form of torchvision's `deeplabv3_resnet50` without its auxiliary classifier.

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use crate::architecture::Architecture;
use crate::aspp::{Aspp, AsppShape};
use crate::chance::Chance;
use crate::conv2d::{ConvBlock, Kernel, Norm, enlarge};
use crate::dates::each_date;
use crate::kept;
use crate::resnet::{ResNet, ResNetShape};
use crate::settings::{channels, check_settings, classes, dropout};
use crate::{InputKind, InputRules, Parameters, Result, StepMask};

/// Settings of a DeepLabv3.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeepLabConfig {
    /// Input channels.
    pub channels: usize,
    /// Output classes.
    pub classes: usize,
    /// Feature maps of the encoder's stem; all other widths are in proportion.
    #[serde(default = "default_width")]
    pub width: usize,
    /// In training, the share of the pyramid's features that is dropped.
    #[serde(default = "default_dropout")]
    pub dropout: f64,
}

fn default_width() -> usize {
    64
}

fn default_dropout() -> f64 {
    0.5
}

impl DeepLabConfig {
    /// The published widths.
    pub fn new(channels: usize, classes: usize) -> Self {
        Self { channels, classes, width: default_width(), dropout: default_dropout() }
    }

    fn encoder(&self) -> ResNetShape {
        ResNetShape { channels: self.channels, width: self.width, dilated: true }
    }

    fn pyramid(&self) -> AsppShape {
        let width = 4 * self.width;
        let channels = self.encoder().out();
        AsppShape { channels, first: width, width, rates: [12, 24, 36], linear: false }
    }

    /// From the pyramid to its summary, from there to the last features, from there to the classes.
    fn kernels(&self) -> [Kernel; 3] {
        let width = 4 * self.width;
        [
            Kernel::new([self.pyramid().out(), width], 1).without_bias(),
            Kernel::new([width, width], 3).without_bias(),
            Kernel::new([width, self.classes], 1),
        ]
    }
}

/// The network; see the module's text.
#[derive(Module, Debug)]
pub(crate) struct DeepLab {
    encoder: ResNet,
    pyramid: Aspp,
    summary: ConvBlock,
    last: ConvBlock,
    head: ConvBlock,
    dropout: f64,
}

impl DeepLab {
    /// Class scores `[n, class, y, x]` of pictures `[n, channel, y, x]`.
    fn picture(&self, picture: Tensor<4>, chance: &mut Chance) -> Tensor<4> {
        let [.., features] = self.encoder.forward(picture);
        let summary = self.summary.forward(self.pyramid.forward(features));
        let summary = chance.dropout(summary, self.dropout);
        enlarge(self.head.forward(self.last.forward(summary)), 8)
    }

    /// The name here of torchvision's tensor `theirs`; none for another one.
    pub(crate) fn torch_name(theirs: &str) -> Option<String> {
        if let Some(encoder) = theirs.strip_prefix("backbone.") {
            return Some(format!("encoder.{}", ResNet::torch_name(encoder)?));
        }
        let (layer, value) = theirs.strip_prefix("classifier.")?.rsplit_once('.')?;
        let (place, kind) = match layer {
            "0.convs.0.0" => ("pyramid.branches.0", "conv"),
            "0.convs.0.1" => ("pyramid.branches.0", "norm"),
            "0.convs.1.0" => ("pyramid.branches.1", "conv"),
            "0.convs.1.1" => ("pyramid.branches.1", "norm"),
            "0.convs.2.0" => ("pyramid.branches.2", "conv"),
            "0.convs.2.1" => ("pyramid.branches.2", "norm"),
            "0.convs.3.0" => ("pyramid.branches.3", "conv"),
            "0.convs.3.1" => ("pyramid.branches.3", "norm"),
            "0.convs.4.1" => ("pyramid.whole", "conv"),
            "0.convs.4.2" => ("pyramid.whole", "norm"),
            "0.project.0" => ("summary", "conv"),
            "0.project.1" => ("summary", "norm"),
            "1" => ("last", "conv"),
            "2" => ("last", "norm"),
            "4" => ("head", "conv"),
            _ => return None,
        };
        let value = match (kind, value) {
            ("norm", "weight") => "gamma",
            ("norm", "bias") => "beta",
            _ => value,
        };
        Some(format!("{place}.{kind}.{value}"))
    }
}

impl DeepLabConfig {
    pub(crate) fn check(&self) -> Result<()> {
        check_settings([
            channels(self.channels),
            classes(self.classes),
            ("width", self.width.to_string(), (1..=256).contains(&self.width), "1 to 256"),
            dropout("dropout", self.dropout),
        ])
    }
}

impl Architecture for DeepLab {
    type Config = DeepLabConfig;

    const SOURCE: &'static str = "Chen et al. 2017, DeepLabv3 over ResNet-50 (He et al. 2016)";

    fn rules(config: &DeepLabConfig) -> InputRules {
        InputRules { size_factor: 8, ..InputRules::new(InputKind::Date, config.channels) }
    }

    fn parameters(config: &DeepLabConfig) -> Parameters {
        let [summary, last, head] = config.kernels();
        config.encoder().parameters()
            + config.pyramid().parameters()
            + summary.normalised_parameters()
            + last.normalised_parameters()
            + head.parameters()
    }

    fn kept(config: &Self::Config, steps: usize) -> f64 {
        let width = 4 * config.width;
        let coarse =
            config.pyramid().kept() + 2.0 * kept::normalised(width) + kept::linear(width + config.classes);
        steps as f64 * (config.encoder().kept() + coarse * kept::area(3) + kept::rectified(config.classes))
    }

    fn build(config: &DeepLabConfig, device: &Device) -> Self {
        let [summary, last, head] = config.kernels();
        Self {
            encoder: ResNet::new(config.encoder(), device),
            pyramid: Aspp::new(config.pyramid(), device),
            summary: summary.normalised(Norm::Torch, true, device),
            last: last.normalised(Norm::Torch, true, device),
            head: head.linear(device),
            dropout: config.dropout,
        }
    }

    fn forward(&self, input: Tensor<5>, mask: &StepMask, chance: &mut Chance) -> Vec<Tensor<4>> {
        vec![each_date(input, mask, |pictures| self.picture(pictures, chance))]
    }

    fn fold(self) -> Self {
        Self {
            encoder: self.encoder.fold(),
            pyramid: self.pyramid.fold(),
            summary: self.summary.fold(),
            last: self.last.fold(),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::{cpu_devices, vectors};
    use crate::parity::{assert_same, filled, picture};
    use crate::state;

    #[test]
    fn outputs_are_those_of_torchvision() {
        let vectors = vectors("networks.safetensors");
        for device in cpu_devices() {
            let network = filled(DeepLab::build(&DeepLabConfig::new(3, 4), &device)).valid();
            let input = picture("deeplab", [1, 3, 32, 40], &device);
            let scores = |network: &DeepLab| network.picture(input.clone(), &mut Chance::none());
            assert_same(scores(&network), &vectors, "deeplab");
            assert_same(scores(&Architecture::fold(network)), &vectors, "deeplab");
        }
    }

    #[test]
    fn the_network_has_the_parameters_of_torchvision() {
        // Its deeplabv3_resnet50 for 21 classes has 42 004 074, of which 2 365 205 in the auxiliary classifier.
        let count = DeepLab::parameters(&DeepLabConfig::new(3, 21));
        assert_eq!(count.trainable, 42_004_074 - 2_365_205);
    }

    #[test]
    fn torchvision_names_are_understood() {
        let Some(device) = cpu_devices().next() else { return };
        let ours =
            state::read(&DeepLab::build(&DeepLabConfig { width: 1, ..DeepLabConfig::new(3, 2) }, &device));
        for theirs in [
            "backbone.layer3.5.conv2.weight",
            "classifier.0.convs.0.0.weight",
            "classifier.0.convs.3.1.running_mean",
            "classifier.0.convs.4.1.weight",
            "classifier.0.convs.4.2.bias",
            "classifier.0.project.0.weight",
            "classifier.0.project.1.weight",
            "classifier.1.weight",
            "classifier.2.running_var",
            "classifier.4.bias",
        ] {
            let name = DeepLab::torch_name(theirs).unwrap();
            assert!(ours.contains_key(&name), "{theirs} became {name}");
        }
        assert_eq!(DeepLab::torch_name("aux_classifier.0.weight"), None);
    }
}
