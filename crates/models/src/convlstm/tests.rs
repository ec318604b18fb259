//! The ConvLSTM against PyTorch, its gradients against finite differences, and its laws.

use super::*;
use crate::oracle::{cpu_devices, vectors};
use crate::parity::{assert_same, filled, picture};
use crate::state::{self, to_host};
use burn::tensor::Device;

const GOOD: fn() -> ConvLstmConfig = || ConvLstmConfig { hidden: 3, ..ConvLstmConfig::default() };

/// Three dates `[2, 2, 5, 4]`.
fn dates(device: &Device) -> Vec<Tensor<4>> {
    crate::dates::pictures(picture("convlstm", [2, 2, 3, 5, 4], device))
}

#[test]
fn outputs_are_those_of_pytorch() {
    let vectors = vectors("networks.safetensors");
    let hard = ConvLstmConfig { gate: Gate::HardSigmoid, ..GOOD() };
    for device in cpu_devices() {
        for (name, config) in [
            ("plain", GOOD()),
            ("peephole", ConvLstmConfig { peephole: true, ..GOOD() }),
            ("published", ConvLstmConfig { reading: Reading::Backward, ..hard }),
            ("relu", ConvLstmConfig { activation: Activation::Relu, ..hard }),
        ] {
            let cell = filled(ConvLstm::new(2, config, &device));
            let outputs = cell.read(dates(&device), None, &mut Chance::none());
            let name = format!("convlstm.{name}");
            assert_same(Tensor::stack::<5>(outputs, 0), &vectors, &name);
        }
    }
}

#[test]
fn a_backward_sequence_keeps_the_order_of_its_pictures() {
    let config = ConvLstmConfig { reading: Reading::Backward, ..GOOD() };
    for device in cpu_devices() {
        let cell = filled(ConvLstm::new(2, config, &device));
        let sequence = cell.sequence(dates(&device), None, &mut Chance::none());
        let last = cell.last(dates(&device), None, &mut Chance::none());
        assert_eq!(to_host(sequence[0].clone()), to_host(last));
        let forward = filled(ConvLstm::new(2, GOOD(), &device));
        let turned = forward.sequence(dates(&device).into_iter().rev().collect(), None, &mut Chance::none());
        for (a, b) in sequence.into_iter().rev().zip(turned) {
            assert_eq!(to_host(a), to_host(b));
        }
    }
}

#[test]
fn an_empty_date_is_as_if_it_were_not_there() {
    for device in cpu_devices() {
        let cell = filled(ConvLstm::new(2, GOOD(), &device));
        let mask = StepMask::new(2, 3, vec![true, false, true, true, true, true]).unwrap();
        let masked = to_host(cell.last(dates(&device), Some(&mask), &mut Chance::none()));
        let all = to_host(cell.last(dates(&device), None, &mut Chance::none()));
        let mut short = dates(&device);
        short.remove(1);
        let short = to_host(cell.last(short, None, &mut Chance::none()));
        let half = all.len() / 2;
        let close = |a: &[f32], b: &[f32]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-6);
        assert!(close(&masked[..half], &short[..half]) && close(&masked[half..], &all[half..]));
        assert!(!close(&masked[..half], &all[..half]));
    }
}

#[test]
fn dropout_is_of_training_and_of_the_seed() {
    let config = ConvLstmConfig { dropout: 0.2, recurrent_dropout: 0.2, ..GOOD() };
    for device in cpu_devices() {
        let cell = filled(ConvLstm::new(2, config, &device));
        let run = |mut chance: Chance| to_host(cell.last(dates(&device), None, &mut chance));
        assert_eq!(run(Chance::seeded(1)), run(Chance::seeded(1)));
        assert_ne!(run(Chance::seeded(1)), run(Chance::seeded(2)));
        let plain = filled(ConvLstm::new(2, GOOD(), &device));
        let expected = to_host(plain.last(dates(&device), None, &mut Chance::none()));
        assert_eq!(run(Chance::none()), expected);
    }
}

#[test]
fn the_cell_is_counted_as_built_and_starts_by_remembering() {
    let config = ConvLstmConfig { peephole: true, ..GOOD() };
    let Some(device) = cpu_devices().next() else { return };
    let cell = crate::init::draw(ConvLstm::new(2, config, &device), crate::init::Scheme::Torch, 1);
    let state = state::read(&cell);
    let count: usize = state.values().map(|tensor| tensor.values.len()).sum();
    assert_eq!(crate::Parameters::trained(count), config.parameters(2));
    let expected = [[0.0; 3], [1.0; 3], [0.0; 3], [0.0; 3]].concat();
    assert_eq!(state["offset"].values, expected);
    assert!(state["input.weight"].values.iter().all(|&weight| weight != 0.0));
}

/// Every parameter and the input, for gates and activations that are smooth at the place.
#[test]
fn gradients_are_those_of_finite_differences() {
    const STEP: f32 = 1e-2;
    for device in cpu_devices() {
        for config in [
            ConvLstmConfig { peephole: true, ..GOOD() },
            ConvLstmConfig { gate: Gate::HardSigmoid, reading: Reading::Backward, ..GOOD() },
        ] {
            let mask = StepMask::new(2, 3, vec![true, false, true, true, true, true]).unwrap();
            // A sum with uneven weights, so that no gradient vanishes by symmetry.
            let loss = |cell: &ConvLstm, device: &Device| {
                let last = cell.last(dates(device), Some(&mask), &mut Chance::none());
                (last * picture("weights", [2, 3, 5, 4], device)).sum()
            };
            let cell = filled(ConvLstm::new(2, config, &device.clone().autodiff()));
            let gradients = loss(&cell, &device.clone().autodiff()).backward();
            let plain = cell.valid();
            let weights = state::read(&plain);
            let at = |name: &str, place: usize, step: f32| {
                let mut moved = weights[name].values.clone();
                moved[place] += step;
                let changed = |tensor: &str, _: &[usize]| (tensor == name).then(|| moved.clone());
                loss(&state::map(plain.clone(), changed), &device).into_scalar::<f32>()
            };
            let check = |name: &str, gradient: Vec<f32>| {
                for place in (0..gradient.len()).step_by(1 + gradient.len() / 12) {
                    let expected = (at(name, place, STEP) - at(name, place, -STEP)) / (2.0 * STEP);
                    let close = (gradient[place] - expected).abs() < 2e-3 * (1.0 + expected.abs());
                    assert!(close, "{name}[{place}]: {} instead of {expected}", gradient[place]);
                }
            };
            check("input.weight", to_host(cell.input.weight.val().grad(&gradients).unwrap()));
            check("recurrent.weight", to_host(cell.recurrent.weight.val().grad(&gradients).unwrap()));
            check("offset", to_host(cell.offset.val().grad(&gradients).unwrap()));
            if let Some(peephole) = &cell.peephole {
                check("peephole", to_host(peephole.val().grad(&gradients).unwrap()));
            }
        }
    }
}
