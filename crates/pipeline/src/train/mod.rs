//! From a recipe to a trained network, its map, its accuracy on held-out blocks, and a report.

mod blocks;
mod card;
mod learn;
mod memory;
mod score;

pub(crate) use blocks::draw_split;

use crate::accuracy::AgainstTruth;
use crate::baseline::Baseline;
use crate::labels::{LabelFiles, Labels};
use crate::load_cube::{self, catalog_folder};
use crate::manifest::Manifest;
use crate::progress::Progress;
use crate::recipe::{Recipe, Series as TrainSeries};
use crate::run_folder::{Existing, RunFolder};
use crate::series::{AreaCubes, Series};
use crate::summary::{Resources, Summary};
use crate::{Error, Result, outcome, sample};
use ecotone_core::{Cube, Legend};
use ecotone_metrics::{Calibration, ConfusionMatrix};
use ecotone_preprocessing::Normalisation;
use ecotone_tiling::{BlockSplit, Part};
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
    /// What is known better than by the labels, as class indices `[y, x]`.
    pub(crate) truth: Option<Vec<u8>>,
    pub(crate) series: Series,
    pub(crate) split: BlockSplit,
    /// For each area the series that is mapped and, where the recipe trains on both, the unmasked one; normalised.
    pub(crate) cubes: Vec<Vec<Cube<f32>>>,
    /// Where the first source saw the first area, `[time, y, x]`.
    pub(crate) clear: Vec<bool>,
    pub(crate) normalisation: Normalisation,
}

/// What the map came to.
pub(crate) struct Scored {
    /// Class indices of the map.
    pub(crate) map: Vec<u8>,
    /// On the test pixels.
    pub(crate) confusion: ConfusionMatrix,
    pub(crate) truth: Option<AgainstTruth>,
    /// Confidence of the map on the test pixels, and whether it was right.
    pub(crate) confidence: Calibration,
    pub(crate) baselines: Vec<Baseline>,
}

/// Trains, maps, assesses and reports.
///
/// # Errors
/// When the recipe, the labels or every scene is at fault; single scenes that fail are listed in the summary.
pub fn train(job: &TrainJob, resources: &Resources, progress: &dyn Progress) -> Result<Summary> {
    let recipe = &job.recipe;
    // Refused before any work is done.
    learn::config(recipe)?;
    if !recipe.train.from.is_empty() {
        ecotone_models::read_card(Path::new(&recipe.train.from))?;
    }
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
        if inputs.catalog.is_empty() {
            self.manifest.stage("simulate");
            self.manifest.seeds.push(("simulation".to_owned(), inputs.simulate.seed));
        }
        sample::catalogs(self.recipe, here, self.resources, self.progress)
    }

    /// Scenes, labels, split and normalised series.
    fn prepare(&mut self, catalogs: Vec<String>) -> Result<Prepared> {
        let recipe = self.recipe;
        self.manifest.stage("read");
        let files = LabelFiles::new(recipe, &catalog_folder(&catalogs[0]));
        let legend = files.legend()?;
        let series = load_cube::plan(recipe, &files, &catalogs, self.resources, self.progress)?;
        let labels = files.read(series.site(), &legend, &recipe.labels.ignore)?;
        let truth = LabelFiles::truth(recipe, &catalog_folder(&catalogs[0]));
        let known = truth.as_ref().map(LabelFiles::path);
        let from = Some(&recipe.train.from).filter(|from| !from.is_empty()).map(Path::new);
        let files = [files.path()].into_iter().chain(known).chain(series.heights()).chain(from);
        for path in catalogs.iter().map(Path::new).chain(files) {
            self.manifest.input(path)?;
        }
        let truth = truth.map(|truth| truth.read(series.site(), &legend, &recipe.labels.ignore));
        let truth = truth.transpose()?.map(|truth| truth.indices);
        let split = self.split(&labels, &legend)?;
        self.check_memory(&series, &self.network(&series, &legend)?)?;
        let AreaCubes { areas: masked, failures } = series.load_all(self.progress)?;
        self.manifest.failed(&failures);
        if masked.iter().flatten().all(|cube| !cube.valid().contains(&true)) {
            return Err(Error::NothingObserved { scenes: series.scenes().count() });
        }
        let clear = masked[0][0].valid().to_vec();
        let train_pixels: Vec<bool> = split.codes().iter().map(|code| *code == Part::Train.code()).collect();
        let normalisation = series.learn(&masked, &train_pixels)?;
        let join = |cubes| series.join(&normalisation, cubes);
        let mut cubes: Vec<Vec<Cube<f32>>> =
            masked.into_iter().map(|cubes| Ok(vec![join(cubes)?])).collect::<Result<_>>()?;
        if recipe.train.series == TrainSeries::Both {
            // A scene that is clouded all over is read here for the first time, and may fail.
            let unmasked = series.unmasked().load_all(self.progress)?;
            self.manifest.failed(&unmasked.failures);
            for (cubes, unmasked) in cubes.iter_mut().zip(unmasked.areas) {
                cubes.push(join(unmasked)?);
            }
        }
        Ok(Prepared { catalogs, legend, labels, truth, series, split, cubes, clear, normalisation })
    }
}
