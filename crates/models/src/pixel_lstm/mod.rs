//! Pixel LSTM: a recurrent network over the dates of each pixel, without a look at its neighbours.
//!
//! Rußwurm et al. 2020 (ISPRS Archives, "BreizhCrops"): layer normalisation, four bidirectional layers of
//! long short-term memory (Hochreiter & Schmidhuber 1997) without biases, and a linear layer on the final
//! *cell* states of all layers and directions.

mod config;
mod lstm;
#[cfg(test)]
mod tests;

pub use config::PixelLstmConfig;

use burn::module::Module;
use burn::nn::{LayerNorm, LayerNormConfig};
use burn::tensor::{Device, Tensor};

use crate::architecture::Architecture;
use crate::chance::Chance;
use crate::kept;
use crate::linear::Linear;
use crate::pixels::each_pixel;
use crate::settings::{channels, check_settings, classes, dropout};
use crate::{InputKind, InputRules, Parameters, Result, StepMask};
use lstm::Layer;

/// The network. Dates without an observation are read as they are, filled.
#[derive(Module, Debug)]
pub(crate) struct PixelLstm {
    input_norm: LayerNorm,
    layers: Vec<Layer>,
    state_norm: LayerNorm,
    head: Linear,
    #[module(skip)]
    dropout: f64,
}

impl PixelLstm {
    /// Class scores `[pixel, class]` of `series` `[pixel, time, channel]`.
    fn classify(&self, series: Tensor<3>, chance: &mut Chance) -> Tensor<2> {
        let steps = series.dims()[1];
        // One tensor a date: the gradient of a part of a tensor is as large as the whole.
        let mut steps: Vec<Tensor<2>> = (0..steps)
            .map(|step| self.input_norm.forward(series.clone().narrow(1, step, 1).squeeze_dim::<2>(1)))
            .collect();
        let mut states = Vec::new();
        for (level, layer) in self.layers.iter().enumerate() {
            if level > 0 {
                steps = steps.into_iter().map(|x| chance.dropout(x, self.dropout)).collect();
            }
            let (output, cells) = layer.forward(&steps);
            steps = output;
            states.extend(cells);
        }
        self.head.forward(self.state_norm.forward(Tensor::cat(states, 1)))
    }

    /// The name here of a tensor of the published module, if it is one.
    pub(crate) fn torch_name(name: &str) -> Option<String> {
        let (module, tensor) = name.split_once('.')?;
        let norm = |ours: &str| {
            let tensor = match tensor {
                "weight" => "gamma",
                "bias" => "beta",
                _ => return None,
            };
            Some(format!("{ours}.{tensor}"))
        };
        match module {
            "inlayernorm" => norm("input_norm"),
            "clayernorm" => norm("state_norm"),
            "linear" => Some(format!("head.{tensor}")),
            "lstm" => {
                let (kind, layer) = tensor.split_once("_l")?;
                let kind = match kind {
                    "weight_ih" => "input_weights",
                    "weight_hh" => "state_weights",
                    _ => return None,
                };
                let (layer, direction) = match layer.strip_suffix("_reverse") {
                    Some(layer) => (layer, "backward"),
                    None => (layer, "forward"),
                };
                Some(format!("layers.{layer}.{direction}.{kind}"))
            }
            _ => None,
        }
    }
}

impl PixelLstmConfig {
    pub(crate) fn check(&self) -> Result<()> {
        let count = |value: usize, most: usize| (1..=most).contains(&value);
        check_settings([
            channels(self.channels),
            classes(self.classes),
            ("hidden", self.hidden.to_string(), count(self.hidden, 1024), "1 to 1024"),
            ("layers", self.layers.to_string(), count(self.layers, 16), "1 to 16"),
            dropout("dropout", self.dropout),
        ])
    }
}

impl Architecture for PixelLstm {
    type Config = PixelLstmConfig;

    const SOURCE: &'static str = "Russwurm et al. 2020, BreizhCrops (LSTM)";

    fn rules(config: &Self::Config) -> InputRules {
        InputRules::new(InputKind::PixelSeries, config.channels)
    }

    fn parameters(config: &Self::Config) -> Parameters {
        let layers: usize =
            config.inputs().map(|input| config.directions() * Layer::weights(input, config.hidden)).sum();
        let norms = 2 * (config.channels + config.states());
        Parameters::trained(layers + norms) + Linear::parameters([config.states(), config.classes])
    }

    fn kept(config: &Self::Config, steps: usize) -> f64 {
        // Each layer's states are joined, and dropped in part.
        let states = (config.layers * config.directions()) as f64;
        let layers = states * (kept::cell(config.hidden) + 2.0 * kept::linear(config.hidden));
        let ends = kept::normalised(config.states()) + kept::linear(config.classes);
        steps as f64 * (kept::normalised(config.channels) + layers) + ends
    }

    fn build(config: &Self::Config, device: &Device) -> Self {
        let layer = |input| Layer::new([input, config.hidden], config.bidirectional, device);
        Self {
            input_norm: LayerNormConfig::new(config.channels).init(device),
            layers: config.inputs().map(layer).collect(),
            state_norm: LayerNormConfig::new(config.states()).init(device),
            head: Linear::new([config.states(), config.classes], device),
            dropout: config.dropout,
        }
    }

    fn forward(&self, input: Tensor<5>, _mask: &StepMask, chance: &mut Chance) -> Vec<Tensor<4>> {
        vec![each_pixel(input, |series| self.classify(series, chance))]
    }
}
