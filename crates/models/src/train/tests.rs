//! Whole runs of a tiny network: determinism, resuming, stopping, refusing.

mod bad_input;
mod early_stop;
mod first_weights;
mod prior;
mod statistics;

use std::fs;
use std::path::Path;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::*;
use crate::card::tests::tiny_card;
use crate::weights;
use crate::{
    Backend, Batch, BatchShape, ClassShares, ClassWeights, Error, IGNORE, Loss, ModelCard, NetworkConfig,
    NetworkPredictor, PixelLstmConfig, Predictor, Result, UNet3dConfig, ValidNetworkConfig, read_card,
};

/// Series of two classes that differ in the second channel.
struct Source {
    patches: usize,
    /// The epoch in which no patch can be read.
    broken_in: usize,
    change: fn(&mut Patch, usize),
    /// It is validated after every so many epochs.
    watched: usize,
    made_of: [&'static [u8]; 2],
}

impl Source {
    fn new(patches: usize) -> Self {
        Self { patches, broken_in: usize::MAX, change: |_, _| (), watched: 1, made_of: [b"ab", b"c"] }
    }
}

impl PatchSource for Source {
    fn epoch_len(&self) -> usize {
        self.patches
    }

    fn draw(&self, epoch: usize) -> Vec<usize> {
        (0..self.patches).map(|place| (place + epoch) % self.patches).collect()
    }

    fn patch(&self, id: usize, epoch: usize) -> std::result::Result<Patch, PatchError> {
        if epoch == self.broken_in {
            return Err("the disk is gone".into());
        }
        let mut random = ChaCha8Rng::seed_from_u64(id as u64);
        let target: Vec<u8> = (0..64).map(|pixel| u8::from((pixel / 8 + id) % 8 >= 4)).collect();
        let values = (0..8 * 3 * 64).map(|place| {
            let class = f32::from(target[place % 64]);
            let signal = if place / 64 % 3 == 1 { class * 2.0 - 1.0 } else { 0.0 };
            signal + random.random_range(-0.5..0.5)
        });
        let values = values.collect();
        let mut patch =
            Patch { steps: 8, channels: 3, rows: 8, cols: 8, values, valid: vec![true; 512], target };
        (self.change)(&mut patch, epoch);
        Ok(patch)
    }

    fn is_watched(&self, epoch: usize) -> bool {
        epoch.is_multiple_of(self.watched)
    }

    fn made_of(&self) -> Vec<(&'static str, Vec<&[u8]>)> {
        vec![("scene", vec![b"s"]), ("set of labels", self.made_of.to_vec())]
    }
}

struct Setup {
    network: NetworkConfig,
    config: TrainConfig,
    train: Source,
    validation: Source,
    weights: ClassWeights,
    shares: Option<ClassShares>,
    first_weights: Option<FirstWeights>,
    resume: bool,
    backend: Backend,
    folder: tempfile::TempDir,
}

impl Setup {
    fn new() -> Self {
        Self {
            network: tiny_card().network,
            config: TrainConfig {
                epochs: 4,
                batch: 2,
                learning_rate: 0.01,
                schedule: Schedule::Cosine,
                ..TrainConfig::default()
            },
            train: Source::new(3),
            validation: Source::new(2),
            weights: ClassWeights::new(vec![1.0, 2.0]).unwrap(),
            shares: None,
            first_weights: None,
            resume: false,
            backend: Backend::Flex,
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn run(&self) -> Result<Trained> {
        self.observed(&mut |_| ())
    }

    fn observed(&self, observer: &mut dyn FnMut(&TrainEvent)) -> Result<Trained> {
        let (network, config) = (self.network.clone().check()?, self.config.clone().check()?);
        self.training(&network, &config, &self.checkpoints()).run(observer)
    }

    fn training<'a>(
        &'a self,
        network: &'a ValidNetworkConfig,
        config: &'a ValidTrainConfig,
        checkpoints: &'a Path,
    ) -> Training<'a> {
        Training {
            network,
            config,
            backend: self.backend,
            train: &self.train,
            validation: &self.validation,
            class_weights: &self.weights,
            shares: self.shares.as_ref(),
            first_weights: self.first_weights.as_ref(),
            checkpoints,
            resume: self.resume,
        }
    }

