//! From a recipe to a trained network, its map, its accuracy on held-out blocks, and a report.

use crate::accuracy::{share, write_tables};
use crate::baseline::{Baseline, baselines};
use crate::inputs::InputCard;
use crate::labels::{LabelFiles, Labels, UNLABELLED, class_indices};
use crate::load_cube::{self, catalog_folder};
use crate::manifest::{Manifest, sha256};
use crate::mapping::Mapping;
use crate::patches::{Ground, TrainingPatches, ValidationPatches};
use crate::progress::Progress;
use crate::recipe::{BlendKind, ClassWeighting, Recipe, Series as TrainSeries};
use crate::run_folder::{Existing, RunFolder};
use crate::series::Series;
use crate::summary::{Resources, Summary};
use crate::{Error, Result, map_item, outcome, report, sample};
use ecotone_core::{ClassCode, Cube, Legend, LegendEntry, Nodata, Raster};
use ecotone_io::{CogOptions, Content, RasterDataset, write_cog};
use ecotone_metrics::ConfusionMatrix;
use ecotone_models::{
    ChannelStats, ClassWeights, LegendClass, ModelCard, NetworkConfig, Optimizer, Schedule, TimelineCard,
    TrainConfig, TrainEvent, Trained, Training, ValidNetworkConfig, ValidTrainConfig, WindowCard,
};
use ecotone_preprocessing::Normalisation;
use ecotone_tiling::{Blend, BlockSplit, Fractions, Part, SplitConfig};
use std::path::{Path, PathBuf};

/// A training job.
#[derive(Debug, Clone)]
pub struct TrainJob {
    /// What to do.
    pub recipe: Recipe,
    /// The run's folder.
    pub out: PathBuf,
    /// What to do where the folder holds a run already.
    pub existing: Existing,
    /// The folder that samples are kept relative to.
    pub here: PathBuf,
}

/// Everything that the stages of a training job share.
pub(crate) struct Job<'a> {
    pub(crate) recipe: &'a Recipe,
    pub(crate) folder: RunFolder,
    pub(crate) resources: &'a Resources,
    pub(crate) progress: &'a dyn Progress,
    pub(crate) manifest: Manifest,
}

/// What is known before a network is built.
pub(crate) struct Prepared {
    pub(crate) catalogs: Vec<String>,
    pub(crate) legend: Legend,
    pub(crate) labels: Labels,
    pub(crate) series: Series,
    pub(crate) split: BlockSplit,
    /// Masked and, where the recipe trains on it, unmasked series; normalised.
    pub(crate) cubes: Vec<Cube<f32>>,
    pub(crate) normalisation: Normalisation,
}

/// What the map came to.
pub(crate) struct Scored {
    /// Class indices of the map.
    pub(crate) map: Vec<u8>,
    /// On the test pixels.
    pub(crate) confusion: ConfusionMatrix,
    pub(crate) baselines: Vec<Baseline>,
}

/// Trains, maps, assesses and reports.
///
/// # Errors
/// When the recipe, the labels or every scene is at fault; single scenes that fail are listed in the summary.
pub fn train(job: &TrainJob, resources: &Resources, progress: &dyn Progress) -> Result<Summary> {
    let recipe = &job.recipe;
    // Refused before any work is done.
    train_config(recipe)?;
    let folder = RunFolder::claim(&job.out, job.existing)?;
    folder.keep_recipe(recipe)?;
    resources.apply()?;
    let here = &job.here;
    let mut job = Job { recipe, manifest: Manifest::new("train", resources), folder, resources, progress };
    job.manifest.seeds =
        vec![("training".to_owned(), recipe.train.seed), ("split".to_owned(), recipe.split.seed)];
    let catalogs = job.catalogs(here)?;
    let prepared = job.prepare(catalogs)?;
    let trained = job.train(&prepared)?;
    let card = job.save(&prepared, &trained)?;
    let scored = job.map_and_score(&prepared, &trained, card)?;
    outcome::write(job, &prepared, &trained, &scored)
}

