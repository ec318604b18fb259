//! The exponential moving average of a network's weights over the steps of a training.

use std::collections::BTreeMap;

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::Tensor;

use crate::state::ModulePath;

/// Moves `average` towards `network`, running statistics included: `a <- d a + (1 - d) w` after step `steps`
/// (from 1), where `d` is `decay`, but no more than `(1 + steps) / (10 + steps)`, so that the first weights are
/// soon forgotten. Both are without gradients.
pub(crate) fn follow<M: Module>(average: M, network: &M, decay: f64, steps: u32) -> M {
    let steps = f64::from(steps);
    let mut values = Values::default();
    network.visit(&mut values);
    average.map(&mut Mixer {
        path: ModulePath::default(),
        values: values.found,
        decay: decay.min((1.0 + steps) / (10.0 + steps)),
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
        let decay = self.decay;
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
    use crate::state::{self, to_host};
    use burn::nn::{BatchNorm, BatchNormConfig};
    use burn::tensor::Device;

    #[test]
    fn weights_and_statistics_follow_by_the_decay() {
        let norm = |value: f32| -> BatchNorm {
            let norm = BatchNormConfig::new(2).init(&Device::flex());
            state::map(norm, |_, _| Some(vec![value; 2]))
        };
        let expect = |steps, decay: f64, expected: f32| {
            let found = follow(norm(1.0), &norm(3.0), decay, steps);
            for tensor in [found.gamma.val(), found.running_var.value_sync()] {
                assert!(to_host(tensor).iter().all(|value| (value - expected).abs() < 1e-6));
            }
        };
        expect(1_000_000, 0.75, 1.5);
        // After the first step at most 2/11 of the old is kept.
        expect(1, 0.75, 2.0 / 11.0 + 3.0 * 9.0 / 11.0);
    }
}
