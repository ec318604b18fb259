//! Settings of the UNet3D and what inputs it can take.

use serde::{Deserialize, Serialize};

use crate::{Collapse, Error, Result};

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
    /// [`Error::Setting`] names the first setting that cannot be.
    pub fn check(self) -> Result<ValidUNet3dConfig> {
        let rules = [
            ("channels", self.channels, (1..=1024).contains(&self.channels), "1 to 1024"),
            ("classes", self.classes, (2..=255).contains(&self.classes), "2 to 255"),
            (
                "width",
                self.width,
                self.width.is_multiple_of(2) && (2..=512).contains(&self.width),
                "an even number from 2 to 512",
            ),
            ("depth", self.depth, (1..=5).contains(&self.depth), "1 to 5"),
        ];
        for (setting, found, holds, rule) in rules {
            if !holds {
                return Err(Error::Setting { setting, found: found.to_string(), rule });
            }
        }
        Ok(ValidUNet3dConfig(self))
    }
}

/// Settings that have passed [`UNet3dConfig::check`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValidUNet3dConfig(UNet3dConfig);

impl ValidUNet3dConfig {
    /// The settings.
    pub fn get(&self) -> &UNet3dConfig {
        &self.0
    }

    /// Feature maps of each level, the finest first, the centre last.
    pub(crate) fn widths(&self) -> Vec<usize> {
        (0..=self.0.depth).map(|level| self.0.width << level).collect()
    }

    /// Number of trainable parameters.
    pub fn parameters(&self) -> usize {
        let conv = |from: usize, to: usize| from * to * 27 + to;
        let norm = |to: usize| 2 * to;
        let conv_norm = |from: usize, to: usize| conv(from, to) + norm(to);
        let (config, widths) = (&self.0, self.widths());
        let (depth, centre) = (config.depth, widths[config.depth]);
        let mut total = conv_norm(widths[depth - 1], centre) + conv_norm(centre, centre);
        for level in 0..depth {
            let width = widths[level];
            let above = if level == 0 { config.channels } else { widths[level - 1] };
            let out = if level == 0 { width / 2 } else { width };
            let up_norm = if level + 1 == depth { 0 } else { norm(width) };
            total += conv_norm(above, width) + conv_norm(width, width);
            total += conv(widths[level + 1], width) + up_norm;
            total += conv_norm(2 * width, width) + conv_norm(width, out);
        }
        let attention = if config.collapse == Collapse::Attention { config.width / 2 + 1 } else { 0 };
        total + conv(config.width / 2, config.classes) + attention
    }

    /// Checks that the network can take an input of this size.
    ///
    /// # Errors
    /// [`Error::InputSize`]: channels as configured; at least 2^depth steps; rows and columns
    /// divisible by 2^depth.
    pub fn check_input(&self, channels: usize, steps: usize, rows: usize, columns: usize) -> Result<()> {
        let factor = 1 << self.0.depth;
        let refuse =
            |axis, found, expected| Err(Error::InputSize { network: super::NAME, axis, expected, found });
        if channels != self.0.channels {
            return refuse("channels", channels, self.0.channels.to_string());
        }
        if steps < factor {
            return refuse("steps", steps, format!("at least {factor}"));
        }
        for (axis, found) in [("rows", rows), ("columns", columns)] {
            if found == 0 || !found.is_multiple_of(factor) {
                return refuse(axis, found, format!("a multiple of {factor}"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_network_has_its_parameter_count() {
        assert_eq!(UNet3dConfig::new(12, 7).check().unwrap().parameters(), 1_549_895);
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
    fn inputs_that_do_not_fit_are_named() {
        let config = UNet3dConfig::new(3, 2).check().unwrap();
        let check = |size: [usize; 4], expected: &str| {
            let [channels, steps, rows, columns] = size;
            let error = config.check_input(channels, steps, rows, columns).unwrap_err();
            assert_eq!(error.to_string(), expected);
        };
        check([2, 8, 8, 8], "input has 2 channels, but network unet3d takes 3");
        check([3, 3, 8, 8], "input has 3 steps, but network unet3d takes at least 4");
        check([3, 4, 6, 8], "input has 6 rows, but network unet3d takes a multiple of 4");
        check([3, 4, 8, 0], "input has 0 columns, but network unet3d takes a multiple of 4");
        assert!(config.check_input(3, 5, 8, 4).is_ok());
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
