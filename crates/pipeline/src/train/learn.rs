//! The network's training.

use super::job::{Job, Prepared};
use super::years::Year;
use crate::mapping::window_grid;
use crate::patches::{self, Ground, TrainingPatches, ValidationPatches};
use crate::recipe::{ClassWeighting, Recipe};
use crate::{Error, Result};
use ecotone_assessment::share;
use ecotone_core::{Cube, Legend, Window};
use ecotone_cubes::{Series, Site};
use ecotone_curation::{Labels, UNLABELLED};
use ecotone_jobs::Error as JobError;
use ecotone_jobs::{Progress, RunFolder};
use ecotone_models::{
    Augment, ClassShares, ClassWeights, FirstWeights, InputKind, Optimizer, Schedule, SelectBy, TrainConfig,
    TrainEvent, Trained, Training, ValidNetworkConfig, ValidTrainConfig,
};
use ecotone_tiling::{BlockSplit, Part};
use std::path::{Path, PathBuf};

/// What a network learns from, and where its training is kept.
pub(super) struct Lesson<'a> {
    prepared: &'a Prepared,
    /// The place of the only year; `None` for all of them.
    year: Option<usize>,
    checkpoint: PathBuf,
}

impl<'a> Lesson<'a> {
    /// All years, from what all of them confirm.
    pub(super) fn of_all(prepared: &'a Prepared, folder: &RunFolder) -> Self {
        Self { prepared, year: None, checkpoint: folder.checkpoint() }
    }

    /// One year alone, from what it confirms itself.
    pub(super) fn of_year(prepared: &'a Prepared, year: usize, folder: &RunFolder) -> Self {
        Self { prepared, year: Some(year), checkpoint: folder.checkpoint() }
    }

    /// The labels of each year.
    fn labels(&self) -> Vec<&'a [u8]> {
        match self.year {
            Some(year) => vec![self.prepared.years[year].annual.as_slice()],
            None => self.prepared.years.iter().map(|year| year.learnt.as_slice()).collect(),
        }
    }

    /// The labels of each year as they came, which tell what the ground is like.
    fn came(&self) -> Vec<&'a [u8]> {
        self.years().map(|year| year.labels.indices.as_slice()).collect()
    }

    pub(super) fn ground(&self) -> Ground<'a> {
        let years = self.prepared.years.len();
        let wanted = |place: usize| self.year.is_none_or(|year| place % years == year);
        let of_area = |cubes: &'a Vec<Cube<f32>>| {
            cubes.iter().enumerate().filter(|(place, _)| wanted(*place)).map(|(_, cube)| cube).collect()
        };
        let cubes = self.prepared.cubes.iter().map(of_area).collect();
        Ground::new(cubes, self.labels(), &self.prepared.split)
    }

    /// The years that are learnt from.
    fn years(&self) -> impl Iterator<Item = &'a Year> {
        let years = self.prepared.years.iter().enumerate();
        let wanted = self.year;
        years.filter(move |(place, _)| wanted.is_none_or(|year| *place == year)).map(|(_, year)| year)
    }

    /// The scenes and how they are read, in words that change with any of them.
    fn scenes(&self) -> String {
        let of = |year: &Year| {
            let (series, site) = (&year.series, year.series.site());
            let scenes: Vec<_> = series.scenes().map(|scene| &scene.key).collect();
            let read = (series.geobox(), series.specs(), series.heights());
            format!("{} {read:?} {scenes:?}", site.in_words())
        };
        self.years().map(of).collect()
    }

    /// Training pixels of each class in all years.
    fn class_counts(&self) -> Vec<u64> {
        let mut counts = vec![0; self.prepared.legend.len()];
        for labels in self.labels() {
            for (label, code) in labels.iter().zip(self.prepared.split.codes()) {
                if *label != UNLABELLED && *code == Part::Train.code() {
                    counts[usize::from(*label)] += 1;
                }
            }
        }
        counts
    }
}

