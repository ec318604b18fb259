//! Lightweight attention over dates (L-TAE; Garnot & Landrieu 2020): one learned query a head.

use burn::module::{Initializer, Module, Param};
use burn::nn::{GroupNorm, GroupNormConfig};
use burn::tensor::activation::{relu, softmax};
use burn::tensor::{Device, Tensor, TensorData};

use super::UTaeConfig;
use crate::batch_norm::BatchNorm;
use crate::chance::Chance;
use crate::kept;
use crate::linear::Linear;
use crate::{Collapse, Parameters, StepMask};

/// Share of the attention that training drops.
const ATTENTION_DROPOUT: f64 = 0.1;
/// Share of the output that training drops.
const OUTPUT_DROPOUT: f64 = 0.2;
/// The longest wave by which a date is told, over 2 pi, in days.
const PERIOD: f32 = 1000.0;

/// Attention over the dates of each place of a map of features.
#[derive(Module, Debug)]
pub(super) struct Attention {
    input_norm: GroupNorm,
    project: Linear,
    /// `[head, key]`.
    query: Param<Tensor<2>>,
    keys: Linear,
    mix: Linear,
    /// Absent once folded into the linear layer.
    mix_norm: Option<BatchNorm>,
    output_norm: GroupNorm,
    #[module(skip)]
    step_days: usize,
}

impl Attention {
    pub(super) fn new(config: &UTaeConfig, width: usize, device: &Device) -> Self {
        let &UTaeConfig { heads, model, key, step_days, .. } = config;
        Self {
            input_norm: GroupNormConfig::new(heads, width).init(device),
            project: Linear::new([width, model], device),
            query: Initializer::Zeros.init([heads, key], device),
            keys: Linear::new([model, heads * key], device),
            mix: Linear::new([model, width], device),
            mix_norm: Some(BatchNorm::new(width, device)),
            output_norm: GroupNormConfig::new(heads, width).init(device),
            step_days,
        }
    }

    /// As [`crate::architecture::Architecture::kept`], of one date at its own pixels.
    pub(super) fn kept(config: &UTaeConfig, width: usize) -> f64 {
        let keys = 2.0 * kept::linear(config.heads * config.key) + 4.0 * kept::linear(config.heads);
        kept::normalised(width) + 3.0 * kept::linear(config.model) + keys
    }

    pub(super) fn parameters(config: &UTaeConfig, width: usize) -> Parameters {
        let &UTaeConfig { heads, model, key, .. } = config;
        Parameters::trained(4 * width + heads * key)
            + Linear::parameters([width, model])
            + Linear::parameters([model, heads * key])
            + Linear::parameters([model, width])
            + Parameters::norm(width)
    }

    /// Of `features` `[n, time, channel, y, x]`, 0 on empty dates: their summary `[n, channel, y, x]`, and how
    /// much each date counts for each head `[n, time, head, y, x]`; the dates' shares sum to 1.
    pub(super) fn forward(
        &self,
        features: Tensor<5>,
        mask: &StepMask,
        chance: &mut Chance,
    ) -> (Tensor<4>, Tensor<5>) {
        let [n, steps, width, rows, columns] = features.dims();
        let pixels = n * rows * columns;
        let [heads, key] = self.query.val().dims();
        let x = features.permute([0, 3, 4, 2, 1]).reshape([pixels, width, steps]);
        let x = self.project.forward(self.input_norm.forward(x).swap_dims(1, 2));
        let model = x.dims()[2];
        let x = x + self.places(steps, model / heads, heads, &self.query.val().device());

        let keys = self.keys.forward(x.clone()).reshape([pixels, steps, heads, key]);
        let scores = (keys * self.query.val().reshape([1, 1, heads, key])).sum_dim(3);
        let scores = scores.reshape([n, rows * columns, steps, heads]) / (key as f64).sqrt();
        let shares = softmax(scores + empty_dates(mask, [n, 1, steps, 1], &x.device()), 2);
        let shares = chance.dropout(shares, ATTENTION_DROPOUT);

        let values = x.reshape([pixels, steps, heads, model / heads]);
        let looked = (values * shares.clone().reshape([pixels, steps, heads, 1])).sum_dim(1);
        let mixed = self.mix.forward(looked.reshape([pixels, model]));
        let mixed = match &self.mix_norm {
            Some(norm) => norm.forward(mixed),
            None => mixed,
        };
        let output = self.output_norm.forward(chance.dropout(relu(mixed), OUTPUT_DROPOUT));
        let output = output.reshape([n, rows, columns, width]).permute([0, 3, 1, 2]);
        let shares = shares.reshape([n, rows, columns, steps, heads]).permute([0, 3, 4, 1, 2]);
        (output, shares)
    }

    /// Sines and cosines `[1, time, head x depth]` that tell each date's place (Vaswani et al. 2017), the same
    /// for each head.
    fn places(&self, steps: usize, depth: usize, heads: usize, device: &Device) -> Tensor<3> {
        let mut values = Vec::with_capacity(steps * heads * depth);
        for step in 0..steps {
            let day = (step * self.step_days) as f32;
            for _ in 0..heads {
                values.extend((0..depth).map(|place| {
                    let angle = day / PERIOD.powf((2 * (place / 2)) as f32 / depth as f32);
                    if place % 2 == 0 { angle.sin() } else { angle.cos() }
                }));
            }
        }
        Tensor::from_data(TensorData::new(values, [1, steps, heads * depth]), device)
    }

    pub(super) fn fold(mut self) -> Self {
        if let Some(norm) = self.mix_norm.take() {
            self.mix = self.mix.fold(&norm);
        }
        self
    }
}

/// What takes empty dates out of a softmax.
fn empty_dates(mask: &StepMask, shape: [usize; 4], device: &Device) -> Tensor<4> {
    let weights = mask.weights(Collapse::MaskedMean, shape[2]);
    let values: Vec<f32> = weights.iter().map(|&weight| if weight > 0.0 { 0.0 } else { -1e9 }).collect();
    Tensor::from_data(TensorData::new(values, shape), device)
}
