//! Settings of a ConvLSTM cell.

use serde::{Deserialize, Serialize};

use crate::settings::{check_settings, dropout};
use crate::{Parameters, Result};

/// The function of the gates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gate {
    /// 1 / (1 + exp(-x)).
    #[default]
    Sigmoid,
    /// 0.2 x + 0.5, clipped to 0..1.
    HardSigmoid,
}

/// The function of the candidate state and of the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Activation {
    /// Hyperbolic tangent.
    #[default]
    Tanh,
    /// The rectifier.
    Relu,
}

/// The order in which a sequence is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reading {
    /// First to last.
    #[default]
    Forward,
    /// Last to first.
    Backward,
}

/// Settings of a ConvLSTM cell.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ConvLstmConfig {
    /// Channels of the state.
    pub hidden: usize,
    /// Rows and columns of the kernels. Odd.
    pub kernel: usize,
    /// Whether the gates see the cell state, by one weight a channel.
    pub peephole: bool,
    /// The function of the gates.
    pub gate: Gate,
    /// The function of the candidate state and of the output.
    pub activation: Activation,
    /// What the forget gate's bias starts from; above 0, the cell first remembers (Jozefowicz et al. 2015).
    pub forget_bias: f64,
    /// The order in which a sequence is read.
    pub reading: Reading,
    /// In training, the share of the input that is dropped, the same for all dates.
    pub dropout: f64,
    /// In training, the share of the state that is dropped, the same for all dates.
    pub recurrent_dropout: f64,
}

impl Default for ConvLstmConfig {
    fn default() -> Self {
        Self {
            hidden: 32,
            kernel: 3,
            peephole: false,
            gate: Gate::default(),
            activation: Activation::default(),
            forget_bias: 1.0,
            reading: Reading::default(),
            dropout: 0.0,
            recurrent_dropout: 0.0,
        }
    }
}

impl ConvLstmConfig {
    /// Checks the settings.
    ///
    /// # Errors
    /// [`crate::Error::Setting`] names the first setting that cannot be.
    pub fn check(&self) -> Result<()> {
        check_settings([
            ("hidden", self.hidden.to_string(), (1..=1024).contains(&self.hidden), "1 to 1024"),
            (
                "kernel",
                self.kernel.to_string(),
                self.kernel % 2 == 1 && self.kernel <= 15,
                "an odd number up to 15",
            ),
            ("forget_bias", self.forget_bias.to_string(), self.forget_bias.is_finite(), "finite"),
            dropout("dropout", self.dropout),
            dropout("recurrent_dropout", self.recurrent_dropout),
        ])
    }

    /// Number of parameters for pictures of `channels`.
    pub fn parameters(&self, channels: usize) -> Parameters {
        let peephole = if self.peephole { 3 * self.hidden } else { 0 };
        let products = (channels + self.hidden) * self.kernel * self.kernel;
        Parameters::trained(4 * self.hidden * (products + 1) + peephole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_cells_have_their_parameter_counts() {
        #[track_caller]
        fn check(channels: usize, hidden: usize, expected: usize) {
            let cell = ConvLstmConfig { hidden, ..ConvLstmConfig::default() };
            assert_eq!(cell.parameters(channels), Parameters::trained(expected));
        }
        check(256, 128, 1_769_984);
        check(128, 128, 1_180_160);
        check(2, 64, 152_320);
        let peephole = ConvLstmConfig { peephole: true, ..ConvLstmConfig::default() };
        assert_eq!(peephole.parameters(2).total, ConvLstmConfig::default().parameters(2).total + 96);
    }

    #[test]
    fn settings_that_cannot_be_are_named() {
        #[track_caller]
        fn check(config: ConvLstmConfig, expected: &str) {
            assert_eq!(config.check().unwrap_err().to_string(), expected);
        }
        let good = ConvLstmConfig::default();
        check(
            ConvLstmConfig { kernel: 4, ..good },
            "setting `kernel` is 4, but must be an odd number up to 15",
        );
        check(
            ConvLstmConfig { dropout: 1.0, ..good },
            "setting `dropout` is 1, but must be at least 0 and below 1",
        );
        check(
            ConvLstmConfig { recurrent_dropout: f64::NAN, ..good },
            "setting `recurrent_dropout` is NaN, but must be at least 0 and below 1",
        );
        check(
            ConvLstmConfig { forget_bias: f64::INFINITY, ..good },
            "setting `forget_bias` is inf, but must be finite",
        );
        check(ConvLstmConfig { hidden: 0, ..good }, "setting `hidden` is 0, but must be 1 to 1024");
        assert!(good.check().is_ok());
    }
}
