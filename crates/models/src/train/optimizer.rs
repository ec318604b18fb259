//! Adam and AdamW, with gradients clipped by their norm over all parameters.
//!
//! Own code because the state must be saved by parameter name for a resumed run to give the same bytes,
//! and because the clipping has to see all parameters at once.

use std::collections::BTreeMap;
use std::path::Path;

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor, TensorData};

use super::{Optimizer, TrainConfig};
use crate::state::{HostTensor, ModulePath, StateDict, to_host};
use crate::{Error, Result};

const BETA_1: f64 = 0.9;
const BETA_2: f64 = 0.999;
const EPSILON: f64 = 1e-8;

/// Running means of a parameter's gradient and of its square, flat.
struct Moments {
    first: Tensor<1>,
    second: Tensor<1>,
}

/// Kingma & Ba 2015, algorithm 1; decoupled decay after Loshchilov & Hutter 2019, algorithm 2. Parameters of one axis, which
/// are biases and the scales and shifts of normalisations, do not decay.
pub(crate) struct Adam {
    kind: Optimizer,
    weight_decay: f64,
    clip_norm: f64,
    steps: u32,
    moments: BTreeMap<String, Moments>,
}

impl Adam {
    pub(crate) fn new(config: &TrainConfig) -> Self {
        let TrainConfig { optimizer: kind, weight_decay, clip_norm, .. } = *config;
        Self { kind, weight_decay, clip_norm, steps: 0, moments: BTreeMap::new() }
    }

    /// One step. A gradient norm that is not finite is given back as the error, nothing is changed.
    pub(crate) fn step<M: Module>(
        &mut self,
        module: M,
        gradients: GradientsParams,
        learning_rate: f64,
    ) -> std::result::Result<M, f32> {
        let norm = norm(&module, &gradients);
        if !norm.is_finite() {
            return Err(norm);
        }
        let clip = self.clip_norm > 0.0 && f64::from(norm) > self.clip_norm;
        let scale = if clip { self.clip_norm / f64::from(norm) } else { 1.0 };
        self.steps += 1;
        let mut stepper =
            Stepper { adam: self, path: ModulePath::default(), gradients, learning_rate, scale };
        Ok(module.map(&mut stepper))
    }

    /// Number of steps done.
    pub(crate) fn steps(&self) -> u32 {
        self.steps
    }

    /// The moments by parameter name.
    pub(crate) fn state(&self) -> StateDict {
        let host = |tensor: &Tensor<1>| HostTensor {
            shape: vec![tensor.dims()[0]],
            values: to_host(tensor.clone()),
        };
        self.moments
            .iter()
            .flat_map(|(name, moments)| {
                [
                    (format!("first.{name}"), host(&moments.first)),
                    (format!("second.{name}"), host(&moments.second)),
                ]
            })
            .collect()
    }

    /// Puts saved moments back. `path` is for the message.
    pub(crate) fn restore(
        &mut self,
        steps: u32,
        mut state: StateDict,
        path: &Path,
        device: &Device,
    ) -> Result<()> {
        let names: Vec<String> =
            state.keys().filter_map(|name| name.strip_prefix("first.")).map(str::to_owned).collect();
        let mut take = |name: String| match state.remove(&name) {
            Some(tensor) => Ok(Tensor::from_data(TensorData::new(tensor.values, [tensor.shape[0]]), device)),
            None => Err(Error::OtherCheckpoint { path: path.to_owned(), what: "optimizer" }),
        };
        self.steps = steps;
        for name in names {
            let (first, second) = (take(format!("first.{name}"))?, take(format!("second.{name}"))?);
            self.moments.insert(name, Moments { first, second });
        }
        Ok(())
    }

    fn update(
        &mut self,
        name: String,
        weight: Tensor<1>,
        gradient: Tensor<1>,
        [rate, decay]: [f64; 2],
    ) -> Tensor<1> {
        let (weight, gradient) = match self.kind {
            Optimizer::Adam => (weight.clone(), gradient + weight * decay),
            Optimizer::AdamW => (weight * (1.0 - rate * decay), gradient),
        };
        let first = gradient.clone() * (1.0 - BETA_1);
        let second = gradient.square() * (1.0 - BETA_2);
        let (first, second) = match self.moments.remove(&name) {
            Some(old) => (old.first * BETA_1 + first, old.second * BETA_2 + second),
            None => (first, second),
        };
        let correction = |beta: f64| 1.0 - beta.powf(f64::from(self.steps));
        let scale = (second.clone() / correction(BETA_2)).sqrt() + EPSILON;
        let update = first.clone() / scale * (rate / correction(BETA_1));
        self.moments.insert(name, Moments { first, second });
        weight - update
    }
}

