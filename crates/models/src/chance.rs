//! The random acts of a pass through a network: drawn on the host from a seed, so that a backend's own
//! generator, its threads and a resumed run change nothing.

use burn::tensor::{Tensor, TensorData};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// The source of a training pass's random acts; none in inference.
#[derive(Debug)]
pub(crate) struct Chance(Option<ChaCha8Rng>);

impl Chance {
    /// Inference: nothing is left to chance.
    pub(crate) fn none() -> Self {
        Self(None)
    }

    /// The training pass of a step of an epoch.
    pub(crate) fn of_step(seed: u64, epoch: usize, step: usize) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        random.set_stream((epoch as u64) << 32 | step as u64);
        Self(Some(random))
    }

    /// Any training pass.
    #[cfg(test)]
    pub(crate) fn seeded(seed: u64) -> Self {
        Self::of_step(seed, 0, 0)
    }

    /// In training, 0 with `probability` and else 1 / (1 - probability), for each value of `shape`.
    /// None in inference and where nothing would be dropped.
    pub(crate) fn keep<const D: usize>(&mut self, like: &Tensor<D>, probability: f64) -> Option<Tensor<D>> {
        let random = self.0.as_mut().filter(|_| probability > 0.0)?;
        let kept = (1.0 / (1.0 - probability)) as f32;
        let shape = like.dims();
        let values: Vec<f32> = (0..shape.iter().product::<usize>())
            .map(|_| if random.random_bool(probability) { 0.0 } else { kept })
            .collect();
        Some(Tensor::from_data(TensorData::new(values, shape), &like.device()))
    }

    /// Dropout (Srivastava et al. 2014): in training, each value is 0 with `probability`, and the others
    /// grow so that the mean stays.
    pub(crate) fn dropout<const D: usize>(&mut self, x: Tensor<D>, probability: f64) -> Tensor<D> {
        match self.keep(&x, probability) {
            Some(keep) => x * keep,
            None => x,
        }
    }
}

#[cfg(test)]
#[cfg(feature = "flex")]
mod tests {
    use super::*;
    use crate::state::to_host;
    use burn::tensor::Device;

    #[test]
    fn dropout_is_of_the_seed_and_keeps_the_mean() {
        let ones = || Tensor::<2>::ones([100, 100], &Device::flex());
        let draw = |seed| to_host(Chance::seeded(seed).dropout(ones(), 0.2));
        let values = draw(1);
        assert_eq!(values, draw(1));
        assert_ne!(values, draw(2));
        assert!(values.iter().all(|&value| value == 0.0 || value == 1.25));
        assert!((values.iter().sum::<f32>() / 1e4 - 1.0).abs() < 0.02);
        assert_eq!(to_host(Chance::none().dropout(ones(), 0.2)), vec![1.0; 10_000]);
        assert_eq!(to_host(Chance::seeded(1).dropout(ones(), 0.0)), vec![1.0; 10_000]);
    }
}
