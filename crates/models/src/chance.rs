//! The random acts of a pass through a network: drawn on the host from a seed, so that a backend's own
//! generator, its threads and a resumed run change nothing.

use burn::tensor::{Bool, Tensor, TensorData};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Sets these streams of a seed apart from those of the views of patches, which are keyed by epoch and place, too.
const STREAM: u64 = 1 << 63;

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
        random.set_stream(STREAM | (epoch as u64) << 32 | step as u64);
        Self(Some(random))
    }

    /// Any training pass.
    #[cfg(test)]
    pub(crate) fn seeded(seed: u64) -> Self {
        Self::of_step(seed, 0, 0)
    }

    /// Which of the values of `like` training drops, each with `probability` (to the next 65536th).
    /// None in inference and where nothing would be dropped.
    pub(crate) fn drop<const D: usize>(&mut self, like: &Tensor<D>, probability: f64) -> Option<Dropped<D>> {
        let random = self.0.as_mut()?;
        let losing = ((probability * LOTS).round() as u32).min(u32::from(u16::MAX));
        if losing == 0 {
            return None;
        }
        let shape = like.dims();
        let mut values = vec![false; shape.iter().product()];
        let mut lots = [0u16; 4096];
        for values in values.chunks_mut(lots.len()) {
            let lots = &mut lots[..values.len()];
            random.fill(lots);
            for (value, lot) in values.iter_mut().zip(lots) {
                *value = u32::from(*lot) < losing;
            }
        }
        let places = Tensor::from_data(TensorData::new(values, shape), &like.device());
        Some(Dropped { places, growth: LOTS / (LOTS - f64::from(losing)) })
    }

    /// Dropout (Srivastava et al. 2014): in training, each value is 0 with `probability`, and the others
    /// grow so that the mean stays.
    pub(crate) fn dropout<const D: usize>(&mut self, x: Tensor<D>, probability: f64) -> Tensor<D> {
        match self.drop(&x, probability) {
            Some(dropped) => dropped.from(x),
            None => x,
        }
    }
}

/// Lots of two bytes: four would take twice the time, and one would miss a probability by up to .002.
const LOTS: f64 = 65_536.0;

/// Values that a training pass leaves out.
#[derive(Debug)]
pub(crate) struct Dropped<const D: usize> {
    places: Tensor<D, Bool>,
    /// What the others grow by.
    growth: f64,
}

impl<const D: usize> Dropped<D> {
    /// `x` with 0 in these places.
    pub(crate) fn from(&self, x: Tensor<D>) -> Tensor<D> {
        x.mask_fill(self.places.clone(), 0.0) * self.growth
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
        assert!(values.iter().all(|&value| value == 0.0 || (value - 1.25).abs() < 1e-4));
        assert!((values.iter().sum::<f32>() / 1e4 - 1.0).abs() < 0.02);
        assert_eq!(to_host(Chance::none().dropout(ones(), 0.2)), vec![1.0; 10_000]);
        assert_eq!(to_host(Chance::seeded(1).dropout(ones(), 0.0)), vec![1.0; 10_000]);
    }

    /// The views of patches are drawn from the streams that are named by epoch and place alone.
    #[test]
    fn dropout_and_views_draw_from_different_streams() {
        for (epoch, place) in [(1usize, 0usize), (1, 1), (7, 3)] {
            let mut views = ChaCha8Rng::seed_from_u64(5);
            views.set_stream((epoch as u64) << 32 | place as u64);
            let Chance(Some(mut dropout)) = Chance::of_step(5, epoch, place) else {
                panic!("a training pass")
            };
            let [views, dropout]: [[u64; 8]; 2] = [views.random(), dropout.random()];
            assert!(views.iter().all(|drawn| !dropout.contains(drawn)));
        }
    }
}