struct Stepper<'a> {
    adam: &'a mut Adam,
    path: ModulePath,
    gradients: GradientsParams,
    learning_rate: f64,
    scale: f64,
}

impl ModuleMapper for Stepper<'_> {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.enter(name, container);
    }

    fn exit_module(&mut self, _name: &str, container: &str) {
        self.path.exit(container);
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let Some(gradient) = self.gradients.remove::<D>(param.id) else { return param };
        let name = self.path.name();
        let decay = if D > 1 { self.adam.weight_decay } else { 0.0 };
        param.map(|tensor| {
            let shape = tensor.dims();
            let flat = [shape.iter().product::<usize>()];
            let gradient = gradient.reshape(flat) * self.scale;
            let weight = tensor.inner().reshape(flat);
            let weight = self.adam.update(name, weight, gradient, [self.learning_rate, decay]);
            Tensor::from_inner(weight.reshape(shape)).require_grad()
        })
    }
}

/// Euclidean norm of all gradients together.
fn norm<M: Module>(module: &M, gradients: &GradientsParams) -> f32 {
    struct Norm<'a> {
        gradients: &'a GradientsParams,
        sum: Option<Tensor<1>>,
    }
    impl ModuleVisitor for Norm<'_> {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if let Some(gradient) = self.gradients.get::<D>(param.id) {
                let square = gradient.square().sum();
                self.sum = Some(match self.sum.take() {
                    Some(sum) => sum + square,
                    None => square,
                });
            }
        }
    }
    let mut visitor = Norm { gradients, sum: None };
    module.visit(&mut visitor);
    visitor.sum.map_or(0.0, |sum| sum.into_scalar::<f32>().sqrt())
}

#[cfg(test)]
#[cfg(feature = "flex")]
mod tests {
    use super::*;

    #[derive(Module, Debug)]
    struct Two {
        weight: Param<Tensor<2>>,
        bias: Param<Tensor<1>>,
    }

    fn descend(config: &TrainConfig, steps: usize, resume_after: usize) -> Vec<f32> {
        let device = Device::flex().autodiff();
        let mut module = Two {
            weight: Param::from_data([[1.0, -2.0, 0.5]], &device),
            bias: Param::from_data([1.5, -0.5], &device),
        };
        let mut adam = Adam::new(config);
        for step in 0..steps {
            if step == resume_after {
                let (steps, state) = (adam.steps(), adam.state());
                adam = Adam::new(config);
                adam.restore(steps, state, Path::new("checkpoint"), &Device::flex()).unwrap();
            }
            let loss = module.weight.val().square().sum() + module.bias.val().square().sum();
            let gradients = loss.backward();
            let gradients = GradientsParams::from_grads(gradients, &module);
            module = adam.step(module, gradients, 0.1).unwrap();
        }
        [to_host(module.weight.val()), to_host(module.bias.val())].concat()
    }

    #[test]
    fn steps_are_those_of_pytorch() {
        // Printed by tests/vectors/make_unet3d.py; its clipping acts in each of the three steps, its bias does not decay.
        for (optimizer, expected) in [
            (Optimizer::Adam, [0.7004588, -1.6998488, 0.2030279, 1.1999696, -0.2029193]),
            (Optimizer::AdamW, [0.6869983, -1.6714734, 0.1970314, 1.1999352, -0.20283]),
        ] {
            let config =
                TrainConfig { optimizer, weight_decay: 0.05, clip_norm: 2.0, ..TrainConfig::default() };
            for (found, expected) in descend(&config, 3, 9).iter().zip(expected) {
                assert!((found - expected).abs() < 1e-6, "{found} instead of {expected}");
            }
            assert_eq!(descend(&config, 3, 9), descend(&config, 3, 2), "restoring changes nothing");
        }
    }

    #[test]
    fn a_gradient_that_is_not_finite_changes_nothing() {
        let device = Device::flex().autodiff();
        let module =
            Two { weight: Param::from_data([[0.0, 1.0]], &device), bias: Param::from_data([0.0], &device) };
        let gradients = GradientsParams::from_grads(module.weight.val().sqrt().sum().backward(), &module);
        let mut adam = Adam::new(&TrainConfig::default());
        assert!(adam.step(module, gradients, 0.1).is_err());
        assert_eq!(adam.steps(), 0);
    }
}
