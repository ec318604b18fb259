//! Settings of a training run.

use serde::{Deserialize, Serialize};

use crate::settings::{self, check_settings};
use crate::{Error, Loss, Prior, Result};

/// Settings of a training run, with defaults that suit a small job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TrainConfig {
    /// Passes over the training source.
    pub epochs: usize,
    /// Patches a step.
    pub batch: usize,
    /// Batches whose gradients make one step; the last step of an epoch takes what is left. It is the step of one larger
    /// batch but for what sees batches one by one: batch normalisation, and the ratios of the losses `dice` and `joint`.
    pub accumulate: usize,
    /// The highest learning rate of the schedule.
    pub learning_rate: f64,
    /// Weight decay: decoupled with `adamw`, added to the gradient with `adam`. Biases and the scales and shifts of
    /// normalisations do not decay.
    pub weight_decay: f64,
    /// How weights follow gradients.
    pub optimizer: Optimizer,
    /// How the learning rate goes over the run.
    pub schedule: Schedule,
    /// Epochs (or a part of one) in which the learning rate rises from 0 before the schedule begins.
    pub warmup: f64,
    /// Gradients are scaled down to this norm over all parameters; 0: never.
    pub clip_norm: f64,
    /// Validate and keep the exponential moving average of the weights, which keeps this share of itself a step;
    /// 0: the weights themselves.
    pub average_decay: f64,
    /// What the best epoch is chosen by.
    pub select_by: SelectBy,
    /// Stop after so many validated epochs that were no better than the best, by [`Self::select_by`]; 0: never. Where not
    /// every epoch is validated ([`PatchSource::is_watched`](super::PatchSource::is_watched)), others do not count.
    pub early_stop_patience: usize,
    /// Random views of the patches.
    pub augment: Augment,
    /// The cap of [`crate::ClassWeights::inverse_frequency`].
    pub class_weight_cap: f32,
    /// What is made small, in training and, without smoothing, in validation.
    pub loss: Loss,
    /// Share of each target that is spread over all classes.
    pub label_smoothing: f32,
    /// Fit a temperature, and a bias a class where classes were not drawn as the ground has them, to the validation pixels of
    /// each validated epoch, by which it is judged and, if it is the best, maps: probabilities then mean what they say. For
    /// the drawn prior the temperature is fitted without the bias, which its map does not add.
    pub calibrate: bool,
    /// The prior that epochs are judged under: that of the map. Without [`Self::calibrate`] the natural one's bias is that of
    /// the shares.
    pub prior: Prior,
    /// Seed of first weights and augmentation.
    pub seed: u64,
}

/// What the best epoch is chosen by, on the validation patches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SelectBy {
    /// The highest macro-F1: each class counts the same.
    #[serde(rename = "macro_f1")]
    MacroF1,
    /// The highest overall accuracy: each pixel counts the same.
    OverallAccuracy,
    /// The lowest loss: also tells how sure the network is, and how wrong where it is wrong.
    Loss,
}

/// How weights follow gradients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Optimizer {
    /// Kingma & Ba 2015.
    Adam,
    /// Loshchilov & Hutter 2019: Adam with decoupled weight decay.
    #[serde(rename = "adamw")]
    AdamW,
}

/// How the learning rate goes over the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Schedule {
    /// Always the same.
    Constant,
    /// Down to 0 along half a cosine.
    Cosine,
    /// A tenth after each third of the run.
    Step,
    /// Up from 1/25 over the first 30 %, then along half a cosine to a 250 000th (Smith & Topin 2019).
    OneCycle,
}

/// Random views of the patches, drawn anew for each patch and epoch.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Augment {
    /// Mirror rows, columns, both or none.
    pub flips: bool,
    /// Turn by 0, 90, 180 or 270 degrees; only by 0 or 180 where a patch is no square.
    pub rotations: bool,
    /// Shift the series by up to so many steps either way, the target staying; steps from outside are unseen.
    /// A shift that would leave no observed date is none.
    pub temporal_shift: usize,
    /// Hide each observed date with this probability, 0 to below 1; at least one stays. A hidden date is as one
    /// that was never observed, its values 0, in a filled series, too.
    pub date_dropout: f64,
    /// Standard deviation, in normalised units, of a gain and of an offset of each channel, the same for all
    /// observed values of a patch: `value (1 + gain) + offset`. 0 or above.
    pub band_noise: f64,
}