impl Job<'_> {
    pub(super) fn train(&mut self, lesson: &Lesson<'_>) -> Result<Trained> {
        self.events.stage("train")?;
        let prepared = lesson.prepared;
        let (recipe, classes) = (self.recipe, prepared.legend.len());
        let network = self.network(prepared.series(), &prepared.legend)?;
        let config = config(recipe)?;
        let side = patch_side(recipe, &network)?;
        let ground = lesson.ground();
        let patches = TrainingPatches::new(
            ground.clone(),
            classes,
            side,
            recipe.train.patches_per_epoch,
            recipe.train.rare_share,
            recipe.train.seed,
        );
        let patches = patches.ok_or(Error::NoPatch { patch: side })?.of_scenes(lesson.scenes());
        let validation = self.validation(ground, prepared.series(), &network)?;
        let validation = validation.beside(patches.pixels(), recipe.train.epochs);
        if let Some(note) = unvalidated(&validation) {
            self.progress.note(note);
        }
        if validation.every() > 1 {
            self.progress.note(&seldom(&validation, &patches));
        }
        let counts = lesson.class_counts();
        let class_weights = match recipe.train.class_weights {
            ClassWeighting::None => ClassWeights::equal(classes),
            ClassWeighting::Inverse => {
                ClassWeights::inverse_frequency(&counts, recipe.train.class_weight_cap as f32)
            }
        };
        if let Some(note) = corrected_twice(recipe).filter(|_| lesson.year.is_none()) {
            self.progress.note(note);
        }
        let shares = shares(&patches, &lesson.came(), &class_weights)?;
        let first_weights = self.first_weights(&network)?;
        if let Some(first) = &first_weights {
            let (taken, tensors, from) = (first.taken(), first.tensors(), &recipe.train.from);
            self.progress.note(&format!("{taken} of the network's {tensors} tensors are from {from}"));
        }
        let training = Training {
            network: &network,
            config: &config,
            backend: self.resources.backend,
            train: &patches,
            validation: &validation,
            class_weights: &class_weights,
            shares: shares.as_ref(),
            first_weights: first_weights.as_ref(),
            checkpoints: &lesson.checkpoint,
            resume: self.folder.resumed(),
        };
        let mut watcher = Watcher {
            progress: self.progress,
            epochs: recipe.train.epochs,
            begun: false,
            validated: String::new(),
        };
        let trained = training.run(&mut |event| watcher.tell(event))?;
        self.progress.end();
        Ok(trained)
    }

    /// What the network is validated on: the windows of the map.
    fn validation<'a>(
        &self,
        ground: Ground<'a>,
        series: &Series,
        network: &ValidNetworkConfig,
    ) -> Result<ValidationPatches<'a>> {
        let predict = &self.recipe.predict;
        let grid = window_grid(series, predict.window, predict.halo)?;
        let single_pixels = network.rules().kind == InputKind::PixelSeries;
        Ok(ValidationPatches::new(ground, &grid, single_pixels))
    }

    /// Sees that patches fit the network and an area, and that there is something to draw them around.
    pub(super) fn check_patches(
        &self,
        labels: &Labels,
        split: &BlockSplit,
        network: &ValidNetworkConfig,
    ) -> Result<()> {
        let side = patch_side(self.recipe, network)?;
        let narrow = narrow(&labels.site, side)?;
        let unreached = patches::unreached(split, [labels.indices.as_slice()], side);
        // Without a labelled pixel there is no share.
        if unreached.share.is_none_or(|share| share >= 1.0) {
            return Err(Error::NoPatch { patch: side });
        }
        if narrow > 0 {
            self.progress.note(&format!(
                "{narrow} of {} areas are smaller than a patch (train.patch, {side} x {side} pixels): they are mapped, but not \
                 learnt from, nor are the {} labelled training pixels in them",
                labels.site.areas().len(),
                unreached.pixels
            ));
        }
        Ok(())
    }

    /// The weights that the recipe starts from, if it does.
    pub(super) fn first_weights(&self, network: &ValidNetworkConfig) -> Result<Option<FirstWeights>> {
        match self.recipe.train.from.as_str() {
            "" => Ok(None),
            from => Ok(Some(FirstWeights::read(Path::new(from), network, self.resources.backend)?)),
        }
    }

    pub(crate) fn network(&self, series: &Series, legend: &Legend) -> Result<ValidNetworkConfig> {
        let (channels, radar) = (series.channels().len(), series.radar_channels());
        self.recipe.model.network(channels, radar, legend.len(), &self.recipe.timeline)
    }
}

/// Turns the events of a training run into progress.
struct Watcher<'a> {
    progress: &'a dyn Progress,
    epochs: usize,
    begun: bool,
    validated: String,
}

impl Watcher<'_> {
    fn tell(&mut self, event: &TrainEvent) {
        match event {
            TrainEvent::Resumed { epoch } => self.progress.note(&format!("going on after epoch {epoch}")),
            TrainEvent::Step { epoch, steps, loss, .. } => {
                if !self.begun {
                    let left = self.epochs + 1 - epoch;
                    self.progress.begin("train", (left * steps) as u64, "steps");
                    self.begun = true;
                }
                let loss = loss.map_or_else(String::new, |loss| format!(" loss {loss:.3}"));
                self.progress.advance(1, &format!("epoch {epoch}{loss}{}", self.validated));
            }
            TrainEvent::Epoch(row) => {
                let (oa, f1) = (row.validation_overall_accuracy, row.validation_macro_f1);
                if oa.is_some() {
                    self.validated = format!(", validation accuracy {}, macro-F1 {}", share(oa), share(f1));
                }
            }
        }
    }
}

