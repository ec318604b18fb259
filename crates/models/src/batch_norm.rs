//! Batch normalisation whose running statistics are right from the first batch on.
//!
//! Ioffe & Szegedy 2015. In training a batch is normalised by its own statistics; inference takes the running ones. Where
//! each new batch counts `m` in them, `(1 - m)^t` of the start, mean 0 and variance 1, is left after `t` batches: with
//! Keras' .01 half of it after 69. To divide by `1 - (1 - m)^t` takes the start out, but then the first batches, of a
//! network that has learnt since, count as much as the last; through fifty layers inference is no better for it. So the
//! `t`th batch counts `10 / (9 + t)`, or `m` where that is more: the first one all, and later the last tenth of the batches
//! most. What is kept are the statistics themselves, which mean the same to any other program.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use burn::module::{
    Content, Devices, Initializer, Module, ModuleDisplay, ModuleDisplayDefault, ModuleMapper, ModuleVisitor,
    Param, ParamId, RunningState,
};
use burn::tensor::module::{batch_norm, batch_norm_train};
use burn::tensor::{Device, Int, Tensor, TensorData};

use crate::state::ModulePath;

/// So many batches that one more counts `m`: of statistics that come from another training.
pub(crate) const SETTLED: i32 = i32::MAX;

/// The layer, for `[n, channel, …]`; see the module's text.
#[derive(Module, Debug)]
pub(crate) struct BatchNorm {
    pub(crate) gamma: Param<Tensor<1>>,
    pub(crate) beta: Param<Tensor<1>>,
    pub(crate) running_mean: RunningState<Tensor<1>>,
    /// Of all values, not the unbiased one that PyTorch keeps.
    pub(crate) running_var: RunningState<Tensor<1>>,
    batches: Batches,
    momentum: f64,
    pub(crate) epsilon: f64,
}

impl BatchNorm {
    /// PyTorch's defaults: epsilon 1e-5, a new batch counts .1.
    pub(crate) fn new(channels: usize, device: &Device) -> Self {
        Self::with([1e-5, 0.1], channels, device)
    }

    /// Any epsilon, and what a new batch counts among many.
    pub(crate) fn with([epsilon, momentum]: [f64; 2], channels: usize, device: &Device) -> Self {
        Self {
            gamma: Initializer::Ones.init([channels], device),
            beta: Initializer::Zeros.init([channels], device),
            running_mean: RunningState::new(Tensor::zeros([channels], device)),
            running_var: RunningState::new(Tensor::ones([channels], device)),
            batches: Batches { id: ParamId::new(), count: Arc::default(), device: device.clone() },
            momentum,
            epsilon,
        }
    }

    /// By the batch's statistics where there are gradients, else by the running ones.
    pub(crate) fn forward<const D: usize>(&self, x: Tensor<D>) -> Tensor<D> {
        let (gamma, beta) = (self.gamma.val(), self.beta.val());
        if !x.is_autodiff() {
            let (mean, variance) = (self.running_mean.value_sync(), self.running_var.value_sync());
            return batch_norm(x, gamma, beta, mean, variance, self.epsilon);
        }
        let found = batch_norm_train(x, gamma, beta, self.epsilon);
        self.observe(found.mean, found.variance);
        found.output
    }

    /// Takes a batch's mean and variance into the running ones.
    pub(crate) fn observe(&self, mean: Tensor<1>, variance: Tensor<1>) {
        let share = self.batches.next_share(self.momentum);
        for (running, batch) in [(&self.running_mean, mean), (&self.running_var, variance)] {
            running.update((running.value_sync() * (1.0 - share) + batch.detach() * share).detach());
        }
    }
}

/// How many batches a normalisation has seen. A traversal meets it as an integer, so that it is no tensor of a weight file.
#[derive(Debug, Clone)]
struct Batches {
    id: ParamId,
    count: Arc<AtomicI32>,
    device: Device,
}

