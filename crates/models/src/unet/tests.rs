//! The U-Net against PyTorch, and its laws.

use super::*;
use crate::oracle::{cpu_devices, vectors};
use crate::parity::{assert_same, filled, picture};

#[test]
fn outputs_are_those_of_pytorch() {
    let vectors = vectors("networks.safetensors");
    for device in cpu_devices() {
        for decoder_convs in [1, 2] {
            let config = UNetConfig { width: 4, depth: 2, decoder_convs, ..UNetConfig::new(3, 4) };
            let network = filled(UNet::build(&config, &device)).valid();
            let input = picture("unet", [2, 3, 16, 12], &device);
            let name = format!("unet.{decoder_convs}");
            assert_same(network.picture(input.clone()), &vectors, &name);
            assert_same(network.fold().picture(input), &vectors, &name);
        }
    }
}

#[test]
fn the_networks_have_the_parameters_of_their_pytorch_twins() {
    // Printed by make_networks.py.
    let count = |config: UNetConfig| config.parameters();
    let roads = Parameters { total: 6_986_146, trainable: 6_981_218 };
    assert_eq!(count(UNetConfig::new(3, 2)), roads);
    let classic = Parameters { total: 31_055_362, trainable: 31_043_586 };
    assert_eq!(count(UNetConfig::classic(3, 2)), classic);
}

#[test]
fn a_repeated_date_changes_nothing() {
    let config = UNetConfig { width: 4, depth: 1, ..UNetConfig::new(3, 2) };
    for device in cpu_devices() {
        let network = filled(UNet::build(&config, &device)).valid();
        let date = picture::<4>("unet", [2, 3, 4, 4], &device).unsqueeze_dim::<5>(2);
        let scores = |dates: usize, mask: StepMask| {
            let input = date.clone().repeat_dim(2, dates);
            let mut heads = Architecture::forward(&network, input, &mask, &mut Chance::none());
            crate::state::to_host(heads.swap_remove(0))
        };
        let once = scores(1, StepMask::all(2, 1));
        let mask = StepMask::new(2, 3, vec![true, true, false, true, false, true]).unwrap();
        let close = |(a, b): (&f32, &f32)| (a - b).abs() < 1e-5;
        assert!(once.iter().zip(&scores(3, mask)).all(close));
    }
}
