//! Batch statistics in short trainings (A14 of issue 16).

use super::super::run::Run;
use super::*;
use crate::DeepForestConfig;
use crate::batch_norm::{SETTLED, with_batches};

/// So many steps on one patch of four fields, two of each class, in the layout that DeepForest's DeepLab wants.
struct Fields(usize);

const SIDE: usize = 32;

impl PatchSource for Fields {
    fn epoch_len(&self) -> usize {
        self.0
    }

    fn draw(&self, _epoch: usize) -> Vec<usize> {
        (0..self.0).collect()
    }

    fn patch(&self, _id: usize, _epoch: usize) -> std::result::Result<Patch, PatchError> {
        let mut random = ChaCha8Rng::seed_from_u64(1);
        let pixels = SIDE * SIDE;
        let class = |pixel: usize| u8::from((pixel / SIDE < SIDE / 2) == (pixel % SIDE < SIDE / 2));
        let target: Vec<u8> = (0..pixels).map(class).collect();
        let values =
            (0..3 * pixels).map(|place| f32::from(target[place % pixels]) + random.random_range(-0.5..0.5));
        let values = values.collect();
        Ok(Patch { steps: 1, channels: 3, rows: SIDE, cols: SIDE, values, valid: vec![true; pixels], target })
    }
}

/// The training loss of the last of 24 steps, and the loss of the same patch in inference, of six trainings: so few steps of
/// fifty layers end anywhere between .09 and .31, by their seed and by the roundings of a machine. `settled`: statistics move as
/// they did before, from mean 0 and variance 1 by a hundredth a step.
fn losses(settled: bool) -> Vec<[f64; 2]> {
    (0..6).map(|seed| losses_of(seed, settled)).collect()
}

/// How much more inference loses than training, on average.
fn gap(losses: &[[f64; 2]]) -> f64 {
    losses.iter().map(|[training, inference]| inference - training).sum::<f64>() / losses.len() as f64
}

fn losses_of(seed: u64, settled: bool) -> [f64; 2] {
    let config = DeepForestConfig { width: 2, dropout: 0.0, ..DeepForestConfig::new(3, 2) };
    let network = NetworkConfig::DeepForestDeepLab(config).check().unwrap();
    let config = TrainConfig {
        epochs: 1,
        seed,
        batch: 1,
        learning_rate: 3e-3,
        schedule: Schedule::OneCycle,
        augment: Augment { flips: false, rotations: false, ..Augment::default() },
        ..TrainConfig::default()
    };
    let (config, folder) = (config.check().unwrap(), tempfile::tempdir().unwrap());
    let training = Training {
        network: &network,
        config: &config,
        backend: Backend::Flex,
        train: &Fields(24),
        validation: &Fields(1),
        shares: None,
        class_weights: &ClassWeights::equal(2),
        first_weights: None,
        checkpoints: folder.path(),
        resume: false,
    };
    let mut run = Run::start(&training).unwrap();
    if settled {
        run.network = with_batches(run.network, |_| SETTLED);
    }
    let mut last = f64::NAN;
    let row = run.epoch(&mut |event| {
        if let TrainEvent::Step { loss: Some(loss), .. } = event {
            last = f64::from(*loss);
        }
    });
    [last, row.unwrap().validation_loss.unwrap()]
}

#[test]
fn after_few_steps_inference_knows_what_training_knows() {
    let found = losses(false);
    let best = found.iter().map(|[training, _]| *training).fold(f64::INFINITY, f64::min);
    assert!(best < 0.15, "it learns: {found:?}");
    assert!(gap(&found) < 0.1, "inference beside training: {found:?}");
    let settled = losses(true);
    assert!(gap(&settled) > 0.4, "as it was: {settled:?}");
}

#[test]
fn the_network_learns_one_patch_by_heart() {
    let mut setup = Setup::new();
    (setup.train, setup.validation) = (Source::new(1), Source::new(1));
    setup.config.epochs = 40;
    setup.config.augment = Augment { flips: false, rotations: false, ..Augment::default() };
    let trained = setup.run().unwrap();
    let best = &trained.history()[trained.best_epoch() - 1];
    assert_eq!(best.validation_overall_accuracy, Some(1.0));
    assert!(best.validation_loss.unwrap() < 0.1, "{best:?}");
}