impl Batches {
    /// Counts one more, and says how much it counts among all.
    fn next_share(&self, momentum: f64) -> f64 {
        let count = self.count.load(Ordering::Relaxed).saturating_add(1);
        self.count.store(count, Ordering::Relaxed);
        momentum.max(10.0 / (9.0 + f64::from(count)))
    }

    /// For a traversal; no tensor is made unless it looks.
    fn param(&self) -> Param<Tensor<1, Int>> {
        let count = self.count.load(Ordering::Relaxed);
        let make = move |device: &Device, _| Tensor::from_data(TensorData::new(vec![count], [1]), device);
        Param::uninitialized(self.id, make, self.device.clone(), false, [1].into())
    }

    fn copied(&self) -> Self {
        let count = self.count.load(Ordering::Relaxed);
        Self { count: Arc::new(AtomicI32::new(count)), ..self.clone() }
    }
}

impl Module for Batches {
    fn collect_devices(&self, devices: Devices) -> Devices {
        devices
    }

    fn fork(self, device: &Device) -> Self {
        self.to_device(device)
    }

    fn to_device(self, device: &Device) -> Self {
        Self { device: device.clone(), ..self }
    }

    fn materialize(self) -> Self {
        self
    }

    fn visit<V: ModuleVisitor>(&self, visitor: &mut V) {
        visitor.visit_int(&self.param());
    }

    fn map<M: ModuleMapper>(self, mapper: &mut M) -> Self {
        let param = mapper.map_int(self.param());
        // Else nobody looked, and to look would wait for the device.
        if param.is_initialized() {
            self.count.store(param.val().into_scalar::<i32>(), Ordering::Relaxed);
        }
        self
    }

    fn train(self) -> Self {
        self.copied()
    }

    fn valid(&self) -> Self {
        self.copied()
    }
}

impl ModuleDisplayDefault for Batches {
    fn content(&self, content: Content) -> Option<Content> {
        content.add_formatted(&self.count.load(Ordering::Relaxed)).optional()
    }
}

impl ModuleDisplay for Batches {}

/// How many batches each normalisation of a module has seen, by its path.
pub(crate) fn batches(module: &impl Module) -> BTreeMap<String, i32> {
    #[derive(Default)]
    struct Reader {
        path: ModulePath,
        found: BTreeMap<String, i32>,
    }
    impl ModuleVisitor for Reader {
        fn enter_module(&mut self, name: &str, container: &str) {
            self.path.enter(name, container);
        }

        fn exit_module(&mut self, _name: &str, container: &str) {
            self.path.exit(container);
        }

        fn visit_int<const D: usize>(&mut self, param: &Param<Tensor<D, Int>>) {
            self.found.insert(norm(&self.path), param.val().into_scalar::<i32>());
        }
    }
    let mut reader = Reader::default();
    module.visit(&mut reader);
    reader.found
}

/// The module, whose normalisations have seen so many batches, by their paths.
pub(crate) fn with_batches<M: Module>(module: M, count: impl Fn(&str) -> i32) -> M {
    struct Writer<F> {
        path: ModulePath,
        count: F,
    }
    impl<F: Fn(&str) -> i32> ModuleMapper for Writer<F> {
        fn enter_module(&mut self, name: &str, container: &str) {
            self.path.enter(name, container);
        }

        fn exit_module(&mut self, _name: &str, container: &str) {
            self.path.exit(container);
        }

        fn map_int<const D: usize>(&mut self, param: Param<Tensor<D, Int>>) -> Param<Tensor<D, Int>> {
            let count = (self.count)(&norm(&self.path));
            param.map(|old| Tensor::from_data(TensorData::new(vec![count], [1]), &old.device()))
        }
    }
    module.map(&mut Writer { path: ModulePath::default(), count })
}

/// The path of the normalisation whose [`Batches`] a traversal is at.
fn norm(path: &ModulePath) -> String {
    let name = path.name();
    name.strip_suffix(".batches").unwrap_or(&name).to_owned()
}

