//! The DeepForest family against PyTorch and against its published parameter counts.

use super::encoder::{Encoder, EncoderShape, Features, fifth};
use super::*;
use crate::architecture::Architecture;
use crate::bottleneck::Stage;
use crate::chance::Chance;
use crate::oracle::{cpu_devices, vectors};
use crate::parity::{assert_same, filled, picture};
use crate::state::{StateDict, to_host};
use crate::{Parameters, StepMask};
use burn::module::Module;
use burn::tensor::{Device, Tensor};

fn scores<N: Architecture>(network: &N, input: Tensor<5>, chance: &mut Chance) -> Vec<Tensor<4>> {
    let [n, _, steps, _, _] = input.dims();
    Architecture::forward(network, input, &StepMask::all(n, steps), chance)
}

/// As built and as folded.
#[track_caller]
fn check<N: Architecture>(config: &N::Config, input: Tensor<5>, vectors: &StateDict, names: &[&str]) {
    let network = filled(N::build(config, &input.device())).valid();
    for network in [network.clone(), network.fold()] {
        let heads = scores(&network, input.clone(), &mut Chance::none());
        assert_eq!(heads.len(), N::heads(config).len());
        for (scores, name) in heads.into_iter().zip(names) {
            assert_same(scores, vectors, name);
        }
    }
}

#[test]
fn outputs_of_one_branch_are_those_of_pytorch() {
    let vectors = vectors("networks.safetensors");
    let config = DeepForestConfig { width: 2, ..DeepForestConfig::new(3, 4) };
    for device in cpu_devices() {
        let input = picture::<4>("deepforest", [1, 3, 32, 64], &device).unsqueeze_dim::<5>(2);
        check::<DeepForest1a>(&config, input.clone(), &vectors, &["deepforest-1a"]);
        check::<DeepForest1b>(&config, input.clone(), &vectors, &["deepforest-1b"]);
        check::<DeepForest1c>(&config, input.clone(), &vectors, &["deepforest-1c"]);
        check::<DeepForestDeepLab>(&config, input.clone(), &vectors, &["deepforest-deeplab"]);
        let config = DeepForestUNetConfig { width: 2, ..DeepForestUNetConfig::new(3, 4) };
        check::<DeepForestUNet>(&config, input, &vectors, &["deepforest-unet"]);
    }
}

/// A12: ten optical and 14 or 24 radar channels of the year are one picture in source 001.
#[test]
fn radar_steps_side_by_side_are_those_of_pytorch() {
    let vectors = vectors("networks.safetensors");
    let one =
        DeepForestConfig { width: 2, radar: 2, steps: 3, stack_radar: true, ..DeepForestConfig::new(5, 4) };
    let unet = DeepForestUNetConfig {
        width: 2,
        radar: 2,
        steps: 3,
        stack_radar: true,
        ..DeepForestUNetConfig::new(5, 4)
    };
    for device in cpu_devices() {
        let input = picture::<5>("stacked", [1, 5, 3, 32, 32], &device);
        check::<DeepForest1b>(&one, input.clone(), &vectors, &["deepforest-1b.stacked"]);
        check::<DeepForestUNet>(&unet, input, &vectors, &["deepforest-unet.stacked"]);
    }
    for months in [7, 12] {
        let published =
            DeepForestConfig { radar: 2, steps: months, stack_radar: true, ..DeepForestConfig::new(12, 18) };
        published.check().unwrap();
        let as_channels = DeepForestConfig::new(10 + 2 * months, 18);
        assert_eq!(DeepForest1b::parameters(&published), DeepForest1b::parameters(&as_channels));
        assert_eq!(DeepForest1b::kept(&published, months), DeepForest1b::kept(&as_channels, 1));
        let rules = DeepForest1b::rules(&published);
        let message = rules.check("deepforest-1b", [12, months + 1, 64, 64]).unwrap_err().to_string();
        assert!(message.ends_with(&format!("takes at most {months}")), "{message}");
    }
}

#[test]
fn outputs_of_two_branches_are_those_of_pytorch() {
    let vectors = vectors("networks.safetensors");
    let config = DeepForestFusionConfig { width: 8, ..DeepForestFusionConfig::new(5, 3) };
    for device in cpu_devices() {
        let optical = picture::<4>("optical", [1, 3, 32, 32], &device).unsqueeze_dim::<5>(2);
        let radar = picture::<5>("radar", [1, 2, 3, 32, 32], &device);
        let input = Tensor::cat(vec![optical.repeat_dim(2, 3), radar], 1);
        let names = ["deepforest-2a.fused", "deepforest-2a.optical", "deepforest-2a.radar"];
        check::<DeepForest2a>(&config, input.clone(), &vectors, &names);
        let names = ["deepforest-2b.fused", "deepforest-2b.optical", "deepforest-2b.radar"];
        check::<DeepForest2b>(&config, input, &vectors, &names);
    }
}

