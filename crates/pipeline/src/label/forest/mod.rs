//! A random forest from samples, and the map that it makes: a round of the operator's loop.

mod changes;
mod map;
mod outcome;
mod strips;

pub(crate) use map::{Classified, Growing, classify_windows, probabilities};

use super::learning_set::{self, LearningSet};
use super::pixels::PixelSeries;
use crate::manifest::Manifest;
use crate::outcome::used_scene;
use crate::progress::Progress;
use crate::recipe::Recipe;
use crate::run_folder::{Command, Existing, RunFolder};
use crate::summary::{Resources, Summary};
use crate::{Error, Result, map_item, sample};
use ecotone_core::Legend;
use ecotone_labeling::RandomForest;
use std::path::{Path, PathBuf};

/// A forest to grow and to map with.
#[derive(Debug, Clone)]
pub struct ForestJob {
    /// The series that the forest sees, and the grid that it maps.
    pub recipe: Recipe,
    /// Files of samples; of two in one pixel that of the later file counts.
    pub samples: Vec<PathBuf>,
    /// The column or attribute that holds their codes.
    pub attribute: String,
    /// Number of trees.
    pub trees: usize,
    /// Whether every class counts as much as another.
    pub balanced: bool,
    /// Decides every draw.
    pub seed: u64,
    /// Side of the windows that are read at a time, in pixels.
    pub window: usize,
    /// Whether probabilities.tif is written.
    pub probabilities: bool,
    /// The folder of the round before, to compare the map with.
    pub before: Option<PathBuf>,
    /// The round's folder.
    pub out: PathBuf,
    /// What to do where the folder holds a run already.
    pub existing: Existing,
    /// The folder that simulated catalogues are kept relative to.
    pub here: PathBuf,
}

/// Samples x features up to which the importance of features is also found by shuffling them, which takes as long as
/// classifying the samples once a feature.
const CHEAP: usize = 200_000;

/// What a round has come to before its map.
struct Grown<'a> {
    job: &'a ForestJob,
    folder: RunFolder,
    pixels: PixelSeries,
    legend: Legend,
    set: LearningSet,
    labels: Vec<usize>,
    forest: RandomForest,
}

/// Learns from the samples, maps the recipe's area, and leaves a folder that the next round can start from.
///
/// Memory is bounded by the window and the samples, whatever the size of the map. Finished rows are kept, so that a run
/// that was killed goes on where it stopped.
///
/// # Errors
/// When a sample's code is not in the legend, none can be learnt from or all are of one class, no scene fits, or a file
/// cannot be written; scenes that fail are listed in the summary.
pub fn label_forest(job: &ForestJob, resources: &Resources, progress: &dyn Progress) -> Result<Summary> {
    job.check()?;
    let folder = RunFolder::claim(Command::Forest, &job.out, job.existing, &job.files()?)?;
    folder.check_recipe(&job.recipe)?;
    resources.apply()?;
    let mut manifest = Manifest::new("label forest", resources);
    manifest.seeds = vec![("forest".to_owned(), job.seed)];
    manifest.stage("read");
    let catalogs = sample::catalogs(&job.recipe, &job.here, resources, progress)?;
    let (pixels, files) = PixelSeries::plan(&job.recipe, &catalogs, resources, progress)?;
    let legend = files.legend()?;
    for path in catalogs.iter().map(Path::new).chain(job.samples.iter().map(PathBuf::as_path)) {
        manifest.input(path)?;
    }
    let windows = pixels.windows_of(job.window)?;
    let mut kept = None;
    let set =
        learning_set::read(&pixels, &job.samples, &job.attribute, &legend, &windows, &mut kept, progress)?;
    manifest.failed(&set.failures);

    manifest.stage("grow");
    let (features, labels) = (set.features(), set.labels(&legend)?);
    let growing = Growing {
        trees: job.trees,
        balanced: job.balanced,
        permutation: features.len() <= CHEAP,
        seed: job.seed,
    };
    let forest = growing.grow(&features, &labels, &legend)?;
    folder.clear()?;
    folder.keep_recipe(&job.recipe)?;
    forest.save(folder.file("forest.bin"))?;
    set.write(&folder.file("samples.csv"), &folder.file("left-out.csv"), pixels.names())?;
    let grown = Grown { job, folder, pixels, legend, set, labels, forest };

    manifest.stage("map");
    let mapped = grown.map(kept, progress)?;
    manifest.failed(&mapped.failures);
    map_item::write(&grown.folder, &grown.legend, grown.pixels.series())?;
    let changes = job.before.as_deref().map(|before| grown.compare(before, progress)).transpose()?;

    manifest.stage("report");
    manifest.scenes_used = grown.pixels.series().scenes().map(used_scene).collect();
    manifest.failed(&grown.pixels.series().failures());
    grown.report(&mut manifest, &features, mapped.observed, changes.as_ref())
}

impl ForestJob {
    /// What it reads; addresses and boxes of coordinates are among it.
    fn files(&self) -> Result<Vec<PathBuf>> {
        let before = self.before.iter().map(|before| before.join("map.tif"));
        Ok(self.recipe.inputs()?.into_iter().chain(self.samples.iter().cloned()).chain(before).collect())
    }

    /// Refuses what makes no sense before any work is done.
    fn check(&self) -> Result<()> {
        let wrong = |key, found: String, expected: &str| {
            Err(Error::Value { key, found, expected: expected.to_owned() })
        };
        if self.trees == 0 {
            return wrong("--trees", "0".to_owned(), "1 or more");
        }
        if self.window == 0 {
            return wrong("--window", "0".to_owned(), "1 pixel or more");
        }
        for path in &self.samples {
            if !path.is_file() {
                let source = std::io::Error::from(std::io::ErrorKind::NotFound);
                return Err(Error::ReadFile { what: "samples", path: path.clone(), source });
            }
        }
        match &self.before {
            Some(before) if !before.join("map.tif").is_file() => {
                wrong("--before", before.display().to_string(), "the folder of a round, with a map.tif")
            }
            _ => Ok(()),
        }
    }
}
