//! A random forest from samples, and the map that it makes: a round of the operator's loop.

mod changes;
mod map;
mod outcome;
mod page;
mod strips;

pub(crate) use map::{Classified, Growing, classify_windows, probabilities};

use super::learning_set::{self, LearningSet};
use super::pixels::PixelSeries;
use crate::Result;
use crate::survey::Survey;
use ecotone_core::Legend;
use ecotone_cubes::PlannedScene;
use ecotone_io::VectorLayer;
use ecotone_jobs::Error as JobError;
use ecotone_jobs::{
    Command, Events, Existing, Manifest, Progress, Resources, RunFolder, Summary, write_map_item,
};
use ecotone_labeling::RandomForest;
use std::path::{Path, PathBuf};

/// A forest to grow and to map with.
#[derive(Debug, Clone)]
pub struct ForestJob {
    /// The series that the forest sees, and the grid that it maps.
    pub survey: Survey,
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
}

/// Samples x features up to which the importance of features is also found by shuffling them, which takes as long as
/// classifying the samples once a feature.
const CHEAP: usize = 200_000;

/// What a round has come to before its map.
struct Grown<'a> {
    job: &'a ForestJob,
    folder: RunFolder,
    events: Events,
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
    folder.check_recipe(&job.survey.recipe)?;
    resources.apply()?;
    let mut manifest = Manifest::new("label forest", None, resources.threads);
    manifest.seeds = vec![("forest".to_owned(), job.seed)];
    let events = Events::begin(Command::Forest, &[]);
    events.stage("read")?;
    let pixels = PixelSeries::plan(&job.survey, resources, progress)?;
    events.scenes_failed(None, &pixels.series().failures())?;
    let legend = job.survey.labels.legend()?;
    for path in
        job.survey.series.catalogs.iter().map(Path::new).chain(job.samples.iter().map(PathBuf::as_path))
    {
        manifest.input(path)?;
    }
    let windows = pixels.windows_of(job.window)?;
    let mut kept = None;
    let set =
        learning_set::read(&pixels, &job.samples, &job.attribute, &legend, &windows, &mut kept, progress)?;
    events.scenes_failed(None, &set.failures)?;

    events.stage("grow")?;
    let (features, labels) = (set.features(), set.labels(&legend)?);
    let growing = Growing {
        trees: job.trees,
        balanced: job.balanced,
        permutation: features.len() <= CHEAP,
        seed: job.seed,
    };
    let forest = growing.grow(&features, &labels, &legend)?;
    folder.clear()?;
    events.keep_in(&folder)?;
    folder.keep_recipe(&job.survey.recipe)?;
    forest.save(folder.file("forest.bin"))?;
    set.write(&folder.file("samples.csv"), &folder.file("left-out.csv"), pixels.names())?;
    let grown = Grown { job, folder, events, pixels, legend, set, labels, forest };

    grown.events.stage("map")?;
    let observed = grown.map(kept, progress)?;
    let series = grown.pixels.series();
    write_map_item(&grown.folder, series.geobox(), &grown.legend, series.period()?)?;
    let changes = job.before.as_deref().map(|before| grown.compare(before, progress)).transpose()?;

    grown.events.stage("report")?;
    manifest.scenes_used = grown.pixels.series().scenes().map(PlannedScene::used).collect();
    grown.report(&mut manifest, &features, observed, changes.as_ref())
}

impl ForestJob {
    /// What it reads; addresses and boxes of coordinates are among it.
    fn files(&self) -> Result<Vec<PathBuf>> {
        let before = self.before.iter().map(|before| before.join("map.tif"));
        Ok(self.survey.files.iter().cloned().chain(self.samples.iter().cloned()).chain(before).collect())
    }

    /// Refuses what makes no sense before any work is done.
    fn check(&self) -> Result<()> {
        let wrong = |key, found: String, expected: &str| {
            Err(JobError::Value { key, found, expected: expected.to_owned() }.into())
        };
        if self.trees == 0 {
            return wrong("--trees", "0".to_owned(), "1 or more");
        }
        if self.window == 0 {
            return wrong("--window", "0".to_owned(), "1 pixel or more");
        }
        for path in &self.samples {
            if !VectorLayer::parse(path).path().is_file() {
                let source = std::io::Error::from(std::io::ErrorKind::NotFound);
                return Err(JobError::ReadFile { what: "samples", path: path.clone(), source }.into());
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
