//! Settings of the U-TAE.

use serde::{Deserialize, Serialize};

use crate::Result;
use crate::settings::{channels, check_settings, classes};

/// Groups of the encoder's group normalisation.
pub(super) const GROUPS: usize = 4;

/// Settings of a U-TAE; the defaults are the published ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UTaeConfig {
    /// Input channels: bands and indices.
    pub channels: usize,
    /// Output classes.
    pub classes: usize,
    /// Feature maps of each level of the encoder, the finest first; multiples of `heads` and of 4.
    #[serde(default = "default_encoder")]
    pub encoder: Vec<usize>,
    /// Feature maps of each level of the decoder, the finest first; the last as in `encoder`.
    #[serde(default = "default_decoder")]
    pub decoder: Vec<usize>,
    /// Heads of the attention over the dates.
    #[serde(default = "default_heads")]
    pub heads: usize,
    /// Values that all heads together look at; a multiple of `heads`.
    #[serde(default = "default_model")]
    pub model: usize,
    /// Values of a key.
    #[serde(default = "default_key")]
    pub key: usize,
    /// Days between two dates: the place of a date in the series is told to the attention in days.
    #[serde(default = "default_step_days")]
    pub step_days: usize,
}

fn default_encoder() -> Vec<usize> {
    vec![64, 64, 64, 128]
}

fn default_decoder() -> Vec<usize> {
    vec![32, 32, 64, 128]
}

fn default_heads() -> usize {
    16
}

fn default_model() -> usize {
    256
}

fn default_key() -> usize {
    4
}

fn default_step_days() -> usize {
    10
}

impl UTaeConfig {
    /// The published network for `channels` inputs and `classes` outputs, with dates ten days apart.
    pub fn new(channels: usize, classes: usize) -> Self {
        Self {
            channels,
            classes,
            encoder: default_encoder(),
            decoder: default_decoder(),
            heads: default_heads(),
            model: default_model(),
            key: default_key(),
            step_days: default_step_days(),
        }
    }

    pub(crate) fn check(&self) -> Result<()> {
        let count = |value: usize, most: usize| (1..=most).contains(&value);
        let list = |values: &[usize]| format!("{values:?}");
        check_settings([
            channels(self.channels),
            classes(self.classes),
            ("heads", self.heads.to_string(), count(self.heads, 256), "1 to 256"),
            ("key", self.key.to_string(), count(self.key, 256), "1 to 256"),
            ("step_days", self.step_days.to_string(), count(self.step_days, 1000), "1 to 1000"),
            (
                "model",
                self.model.to_string(),
                count(self.model, 4096) && self.model.is_multiple_of(self.heads),
                "a multiple of `heads`, at most 4096",
            ),
            ("encoder", list(&self.encoder), (2..=6).contains(&self.encoder.len()), "2 to 6 levels"),
            (
                "encoder",
                list(&self.encoder),
                self.encoder.iter().all(|&width| {
                    count(width, 1024) && width.is_multiple_of(self.heads) && width.is_multiple_of(GROUPS)
                }),
                "multiples of `heads` and of 4, at most 1024",
            ),
            (
                "decoder",
                list(&self.decoder),
                self.decoder.iter().all(|&width| count(width, 1024))
                    && self.decoder.len() == self.encoder.len()
                    && self.decoder.last() == self.encoder.last(),
                "as many levels as `encoder`, the last of the same width, at most 1024",
            ),
        ])
    }

    /// Widths of the last, finest, level's convolutions.
    pub(super) fn head(&self) -> [usize; 3] {
        [self.decoder[0], 32, self.classes]
    }
}