impl Job<'_> {
    /// The catalogues of the recipe, or the sample that it simulates on first use.
    fn catalogs(&mut self, here: &Path) -> Result<Vec<String>> {
        let inputs = &self.recipe.inputs;
        if !inputs.catalog.is_empty() {
            return Ok(inputs.catalog.clone());
        }
        self.manifest.stage("simulate");
        self.manifest.seeds.push(("simulation".to_owned(), inputs.simulate.seed));
        let sample = sample::ensure(
            &inputs.simulate,
            &here.join(&inputs.simulate.folder),
            self.resources,
            self.progress,
        )?;
        Ok(vec![sample.display().to_string()])
    }

    /// Scenes, labels, split and normalised series.
    fn prepare(&mut self, catalogs: Vec<String>) -> Result<Prepared> {
        let recipe = self.recipe;
        self.manifest.stage("read");
        let files = LabelFiles::new(recipe, &catalog_folder(&catalogs[0]));
        let legend = files.legend()?;
        let series = load_cube::plan(recipe, &files, &catalogs, self.resources, self.progress)?;
        let geobox = series.geobox().clone();
        let labels = files.read(&geobox, &legend, &recipe.labels.ignore)?;
        for path in catalogs.iter().map(Path::new).chain([files.path()]) {
            self.manifest.input(path)?;
        }
        let split = self.split(&labels, &legend)?;
        let (cube, failures) = series.load_all(self.progress)?;
        self.manifest.failed(&failures);
        if cube.valid().iter().all(|valid| !valid) {
            return Err(Error::NothingObserved { scenes: series.scenes().len() });
        }
        let train_pixels: Vec<bool> = split.codes().iter().map(|code| *code == Part::Train.code()).collect();
        let normalisation = series.learn(&cube, &train_pixels)?;
        let mut cubes = match recipe.train.series {
            TrainSeries::Masked => vec![cube],
            TrainSeries::Unmasked => vec![series.unmasked().load_all(self.progress)?.0],
            TrainSeries::Both => vec![cube, series.unmasked().load_all(self.progress)?.0],
        };
        for cube in &mut cubes {
            series.normalise(&normalisation, cube)?;
        }
        Ok(Prepared { catalogs, legend, labels, series, split, cubes, normalisation })
    }

    /// Draws the blocks, writes split.tif, and says what each part holds.
    fn split(&self, labels: &Labels, legend: &Legend) -> Result<BlockSplit> {
        let (settings, geobox) = (&self.recipe.split, &labels.geobox);
        let pixels = |metres: f64| (metres / geobox.gsd()).round().max(0.0) as usize;
        let config = SplitConfig {
            block: pixels(settings.block_m).max(1),
            gap: pixels(settings.gap_m),
            fractions: Fractions {
                train: settings.train,
                validation: settings.validation,
                test: settings.test,
            },
            seed: settings.seed,
        };
        let shape = geobox.shape();
        let split = BlockSplit::stratified(shape, &config, legend.len(), &labels.indices)?;
        for part in [Part::Train, Part::Test] {
            let labelled = |(code, label): (&u8, &u8)| *code == part.code() && *label != UNLABELLED;
            if !split.codes().iter().zip(&labels.indices).any(labelled) {
                let part = if part == Part::Train { "training" } else { "test" };
                return Err(Error::EmptyPart {
                    part,
                    rows: shape.rows,
                    cols: shape.cols,
                    block: config.block,
                });
            }
        }
        let raster = Raster::new(geobox.clone(), 1, split.codes().to_vec(), Some(Nodata::new(0.0)))?;
        let content = Content::Classes(split_legend()?);
        write_cog(self.folder.file("split.tif"), &raster, &CogOptions { content, ..CogOptions::default() })?;
        self.progress.note(&split.to_string());
        for missing in split.missing_classes() {
            let name = &legend.entries()[missing.class].name;
            self.progress.note(&format!("no {} pixel of `{name}`: too few blocks hold it", missing.part));
        }
        Ok(split)
    }

    fn train(&mut self, prepared: &Prepared) -> Result<Trained> {
        self.manifest.stage("train");
        let (recipe, classes) = (self.recipe, prepared.legend.len());
        let network = self.network(prepared)?;
        let config = train_config(recipe)?;
        let factor = network.size_factor();
        let side = recipe.train.patch.next_multiple_of(factor);
        if side != recipe.train.patch {
            let expected = format!("a multiple of {factor} for this network, such as {side}");
            return Err(Error::Value { key: "train.patch", found: recipe.train.patch.to_string(), expected });
        }
        let ground =
            || Ground { cubes: &prepared.cubes, labels: &prepared.labels.indices, split: &prepared.split };
        let patches = TrainingPatches::new(
            ground(),
            side,
            recipe.train.patches_per_epoch,
            recipe.train.rare_share,
            recipe.train.seed,
        );
        let block = (recipe.split.block_m / prepared.labels.geobox.gsd()).round() as usize;
        let patches = patches.ok_or(Error::NoPatch { patch: side, block })?;
        let validation = ValidationPatches::new(ground(), side);
        let counts = class_counts(prepared, classes);
        let class_weights = match recipe.train.class_weights {
            ClassWeighting::None => ClassWeights::equal(classes),
            ClassWeighting::Inverse => {
                ClassWeights::inverse_frequency(&counts, recipe.train.class_weight_cap as f32)
            }
        };
        let training = Training {
            network: &network,
            config: &config,
            backend: self.resources.backend,
            train: &patches,
            validation: &validation,
            class_weights: &class_weights,
            checkpoints: &self.folder.checkpoint(),
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

    fn network(&self, prepared: &Prepared) -> Result<ValidNetworkConfig> {
        let model = &self.recipe.model;
        let settings = serde_json::json!({
            "kind": model.kind, "channels": prepared.series.channels().len(), "classes": prepared.legend.len(),
            "width": model.width, "depth": model.depth, "collapse": model.collapse,
        });
        let network: NetworkConfig = serde_json::from_value(settings).map_err(|source| Error::Json {
            act: "understanding [model] of",
            path: self.folder.file("recipe.toml"),
            source,
        })?;
        Ok(network.check()?)
    }

    /// Writes model.safetensors and history.csv.
    fn save(&mut self, prepared: &Prepared, trained: &Trained) -> Result<ModelCard> {
        let card = self.card(prepared, trained)?;
        trained.save(&self.folder.file("model.safetensors"), &card)?;
        outcome::write_history(&self.folder, trained)?;
        Ok(card)
    }

    fn card(&self, prepared: &Prepared, trained: &Trained) -> Result<ModelCard> {
        let (recipe, spec) = (self.recipe, prepared.series.spec());
        let entry = |entry: &ecotone_core::LegendEntry| LegendClass {
            code: entry.code.0,
            name: entry.name.clone(),
            color: entry.color.to_string(),
        };
        let stats = prepared.normalisation.mean().iter().zip(prepared.normalisation.std());
        let stats = stats.map(|(mean, std)| ChannelStats { mean: *mean, std: *std });
        Ok(ModelCard {
            format: ModelCard::FORMAT,
            network: self.network(prepared)?.get(),
            bands: prepared.series.channels().to_vec(),
            band_units: "reflectance".to_owned(),
            normalisation: stats.collect(),
            gsd: prepared.labels.geobox.gsd(),
            timeline: TimelineCard {
                step_days: spec.step_days,
                steps: spec.steps,
                fill: format!("{:?}", spec.fill).to_lowercase(),
            },
            mask: format!("{:?} {} {:?}", spec.mask.kind, spec.mask.asset, spec.mask.values),
            legend: prepared.legend.entries().iter().map(entry).collect(),
            window: WindowCard {
                size: recipe.predict.window + 2 * recipe.predict.halo,
                halo: recipe.predict.halo,
            },
            training: trained.summary(prepared.catalogs.join(", "), env!("CARGO_PKG_VERSION")),
            inputs: serde_json::to_value(InputCard { series: spec.clone(), blend: recipe.predict.blend })
                .map_err(|source| Error::Json {
                    act: "describing the inputs of",
                    path: self.folder.file("model.safetensors"),
                    source,
                })?,
        })
    }

    fn map_and_score(&mut self, prepared: &Prepared, trained: &Trained, card: ModelCard) -> Result<Scored> {
        self.manifest.stage("predict");
        let mut predictor = trained.predictor(card, self.resources.backend)?;
        let recipe = self.recipe;
        let mapped = Mapping {
            series: &prepared.series,
            normalisation: &prepared.normalisation,
            legend: &prepared.legend,
            window: recipe.predict.window,
            halo: recipe.predict.halo,
            blend: blend(recipe.predict.blend),
            probabilities: recipe.predict.probabilities,
            folder: self.folder.root(),
            strips: &self.folder.strips(),
            resume: self.folder.resumed(),
            model: &sha256(&self.folder.file("model.safetensors"))?,
        }
        .run(&mut predictor, self.progress)?;
        self.manifest.failed(&mapped.failures);
        map_item::write(&self.folder, &prepared.legend, &prepared.series)?;

        self.manifest.stage("assess");
        let path = self.folder.file("map.tif");
        let codes = RasterDataset::open(&path)?.read_onto::<u8>(
            1,
            &prepared.labels.geobox,
            ecotone_io::Resampling::Nearest,
        )?;
        let map = class_indices(&path, &codes, &prepared.legend, &[])?;
        let test: Vec<bool> = prepared.split.codes().iter().map(|code| *code == Part::Test.code()).collect();
        let reference: Vec<u8> = prepared
            .labels
            .indices
            .iter()
            .zip(&test)
            .map(|(label, test)| if *test { *label } else { UNLABELLED })
            .collect();
        let mut confusion = ConfusionMatrix::new(prepared.legend.len());
        confusion.add_many(&map, &reference)?;
        write_tables(&self.folder, &prepared.legend, &confusion)?;
        let baselines = match recipe.assess.baselines {
            true => {
                let train: Vec<bool> =
                    prepared.split.codes().iter().map(|code| *code == Part::Train.code()).collect();
                // Scored where the map has an answer, so that all are compared on the same pixels.
                let scored: Vec<bool> =
                    test.iter().zip(&map).map(|(test, map)| *test && *map != UNLABELLED).collect();
                baselines(
                    &prepared.cubes[0],
                    &prepared.labels.indices,
                    &train,
                    &scored,
                    prepared.legend.len(),
                )?
            }
            false => Vec::new(),
        };
        Ok(Scored { map, confusion, baselines })
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
                let (oa, f1) = (share(row.validation_overall_accuracy), share(row.validation_macro_f1));
                self.validated = format!(", validation accuracy {oa}, macro-F1 {f1}");
            }
        }
    }
}

