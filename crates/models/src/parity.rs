//! Support for tests that hold a network against PyTorch's without storing its weights: both sides make
//! them from the names of the tensors.

use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};

use crate::state::{self, HostTensor, StateDict, to_host};

/// Values in -1..1 that depend on the name alone, as `make_networks.py` makes them.
fn noise(name: &str, count: usize) -> impl Iterator<Item = f64> {
    let mix = |start: u32, byte: u8| (start ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    let start = name.bytes().fold(0x811C_9DC5, mix);
    (0..count as u32).map(move |place| {
        let mut h = start.wrapping_add(place.wrapping_mul(0x9E37_79B9));
        for (shift, factor) in [(16, 0x85EB_CA6Bu32), (13, 0xC2B2_AE35)] {
            h = (h ^ (h >> shift)).wrapping_mul(factor);
        }
        f64::from(h ^ (h >> 16)) / 2f64.powi(32) * 2.0 - 1.0
    })
}

/// An input of noise.
pub(crate) fn picture<const D: usize>(name: &str, shape: [usize; D], device: &Device) -> Tensor<D> {
    let values: Vec<f32> = noise(name, shape.iter().product()).map(|value| value as f32).collect();
    Tensor::from_data(TensorData::new(values, shape), device)
}

/// The module with values made from the names of its tensors, as `make_networks.py` does.
pub(crate) fn filled<M: Module>(module: M) -> M {
    state::map(module, |name, shape| {
        let (scale, offset) = match name.rsplit('.').next() {
            Some("weight") => ((4.0 / shape[1..].iter().product::<usize>().max(1) as f64).sqrt(), 0.0),
            Some("gamma") => (0.2, 0.6),
            Some("running_var") => (0.4, 0.8),
            _ => (0.3, 0.0),
        };
        let values = noise(name, shape.iter().product());
        Some(values.map(|value| (value * scale + offset) as f32).collect())
    })
}

/// Holds `found` against the stored tensor of `name`, its shape included.
#[track_caller]
pub(crate) fn assert_same<const D: usize>(found: Tensor<D>, vectors: &StateDict, name: &str) {
    let HostTensor { shape, values } = &vectors[name];
    assert_eq!(&found.dims()[..], &shape[..], "{name}");
    let furthest = to_host(found).iter().zip(values).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(furthest < 1e-4, "{name} is off by {furthest}");
}
