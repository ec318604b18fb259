//! The first weights of a network, drawn from our own generator so that all backends start alike.

use burn::module::Module;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::state;

/// How the convolutions of a network begin. Everything that is no convolution keeps its first value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scheme {
    /// PyTorch's default: weights and biases evenly from ±1/sqrt(fan-in) (He et al. 2015 with a = sqrt 5).
    Torch,
    /// Keras' default: weights evenly from ±sqrt(6 / (fan-in + fan-out)) (Glorot & Bengio 2010), biases as they are. A
    /// chain of linear convolutions keeps the size of its values, where PyTorch's would shrink it to nothing.
    Glorot,
}

/// Draws the first weights.
pub(crate) fn draw<M: Module>(module: M, scheme: Scheme, seed: u64) -> M {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut bound = 0.0f32;
    state::map(module, |name, shape| {
        let glorot = scheme == Scheme::Glorot;
        match name.rsplit('.').next() {
            Some("weight") if glorot => {
                let cells: usize = shape[2..].iter().product();
                bound = (6.0 / ((shape[0] + shape[1]) * cells) as f32).sqrt();
            }
            Some("bias") if glorot => return None,
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
