//! Settings of the DeepForest family.

use serde::{Deserialize, Serialize};

use crate::architecture::Head;
use crate::convlstm::{Activation, Gate, Reading};
use crate::dates::StackedRadar;
use crate::settings::{channels, check_settings, classes, dropout};
use crate::{ConvLstmConfig, InputKind, InputRules, Result};

use super::encoder::EncoderShape;

/// Settings of DeepForest-1a, -1b, -1c and of their DeepLab baseline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeepForestConfig {
    /// Input channels.
    pub channels: usize,
    /// Output classes.
    pub classes: usize,
    /// Feature maps of the encoder's stem; all other widths are in proportion.
    #[serde(default = "default_width")]
    pub width: usize,
    /// In training, the share of the enlarged features that is dropped.
    #[serde(default = "default_dropout")]
    pub dropout: f64,
    /// How many of the channels, the last ones, are of the radar; looked at with `stack_radar` only, as `steps`.
    #[serde(default)]
    pub radar: usize,
    /// Time steps.
    #[serde(default = "default_steps")]
    pub steps: usize,
    /// Whether the series is one picture, in which the radar's steps stand side by side as channels ("S1TsS2"), rather than a
    /// picture a date whose scores are averaged.
    #[serde(default)]
    pub stack_radar: bool,
}

fn default_width() -> usize {
    64
}

fn default_steps() -> usize {
    1
}

fn default_dropout() -> f64 {
    0.5
}

impl DeepForestConfig {
    /// The published widths.
    pub fn new(channels: usize, classes: usize) -> Self {
        let (width, dropout) = (default_width(), default_dropout());
        Self { channels, classes, width, dropout, radar: 0, steps: default_steps(), stack_radar: false }
    }

    pub(crate) fn check(&self) -> Result<()> {
        check_settings([
            channels(self.channels),
            classes(self.classes),
            ("width", self.width.to_string(), (1..=256).contains(&self.width), "1 to 256"),
            dropout("dropout", self.dropout),
        ])?;
        check_stack(self.channels, self.radar, self.stacked())
    }

    pub(super) fn rules(&self, size_factor: usize) -> InputRules {
        rules(self.channels, self.stacked(), size_factor)
    }

    /// How the series becomes one picture, if it does.
    pub(super) fn stacked(&self) -> Option<StackedRadar> {
        self.stack_radar.then(|| one_picture(self.channels, self.radar, self.steps))
    }

    pub(super) fn encoder(&self) -> EncoderShape {
        let channels = self.stacked().map_or(self.channels, StackedRadar::channels);
        EncoderShape { channels, width: self.width, atrous: false }
    }

    /// Pictures that are made of a sample of so many steps.
    pub(super) fn pictures(&self, steps: usize) -> f64 {
        if self.stack_radar { 1.0 } else { steps as f64 }
    }
}

/// Of `channels` a date, the last `radar` of which are the radar's, over so many steps.
fn one_picture(channels: usize, radar: usize, steps: usize) -> StackedRadar {
    StackedRadar { optical: channels.saturating_sub(radar), radar, steps }
}

/// Refuses a picture of radar steps that cannot be.
fn check_stack(channels: usize, radar: usize, stacked: Option<StackedRadar>) -> Result<()> {
    let Some(stacked) = stacked else { return Ok(()) };
    let of_both = radar > 0 && radar < channels;
    let (steps, fits) = (stacked.steps, stacked.steps > 0 && stacked.channels() <= 1024);
    check_settings([
        (
            "stack_radar",
            "true".to_owned(),
            of_both,
            "false where there are no radar channels after optical ones",
        ),
        ("steps", steps.to_string(), fits, "at least 1, and few enough for a picture of 1024 channels"),
    ])
}

/// Each date, or the picture that `stacked` makes of exactly so many.
fn rules(channels: usize, stacked: Option<StackedRadar>, size_factor: usize) -> InputRules {
    let Some(StackedRadar { optical, radar, steps }) = stacked else {
        return InputRules { size_factor, ..InputRules::new(InputKind::Date, channels) };
    };
    let rules = InputRules::new(InputKind::StackedRadar { optical, radar, steps }, channels);
    InputRules { size_factor, min_steps: steps, max_steps: Some(steps), ..rules }
}

/// Settings of the U-Net baseline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeepForestUNetConfig {
    /// Input channels.
    pub channels: usize,
    /// Output classes.
    pub classes: usize,
    /// Feature maps of the first level; all other widths are in proportion.
    #[serde(default = "default_unet_width")]
    pub width: usize,
    /// How many of the channels, the last ones, are of the radar; as [`DeepForestConfig::radar`].
    #[serde(default)]
    pub radar: usize,
    /// Time steps.
    #[serde(default = "default_steps")]
    pub steps: usize,
    /// As [`DeepForestConfig::stack_radar`].
    #[serde(default)]
    pub stack_radar: bool,
}

fn default_unet_width() -> usize {
    8
}

impl DeepForestUNetConfig {
    /// The published widths.
    pub fn new(channels: usize, classes: usize) -> Self {
        let (width, steps) = (default_unet_width(), default_steps());
        Self { channels, classes, width, radar: 0, steps, stack_radar: false }
    }

    pub(crate) fn check(&self) -> Result<()> {
        check_settings([
            channels(self.channels),
            classes(self.classes),
            ("width", self.width.to_string(), (1..=128).contains(&self.width), "1 to 128"),
        ])?;
        check_stack(self.channels, self.radar, self.stacked())
    }

    pub(super) fn rules(&self) -> InputRules {
        rules(self.channels, self.stacked(), 32)
    }