impl Default for Augment {
    fn default() -> Self {
        Self { flips: true, rotations: true, temporal_shift: 0, date_dropout: 0.0, band_noise: 0.0 }
    }
}

impl Augment {
    fn check(self) -> Result<()> {
        let Self { date_dropout, band_noise, .. } = self;
        check_settings([
            settings::dropout("augment.date_dropout", date_dropout),
            (
                "augment.band_noise",
                band_noise.to_string(),
                band_noise.is_finite() && band_noise >= 0.0,
                "0 (off) or above",
            ),
        ])
    }
}

impl Default for TrainConfig {
    fn default() -> Self {
        Self {
            epochs: 20,
            batch: 4,
            accumulate: 1,
            learning_rate: 1e-3,
            weight_decay: 1e-4,
            optimizer: Optimizer::AdamW,
            schedule: Schedule::OneCycle,
            warmup: 0.0,
            clip_norm: 1.0,
            average_decay: 0.0,
            select_by: SelectBy::MacroF1,
            early_stop_patience: 0,
            augment: Augment::default(),
            class_weight_cap: 10.0,
            loss: Loss::CrossEntropy,
            label_smoothing: 0.0,
            calibrate: false,
            prior: Prior::Natural,
            seed: 0,
        }
    }
}

impl TrainConfig {
    /// Checks the settings.
    ///
    /// # Errors
    /// [`Error::Setting`] names the first setting that cannot be.
    pub fn check(self) -> Result<ValidTrainConfig> {
        let not_negative = |value: f64| value.is_finite() && value >= 0.0;
        let one_cycle = self.schedule == Schedule::OneCycle;
        let rules = [
            ("epochs", self.epochs.to_string(), self.epochs > 0, "at least 1"),
            ("batch", self.batch.to_string(), self.batch > 0, "at least 1"),
            ("accumulate", self.accumulate.to_string(), self.accumulate > 0, "at least 1"),
            (
                "average_decay",
                self.average_decay.to_string(),
                (0.0..1.0).contains(&self.average_decay),
                "0 (off) or above and below 1",
            ),
            (
                "learning_rate",
                self.learning_rate.to_string(),
                not_negative(self.learning_rate) && self.learning_rate > 0.0,
                "above 0",
            ),
            ("weight_decay", self.weight_decay.to_string(), not_negative(self.weight_decay), "0 or above"),
            ("clip_norm", self.clip_norm.to_string(), not_negative(self.clip_norm), "0 (off) or above"),
            (
                "warmup",
                self.warmup.to_string(),
                not_negative(self.warmup) && self.warmup < self.epochs as f64,
                "0 or above and less than the epochs",
            ),
            (
                "warmup",
                self.warmup.to_string(),
                !(one_cycle && self.warmup > 0.0),
                "0 with schedule one_cycle, which rises by itself",
            ),
            (
                "class_weight_cap",
                self.class_weight_cap.to_string(),
                self.class_weight_cap >= 1.0,
                "1 or above",
            ),
            (
                "label_smoothing",
                self.label_smoothing.to_string(),
                (0.0..1.0).contains(&self.label_smoothing),
                "0 or above and below 1",
            ),
        ];
        self.augment.check()?;
        self.loss.check()?;
        match rules.into_iter().find(|(_, _, holds, _)| !holds) {
            None => Ok(ValidTrainConfig(self)),
            Some((setting, found, _, rule)) => Err(Error::Setting { setting, found, rule }),
        }
    }
}

/// Settings that have passed [`TrainConfig::check`].
#[derive(Debug, Clone, PartialEq)]
pub struct ValidTrainConfig(TrainConfig);

impl ValidTrainConfig {
    /// The settings.
    pub fn get(&self) -> &TrainConfig {
        &self.0
    }

