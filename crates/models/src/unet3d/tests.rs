//! The network against a PyTorch one, on each CPU backend of the build.

use std::path::PathBuf;

use burn::optim::GradientsParams;
use burn::tensor::TensorData;

use super::*;
use crate::batch_norm::{SETTLED, with_batches};
use crate::loss::{Loss, WeightedTargets};
use crate::oracle::{assert_close, cpu_devices, vectors};
use crate::state::{self, HostTensor, StateDict, to_host};
use crate::{ClassWeights, init};

/// The tensors below `network.`, with or without those of the attention.
fn network_state(vectors: &StateDict, attention: bool) -> StateDict {
    let inside = vectors.iter().filter_map(|(name, tensor)| Some((name.strip_prefix("network.")?, tensor)));
    let wanted = inside.filter(|(name, _)| attention || !name.starts_with("attention"));
    wanted.map(|(name, tensor)| (name.to_owned(), tensor.clone())).collect()
}

fn network(vectors: &StateDict, collapse: Collapse, device: &Device) -> UNet3d {
    let config = UNet3dConfig { width: 4, collapse, ..UNet3dConfig::new(3, 4) };
    let state = network_state(vectors, collapse == Collapse::Attention);
    state::load(UNet3d::new(&config, device), state, &PathBuf::from("vectors"), "unet3d").unwrap()
}

fn input(vectors: &StateDict, steps: usize, device: &Device) -> (Tensor<5>, StepMask) {
    let HostTensor { shape, values } = vectors[&format!("{steps}.input")].clone();
    let observed = vectors[&format!("{steps}.observed")].values.iter().map(|&seen| seen > 0.0).collect();
    (Tensor::from_data(TensorData::new(values, shape), device), StepMask::new(2, steps, observed).unwrap())
}

#[test]
fn outputs_are_those_of_pytorch() {
    let vectors = vectors("unet3d.safetensors");
    for device in cpu_devices() {
        // 8 steps halve without a rest, 11 do not.
        for steps in [8, 11] {
            for (name, collapse) in [
                ("masked_mean", Collapse::MaskedMean),
                ("last", Collapse::Last),
                ("attention", Collapse::Attention),
            ] {
                let network = network(&vectors, collapse, &device);
                let (input, mask) = input(&vectors, steps, &device);
                let expected = &vectors[&format!("{steps}.{name}")].values;
                assert_close(&to_host(network.forward(input.clone(), &mask)), expected, 1e-4);
                assert_close(&to_host(network.fold().forward(input, &mask)), expected, 1e-4);
            }
        }
    }
}

/// A9: each pixel's dates are those that saw it; some pixels are seen by none.
#[test]
fn outputs_of_dates_that_saw_a_part_are_those_of_pytorch() {
    let vectors = vectors("unet3d.safetensors");
    let valid: Vec<bool> = vectors["pixels.valid"].values.iter().map(|&seen| seen > 0.0).collect();
    let mask = StepMask::of_valid(2, 11, 64, &valid);
    let HostTensor { shape, values } = vectors["pixels.input"].clone();
    for device in cpu_devices() {
        let input = || Tensor::<5>::from_data(TensorData::new(values.clone(), shape.clone()), &device);
        for (name, collapse) in [
            ("masked_mean", Collapse::MaskedMean),
            ("last", Collapse::Last),
            ("attention", Collapse::Attention),
        ] {
            let network = network(&vectors, collapse, &device);
            let expected = &vectors[&format!("pixels.{name}")].values;
            assert_close(&to_host(network.forward(input(), &mask)), expected, 1e-4);
            // The rule of earlier versions: a date that saw anything counts for all.
            let earlier = to_host(network.forward(input(), &mask.by_window()));
            assert!(earlier.iter().zip(expected).any(|(a, b)| (a - b).abs() > 1e-2), "{name}");
        }
    }
}