    /// How the series becomes one picture, if it does.
    pub(super) fn stacked(&self) -> Option<StackedRadar> {
        self.stack_radar.then(|| one_picture(self.channels, self.radar, self.steps))
    }
}

/// Settings of DeepForest-2a and -2b, which read optical and radar channels in a branch each.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeepForestFusionConfig {
    /// Input channels: the optical ones, then the radar ones.
    pub channels: usize,
    /// How many of them are of the radar: as published two, VV and VH, a step.
    #[serde(default = "default_radar")]
    pub radar: usize,
    /// Output classes.
    pub classes: usize,
    /// State channels of the radar's ConvLSTM; all other widths are in proportion.
    #[serde(default = "default_width")]
    pub width: usize,
    /// In training, the share of the enlarged optical features that is dropped (-2b).
    #[serde(default = "default_dropout")]
    pub dropout: f64,
    /// In training, the share of the radar input and state that is dropped.
    #[serde(default = "default_radar_dropout")]
    pub radar_dropout: f64,
}

fn default_radar() -> usize {
    2
}

fn default_radar_dropout() -> f64 {
    0.2
}

impl DeepForestFusionConfig {
    /// The published widths; the last two of `channels` are of the radar.
    pub fn new(channels: usize, classes: usize) -> Self {
        Self {
            channels,
            radar: default_radar(),
            classes,
            width: default_width(),
            dropout: default_dropout(),
            radar_dropout: default_radar_dropout(),
        }
    }

    pub(crate) fn check(&self) -> Result<()> {
        check_settings([
            ("radar", self.radar.to_string(), self.radar > 0, "at least 1"),
            (
                "channels",
                self.channels.to_string(),
                (self.radar + 1..=1024).contains(&self.channels),
                "more than the radar's, and at most 1024",
            ),
            ("width", self.width.to_string(), self.width.is_multiple_of(8), "a multiple of 8"),
            (
                "radar_dropout",
                self.radar_dropout.to_string(),
                (0.0..1.0).contains(&self.radar_dropout),
                "at least 0 and below 1",
            ),
        ])?;
        self.optical().check()
    }

    /// The optical branch.
    pub(super) fn optical(&self) -> DeepForestConfig {
        let Self { classes, width, dropout, .. } = *self;
        DeepForestConfig { width, dropout, ..DeepForestConfig::new(self.channels - self.radar, classes) }
    }

    /// The optical branch of -2a.
    pub(super) fn optical_unet(&self) -> DeepForestUNetConfig {
        let DeepForestConfig { channels, classes, width, .. } = self.optical();
        DeepForestUNetConfig { width: width / 8, ..DeepForestUNetConfig::new(channels, classes) }
    }

    /// The radar branch.
    pub(super) fn memory(&self) -> ConvLstmConfig {
        ConvLstmConfig {
            hidden: self.width,
            gate: Gate::HardSigmoid,
            activation: Activation::Relu,
            dropout: self.radar_dropout,
            recurrent_dropout: self.radar_dropout,
            ..ConvLstmConfig::default()
        }
    }

    pub(super) fn rules(&self) -> InputRules {
        let kind = InputKind::TwoBranches { optical: self.channels - self.radar, radar: self.radar };
        InputRules { size_factor: 32, ..InputRules::new(kind, self.channels) }
    }

    /// The published weights of the losses.
    pub(super) fn heads() -> Vec<Head> {
        let head = |name, loss_weight| Head { name, loss_weight };
        vec![head("fused", 1.0), head("optical", 0.7), head("radar", 0.3)]
    }
}

/// The ConvLSTM over features of different coarseness, given finest first and read coarsest first.
pub(super) fn memory(width: usize) -> ConvLstmConfig {
    ConvLstmConfig {
        hidden: 2 * width,
        gate: Gate::HardSigmoid,
        reading: Reading::Backward,
        ..ConvLstmConfig::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_cannot_be_are_named() {
        #[track_caller]
        fn check(result: Result<()>, expected: &str) {
            assert_eq!(result.unwrap_err().to_string(), expected);
        }
        let one = DeepForestConfig::new(10, 18);
        check(
            DeepForestConfig { width: 0, ..one.clone() }.check(),
            "setting `width` is 0, but must be 1 to 256",
        );
        check(
            DeepForestConfig { dropout: f64::NAN, ..one }.check(),
            "setting `dropout` is NaN, but must be at least 0 and below 1",
        );
        let one = DeepForestConfig::new(12, 18);
        for radar in [0, 12] {
            check(
                DeepForestConfig { radar, stack_radar: true, ..one.clone() }.check(),
                "setting `stack_radar` is true, but must be false where there are no radar channels after optical ones",
            );
        }
        check(
            DeepForestConfig { radar: 2, steps: 508, stack_radar: true, ..one }.check(),
            "setting `steps` is 508, but must be at least 1, and few enough for a picture of 1024 channels",
        );
        let two = DeepForestFusionConfig::new(12, 18);
        check(
            DeepForestFusionConfig { radar: 12, ..two.clone() }.check(),
            "setting `channels` is 12, but must be more than the radar's, and at most 1024",
        );
        check(
            DeepForestFusionConfig { width: 4, ..two.clone() }.check(),
            "setting `width` is 4, but must be a multiple of 8",
        );
        check(
            DeepForestFusionConfig { classes: 1, ..two }.check(),
            "setting `classes` is 1, but must be 2 to 255",
        );
        assert!(DeepForestUNetConfig { width: 0, ..DeepForestUNetConfig::new(10, 18) }.check().is_err());
    }
}
