//! The network against PyTorch's own, on each CPU backend of the build.

use burn::optim::GradientsParams;

use super::*;
use crate::loss::{Loss, WeightedTargets};
use crate::oracle::{assert_close, cpu_devices, file, gradients, tensor, vectors};
use crate::state::{self, to_host};
use crate::{ClassWeights, NetworkConfig, pytorch};

fn small() -> TempCnnConfig {
    TempCnnConfig { steps: 7, width: 8, kernel: 5, dropout: 0.0, ..TempCnnConfig::new(5, 3) }
}

fn imported(device: &Device) -> TempCnn {
    let config = NetworkConfig::TempCnn(small()).check().unwrap();
    let state = pytorch::read(&file("temp_cnn.pt"), &config).unwrap();
    state::load(TempCnn::build(&small(), device), state, &file("temp_cnn.pt"), "tempcnn").unwrap()
}

#[test]
fn parameters_are_those_of_the_formula() {
    // 45 dates and 13 bands as in BreizhCrops: 11 904 + 2 x 115 072 + 2 950 656 + 4 617.
    let config = TempCnnConfig { steps: 45, ..TempCnnConfig::new(13, 9) };
    assert_eq!(TempCnn::parameters(&config).trainable, 12_032 + 2 * 115_072 + 2_950_656 + 4_617);
}

#[test]
fn an_imported_state_dict_gives_the_scores_of_pytorch() {
    let vectors = vectors("pixel_series.safetensors");
    for device in cpu_devices() {
        let check = |network: TempCnn| {
            let input = tensor(&vectors["input"], &device);
            let scores = network.forward(input, &StepMask::all(2, 7), &mut Chance::none()).remove(0);
            assert_close(&to_host(scores), &vectors["temp_cnn"].values, 1e-5);
        };
        check(imported(&device));
        check(imported(&device).fold());
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
        assert_close(&to_host(loss.clone()), &vectors["temp_cnn.loss"].values, 1e-5);
        let gradients = gradients(&network, &GradientsParams::from_grads(loss.backward(), &network));
        let expected = &vectors["temp_cnn.gradient.conv_bn_relu1.block.0.weight"];
        assert_close(&gradients["convs.0.conv.weight"].values, &expected.values, 1e-5);
    }
}

#[test]
fn the_dates_are_fixed_and_the_kernel_is_odd() {
    let rules = TempCnn::rules(&small());
    assert_eq!((rules.min_steps, rules.max_steps), (7, Some(7)));
    let even = TempCnnConfig { kernel: 4, ..small() };
    let message = even.check().unwrap_err().to_string();
    assert_eq!(message, "setting `kernel` is 4, but must be an odd number below 100");
}
