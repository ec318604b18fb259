//! The loop over epochs and steps.

use std::time::Instant;

use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor};

use super::accumulate::Accumulator;
use super::checkpoint::{Checkpoint, Progress, made_of};
use super::feed::LabelledBatch;
use super::optimizer::Adam;
use super::validate::{Validated, validate};
use super::{HistoryRow, TrainEvent, Trained, Training, average};
use crate::batch_norm::{SETTLED, batches, with_batches};
use crate::chance::Chance;
use crate::network::Network;
use crate::state::{self, StateDict};
use crate::{Error, FirstWeights, Result, device, init};

impl Training<'_> {
    /// Trains. `observer` is told of each step and epoch.
    ///
    /// The best epoch is that of the best validation score, by [`select_by`](super::TrainConfig::select_by), and of the lowest
    /// validation loss where two agree or none is defined. The same inputs give the same weights on the same machine, whether or not
    /// the run was interrupted and resumed.
    ///
    /// # Errors
    /// [`Error::Diverged`] when loss or gradient is not finite; [`Error::EmptySource`], [`Error::Patch`],
    /// [`Error::PatchShape`], [`Error::UnknownClass`]; [`Error::NoLabelledPixel`] for an epoch without any;
    /// [`Error::OtherCheckpoint`] when resuming under other settings; errors of reading and writing.
    pub fn run(&self, observer: &mut dyn FnMut(&TrainEvent)) -> Result<Trained> {
        if self.class_weights.get().len() != self.network.classes() {
            let found = self.class_weights.get().len();
            return Err(Error::Length { what: "class weights", shape: vec![self.network.classes()], found });
        }
        if let Some(shares) = self.shares.filter(|shares| shares.natural().len() != self.network.classes()) {
            let (what, found) = ("shares of the classes", shares.natural().len());
            return Err(Error::Length { what, shape: vec![self.network.classes()], found });
        }
        self.first_weights.map_or(Ok(()), |first| first.check(self.network))?;
        let mut run = Run::start(self)?;
        if run.progress.epoch() > 0 {
            observer(&TrainEvent::Resumed { epoch: run.progress.epoch() });
        }
        while !run.is_over() {
            let row = run.epoch(observer)?;
            tracing::info!(
                epoch = row.epoch,
                train_loss = row.train_loss,
                macro_f1 = row.validation_macro_f1
            );
            observer(&TrainEvent::Epoch(row));
        }
        Ok(Trained {
            network: self.network.clone(),
            progress: run.progress,
            samples: self.train.epoch_len(),
            weights: run.best,
            path: self.checkpoints.to_owned(),
        })
    }
}

/// The drawn network with the weights that there are; statistics among them go on from where they are.
fn started(drawn: Network, first: &FirstWeights) -> Network {
    let network = state::map(drawn, |name, _| Some(first.state().get(name)?.values.clone()));
    let given = |norm: &str| first.state().contains_key(&format!("{norm}.running_mean"));
    with_batches(network, |norm| if given(norm) { SETTLED } else { 0 })
}

/// The changing part of a run.
pub(super) struct Run<'a> {
    training: &'a Training<'a>,
    device: Device,
    pub(super) network: Network,
    /// The moving average of the weights, without gradients, where it is kept.
    average: Option<Network>,
    waiting: Accumulator,
    optimizer: Adam,
    best: StateDict,
    progress: Progress,
}

impl<'a> Run<'a> {
    pub(super) fn start(training: &'a Training<'a>) -> Result<Self> {
        let config = training.config.get();
        let device = device::open(training.backend)?.autodiff();
        let network = training.network.build(&device);
        let mut optimizer = Adam::new(config);
        let mut progress =
            Progress::new(training.network.get(), config.clone(), training.class_weights.clone());
        progress.shares = training.shares.cloned();
        progress.made_of = made_of(training.train);
        progress.first_weights = training.first_weights.map(|first| first.sha256().to_owned());
        let found = match training.resume {
            true => Checkpoint::load(training.checkpoints, &progress)?,
            false => Checkpoint::clear(training.checkpoints).map(|()| None)?,
        };
        let waiting = Accumulator::new(config.accumulate);
        let averaged = config.average_decay > 0.0;
        Ok(match found {
            None => {
                let drawn = init::draw(network, training.network.init_scheme(), config.seed);
                let network = match training.first_weights {
                    Some(first) => started(drawn, first),
                    None => drawn,
                };
                let (average, best) = (averaged.then(|| network.valid()), StateDict::new());
                Self { training, device, network, average, waiting, optimizer, best, progress }
            }
            Some(Checkpoint { progress, network: saved, average, best, optimizer: moments }) => {
                let (path, name) = (training.checkpoints, training.network.name());
                optimizer.restore(progress.optimizer_steps, moments, path, &device.clone().inner())?;
                let average =
                    average.map(|average| state::load(network.valid(), average, path, name)).transpose()?;
                let network = state::load(network, saved, path, name)?;
                let seen = |norm: &str| progress.batches.get(norm).copied().unwrap_or(SETTLED);
                let network = with_batches(network, seen);
                Self { training, device, network, average, waiting, optimizer, best, progress }
            }
        })
    }

    fn is_over(&self) -> bool {
        let config = self.training.config.get();
        // Between two epochs that are validated nothing can be told.
        let since = self.progress.best_epoch + 1..=self.progress.epoch();
        let waited = since.filter(|epoch| self.training.is_validated(*epoch)).count();
        let stopped = config.early_stop_patience > 0 && waited >= config.early_stop_patience;
        self.progress.epoch() >= config.epochs || stopped
    }

