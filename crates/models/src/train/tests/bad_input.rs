//! Inputs that do not belong to a network, from training to prediction.

use super::*;
use crate::{ChannelStats, UNetConfig};

/// A network of ten bands, on patches that have as many.
fn ten_bands() -> Setup {
    let config = UNetConfig { width: 2, depth: 1, ..UNetConfig::new(10, 2) };
    let mut setup = Setup::new();
    setup.network = NetworkConfig::UNet(config);
    setup.config.epochs = 1;
    setup.train.change = |patch, _| resize(patch, 10);
    setup.validation.change = |patch, _| resize(patch, 10);
    setup
}

fn resize(patch: &mut Patch, channels: usize) {
    patch.channels = channels;
    patch.values = vec![0.5; patch.steps * channels * patch.rows * patch.cols];
}

fn card(setup: &Setup) -> ModelCard {
    let normalisation = vec![ChannelStats { mean: 0.0, std: 1.0 }; 10];
    let bands = (1..=10).map(|band| format!("B{band:02}")).collect();
    ModelCard { network: setup.network.clone(), bands, normalisation, ..tiny_card() }
}

/// An error with its reasons.
fn told(error: &dyn std::error::Error) -> String {
    let reasons = std::iter::successors(Some(error), |error| error.source());
    reasons.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

#[test]
fn eleven_bands_for_ten_are_refused_in_training_and_in_prediction() {
    let mut setup = ten_bands();
    let trained = setup.run().unwrap();
    let mut predictor = trained.predictor(card(&setup), Backend::Flex).unwrap();
    let shape = BatchShape { n: 1, steps: 8, channels: 11, rows: 8, cols: 8 };
    let batch = Batch::new(shape, vec![0.0; 8 * 11 * 64], &[true; 8 * 64]).unwrap();
    let expected = "input has 11 channels, but network unet takes 10";
    assert_eq!(predictor.predict(&batch).unwrap_err().to_string(), expected);
    setup.train.change = |patch, _| resize(patch, 11);
    let message = told(&setup.run().unwrap_err());
    assert_eq!(message, format!("cannot make patch 1 of epoch 1: {expected}"));
}

#[test]
fn every_network_refuses_a_band_too_many() {
    for config in NetworkConfig::all(10, 7) {
        let config = config.check().unwrap();
        let side = 4 * config.size_factor();
        assert!(config.check_input(10, 46, side, side).is_ok(), "{}", config.name());
        let message = config.check_input(11, 46, side, side).unwrap_err().to_string();
        assert_eq!(message, format!("input has 11 channels, but network {} takes 10", config.name()));
    }
}

#[test]
fn values_that_are_not_finite_are_refused_wherever_they_stand() {
    for (value, valid) in
        [(f32::NAN, true), (f32::INFINITY, true), (f32::NEG_INFINITY, false), (f32::NAN, false)]
    {
        let shape = BatchShape { n: 1, steps: 8, channels: 3, rows: 8, cols: 8 };
        let mut values = vec![0.0; 8 * 3 * 64];
        values[700] = value;
        let error = Batch::new(shape, values, &[valid; 8 * 64]).unwrap_err();
        assert!(matches!(error, Error::NotFinite { step: 3, channel: 1, row: 7, column: 4, .. }), "{error}");
    }
    let mut setup = Setup::new();
    setup.validation.change = |patch, _| patch.values[700] = f32::INFINITY;
    let message = told(&setup.run().unwrap_err());
    assert_eq!(
        message,
        "cannot make patch 0 of epoch 0: input value inf at sample 0, step 3, channel 1, row 7, column 4 is \
         not finite"
    );
}

#[test]
fn an_unlabelled_batch_takes_no_part_in_an_accumulated_step() {
    let trained = |patches: usize| {
        let mut setup = Setup::new();
        let config = PixelLstmConfig { hidden: 4, layers: 1, dropout: 0.0, ..PixelLstmConfig::new(3, 2) };
        setup.network = NetworkConfig::PixelLstm(config);
        let augment = Augment { flips: false, rotations: false, ..Augment::default() };
        let schedule = Schedule::Constant;
        setup.config = TrainConfig { epochs: 1, batch: 1, accumulate: 2, augment, schedule, ..setup.config };
        setup.train.patches = patches;
        // Patch 0 alone keeps its labels.
        setup.train.change = |patch, _| {
            if patch.target[24] == 1 {
                patch.target.fill(IGNORE);
            }
        };
        setup.run().unwrap()
    };
    let (alone, beside_unlabelled) = (trained(1), trained(2));
    assert_eq!(alone.history()[0].train_loss, beside_unlabelled.history()[0].train_loss);
    assert!(alone.weights == beside_unlabelled.weights);
}

#[test]
fn files_that_are_no_weights_of_ours_are_refused_to_start_from() {
    let setup = ten_bands();
    let network = setup.network.clone().check().unwrap();
    let path = setup.folder.path().join("given.safetensors");
    let refused = || FirstWeights::read(&path, &network, Backend::Flex).unwrap_err();
    fs::write(&path, "no weights at all").unwrap();
    assert!(matches!(refused(), Error::WeightsFormat { .. }));
    let trained = setup.run().unwrap();
    fs::write(&path, weights::encode(&path, &trained.weights, None).unwrap()).unwrap();
    assert!(matches!(refused(), Error::NoCard { .. }));
    trained.save(&path, &card(&setup)).unwrap();
    assert!(FirstWeights::read(&path, &network, Backend::Flex).is_ok());
    let length = fs::metadata(&path).unwrap().len();
    fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(length - 1).unwrap();
    assert!(matches!(refused(), Error::WeightsFormat { .. }));
}

#[test]
fn labels_of_pixels_that_no_date_saw_change_nothing() {
    fn hide(patch: &mut Patch, label: u8) {
        patch.valid.chunks_mut(64).for_each(|date| date[3..30].fill(false));
        patch.target[3..30].fill(label);
    }
    let bytes = |change: fn(&mut Patch, usize)| {
        let mut setup = Setup::new();
        setup.config.epochs = 2;
        (setup.train.change, setup.validation.change) = (change, change);
        setup.bytes()
    };
    let without = bytes(|patch, _| hide(patch, IGNORE));
    assert!(without == bytes(|patch, _| hide(patch, 0)) && without == bytes(|patch, _| hide(patch, 1)));
    assert!(
        without != Setup { config: TrainConfig { epochs: 2, ..Setup::new().config }, ..Setup::new() }.bytes()
    );
}
