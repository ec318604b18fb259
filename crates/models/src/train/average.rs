//! The exponential moving average of a network's weights over the steps of a training.

use std::collections::BTreeMap;

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::Tensor;

use crate::state::ModulePath;

/// Moves `average` towards `network`, running statistics included: `a <- d a + (1 - d) w` after step `steps`
/// (from 1), where `d` is `decay`, but no more than `(1 + steps) / (10 + steps)`, so that the first weights are
/// soon forgotten; running statistics are taken over whole after the first step. Both are without gradients.
pub(crate) fn follow<M: Module>(average: M, network: &M, decay: f64, steps: u32) -> M {
    let steps = f64::from(steps);
    let mut values = Values::default();
    network.visit(&mut values);
    average.map(&mut Mixer {
        path: ModulePath::default(),
        values: values.found,
        decay: decay.min((1.0 + steps) / (10.0 + steps)),
        first: steps == 1.0,
    })
}

#[derive(Default)]
struct Values {
    path: ModulePath,
    /// Flat, by name.
    found: BTreeMap<String, Tensor<1>>,
}

impl ModuleVisitor for Values {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.enter(name, container);
    }

    fn exit_module(&mut self, _name: &str, container: &str) {
        self.path.exit(container);
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.found.insert(self.path.name(), param.val().flatten(0, D - 1));
    }
}

struct Mixer {
    path: ModulePath,
    values: BTreeMap<String, Tensor<1>>,
    decay: f64,
    first: bool,
}

impl ModuleMapper for Mixer {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.enter(name, container);
    }

    fn exit_module(&mut self, _name: &str, container: &str) {
        self.path.exit(container);
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let Some(value) = self.values.remove(&self.path.name()) else { return param };
        let path = self.path.name();
        let statistic = path.ends_with("running_mean") || path.ends_with("running_var");
        let decay = if statistic && self.first { 0.0 } else { self.decay };
        param.map(|average| {
            let value = value.reshape(average.dims());
            average * decay + value * (1.0 - decay)
        })
    }
}

#[cfg(test)]
#[cfg(feature = "flex")]
mod tests {
    use super::*;
    use crate::batch_norm::BatchNorm;
    use crate::state::{self, to_host};
    use burn::tensor::Device;

    #[test]
    fn weights_and_statistics_follow_by_the_decay() {
        let norm = |value: f32| -> BatchNorm {
            let norm = BatchNorm::new(2, &Device::flex());
            state::map(norm, |_, _| Some(vec![value; 2]))
        };
        let expect = |steps, decay: f64, [weight, statistic]: [f32; 2]| {
            let found = follow(norm(1.0), &norm(3.0), decay, steps);
            for (tensor, expected) in
                [(found.gamma.val(), weight), (found.running_var.value_sync(), statistic)]
            {
                assert!(to_host(tensor).iter().all(|value| (value - expected).abs() < 1e-6));
            }
        };
        expect(1_000_000, 0.75, [1.5, 1.5]);
        // After the first step at most 2/11 of the old weights is kept, and no statistic of a network that had seen nothing.
        expect(1, 0.75, [2.0 / 11.0 + 3.0 * 9.0 / 11.0, 3.0]);
    }
}
