//! Gradients of several batches as one: a step of a batch that memory would not hold.

use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::Tensor;

/// The mean gradient of so many batches, each counted by the weight of its labelled pixels. Of a loss that is a mean over
/// pixels this is the gradient of all their pixels at once. It is not of `dice` and `joint`, whose ratios are over the
/// pixels of a batch, nor of a network with batch normalisation, which sees the batches one by one.
pub(crate) struct Accumulator {
    batches: usize,
    waiting: usize,
    sum: GradientsParams,
    weight: f64,
}

impl Accumulator {
    pub(crate) fn new(batches: usize) -> Self {
        Self { batches, waiting: 0, sum: GradientsParams::new(), weight: 0.0 }
    }

    /// Adds a batch's gradients; gives the mean back when there are enough.
    pub(crate) fn add<M: Module>(
        &mut self,
        module: &M,
        gradients: GradientsParams,
        weight: f64,
    ) -> Option<GradientsParams> {
        if self.batches == 1 {
            return Some(gradients);
        }
        module.visit(&mut Add { sum: &mut self.sum, gradients, weight });
        self.weight += weight;
        self.waiting += 1;
        if self.waiting == self.batches { self.take(module) } else { None }
    }

    /// The mean of the batches that wait; none where there is none.
    pub(crate) fn take<M: Module>(&mut self, module: &M) -> Option<GradientsParams> {
        if self.waiting == 0 {
            return None;
        }
        let Self { sum, weight, .. } = std::mem::replace(self, Self::new(self.batches));
        let mut mean = GradientsParams::new();
        module.visit(&mut Add { sum: &mut mean, gradients: sum, weight: 1.0 / weight });
        Some(mean)
    }
}

/// Adds `weight` times `gradients` to `sum`.
struct Add<'a> {
    sum: &'a mut GradientsParams,
    gradients: GradientsParams,
    weight: f64,
}

impl ModuleVisitor for Add<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let Some(gradient) = self.gradients.remove::<D>(param.id) else { return };
        let gradient = gradient * self.weight;
        let sum = match self.sum.remove::<D>(param.id) {
            Some(sum) => sum + gradient,
            None => gradient,
        };
        self.sum.register(param.id, sum);
    }
}
