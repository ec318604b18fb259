//! The law that a pixel's scores do not depend on what a date saw of ground far away, for the networks that keep it: not
//! U-TAE, which normalises over the whole patch.

use burn::module::Module;
use burn::tensor::{Tensor, TensorData};

use crate::chance::Chance;
use crate::oracle::cpu_devices;
use crate::state::to_host;
use crate::{NetworkConfig, StepMask, init};

const SIDE: usize = 48;
const PIXELS: usize = SIDE * SIDE;
const STEPS: usize = 4;

/// Two channels, 0 where not valid: a corner of 6 x 6 pixels is seen at the first two dates, and at the others only `far`
/// pixels of the last row are, of which a date sees one in three.
fn series(far: usize) -> (Vec<f32>, Vec<bool>) {
    let (mut values, mut valid) = (vec![0.0; 2 * STEPS * PIXELS], vec![false; STEPS * PIXELS]);
    let mut see = |step: usize, pixel: usize| {
        valid[step * PIXELS + pixel] = true;
        for channel in 0..2 {
            values[(channel * STEPS + step) * PIXELS + pixel] =
                ((step + 3 * channel + pixel) % 7) as f32 - 3.0;
        }
    };
    (0..2).for_each(|step| (0..36).for_each(|place| see(step, place / 6 * SIDE + place % 6)));
    (0..far).for_each(|place| see(2 + place % 2, PIXELS - 1 - 3 * place));
    (values, valid)
}

#[test]
fn a_date_counts_for_the_pixels_that_it_saw_wherever_the_window_lies() {
    for json in [
        r#"{"kind": "unet3d", "channels": 2, "classes": 3, "width": 4, "depth": 1}"#,
        r#"{"kind": "unet3d", "channels": 2, "classes": 3, "width": 4, "depth": 1, "collapse": "last"}"#,
        r#"{"kind": "unet3d", "channels": 2, "classes": 3, "width": 4, "depth": 1, "collapse": "attention"}"#,
        r#"{"kind": "unet", "channels": 2, "classes": 3, "width": 4, "depth": 1}"#,
        r#"{"kind": "compact", "channels": 2, "classes": 3, "stem": 4, "blocks": [4, 4, 4], "beside": 2}"#,
        r#"{"kind": "unet-convlstm", "channels": 2, "classes": 3, "width": 4, "depth": 1, "first_hidden": 3}"#,
        r#"{"kind": "unet-convlstm", "channels": 2, "classes": 3, "width": 4, "depth": 1, "trains": "unet"}"#,
    ] {
        let config = serde_json::from_str::<NetworkConfig>(json).unwrap().check().unwrap();
        for device in cpu_devices() {
            let network = init::draw(config.build(&device).valid(), config.init_scheme(), 3).fold();
            let corner = |far: usize, by_window: bool| -> Vec<f32> {
                let (values, valid) = series(far);
                let mask = StepMask::of_valid(1, STEPS, PIXELS, &valid);
                let mask = if by_window { mask.by_window() } else { mask };
                let input = TensorData::new(values, [1, 2, STEPS, SIDE, SIDE]);
                let scores = network.forward(Tensor::from_data(input, &device), &mask, &mut Chance::none());
                to_host(scores[0].clone().narrow(2, 0, 6).narrow(3, 0, 6))
            };
            let apart = |by_window: bool| {
                let alone = corner(0, by_window);
                let furthest = |far: usize| {
                    let pairs = alone.iter().zip(corner(far, by_window)).map(|(a, b)| (a - b).abs());
                    pairs.fold(0.0, f32::max)
                };
                [1, 2, 9].map(furthest)
            };
            assert!(apart(false).into_iter().all(|furthest| furthest < 1e-6), "{json}: {:?}", apart(false));
            // As it was: the test would tell.
            assert!(apart(true).into_iter().all(|furthest| furthest > 1e-5), "{json}: {:?}", apart(true));
        }
    }
}
