//! The published counts, and the network against its published implementation, on each CPU backend.

use burn::optim::GradientsParams;
use burn::tensor::TensorData;

use super::*;
use crate::loss::{Loss, WeightedTargets};
use crate::oracle::{assert_close, cpu_devices, file, gradients, tensor, vectors};
use crate::state::{self, StateDict, to_host};
use crate::{ClassWeights, NetworkConfig, pytorch};

fn small() -> UTaeConfig {
    let (encoder, decoder) = (vec![8, 8, 16], vec![4, 8, 16]);
    UTaeConfig { encoder, decoder, heads: 4, model: 16, ..UTaeConfig::new(3, 4) }
}

fn imported(device: &Device) -> UTae {
    let config = NetworkConfig::UTae(small()).check().unwrap();
    let state = pytorch::read(&file("utae.pt"), &config).unwrap();
    state::load(UTae::build(&small(), device), state, &file("utae.pt"), "utae").unwrap()
}

fn mask(vectors: &StateDict, name: &str) -> StepMask {
    let observed = vectors[&format!("{name}.observed")].values.iter().map(|&seen| seen > 0.0).collect();
    StepMask::new(2, 5, observed).unwrap()
}

#[test]
fn the_published_networks_have_their_parameter_counts() {
    let count = |channels, classes| UTae::parameters(&UTaeConfig::new(channels, classes)).trainable;
    assert_eq!(count(10, 20), 1_087_260);
    assert_eq!(count(12, 7), 1_084_629);
}

#[test]
fn an_imported_state_dict_gives_the_scores_of_the_published_implementation() {
    let vectors = vectors("utae.safetensors");
    for device in cpu_devices() {
        for name in ["full", "gaps"] {
            let check = |network: UTae| {
                let input = tensor(&vectors[&format!("{name}.input")], &device);
                let scores = network.scores(input, &mask(&vectors, name), &mut Chance::none());
                assert_close(&to_host(scores), &vectors[&format!("{name}.scores")].values, 2e-5);
            };
            check(imported(&device));
            check(imported(&device).fold());
        }
    }
}

#[test]
fn loss_and_gradients_are_those_of_the_published_implementation() {
    let vectors = vectors("utae.safetensors");
    let targets: Vec<u8> = vectors["target"].values.iter().map(|&class| class as u8).collect();
    let targets = WeightedTargets::new([2, 4, 16, 8], &targets, &ClassWeights::equal(4), 0.0).unwrap();
    for device in cpu_devices().map(Device::autodiff) {
        let network = imported(&device);
        let input = tensor(&vectors["gaps.input"], &device);
        let scores = network.scores(input, &mask(&vectors, "gaps"), &mut Chance::none());
        let loss = targets.loss(Loss::CrossEntropy, scores);
        assert_close(&to_host(loss.clone()), &vectors["loss"].values, 1e-5);
        let gradients = gradients(&network, &GradientsParams::from_grads(loss.backward(), &network));
        for (name, expected) in &vectors {
            if let Some(theirs) = name.strip_prefix("gradient.") {
                let ours = UTae::torch_name(theirs).unwrap();
                assert_close(&gradients[&ours].values, &expected.values, 2e-5);
            }
        }
    }
}

#[test]
fn what_an_empty_date_holds_changes_nothing() {
    let vectors = vectors("utae.safetensors");
    let Some(device) = cpu_devices().next() else { return };
    let input = tensor::<5>(&vectors["gaps.input"], &device);
    let mask = mask(&vectors, "gaps");
    let scores = |input| to_host(imported(&device).scores(input, &mask, &mut Chance::none()));
    let observed: Vec<f32> = vectors["gaps.observed"].values.clone();
    let observed = Tensor::<5>::from_data(TensorData::new(observed, [2, 1, 5, 1, 1]), &device);
    let disturbed = input.clone() + (-observed + 1.0) * 7.0;
    assert_eq!(scores(input), scores(disturbed));
}

#[test]
fn the_smallest_patch_and_a_series_without_observation_give_finite_scores() {
    let Some(device) = cpu_devices().next() else { return };
    let input = Tensor::<5>::ones([1, 3, 2, 4, 4], &device);
    let mask = StepMask::new(1, 2, vec![false, false]).unwrap();
    let scores = imported(&device).scores(input, &mask, &mut Chance::none());
    assert_eq!(scores.dims(), [1, 4, 4, 4]);
    assert!(to_host(scores).iter().all(|score| score.is_finite()));
}

#[test]
fn settings_that_cannot_be_are_named() {
    #[track_caller]
    fn check(change: impl FnOnce(&mut UTaeConfig), expected: &str) {
        let mut config = UTaeConfig::new(3, 2);
        change(&mut config);
        let message = config.check().unwrap_err().to_string();
        assert!(message.starts_with(expected), "{message}");
    }
    check(|c| c.heads = 0, "setting `heads` is 0");
    check(|c| c.model = 100, "setting `model` is 100, but must be a multiple of `heads`");
    check(|c| c.encoder = vec![64, 100, 128], "setting `encoder` is [64, 100, 128]");
    check(|c| c.decoder = vec![32, 128], "setting `decoder` is [32, 128]");
    check(|c| c.encoder = vec![64], "setting `encoder` is [64], but must be 2 to 6 levels");
}