    /// Trains, validates and saves one epoch.
    pub(super) fn epoch(&mut self, observer: &mut dyn FnMut(&TrainEvent)) -> Result<HistoryRow> {
        let start = Instant::now();
        let epoch = self.progress.epoch() + 1;
        let (train_loss, learning_rate) = self.train_epoch(epoch, observer)?;
        let network = self.network.valid();
        let state = state::read(&network);
        let average = self.average.as_ref().map(state::read);
        let judged = self.average.clone().unwrap_or(network).fold();
        let is_validated = self.training.is_validated(epoch);
        let validated = match is_validated {
            true => validate(self.training, &judged, &self.device.clone().inner())?,
            false => Validated::nothing(self.training.network.classes()),
        };
        let row = HistoryRow {
            epoch,
            train_loss,
            validation_loss: validated.loss,
            validation_overall_accuracy: validated.matrix.overall_accuracy(),
            validation_macro_f1: validated.matrix.reference_macro_f1(),
            learning_rate,
            seconds: start.elapsed().as_secs_f64(),
        };
        let best = self.progress.best_epoch.checked_sub(1).map(|place| &self.progress.history[place]);
        let by = self.training.config.get().select_by;
        if is_validated && best.is_none_or(|best| row.is_better_than(best, by)) {
            self.progress.best_epoch = epoch;
            let fitted = validated.fitted.as_ref();
            let summary = fitted.map(|fitted| fitted.summary(&validated.scores)).transpose()?;
            self.progress.calibration = summary.flatten();
            self.progress.bias = fitted.map(|fitted| fitted.bias.clone());
            self.best = average.as_ref().unwrap_or(&state).clone();
        }
        self.progress.history.push(row.clone());
        self.progress.optimizer_steps = self.optimizer.steps();
        self.progress.batches = batches(&self.network);
        let (progress, best, optimizer) = (self.progress.clone(), self.best.clone(), self.optimizer.state());
        Checkpoint { progress, network: state, average, best, optimizer }.save(self.training.checkpoints)?;
        Ok(row)
    }

    /// Mean loss over the labelled pixels of the epoch, and the last learning rate.
    fn train_epoch(&mut self, epoch: usize, observer: &mut dyn FnMut(&TrainEvent)) -> Result<(f64, f64)> {
        let config = self.training.config.get();
        let mut pass = self.training.pass(self.training.train, "training", epoch);
        pass.augment = Some((config.augment, config.seed));
        let (mut sum, mut weight, mut learning_rate) = (0.0, 0.0, 0.0);
        pass.run(|step, steps, batch| {
            let position = (epoch - 1) as f64 + (step as f64 + 0.5) / steps as f64;
            learning_rate = self.training.config.learning_rate(position);
            let done = self.step(epoch, step + 1, batch, learning_rate)?;
            let loss = done.map(|(loss, pixels)| {
                sum += f64::from(loss) * pixels;
                weight += pixels;
                loss
            });
            observer(&TrainEvent::Step { epoch, step: step + 1, steps, loss, learning_rate });
            Ok(())
        })?;
        if let Some(gradients) = self.waiting.take(&self.network) {
            self.follow(gradients, learning_rate).map_err(|value| {
                let step = self.training.train.epoch_len().div_ceil(config.batch);
                Error::Diverged { what: "gradient norm", value, epoch, step }
            })?;
        }
        match weight > 0.0 {
            true => Ok((sum / weight, learning_rate)),
            false => Err(Error::NoLabelledPixel { what: format!("epoch {epoch}") }),
        }
    }

    /// The loss of a batch and the weight of its pixels; none where no pixel is labelled.
    fn step(
        &mut self,
        epoch: usize,
        step: usize,
        mut batch: LabelledBatch,
        learning_rate: f64,
    ) -> Result<Option<(f32, f64)>> {
        let smoothing = self.training.config.get().label_smoothing;
        let targets =
            match batch.training_targets(self.training.network, self.training.class_weights, smoothing) {
                Err(Error::NoLabelledPixel { .. }) => return Ok(None),
                targets => targets?,
            };
        let weight = targets.weight;
        let mut chance = Chance::of_step(self.training.config.get().seed, epoch, step);
        let heads = self.network.forward(batch.take_input(&self.device), &batch.mask, &mut chance);
        let kind = self.training.config.get().loss;
        let losses = heads.into_iter().zip(self.training.network.heads());
        let loss = losses.map(|(scores, head)| targets.loss(kind, scores) * head.loss_weight);
        let loss = loss.reduce(|sum, loss| sum + loss).unwrap_or_else(|| Tensor::zeros([1], &self.device));
        let value = loss.clone().into_scalar::<f32>();
        if !value.is_finite() {
            return Err(Error::Diverged { what: "loss", value, epoch, step });
        }
        let gradients = GradientsParams::from_grads(loss.backward(), &self.network);
        if let Some(gradients) = self.waiting.add(&self.network, gradients, weight) {
            let diverged = |value| Error::Diverged { what: "gradient norm", value, epoch, step };
            self.follow(gradients, learning_rate).map_err(diverged)?;
        }
        Ok(Some((value, weight)))
    }

    /// Moves the weights, and their average behind them. A gradient norm that is not finite is the error.
    fn follow(&mut self, gradients: GradientsParams, learning_rate: f64) -> std::result::Result<(), f32> {
        // A clone shares the weights.
        self.network = self.optimizer.step(self.network.clone(), gradients, learning_rate)?;
        if let Some(average) = self.average.take() {
            let (decay, steps) = (self.training.config.get().average_decay, self.optimizer.steps());
            self.average = Some(average::follow(average, &self.network.valid(), decay, steps));
        }
        Ok(())
    }
}
