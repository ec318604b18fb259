//! The published counts, and the network against PyTorch's own, on each CPU backend of the build.

use burn::optim::GradientsParams;
use burn::tensor::TensorData;

use super::*;
use crate::loss::{Loss, WeightedTargets};
use crate::oracle::{assert_close, cpu_devices, file, gradients, tensor, vectors};
use crate::state::{self, to_host};
use crate::{ClassWeights, NetworkConfig, pytorch};

fn small() -> PixelLstmConfig {
    PixelLstmConfig { hidden: 6, layers: 3, dropout: 0.0, ..PixelLstmConfig::new(5, 3) }
}

fn imported(device: &Device) -> PixelLstm {
    let config = NetworkConfig::PixelLstm(small()).check().unwrap();
    let state = pytorch::read(&file("pixel_lstm.pt"), &config).unwrap();
    state::load(PixelLstm::build(&small(), device), state, &file("pixel_lstm.pt"), "pixel-lstm").unwrap()
}

#[test]
fn the_published_networks_have_their_parameter_counts() {
    let count = |channels, classes| PixelLstm::parameters(&PixelLstmConfig::new(channels, classes));
    assert_eq!(count(13, 9), Parameters::trained(1_335_331));
    assert_eq!(count(10, 10), Parameters::trained(1_333_278));
}

#[test]
fn an_imported_state_dict_gives_the_scores_of_pytorch() {
    let vectors = vectors("pixel_series.safetensors");
    for device in cpu_devices() {
        let scores = imported(&device).forward(
            tensor(&vectors["input"], &device),
            &StepMask::all(2, 7),
            &mut Chance::none(),
        );
        assert_close(&to_host(scores[0].clone()), &vectors["pixel_lstm"].values, 1e-5);
    }
}

#[test]
fn loss_and_gradients_are_those_of_pytorch() {
    let vectors = vectors("pixel_series.safetensors");
    let targets: Vec<u8> = vectors["target"].values.iter().map(|&class| class as u8).collect();
    let targets = WeightedTargets::new([2, 3, 4, 3], &targets, &ClassWeights::equal(3), 0.0).unwrap();
    for device in cpu_devices().map(Device::autodiff) {
        let network = imported(&device);
        let input = tensor(&vectors["input"], &device);
        let scores = network.forward(input, &StepMask::all(2, 7), &mut Chance::of_step(1, 1, 1)).remove(0);
        let loss = targets.loss(Loss::CrossEntropy, scores);
        assert_close(&to_host(loss.clone()), &vectors["pixel_lstm.loss"].values, 1e-5);
        let gradients = gradients(&network, &GradientsParams::from_grads(loss.backward(), &network));
        for theirs in ["lstm.weight_ih_l0", "lstm.weight_hh_l1_reverse"] {
            let ours = PixelLstm::torch_name(theirs).unwrap();
            let expected = &vectors[&format!("pixel_lstm.gradient.{theirs}")];
            assert_close(&gradients[&ours].values, &expected.values, 1e-5);
        }
    }
}

#[test]
fn only_training_drops_and_the_seed_decides_what() {
    let Some(device) = cpu_devices().next() else { return };
    let config = PixelLstmConfig { dropout: 0.5, ..small() };
    let network = crate::init::draw(
        PixelLstm::build(&config, &device.clone().autodiff()),
        crate::init::Scheme::Torch,
        3,
    );
    let scores = |mut chance: Chance| {
        let values: Vec<f32> = (0..5 * 7).map(|place| (place % 11) as f32 - 5.0).collect();
        let input = Tensor::from_data(TensorData::new(values, [1, 5, 7, 1, 1]), &device.clone().autodiff());
        to_host(network.forward(input, &StepMask::all(1, 7), &mut chance).remove(0))
    };
    assert_eq!(scores(Chance::of_step(1, 1, 1)), scores(Chance::of_step(1, 1, 1)));
    assert_ne!(scores(Chance::of_step(1, 1, 1)), scores(Chance::of_step(2, 1, 1)));
    assert_ne!(scores(Chance::of_step(1, 1, 1)), scores(Chance::none()));
}

#[test]
fn a_state_dict_of_another_shape_is_refused_by_its_tensor() {
    let config = PixelLstmConfig { hidden: 8, ..small() };
    let config = NetworkConfig::PixelLstm(config).check().unwrap();
    let message = pytorch::read(&file("pixel_lstm.pt"), &config).unwrap_err().to_string();
    assert!(message.contains("does not fit network pixel-lstm: tensor `head.weight`"), "{message}");
    let lstm = NetworkConfig::PixelLstm(small()).check().unwrap();
    let message = pytorch::read(&file("temp_cnn.pt"), &lstm).unwrap_err().to_string();
    assert!(message.contains("does not fit network pixel-lstm"), "{message}");
}

#[test]
fn settings_that_cannot_be_are_named() {
    #[track_caller]
    fn check(change: impl FnOnce(&mut PixelLstmConfig), expected: &str) {
        let mut config = PixelLstmConfig::new(3, 2);
        change(&mut config);
        assert_eq!(config.check().unwrap_err().to_string(), expected);
    }
    check(|c| c.hidden = 0, "setting `hidden` is 0, but must be 1 to 1024");
    check(|c| c.layers = 17, "setting `layers` is 17, but must be 1 to 16");
    check(|c| c.dropout = 1.0, "setting `dropout` is 1, but must be at least 0 and below 1");
}