/// How a recipe trains.
///
/// # Errors
/// When a number is out of range.
pub(super) fn config(recipe: &Recipe) -> Result<ValidTrainConfig> {
    let train = &recipe.train;
    let config = TrainConfig {
        epochs: train.epochs,
        batch: train.batch,
        accumulate: train.accumulate,
        learning_rate: train.learning_rate,
        weight_decay: train.weight_decay,
        // Other words were refused with the recipe.
        optimizer: if train.optimizer == "adam" { Optimizer::Adam } else { Optimizer::AdamW },
        schedule: match train.schedule.as_str() {
            "constant" => Schedule::Constant,
            "step" => Schedule::Step,
            "one_cycle" => Schedule::OneCycle,
            _ => Schedule::Cosine,
        },
        // The last epoch at least is trained at the full rate, so that a run of one epoch is one.
        warmup: train.warmup_epochs.min(train.epochs - 1) as f64,
        clip_norm: train.clip_norm,
        average_decay: train.average_decay,
        select_by: match train.select_by.as_str() {
            "overall_accuracy" => SelectBy::OverallAccuracy,
            "loss" => SelectBy::Loss,
            _ => SelectBy::MacroF1,
        },
        early_stop_patience: train.early_stop,
        augment: Augment {
            flips: train.flips,
            rotations: train.rotations,
            temporal_shift: train.temporal_shift,
            date_dropout: train.date_dropout,
            band_noise: train.band_noise,
        },
        class_weight_cap: train.class_weight_cap as f32,
        loss: train.loss()?,
        label_smoothing: train.label_smoothing as f32,
        calibrate: train.calibrate,
        prior: recipe.predict.prior.of_network(),
        seed: train.seed,
    };
    Ok(config.check()?)
}

/// How common each class is on the training ground and in the loss, where a pixel counts by its class's weight; `None` without
/// a labelled pixel, of which the training then tells. `came` has the labels of each year before any cleaning.
///
/// A network that learns each date by itself counts a pixel once a date that saw it. These shares count it once, as if all
/// classes were seen equally often; where they are not, a bias that is fitted (train.calibrate) makes up for it.
fn shares(
    patches: &TrainingPatches<'_>,
    came: &[&[u8]],
    weights: &ClassWeights,
) -> Result<Option<ClassShares>> {
    let natural = patches.natural_shares(came);
    let drawn = patches.drawn_shares().into_iter().zip(weights.get());
    let drawn: Vec<f64> = drawn.map(|(share, weight)| share * f64::from(*weight)).collect();
    let known = [&natural, &drawn].iter().all(|shares| shares.iter().any(|share| *share > 0.0));
    Ok(known.then(|| ClassShares::new(natural, drawn)).transpose()?)
}

/// Says so where rare classes are drawn more often and weighed more, too.
fn corrected_twice(recipe: &Recipe) -> Option<&'static str> {
    let twice = recipe.train.rare_share > 0.0 && recipe.train.class_weights == ClassWeighting::Inverse;
    twice.then_some(
        "rare classes are drawn more often (train.rare_share) and weighed more (train.class_weights): one of them is enough, \
         and of both there is more to take back (predict.prior)",
    )
}

/// How many areas hold no patch. A rectangle that holds none was asked for by mistake; of polygons, as a country and its
/// islands, those that hold none are mapped all the same.
fn narrow(site: &Site, side: usize) -> Result<usize> {
    let narrow: Vec<&Window> = site.areas().iter().filter(|area| area.rows.min(area.cols) < side).collect();
    if let Some(area) = narrow.iter().find(|area| site.is_rectangle(***area)) {
        let found = format!("an area of {} x {} pixels", area.rows, area.cols);
        let expected = format!("areas as large as a patch (train.patch), {side} x {side} pixels");
        return Err(JobError::Value { key: "grid.aoi", found, expected }.into());
    }
    Ok(narrow.len())
}

/// The side of a patch, where the network can pool it and the windows of the map.
fn patch_side(recipe: &Recipe, network: &ValidNetworkConfig) -> Result<usize> {
    let factor = network.size_factor();
    let side = recipe.train.patch;
    if !side.is_multiple_of(factor) {
        let expected =
            format!("a multiple of {factor} for this network, such as {}", side.next_multiple_of(factor));
        return Err(JobError::Value { key: "train.patch", found: side.to_string(), expected }.into());
    }
    let (window, halo) = (recipe.predict.window, recipe.predict.halo);
    let read = window + 2 * halo;
    if !read.is_multiple_of(factor) {
        let fits = read.next_multiple_of(factor) - 2 * halo;
        let expected =
            format!("a window that with its halo is a multiple of {factor} for this network, such as {fits}");
        return Err(JobError::Value { key: "predict.window", found: window.to_string(), expected }.into());
    }
    Ok(side)
}

/// What to say where no pixel validates.
fn unvalidated(validation: &ValidationPatches<'_>) -> Option<&'static str> {
    validation.is_empty().then_some(
        "no labelled pixel validates, as blocks are few or gap and fields took theirs: the epoch of the lowest training loss is \
         kept, and neither temperature nor biases are fitted",
    )
}

/// Why not every epoch is validated.
fn seldom(validation: &ValidationPatches<'_>, patches: &TrainingPatches<'_>) -> String {
    format!(
        "one epoch in {} is validated, beside the first and the last: the map's windows that hold validation pixels have \
         {:.1} times the pixels that an epoch is trained on (train.patches_per_epoch)",
        validation.every(),
        validation.pixels() as f64 / patches.pixels() as f64
    )
}
