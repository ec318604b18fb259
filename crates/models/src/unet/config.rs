//! Settings of the U-Net.

use serde::{Deserialize, Serialize};

use crate::conv2d::{Kernel, Ups};
use crate::kept;
use crate::settings::{channels, check_settings, classes};
use crate::{InputKind, InputRules, Parameters, Result};

/// Settings of a U-Net that reads one date; the defaults are those of the road-mapping network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UNetConfig {
    /// Input channels.
    pub channels: usize,
    /// Output classes.
    pub classes: usize,
    /// Feature maps of the first level; each level below has twice as many.
    #[serde(default = "default_width")]
    pub width: usize,
    /// How often rows and columns are halved.
    #[serde(default = "default_depth")]
    pub depth: usize,
    /// Convolutions of a decoder level: 1, or 2 as in the original.
    #[serde(default = "default_decoder_convs")]
    pub decoder_convs: usize,
}

pub(crate) fn default_width() -> usize {
    32
}

pub(crate) fn default_depth() -> usize {
    4
}

pub(crate) fn default_decoder_convs() -> usize {
    1
}

impl UNetConfig {
    /// Widths 32 to 512 and one convolution in a decoder level.
    pub fn new(channels: usize, classes: usize) -> Self {
        Self {
            channels,
            classes,
            width: default_width(),
            depth: default_depth(),
            decoder_convs: default_decoder_convs(),
        }
    }

    /// The original's widths 64 to 1024 and two convolutions in a decoder level.
    pub fn classic(channels: usize, classes: usize) -> Self {
        Self { width: 64, decoder_convs: 2, ..Self::new(channels, classes) }
    }

    pub(crate) fn check(&self) -> Result<()> {
        check_settings([
            channels(self.channels),
            classes(self.classes),
            ("width", self.width.to_string(), (1..=512).contains(&self.width), "1 to 512"),
            ("depth", self.depth.to_string(), (1..=6).contains(&self.depth), "1 to 6"),
            (
                "decoder_convs",
                self.decoder_convs.to_string(),
                (1..=2).contains(&self.decoder_convs),
                "1 or 2",
            ),
        ])
    }

    /// Channels before and after each encoder level, the finest first.
    pub(super) fn encoder(&self) -> Vec<[usize; 2]> {
        let above = |level: usize| if level == 0 { self.channels } else { self.width << (level - 1) };
        (0..=self.depth).map(|level| [above(level), self.width << level]).collect()
    }

    /// Feature maps of each decoder level, the coarsest first.
    pub(super) fn decoder(&self) -> Vec<usize> {
        (0..self.depth).rev().map(|level| self.width << level).collect()
    }

    /// Channels before and after each convolution of the decoder level of `width`.
    pub(super) fn decoder_level(&self, width: usize) -> Vec<[usize; 2]> {
        let first = [2 * width, width];
        (0..self.decoder_convs).map(|place| if place == 0 { first } else { [width, width] }).collect()
    }

    pub(crate) fn parameters(&self) -> Parameters {
        let conv = |channels: [usize; 2]| Kernel::new(channels, 3).normalised_parameters();
        let encoder = self.encoder().into_iter().map(|[from, to]| conv([from, to]) + conv([to, to]));
        let decoder = self.decoder().into_iter().map(|width| {
            let level = self.decoder_level(width).into_iter().map(conv).sum::<Parameters>();
            Ups::parameters(&[2 * width, width]) + level
        });
        encoder.chain(decoder).sum::<Parameters>() + Kernel::new([self.width, self.classes], 1).parameters()
    }

    /// As [`crate::architecture::Architecture::kept`], of one picture.
    pub(crate) fn kept(&self) -> f64 {
        let encoder = self.encoder().into_iter().enumerate().map(|(level, [above, width])| {
            let pooled = if level == 0 { 0.0 } else { kept::linear(above) };
            (pooled + 2.0 * kept::normalised(width)) * kept::area(level)
        });
        let decoder = self.decoder().into_iter().rev().enumerate().map(|(level, width)| {
            let joined = kept::linear(width) + kept::linear(2 * width);
            (joined + self.decoder_convs as f64 * kept::normalised(width)) * kept::area(level)
        });
        encoder.chain(decoder).sum::<f64>() + kept::linear(self.classes)
    }

    /// Rows and columns divisible by 2^depth.
    pub(crate) fn rules(&self) -> InputRules {
        InputRules { size_factor: 1 << self.depth, ..InputRules::new(InputKind::Date, self.channels) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_cannot_be_are_named() {
        #[track_caller]
        fn check(change: impl FnOnce(&mut UNetConfig), expected: &str) {
            let mut config = UNetConfig::new(3, 2);
            change(&mut config);
            assert_eq!(config.check().unwrap_err().to_string(), expected);
        }
        check(|c| c.width = 0, "setting `width` is 0, but must be 1 to 512");
        check(|c| c.depth = 7, "setting `depth` is 7, but must be 1 to 6");
        check(|c| c.decoder_convs = 3, "setting `decoder_convs` is 3, but must be 1 or 2");
        assert!(UNetConfig::classic(3, 2).check().is_ok());
    }
}