#[test]
fn loss_and_gradients_are_those_of_pytorch() {
    let vectors = vectors("unet3d.safetensors");
    for device in cpu_devices() {
        let device = device.autodiff();
        let network = network(&vectors, Collapse::MaskedMean, &device);
        let (input, mask) = input(&vectors, 11, &device);
        let targets: Vec<u8> = vectors["train.target"].values.iter().map(|&class| class as u8).collect();
        let weights = ClassWeights::new(vec![0.5, 1.0, 2.0, 4.0]).unwrap();
        let targets = WeightedTargets::new([2, 4, 8, 8], &targets, &weights, 0.0).unwrap();
        let loss = targets.loss(Loss::CrossEntropy, network.forward(input, &mask));
        assert_close(&to_host(loss.clone()), &vectors["train.loss"].values, 1e-5);
        let gradients = GradientsParams::from_grads(loss.backward(), &network);
        let expect = |name: &str, found: Vec<f32>| {
            assert_close(&found, &vectors[&format!("train.gradient.{name}")].values, 1e-4);
        };
        let first = network.encoder[0].first.conv.weight.id;
        expect("encoder.0.first.conv.weight", to_host(gradients.get::<5>(first).unwrap()));
        let up = network.up[0].conv.weight.id;
        expect("up.0.conv.weight", to_host(gradients.get::<5>(up).unwrap()));
        let gamma = network.encoder[1].second.norm.as_ref().unwrap().gamma.id;
        expect("encoder.1.second.norm.gamma", to_host(gradients.get::<1>(gamma).unwrap()));
        let bias = network.head.bias.as_ref().unwrap().id;
        expect("head.bias", to_host(gradients.get::<1>(bias).unwrap()));
    }
}

#[test]
fn the_built_network_has_the_counted_parameters() {
    let Some(device) = cpu_devices().next() else { return };
    for config in [
        UNet3dConfig::new(12, 7),
        UNet3dConfig { width: 4, depth: 1, ..UNet3dConfig::new(2, 3) },
        UNet3dConfig { width: 4, depth: 3, collapse: Collapse::Attention, ..UNet3dConfig::new(2, 3) },
    ] {
        let state = state::read(&UNet3d::new(&config, &device));
        let trainable = state.iter().filter(|(name, _)| !name.contains("running_"));
        let count: usize = trainable.map(|(_, tensor)| tensor.values.len()).sum();
        assert_eq!(count, config.parameters().trainable);
    }
}

#[test]
fn the_seed_decides_the_first_weights_on_every_backend() {
    let config = UNet3dConfig { width: 4, ..UNet3dConfig::new(2, 3) };
    let drawn = |device: &Device, seed| {
        state::read(&init::draw(UNet3d::new(&config, device), crate::init::Scheme::Torch, seed))
    };
    let Some(first) = cpu_devices().next() else { return };
    for device in cpu_devices() {
        assert_eq!(drawn(&first, 1), drawn(&device, 1));
        assert_ne!(drawn(&first, 1), drawn(&device, 2));
    }
    let weights = &drawn(&first, 1)["encoder.0.first.conv.weight"].values;
    let bound = 1.0 / 54f32.sqrt();
    assert!(weights.iter().all(|weight| weight.abs() <= bound));
    assert!(weights.iter().any(|weight| weight.abs() > 0.9 * bound));
}

#[test]
fn training_uses_the_batch_and_inference_the_running_statistics() {
    let vectors = vectors("unet3d.safetensors");
    for device in cpu_devices() {
        let training = device.clone().autodiff();
        // Statistics of many batches, of which one more is a tenth; those of none yet would be the batch's own.
        let network = with_batches(network(&vectors, Collapse::MaskedMean, &training), |_| SETTLED);
        let before = state::read(&network.valid());
        let (batch, mask) = input(&vectors, 8, &training);
        let trained = to_host(network.forward(batch, &mask));
        let after = state::read(&network.valid());
        let name = "centre_in.norm.running_mean";
        assert_ne!(before[name], after[name], "a training pass moves the running statistics");
        let (batch, mask) = input(&vectors, 8, &device);
        let inferred = to_host(network.valid().forward(batch, &mask));
        assert!(trained.iter().zip(&inferred).any(|(a, b)| (a - b).abs() > 1e-2));
        assert_eq!(after, state::read(&network.valid()), "inference does not");
    }
}