    fn checkpoints(&self) -> std::path::PathBuf {
        self.folder.path().join("checkpoints")
    }

    /// The bytes of the weight file.
    fn bytes(&self) -> Vec<u8> {
        self.saved(&self.run().unwrap())
    }

    fn saved(&self, trained: &Trained) -> Vec<u8> {
        let path = self.folder.path().join("model.safetensors");
        let card = ModelCard { training: trained.summary("simulated", "0.1.0"), ..tiny_card() };
        trained.save(&path, &card).unwrap();
        fs::read(path).unwrap()
    }
}

#[test]
fn one_seed_gives_the_same_bytes_and_another_does_not() {
    let setup = Setup::new();
    assert_eq!(setup.bytes(), setup.bytes());
    let mut other = Setup::new();
    other.config.seed = 1;
    assert_ne!(setup.bytes(), other.bytes());
}

#[test]
fn a_resumed_run_ends_in_the_same_bytes() {
    let whole = Setup::new().bytes();
    for broken_in in [2, 3, 4] {
        let mut setup = Setup::new();
        setup.train.broken_in = broken_in;
        let error = setup.run().unwrap_err();
        assert!(matches!(error, Error::Patch { .. }), "{error}");
        // A process killed while writing leaves such a folder.
        fs::create_dir_all(setup.checkpoints().join(format!("epoch-{broken_in:05}.part"))).unwrap();
        setup.train.broken_in = usize::MAX;
        setup.resume = true;
        let mut first = None;
        let trained = setup.observed(&mut |event| _ = first.get_or_insert(event.clone())).unwrap();
        assert_eq!(first, Some(TrainEvent::Resumed { epoch: broken_in - 1 }));
        assert!(setup.saved(&trained) == whole, "after {broken_in}");
        assert_eq!(trained.history().len(), 4);
    }
}

#[test]
fn a_resumed_run_keeps_its_average_and_its_accumulated_steps() {
    let setup = || {
        let mut setup = Setup::new();
        setup.config.average_decay = 0.9;
        setup.config.accumulate = 2;
        setup.config.batch = 1;
        setup
    };
    let whole = setup().bytes();
    let mut plain = setup();
    plain.config.average_decay = 0.0;
    assert_ne!(whole, plain.bytes());
    let mut setup = setup();
    setup.train.broken_in = 3;
    assert!(setup.run().is_err());
    setup.train.broken_in = usize::MAX;
    setup.resume = true;
    assert!(setup.bytes() == whole);
}

#[test]
fn accumulated_batches_are_one_batch() {
    // Without normalisation by the batch, which sees the batches one by one.
    let network = NetworkConfig::PixelLstm(PixelLstmConfig {
        hidden: 4,
        layers: 1,
        dropout: 0.0,
        ..PixelLstmConfig::new(3, 2)
    });
    let losses = |batch, accumulate| -> Vec<f64> {
        let mut setup = Setup::new();
        setup.network = network.clone();
        // A batch of two and one that is left over.
        setup.config = TrainConfig {
            batch,
            accumulate,
            learning_rate: 0.05,
            schedule: Schedule::Constant,
            ..setup.config
        };
        setup.train.change = |patch, _| patch.target[3..9].fill(IGNORE);
        setup.run().unwrap().history().iter().filter_map(|row| row.validation_loss).collect()
    };
    let (one, two) = (losses(2, 1), losses(1, 2));
    assert!(one[0] - one[3] > 1e-3, "it learns: {one:?}");
    for (one, two) in one.iter().zip(two) {
        assert!((one - two).abs() < 1e-5, "{one} {two}");
    }
}

#[test]
fn every_loss_trains() {
    for name in Loss::NAMES {
        let mut setup = Setup::new();
        setup.config.loss = name.parse().unwrap();
        setup.config.epochs = 8;
        let trained = setup.run().unwrap();
        let (first, last) = (&trained.history()[0], &trained.history()[7]);
        assert!(last.train_loss < first.train_loss, "{name}: {first:?} {last:?}");
    }
}

#[test]
fn a_finished_run_resumes_to_its_end_and_a_new_one_starts_afresh() {
    let mut setup = Setup::new();
    let whole = setup.bytes();
    setup.resume = true;
    // Nothing is read any more.
    setup.train.broken_in = 1;
    assert_eq!(setup.bytes(), whole);
    setup.resume = false;
    assert!(setup.run().is_err());
}

#[test]
fn other_settings_do_not_resume() {
    #[track_caller]
    fn check(change: fn(&mut Setup), expected: &str) {
        let mut setup = Setup::new();
        setup.config.epochs = 1;
        setup.run().unwrap();
        setup.resume = true;
        change(&mut setup);
        let message = setup.run().unwrap_err().to_string();
        assert!(message.contains(&format!("was made with another {expected}")), "{message}");
    }
    check(|setup| setup.config.learning_rate = 0.02, "training settings");
    check(|setup| setup.weights = ClassWeights::equal(2), "class weights");
    check(|setup| setup.network = NetworkConfig::UNet3d(UNet3dConfig::new(3, 2)), "network");
    check(|setup| setup.train.made_of = [b"ab", b"d"], "set of labels");
    check(|setup| setup.train.made_of = [b"a", b"bc"], "set of labels");
}

#[test]
fn a_truncated_checkpoint_is_told_by_its_path() {
    let mut setup = Setup::new();
    setup.config.epochs = 1;
    setup.run().unwrap();
    setup.resume = true;
    for (name, length) in [("optimizer.safetensors", 100), ("state.json", 20)] {
        fs::OpenOptions::new()
            .write(true)
            .open(setup.checkpoints().join("epoch-00001").join(name))
            .unwrap()
            .set_len(length)
            .unwrap();
        let message = setup.run().unwrap_err().to_string();
        assert!(message.contains(name), "{message}");
    }
}

/// A checkpoint of another format is told by that, whatever else it lacks.
#[test]
fn a_checkpoint_of_another_format_is_told_by_it() {
    let mut setup = Setup::new();
    let folder = setup.checkpoints().join("epoch-00001");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("state.json"), r#"{"format": 1, "history": []}"#).unwrap();
    setup.resume = true;
    let error = setup.run().unwrap_err();
    assert!(matches!(error, Error::Version { expected: 2, found: 1, .. }), "{error}");
}

#[test]
fn a_run_that_diverges_stops_and_keeps_the_last_checkpoint() {
    let mut setup = Setup::new();
    setup.train.change = |patch, epoch| {
        if epoch == 2 {
            patch.values.fill(3e38);
        }
    };
    let error = setup.run().unwrap_err();
    assert!(matches!(error, Error::Diverged { epoch: 2, step: 1, .. }), "{error}");
    let left: Vec<_> = fs::read_dir(setup.checkpoints()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left, ["epoch-00001"]);
}

#[test]
fn steps_are_told_in_order() {
    let setup = Setup::new();
    let mut seen = Vec::new();
    setup
        .observed(&mut |event| match event {
            TrainEvent::Step { epoch, step, steps, loss, .. } => {
                assert!(*steps == 2 && loss.is_some());
                seen.push((*epoch, *step));
            }
            TrainEvent::Epoch(row) => seen.push((row.epoch, 0)),
            TrainEvent::Resumed { .. } => panic!("nothing to resume"),
        })
        .unwrap();
    let expected: Vec<_> = (1..=4).flat_map(|epoch| [(epoch, 1), (epoch, 2), (epoch, 0)]).collect();
    assert_eq!(seen, expected);
}

/// Each choice keeps the weights of the epoch that is best by it, and stops by it.
#[test]
fn the_best_epoch_is_that_of_the_score_asked_for() {
    for by in [SelectBy::MacroF1, SelectBy::OverallAccuracy, SelectBy::Loss] {
        let mut setup = Setup::new();
        setup.config.select_by = by;
        setup.config.epochs = 12;
        setup.config.early_stop_patience = 2;
        let trained = setup.run().unwrap();
        let best = &trained.history()[trained.best_epoch() - 1];
        assert!(trained.history().iter().all(|row| !row.is_better_than(best, by)), "{by:?}");
        let over = trained.history().len() == 12;
        assert!(over || trained.history().len() == trained.best_epoch() + 2, "{by:?}");
    }
}

#[test]
fn unlabelled_batches_are_skipped_and_an_unlabelled_epoch_is_an_error() {
    let mut setup = Setup::new();
    setup.config.batch = 1;
    setup.train.change = |patch, _| {
        if patch.target[0] == 1 {
            patch.target.fill(IGNORE);
        }
    };
    setup.train.patches = 5;
    let mut skipped = 0;
    let count = &mut |event: &TrainEvent| {
        skipped += usize::from(matches!(event, TrainEvent::Step { loss: None, .. }));
    };
    setup.observed(count).unwrap();
    assert_eq!(skipped, 4);
    setup.train.change = |patch, _| patch.target.fill(IGNORE);
    let message = setup.run().unwrap_err().to_string();
    assert_eq!(message, "no labelled pixel with a weight above zero in epoch 1");
}

#[test]
fn patches_that_do_not_fit_are_refused_by_name() {
    #[track_caller]
    fn check(change: fn(&mut Patch, usize), expected: &str) {
        let mut setup = Setup::new();
        setup.train.change = change;
        let error: &dyn std::error::Error = &setup.run().unwrap_err();
        let mut message = error.to_string();
        let mut next = error.source();
        while let Some(source) = next {
            message = format!("{message}: {source}");
            next = source.source();
        }
        assert!(message.contains(expected), "{message}");
    }
    check(|patch, _| patch.values[64 + 9] = f32::NAN, "channel 1, row 1, column 1 is not finite");
    check(|patch, _| patch.values.truncate(9), "patch values holds 9 values");
    check(|patch, _| patch.steps = 3, "cannot make patch 1 of epoch 1");
    check(|patch, _| patch.target[5] = 2, "target class 2 is not below the network's 2 classes");
    let mut setup = Setup::new();
    setup.weights = ClassWeights::equal(3);
    assert!(matches!(setup.run(), Err(Error::Length { what: "class weights", .. })));
}

#[test]
fn a_saved_network_predicts_as_the_trained_one() {
    let setup = Setup::new();
    let trained = setup.run().unwrap();
    let path = setup.folder.path().join("model.safetensors");
    let card = ModelCard { training: trained.summary("simulated", "0.1.0"), ..tiny_card() };
    trained.save(&path, &card).unwrap();
    assert_eq!(read_card(&path).unwrap(), card);
    let patch = setup.train.patch(0, 0).unwrap();
    let shape = BatchShape { n: 1, steps: 8, channels: 3, rows: 8, cols: 8 };
    let batch = Batch::new(shape, patch.values, &patch.valid).unwrap();
    let mut loaded = NetworkPredictor::load(&path, Backend::Flex).unwrap();
    let found = loaded.predict(&batch).unwrap();
    assert_eq!(found, trained.predictor(card, Backend::Flex).unwrap().predict(&batch).unwrap());
    for pixel in 0..64 {
        assert!((found.values[pixel] + found.values[64 + pixel] - 1.0).abs() < 1e-5);
    }
    let shape = BatchShape { steps: 7, ..shape };
    let short = Batch::new(shape, vec![0.0; 7 * 3 * 64], &[true; 7 * 64]).unwrap();
    let message = loaded.predict(&short).unwrap_err().to_string();
    assert_eq!(message, "the model expects a number of steps of 8, but the input has 7");
}

#[test]
fn a_calibrated_network_maps_the_same_classes_with_other_probabilities() {
    let mut setup = Setup::new();
    let plain = setup.run().unwrap();
    setup.config.calibrate = true;
    let calibrated = setup.run().unwrap();
    let card =
        |trained: &Trained| ModelCard { training: trained.summary("simulated", "0.1.0"), ..tiny_card() };
    assert_eq!(card(&plain).training.calibration, None);
    let found = card(&calibrated).training.calibration.unwrap();
    assert!(found.temperature != 1.0 && found.error_after < found.error_before, "{found:?}");
    let patch = setup.train.patch(0, 0).unwrap();
    let shape = BatchShape { n: 1, steps: 8, channels: 3, rows: 8, cols: 8 };
    let batch = Batch::new(shape, patch.values, &patch.valid).unwrap();
    let map = |trained: &Trained| {
        let values = trained.predictor(card(trained), Backend::Flex).unwrap().predict(&batch).unwrap().values;
        let classes: Vec<bool> = (0..64).map(|pixel| values[pixel] < values[64 + pixel]).collect();
        (classes, values)
    };
    let ((plain, before), (same, after)) = (map(&plain), map(&calibrated));
    assert_eq!(plain, same);
    assert_ne!(before, after);
    setup.resume = true;
    let resumed = setup.run().unwrap();
    assert_eq!(card(&resumed).training.calibration, Some(found));
}

#[test]
fn weights_of_another_network_are_refused() {
    let setup = Setup::new();
    let trained = setup.run().unwrap();
    let path = setup.folder.path().join("model.safetensors");
    let wider = NetworkConfig::UNet3d(UNet3dConfig { width: 6, ..UNet3dConfig::new(3, 2) });
    let card = ModelCard { network: wider, ..tiny_card() };
    assert!(matches!(trained.save(&path, &card), Err(Error::CardMismatch { .. })));
    assert!(!Path::new(&path).exists());
    weights::write_model(&path, &card, &trained.weights).unwrap();
    let error = NetworkPredictor::load(&path, Backend::Flex).unwrap_err();
    assert!(matches!(error, Error::WeightsMismatch { .. }), "{error}");
    assert!(error.to_string().contains("model.safetensors does not fit network unet3d"), "{error}");
    let deeper = NetworkConfig::UNet3d(UNet3dConfig { width: 4, depth: 1, ..UNet3dConfig::new(3, 2) });
    weights::write_model(&path, &ModelCard { network: deeper, ..tiny_card() }, &trained.weights).unwrap();
    assert!(NetworkPredictor::load(&path, Backend::Flex).is_err());
}

#[cfg(feature = "tch")]
#[test]
fn flex_and_tch_agree() {
    let flex = Setup::new();
    let tch = Setup { backend: Backend::Tch, ..Setup::new() };
    assert_eq!(tch.bytes(), tch.bytes(), "one seed gives the same bytes on tch, too");
    let (on_flex, on_tch) = (flex.run().unwrap(), tch.run().unwrap());
    for (a, b) in on_flex.history().iter().zip(on_tch.history()) {
        assert!((a.train_loss - b.train_loss).abs() < 1e-2, "{a:?} {b:?}");
    }
    let patch = flex.train.patch(0, 0).unwrap();
    let shape = BatchShape { n: 1, steps: 8, channels: 3, rows: 8, cols: 8 };
    let batch = Batch::new(shape, patch.values, &patch.valid).unwrap();
    let predict = |backend| on_flex.predictor(tiny_card(), backend).unwrap().predict(&batch).unwrap();
    for (a, b) in predict(Backend::Flex).values.iter().zip(predict(Backend::Tch).values) {
        assert!((a - b).abs() < 1e-3, "{a} {b}");
    }
}