    /// The learning rate at a position in the run, counted in epochs from 0.
    pub fn learning_rate(&self, position: f64) -> f64 {
        let TrainConfig { epochs, learning_rate, schedule, warmup, .. } = self.0;
        if position < warmup {
            return learning_rate * position / warmup;
        }
        let progress = ((position - warmup) / (epochs as f64 - warmup)).clamp(0.0, 1.0);
        let cosine = |from: f64, to: f64, share: f64| {
            to + (from - to) * 0.5 * (1.0 + (std::f64::consts::PI * share).cos())
        };
        learning_rate
            * match schedule {
                Schedule::Constant => 1.0,
                Schedule::Cosine => cosine(1.0, 0.0, progress),
                Schedule::Step => 0.1f64.powi((progress * 3.0).floor().min(2.0) as i32),
                Schedule::OneCycle if progress < 0.3 => cosine(0.04, 1.0, progress / 0.3),
                Schedule::OneCycle => cosine(1.0, 4e-6, (progress - 0.3) / 0.7),
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_cannot_be_are_named() {
        #[track_caller]
        fn check(change: impl FnOnce(&mut TrainConfig), expected: &str) {
            let mut config = TrainConfig::default();
            change(&mut config);
            let message = config.check().unwrap_err().to_string();
            assert!(message.starts_with(expected), "{message}");
        }
        check(|c| c.epochs = 0, "setting `epochs` is 0");
        check(|c| c.batch = 0, "setting `batch` is 0");
        check(|c| c.accumulate = 0, "setting `accumulate` is 0");
        check(|c| c.average_decay = 1.0, "setting `average_decay` is 1");
        check(|c| c.learning_rate = f64::NAN, "setting `learning_rate` is NaN");
        check(|c| c.weight_decay = -1.0, "setting `weight_decay` is -1");
        check(|c| c.clip_norm = f64::INFINITY, "setting `clip_norm` is inf");
        check(|c| c.warmup = 1.0, "setting `warmup` is 1, but must be 0 with schedule one_cycle");
        check(|c| (c.schedule, c.warmup) = (Schedule::Cosine, 20.0), "setting `warmup` is 20");
        check(|c| c.class_weight_cap = 0.5, "setting `class_weight_cap` is 0.5");
        check(|c| c.loss = Loss::Focal { gamma: -1.0 }, "setting `loss.gamma` is -1");
        check(|c| c.loss = Loss::Joint { alpha: 1.5 }, "setting `loss.alpha` is 1.5");
        check(|c| c.loss = Loss::GeneralisedCrossEntropy { q: 0.0 }, "setting `loss.q` is 0");
        let none = Loss::SymmetricCrossEntropy { alpha: 0.0, beta: 0.0 };
        check(|c| c.loss = none, "setting `loss.beta` is 0");
        check(|c| c.augment.date_dropout = 1.0, "setting `augment.date_dropout` is 1");
        check(|c| c.augment.band_noise = f64::NAN, "setting `augment.band_noise` is NaN");
        check(|c| c.label_smoothing = 1.0, "setting `label_smoothing` is 1");
    }

    #[test]
    fn schedules_pass_their_marks() {
        #[track_caller]
        fn check(schedule: Schedule, warmup: f64, marks: &[(f64, f64)]) {
            let config =
                TrainConfig { epochs: 10, learning_rate: 2.0, schedule, warmup, ..TrainConfig::default() };
            let config = config.check().unwrap();
            for &(position, expected) in marks {
                let found = config.learning_rate(position);
                assert!((found - expected).abs() < 1e-9, "{schedule:?} at {position}: {found}");
            }
        }
        check(Schedule::Constant, 0.0, &[(0.0, 2.0), (10.0, 2.0)]);
        check(Schedule::Cosine, 0.0, &[(0.0, 2.0), (5.0, 1.0), (10.0, 0.0)]);
        check(Schedule::Cosine, 2.0, &[(0.0, 0.0), (1.0, 1.0), (2.0, 2.0), (6.0, 1.0), (10.0, 0.0)]);
        check(Schedule::Step, 0.0, &[(3.0, 2.0), (3.5, 0.2), (7.0, 0.02), (10.0, 0.02)]);
        check(Schedule::OneCycle, 0.0, &[(0.0, 0.08), (3.0, 2.0), (10.0, 8e-6)]);
    }

    #[test]
    fn a_short_document_takes_defaults_and_a_typo_is_refused() {
        let config: TrainConfig =
            serde_json::from_str(r#"{"optimizer": "adamw", "schedule": "one_cycle"}"#).unwrap();
        assert_eq!(config, TrainConfig::default());
        assert!(serde_json::from_str::<TrainConfig>(r#"{"epoch": 3}"#).is_err());
    }
}