#[cfg(test)]
#[cfg(feature = "flex")]
mod tests {
    use super::*;
    use crate::state::{self, to_host};

    fn seen(norm: &BatchNorm) -> [Vec<f32>; 2] {
        [&norm.running_mean, &norm.running_var].map(|running| to_host(running.value_sync()))
    }

    #[track_caller]
    fn assert_near(found: &[f32], expected: &[f32]) {
        let near = found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-4 * b.abs().max(1.0));
        assert!(near && found.len() == expected.len(), "{found:?} instead of {expected:?}");
    }

    /// Two channels of mean 5 and -3 and variance 4 and .25.
    fn batch() -> Tensor<3> {
        let values = vec![3.0f32, 7.0, 7.0, 3.0, -2.5, -2.5, -3.5, -3.5];
        Tensor::from_data(TensorData::new(values, [1, 2, 4]), &Device::flex().autodiff())
    }

    /// A14: .85 of the start was left after 16 steps of Keras' momentum.
    #[test]
    fn statistics_that_never_change_are_known_from_the_first_batch_on() {
        for momentum in [0.01, 0.1] {
            let norm = BatchNorm::with([1e-3, momentum], 2, &Device::flex().autodiff());
            for step in 1..=16 {
                norm.forward(batch());
                if [1, 4, 16].contains(&step) {
                    let [mean, variance] = seen(&norm);
                    assert_near(&mean, &[5.0, -3.0]);
                    assert_near(&variance, &[4.0, 0.25]);
                }
            }
            let inferred = to_host(norm.valid().forward(batch().inner()));
            assert_near(&inferred, &to_host(norm.forward(batch())));
        }
    }

    #[test]
    fn nothing_is_left_of_the_start_and_in_the_end_a_batch_counts_the_momentum() {
        let device = Device::flex().autodiff();
        let norms = [0.0f32, 1000.0].map(|start| {
            state::map(BatchNorm::new(2, &device), |name, _| {
                name.starts_with("running").then(|| vec![start; 2])
            })
        });
        for norm in &norms {
            for step in 1..=120 {
                norm.observe(Tensor::full([2], f64::from(step % 7), &device), Tensor::ones([2], &device));
            }
        }
        let [before, other] = norms.each_ref().map(|norm| seen(norm)[0][0]);
        assert!(before == other && (2.0..4.0).contains(&before), "{before} {other}");
        norms[0].observe(Tensor::full([2], 13.0, &device), Tensor::ones([2], &device));
        assert_near(&seen(&norms[0])[0], &[0.9 * before + 1.3; 2]);
    }

    #[test]
    fn the_count_goes_on_where_it_is_put_and_is_no_tensor_of_a_file() {
        let device = Device::flex().autodiff();
        let go = |norm: &BatchNorm, values: [f64; 2]| {
            for value in values {
                norm.observe(Tensor::full([2], value, &device), Tensor::ones([2], &device));
            }
        };
        let whole = BatchNorm::new(2, &device);
        go(&whole, [1.0, 2.0]);
        let (state, counts) = (state::read(&whole.valid()), batches(&whole));
        assert_eq!(state.keys().collect::<Vec<_>>(), ["beta", "gamma", "running_mean", "running_var"]);
        let resumed = state::map(BatchNorm::new(2, &device), |name, _| Some(state[name].values.clone()));
        let resumed = with_batches(resumed, |name| counts[name]);
        [&whole, &resumed].into_iter().for_each(|norm| go(norm, [3.0, 4.0]));
        assert_eq!(seen(&whole), seen(&resumed));
        // Statistics of another training are kept: the next batch counts as one of many.
        let settled = with_batches(BatchNorm::new(2, &device), |_| SETTLED);
        go(&settled, [1.0, 1.0]);
        assert_near(&seen(&settled)[0], &[0.19; 2]);
    }
}
