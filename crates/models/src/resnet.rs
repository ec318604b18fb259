//! ResNet-50: a residual encoder of one picture, as torchvision has it.
//!
//! He et al. 2016 (CVPR), with the strides in the 3x3 convolutions. Where it feeds a DeepLab, stages 4 and 5
//! keep the size and look farther instead (Chen et al. 2017).

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use crate::Parameters;
use crate::bottleneck::{Stage, StageShape};
use crate::channels::max_pool;
use crate::conv2d::{ConvBlock, Kernel, Norm};
use crate::kept;

/// The shape of the encoder.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ResNetShape {
    pub(crate) channels: usize,
    /// Feature maps of the stem: 64 as published.
    pub(crate) width: usize,
    /// Whether stages 4 and 5 keep the size.
    pub(crate) dilated: bool,
}

impl ResNetShape {
    fn stem(&self) -> Kernel {
        Kernel::new([self.channels, self.width], 7).stride(2).without_bias()
    }

    /// Stages 2 to 5.
    fn stages(&self) -> [StageShape; 4] {
        let w = self.width;
        let stage = |channels, width, blocks| StageShape::halving(channels, width, blocks, Norm::Torch);
        let last = |shape: StageShape, dilation| match self.dilated {
            true => StageShape { stride: 1, dilation, ..shape },
            false => shape,
        };
        [
            StageShape { stride: 1, ..stage(w, w, 3) },
            stage(4 * w, 2 * w, 4),
            last(stage(8 * w, 4 * w, 6), [1, 2]),
            last(stage(16 * w, 8 * w, 3), [2, 4]),
        ]
    }

    /// As [`crate::architecture::Architecture::kept`].
    pub(crate) fn kept(&self) -> f64 {
        let stem = kept::normalised(self.width) * kept::area(1) + kept::linear(self.width) * kept::area(2);
        self.stages()
            .iter()
            .fold((stem, kept::area(2)), |(sum, area), stage| {
                (sum + stage.kept(area), area / (stage.stride * stage.stride) as f64)
            })
            .0
    }

    /// Channels of the last stage.
    pub(crate) const fn out(&self) -> usize {
        32 * self.width
    }

    pub(crate) fn parameters(&self) -> Parameters {
        let stages = self.stages().iter().map(StageShape::parameters).sum::<Parameters>();
        self.stem().normalised_parameters() + stages
    }
}

/// The encoder.
#[derive(Module, Debug)]
pub(crate) struct ResNet {
    stem: ConvBlock,
    stages: Vec<Stage>,
}

impl ResNet {
    pub(crate) fn new(shape: ResNetShape, device: &Device) -> Self {
        Self {
            stem: shape.stem().normalised(Norm::Torch, true, device),
            stages: shape.stages().into_iter().map(|stage| Stage::new(stage, device)).collect(),
        }
    }

    /// Stages 2 to 5 of a picture `[n, channel, y, x]`: at width 64 `[n, 256, y / 4, x / 4]`,
    /// `[n, 512, y / 8, x / 8]`, `[n, 1024, y / 16, x / 16]`, `[n, 2048, y / 32, x / 32]`; the last two stay
    /// at y / 8, x / 8 where dilated.
    pub(crate) fn forward(&self, picture: Tensor<4>) -> [Tensor<4>; 4] {
        let mut x = max_pool(self.stem.forward(picture), 3, 2, 1);
        std::array::from_fn(|place| {
            x = self.stages[place].forward(x.clone());
            x.clone()
        })
    }

    pub(crate) fn fold(self) -> Self {
        Self { stem: self.stem.fold(), stages: self.stages.into_iter().map(Stage::fold).collect() }
    }

    /// The name here of torchvision's tensor `theirs`, such as `layer1.0.bn2.weight`; none for another one.
    pub(crate) fn torch_name(theirs: &str) -> Option<String> {
        let parts: Vec<&str> = theirs.split('.').collect();
        let last = |kind: &str, last: &str| match (kind.starts_with("conv"), last) {
            (true, "weight") => Some("conv.weight"),
            (false, "weight") => Some("norm.gamma"),
            (false, "bias") => Some("norm.beta"),
            (false, "running_mean") => Some("norm.running_mean"),
            (false, "running_var") => Some("norm.running_var"),
            _ => None,
        };
        let (inside, kind, value) = match parts[..] {
            [kind @ ("conv1" | "bn1"), value] => ("stem".to_owned(), kind, value),
            [stage, block, kind, .., value] => {
                let stage: usize = stage.strip_prefix("layer")?.parse().ok()?;
                let (conv, kind) = match (kind, parts.len()) {
                    ("conv1" | "bn1", 4) => ("reduce", kind),
                    ("conv2" | "bn2", 4) => ("spatial", kind),
                    ("conv3" | "bn3", 4) => ("expand", kind),
                    ("downsample", 5) => ("shortcut", if parts[3] == "0" { "conv" } else { "bn" }),
                    _ => return None,
                };
                (format!("stages.{}.blocks.{block}.{conv}", stage.checked_sub(1)?), kind, value)
            }
            _ => return None,
        };
        Some(format!("{inside}.{}", last(kind, value)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::cpu_devices;
    use crate::state;

    #[test]
    fn the_encoder_has_the_parameters_of_torchvision() {
        let shape = ResNetShape { channels: 3, width: 64, dilated: false };
        // torchvision's resnet50 has 25 557 032, of which 2 049 000 in its classifier; 26 560 channels are
        // normalised.
        let trainable = 25_557_032 - 2_049_000;
        assert_eq!(shape.parameters(), Parameters { total: trainable + 2 * 26_560, trainable });
    }

    #[test]
    fn the_stages_halve_or_look_farther() {
        let Some(device) = cpu_devices().next() else { return };
        let shape = ResNetShape { channels: 2, width: 2, dilated: false };
        let sizes = |shape| {
            let picture = Tensor::zeros([1, 2, 64, 96], &device);
            ResNet::new(shape, &device).forward(picture).map(|features| features.dims())
        };
        assert_eq!(sizes(shape), [[1, 8, 16, 24], [1, 16, 8, 12], [1, 32, 4, 6], [1, 64, 2, 3]]);
        let dilated = ResNetShape { dilated: true, ..shape };
        assert_eq!(sizes(dilated), [[1, 8, 16, 24], [1, 16, 8, 12], [1, 32, 8, 12], [1, 64, 8, 12]]);
    }

    #[test]
    fn torchvision_names_are_understood() {
        #[track_caller]
        fn check(theirs: &str, ours: Option<&str>) {
            assert_eq!(ResNet::torch_name(theirs).as_deref(), ours);
        }
        check("conv1.weight", Some("stem.conv.weight"));
        check("bn1.running_var", Some("stem.norm.running_var"));
        check("layer1.0.conv1.weight", Some("stages.0.blocks.0.reduce.conv.weight"));
        check("layer4.2.bn3.bias", Some("stages.3.blocks.2.expand.norm.beta"));
        check("layer2.0.downsample.0.weight", Some("stages.1.blocks.0.shortcut.conv.weight"));
        check("layer2.0.downsample.1.weight", Some("stages.1.blocks.0.shortcut.norm.gamma"));
        for other in ["fc.weight", "layer0.0.conv1.weight", "layer1.0.conv4.weight", "layer1", ""] {
            check(other, None);
        }
        let Some(device) = cpu_devices().next() else { return };
        let state = state::read(&ResNet::new(ResNetShape { channels: 3, width: 1, dilated: false }, &device));
        assert!(state.contains_key("stages.1.blocks.0.shortcut.norm.gamma"));
    }
}
