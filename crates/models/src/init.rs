//! The first weights of a network, drawn from our own generator so that all backends start alike.

use burn::module::Module;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::state;

/// Draws the weights and biases of all convolutions evenly from ±1/sqrt(fan-in), PyTorch's default
/// (He et al. 2015 with a = sqrt 5). Everything else keeps its first value.
pub(crate) fn draw<M: Module>(module: M, seed: u64) -> M {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut bound = 0.0f32;
    state::map(module, |name, shape| {
        match name.rsplit('.').next() {
            // Like PyTorch, a transposed convolution counts its second axis as well.
            Some("weight") => bound = 1.0 / (shape[1..].iter().product::<usize>() as f32).sqrt(),
            // Like PyTorch, by the cells of a layer with four gates.
            Some("input_weights" | "state_weights") => bound = 2.0 / (shape[0] as f32).sqrt(),
            // Of variance 2 / depth, as published with L-TAE.
            Some("query") => bound = (6.0 / shape[1] as f32).sqrt(),
            // A bias follows its weight and shares its bound.
            Some("bias") => {}
            _ => return None,
        }
        let count = shape.iter().product();
        Some((0..count).map(|_| random.random_range(-bound..=bound)).collect())
    })
}
