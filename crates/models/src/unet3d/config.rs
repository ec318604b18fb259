//! Settings of the UNet3D and what inputs it can take.

use serde::{Deserialize, Serialize};

use crate::kept;
use crate::settings::{channels, check_settings, classes};
use crate::{Collapse, InputKind, InputRules, Parameters, Result};

/// Settings of a UNet3D; the defaults are those of the publication.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UNet3dConfig {
    /// Input channels: bands and indices.
    pub channels: usize,
    /// Output classes.
    pub classes: usize,
    /// Feature maps of the first level; each level below has twice as many. Even.
    #[serde(default = "default_width")]
    pub width: usize,
    /// How often time, rows and columns are halved.
    #[serde(default = "default_depth")]
    pub depth: usize,
    /// How the per-date class scores become one.
    #[serde(default)]
    pub collapse: Collapse,
}

fn default_width() -> usize {
    32
}

fn default_depth() -> usize {
    2
}

impl UNet3dConfig {
    /// The published network for `channels` inputs and `classes` outputs.
    pub fn new(channels: usize, classes: usize) -> Self {
        Self {
            channels,
            classes,
            width: default_width(),
            depth: default_depth(),
            collapse: Collapse::default(),
        }
    }

    /// Checks the settings.
    ///
    /// # Errors
    /// [`crate::Error::Setting`] names the first setting that cannot be.
    pub(crate) fn check(&self) -> Result<()> {
        let even = self.width.is_multiple_of(2);
        check_settings([
            channels(self.channels),
            classes(self.classes),
            (
                "width",
                self.width.to_string(),
                even && (2..=512).contains(&self.width),
                "an even number from 2 to 512",
            ),
            ("depth", self.depth.to_string(), (1..=5).contains(&self.depth), "1 to 5"),
        ])
    }

    /// Feature maps of each level, the finest first, the centre last.
    pub(super) fn widths(&self) -> Vec<usize> {
        (0..=self.depth).map(|level| self.width << level).collect()
    }

    /// Numbers of parameters.
    pub(super) fn parameters(&self) -> Parameters {
        let conv = |from: usize, to: usize| Parameters::conv([from, to], 27);
        let conv_norm = |from: usize, to: usize| conv(from, to) + Parameters::norm(to);
        let (depth, widths) = (self.depth, self.widths());
        let levels = (0..depth).map(|level| {
            let width = widths[level];
            let above = if level == 0 { self.channels } else { widths[level - 1] };
            let out = if level == 0 { width / 2 } else { width };
            let up_norm = if level + 1 == depth { Parameters::NONE } else { Parameters::norm(width) };
            let encoder = conv_norm(above, width) + conv_norm(width, width);
            encoder
                + conv(widths[level + 1], width)
                + up_norm
                + conv_norm(2 * width, width)
                + conv_norm(width, out)
        });
        let centre = conv_norm(widths[depth - 1], widths[depth]) + conv_norm(widths[depth], widths[depth]);
        let attention = match self.collapse {
            Collapse::Attention => Parameters::conv([self.width / 2, 1], 1),
            Collapse::MaskedMean | Collapse::Last => Parameters::NONE,
        };
        levels.sum::<Parameters>() + centre + conv(self.width / 2, self.classes) + attention
    }

    /// As [`crate::architecture::Architecture::kept`], of one date.
    pub(super) fn kept(&self) -> f64 {
        let widths = self.widths();
        let share = |level: usize| 0.125f64.powi(level as i32);
        let levels = (0..self.depth).map(|level| {
            let width = widths[level];
            let out = if level == 0 { width / 2 } else { width };
            let up = if level + 1 == self.depth { kept::linear(width) } else { kept::normalised(width) };
            let joined = kept::linear(2 * width);
            (3.0 * kept::normalised(width) + kept::normalised(out) + up + joined) * share(level)
        });
        let pooled: f64 =
            (0..self.depth).map(|level| kept::linear(widths[level]) * share(level) * 0.375).sum();
        let centre = 2.0 * kept::normalised(widths[self.depth]) * share(self.depth);
        levels.sum::<f64>() + pooled + centre + kept::rectified(self.classes)
    }

    /// At least 2^depth steps; rows and columns divisible by 2^depth.
    pub(super) fn rules(&self) -> InputRules {
        let factor = 1 << self.depth;
        let rules = InputRules::new(InputKind::Series, self.channels);
        InputRules { min_steps: factor, size_factor: factor, ..rules }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_network_has_its_parameter_count() {
        assert_eq!(UNet3dConfig::new(12, 7).parameters().trainable, 1_549_895);
    }

    #[test]
    fn settings_that_cannot_be_are_named() {
        #[track_caller]
        fn check(change: impl FnOnce(&mut UNet3dConfig), expected: &str) {
            let mut config = UNet3dConfig::new(12, 7);
            change(&mut config);
            assert_eq!(config.check().unwrap_err().to_string(), expected);
        }
        check(|c| c.width = 7, "setting `width` is 7, but must be an even number from 2 to 512");
        check(|c| c.depth = 0, "setting `depth` is 0, but must be 1 to 5");
        check(|c| c.classes = 1, "setting `classes` is 1, but must be 2 to 255");
        check(|c| c.channels = 0, "setting `channels` is 0, but must be 1 to 1024");
    }

    #[test]
    fn defaults_fill_a_short_document() {
        let config: UNet3dConfig = serde_json::from_str(r#"{"channels": 12, "classes": 7}"#).unwrap();
        assert_eq!(config, UNet3dConfig::new(12, 7));
        assert!(
            serde_json::from_str::<UNet3dConfig>(r#"{"channels": 1, "classes": 2, "widht": 4}"#).is_err()
        );
    }
}