#[test]
fn the_published_networks_have_their_parameter_counts() {
    #[track_caller]
    fn check<N: Architecture>(config: &N::Config, total: usize, trainable: usize) {
        assert_eq!(N::parameters(config), Parameters { total, trainable });
    }
    let one = DeepForestConfig::new(10, 18);
    check::<DeepForest1a>(&one, 30_638_546, 30_584_146);
    check::<DeepForest1b>(&one, 31_114_322, 31_059_922);
    check::<DeepForest1c>(&one, 31_351_080, 31_296_680);
    check::<DeepForestDeepLab>(&one, 54_567_208, 54_467_752);
    check::<DeepForestUNet>(&DeepForestUNetConfig::new(10, 18), 3_861_410, 3_860_098);
    let two = DeepForestFusionConfig::new(12, 18);
    check::<DeepForest2b>(&two, 28_270_518, 28_215_606);
    check::<DeepForest2a>(&two, 4_016_736, 4_015_424);
    assert_eq!(DeepForest2b::parameters(&DeepForestFusionConfig::new(12, 13)).total, 28_269_223);
    for (channels, expected) in [
        (10, [30_637_901, 31_113_677, 31_348_355]),
        (24, [30_642_381, 31_118_157, 31_352_835]),
        (34, [30_645_581, 31_121_357, 31_356_035]),
    ] {
        let config = DeepForestConfig::new(channels, 13);
        let found = [
            DeepForest1a::parameters(&config),
            DeepForest1b::parameters(&config),
            DeepForest1c::parameters(&config),
        ];
        assert_eq!(found.map(|count| count.total), expected);
    }
}

#[test]
fn the_encoder_halves_as_published() {
    let Some(device) = cpu_devices().next() else { return };
    let shape = EncoderShape { channels: 3, width: 1, atrous: false };
    let features = |shape| Encoder::new(shape, &device).forward(Tensor::zeros([1, 3, 256, 256], &device));
    let Features { third, fourth } = features(shape);
    assert_eq!(third.dims(), [1, 8, 32, 32]);
    assert_eq!(fourth.dims(), [1, 16, 16, 16]);
    assert_eq!(Stage::new(fifth(16, 1), &device).forward(fourth).dims(), [1, 32, 8, 8]);
    let Features { fourth, .. } = features(EncoderShape { atrous: true, ..shape });
    assert_eq!(fourth.dims(), [1, 16, 32, 32]);
}

#[test]
fn published_widths_take_the_smallest_picture() {
    fn check<N: Architecture>(config: &N::Config, channels: usize, device: &Device) {
        let input = Tensor::zeros([1, channels, 1, 32, 32], device);
        let heads = scores(&N::build(config, device).fold(), input, &mut Chance::none());
        assert!(heads.iter().all(|scores| scores.dims() == [1, 18, 32, 32]));
    }
    let Some(device) = cpu_devices().next() else { return };
    let one = DeepForestConfig::new(10, 18);
    check::<DeepForest1b>(&one, 10, &device);
    check::<DeepForest1c>(&one, 10, &device);
    check::<DeepForest2b>(&DeepForestFusionConfig::new(12, 18), 12, &device);
}

#[test]
fn dropout_is_of_training_only() {
    let config = DeepForestConfig { width: 1, ..DeepForestConfig::new(2, 2) };
    let Some(device) = cpu_devices().next() else { return };
    let network = filled(DeepForest1a::build(&config, &device)).valid();
    let run = |mut chance: Chance| {
        let input = picture("deepforest", [1, 2, 1, 32, 32], &device);
        to_host(scores(&network, input, &mut chance).swap_remove(0))
    };
    assert_eq!(run(Chance::seeded(1)), run(Chance::seeded(1)));
    assert_ne!(run(Chance::seeded(1)), run(Chance::seeded(2)));
    assert_ne!(run(Chance::seeded(1)), run(Chance::none()));
}

/// A patch whose left half is class 0 and right half class 1, as all its channels tell.
#[cfg(feature = "flex")]
struct Halves;

#[cfg(feature = "flex")]
impl crate::PatchSource for Halves {
    fn epoch_len(&self) -> usize {
        2
    }

    fn draw(&self, _epoch: usize) -> Vec<usize> {
        vec![0, 1]
    }

    fn patch(&self, id: usize, _epoch: usize) -> Result<crate::Patch, crate::PatchError> {
        let target: Vec<u8> = (0..1024).map(|pixel| u8::from((pixel % 32 < 16) != (id == 0))).collect();
        let values = (0..2 * 5 * 1024).map(|place| f32::from(target[place % 1024]) - 0.5).collect();
        let valid = vec![true; 2 * 1024];
        Ok(crate::Patch { steps: 2, channels: 5, rows: 32, cols: 32, values, valid, target })
    }
}

#[test]
#[cfg(feature = "flex")]
fn three_heads_learn_together_and_alike_for_a_seed() {
    use crate::{Backend, ClassWeights, NetworkConfig, TrainConfig, Training};
    let config = DeepForestFusionConfig { width: 8, ..DeepForestFusionConfig::new(5, 2) };
    let network = NetworkConfig::DeepForest2b(config).check().unwrap();
    let losses = |seed| {
        let config =
            TrainConfig { epochs: 10, batch: 1, learning_rate: 1e-2, seed, ..TrainConfig::default() };
        let folder = tempfile::tempdir().unwrap();
        let training = Training {
            network: &network,
            config: &config.check().unwrap(),
            backend: Backend::Flex,
            train: &Halves,
            validation: &Halves,
            class_weights: &ClassWeights::equal(2),
            shares: None,
            first_weights: None,
            checkpoints: folder.path(),
            resume: false,
        };
        let trained = training.run(&mut |_| ()).unwrap();
        trained.history().iter().map(|row| row.train_loss).collect::<Vec<_>>()
    };
    let found = losses(1);
    assert_eq!(found, losses(1), "dropout is of the seed");
    assert_ne!(found, losses(2));
    // Two classes by chance cost ln 2 in each head, and the heads weigh 1 + .7 + .3.
    assert!((found[0] - 2.0 * 2f64.ln()).abs() < 0.5 && found[9] < 0.7 * found[0], "{found:?}");
}
