//! Settings of the pixel LSTM.

use serde::{Deserialize, Serialize};

/// Settings of a pixel LSTM; the defaults are the published ones.
///
/// A training step holds some 64 bytes for each pixel, date, layer, direction and cell: at the defaults 3 MB a
/// pixel of 46 dates, so train it on small patches (16 x 16 pixels, 0.8 GB each). Prediction takes pixels in
/// turns and holds little.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PixelLstmConfig {
    /// Input channels: bands and indices.
    pub channels: usize,
    /// Output classes.
    pub classes: usize,
    /// Cells of each layer and direction.
    #[serde(default = "default_hidden")]
    pub hidden: usize,
    /// Layers on top of each other.
    #[serde(default = "default_layers")]
    pub layers: usize,
    /// Whether each layer reads the dates backwards, too.
    #[serde(default = "default_bidirectional")]
    pub bidirectional: bool,
    /// Share of the values between two layers that training drops.
    #[serde(default = "default_dropout")]
    pub dropout: f64,
}

fn default_hidden() -> usize {
    128
}

fn default_layers() -> usize {
    4
}

fn default_bidirectional() -> bool {
    true
}

fn default_dropout() -> f64 {
    0.571_302_022_808_716_1
}

impl PixelLstmConfig {
    /// The published network for `channels` inputs and `classes` outputs.
    pub fn new(channels: usize, classes: usize) -> Self {
        Self {
            channels,
            classes,
            hidden: default_hidden(),
            layers: default_layers(),
            bidirectional: default_bidirectional(),
            dropout: default_dropout(),
        }
    }

    pub(super) fn directions(&self) -> usize {
        if self.bidirectional { 2 } else { 1 }
    }

    /// Values that the last layer sees.
    pub(super) fn states(&self) -> usize {
        self.layers * self.directions() * self.hidden
    }

    /// Values a date that each layer reads.
    pub(super) fn inputs(&self) -> impl Iterator<Item = usize> {
        let above = self.directions() * self.hidden;
        let channels = self.channels;
        (0..self.layers).map(move |level| if level == 0 { channels } else { above })
    }
}