fn train_config(recipe: &Recipe) -> Result<ValidTrainConfig> {
    let train = &recipe.train;
    let config = TrainConfig {
        epochs: train.epochs,
        batch: train.batch,
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
        early_stop_patience: train.early_stop,
        augment: ecotone_models::Augment { flips: train.flips, rotations: train.rotations },
        class_weight_cap: train.class_weight_cap as f32,
        label_smoothing: train.label_smoothing as f32,
        seed: train.seed,
    };
    Ok(config.check()?)
}

/// Training pixels of each class.
fn class_counts(prepared: &Prepared, classes: usize) -> Vec<u64> {
    let mut counts = vec![0; classes];
    for (label, code) in prepared.labels.indices.iter().zip(prepared.split.codes()) {
        if *label != UNLABELLED && *code == Part::Train.code() {
            counts[usize::from(*label)] += 1;
        }
    }
    counts
}

pub(crate) fn blend(kind: BlendKind) -> Blend {
    match kind {
        BlendKind::Crop => Blend::Crop,
        BlendKind::Cosine => Blend::Cosine,
    }
}

/// The parts of a split as classes of split.tif.
fn split_legend() -> Result<Legend> {
    let colors = report::split_key();
    let entry = |part: &Part| LegendEntry {
        code: ClassCode(part.code()),
        name: part.to_string(),
        color: colors[usize::from(part.code())].color,
    };
    Ok(Legend::new(Part::USED.iter().map(entry).collect())?)
}
