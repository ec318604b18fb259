//! From a recipe to a trained network, its map, its accuracy on held-out blocks, and a report.

mod card;
mod clean;
mod job;
mod learn;
mod memory;
mod prior_scores;
mod score;
mod score_years;
mod scored;
mod tested;
#[cfg(test)]
#[cfg(feature = "flex")]
mod whole_tests;
mod years;

pub(crate) use job::{Job, Prepared};
pub(crate) use prior_scores::{ClassSum, area_error};
pub(crate) use scored::{MapSeries, Scored, YearsScored};

use crate::compute::Compute;
use crate::recipe::catalog_folder;
use crate::recipe::{Cleaning, Recipe, Series as TrainSeries};
use crate::survey::catalogs;
use crate::{Error, Result, outcome};
use ecotone_core::Cube;
use ecotone_cubes::{AreaCubes, Series, nothing_seen};
use ecotone_curation::{draw_split, write_split};
use ecotone_jobs::{Command, Earlier, Events, Existing, Manifest, Progress, RunFolder, Summary};
use ecotone_tiling::Part;
use learn::Lesson;
use std::path::{Path, PathBuf};
use years::read_years;

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

/// What a finished training leaves, beside much else.
const MADE: &[(&str, &str)] =
    &[("map", "map.tif"), ("model", "model.safetensors"), ("report", "report.html")];

/// Trains, maps, assesses and reports. A run that is finished is left as it is.
///
/// # Errors
/// When the recipe, the labels or every scene is at fault; single scenes that fail are listed in the summary.
pub fn train(job: &TrainJob, resources: &Compute, progress: &dyn Progress) -> Result<Summary> {
    let recipe = &job.recipe;
    // Refused before any work is done.
    learn::config(recipe)?;
    if !recipe.train.from.is_empty() {
        ecotone_models::read_card(Path::new(&recipe.train.from))?;
    }
    let folder = RunFolder::claim(Command::Train, &job.out, job.existing, &recipe.inputs()?)?;
    folder.check_recipe(&recipe.to_toml()?)?;
    // A recipe that is the same makes the same.
    if let Some(summary) = Earlier::of(&folder)?.and_then(|earlier| earlier.finished(MADE)) {
        return Ok(summary);
    }
    resources.apply()?;
    let here = &job.here;
    let mut job = Job {
        recipe,
        manifest: Manifest::new("train", Some(resources.backend.to_string()), resources.machine.threads),
        events: Events::begin(Command::Train, &[]),
        folder,
        resources,
        progress,
    };
    job.manifest.seeds =
        vec![("training".to_owned(), recipe.train.seed), ("split".to_owned(), recipe.split.seed)];
    let catalogs = job.catalogs(here)?;
    let prepared = job.prepare(catalogs)?;
    let folder = job.folder.clone();
    let trained = job.train(&Lesson::of_all(&prepared, &folder))?;
    let card = job.save(&prepared, prepared.first(), &trained, &folder)?;
    let scored = job.map_and_score(&prepared, &trained, card)?;
    outcome::write(job, &prepared, &trained, &scored)
}

impl Job<'_> {
    /// The catalogues of the recipe, or the sample that it simulates on first use.
    fn catalogs(&mut self, here: &Path) -> Result<Vec<String>> {
        let inputs = &self.recipe.inputs;
        if inputs.catalog.is_empty() {
            self.events.stage("simulate")?;
            self.manifest.seeds.push(("simulation".to_owned(), inputs.simulate.seed));
        }
        catalogs(self.recipe, here, &self.resources.machine, self.progress)
    }

    /// Scenes, labels, split and normalised series.
    fn prepare(&mut self, catalogs: Vec<String>) -> Result<Prepared> {
        let recipe = self.recipe;
        self.events.stage("read")?;
        let files = recipe.label_files(&catalog_folder(&catalogs[0]));
        let (legend, legend_file) = (files.legend()?, files.legend_file().to_owned());
        let (mut years, files) =
            read_years(recipe, &catalogs, &legend, &self.resources.machine, self.progress)?;
        years.iter().try_for_each(|year| self.events.scenes_failed(None, &year.series.failures()))?;
        let from = Some(&recipe.train.from).filter(|from| !from.is_empty()).map(Path::new);
        let files = files.iter().map(PathBuf::as_path).chain(years[0].series.heights()).chain(from);
        for path in catalogs.iter().map(Path::new).chain(files) {
            self.manifest.input(path)?;
        }
        let network = self.network(&years[0].series, &legend)?;
        // They are read again when they are needed; what cannot be read must be known before anything is cleared.
        self.first_weights(&network)?;
        let drawn = draw_split(&recipe.split, &years[0].files, &years[0].labels, &legend)?;
        drawn.note().iter().for_each(|note| self.progress.note(note));
        let (shared, split) = (drawn.shared(&years[0].labels)?, drawn.split);
        self.manifest.split_block = Some(split.block());
        self.check_memory(&years[0].series, &network)?;
        self.check_patches(&years[0].labels, &split, &network)?;
        self.folder.clear()?;
        self.events.keep_in(&self.folder)?;
        self.folder.keep_recipe(&recipe.to_toml()?)?;
        write_split(&split, &years[0].labels, &legend, &self.folder.file("split.tif"), self.progress)?;
        let masked = years.iter().map(|year| self.load(&year.series)).collect::<Result<Vec<_>>>()?;
        if recipe.labels.cleaning == Cleaning::Stable {
            self.clean(&mut years, &masked, &split, &legend)?;
        }
        let clear = masked[0][0][0].valid().to_vec();
        let train_pixels: Vec<bool> = split.codes().iter().map(|code| *code == Part::Train.code()).collect();
        let series: Vec<&Series> = years.iter().map(|year| &year.series).collect();
        let normalisation = Series::learn(&series, &masked, &train_pixels)?;
        let mut cubes: Vec<Vec<Cube<f32>>> = masked[0].iter().map(|_| Vec::new()).collect();
        let mut add = |series: &Series, areas: Vec<Vec<Cube<f32>>>| {
            for (cubes, sources) in cubes.iter_mut().zip(areas) {
                cubes.push(series.join(&normalisation, sources)?);
            }
            Ok::<(), Error>(())
        };
        for (year, areas) in years.iter().zip(masked) {
            add(&year.series, areas)?;
        }
        if recipe.train.series == TrainSeries::Both {
            for year in &years {
                // A scene that is clouded all over is read here for the first time, and may fail.
                let unmasked = year.series.unmasked()?.load_all(self.progress)?;
                self.events.scenes_failed(None, &unmasked.failures)?;
                add(&year.series, unmasked.areas)?;
            }
        }
        Ok(Prepared { catalogs, legend, legend_file, years, split, shared, cubes, clear, normalisation })
    }

    /// The cubes of a year's areas, one a source each.
    fn load(&self, series: &Series) -> Result<Vec<Vec<Cube<f32>>>> {
        let AreaCubes { areas, failures } = series.load_all(self.progress)?;
        self.events.scenes_failed(None, &failures)?;
        if areas.iter().flatten().all(|cube| !cube.valid().contains(&true)) {
            return Err(nothing_seen(series.scenes().count(), &failures).into());
        }
        Ok(areas)
    }
}
