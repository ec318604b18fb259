//! The places that an operator should look at next: where the forest of a round is unsure, far from each other and from
//! what is labelled.

mod candidates;
mod plot;
mod points;

use super::forest::Growing;
use super::learning_set::{self, LearningSet, pixel_of};
use super::pixels::PixelSeries;
use crate::survey::Survey;
use crate::{Error, Result};
use candidates::{Candidate, Pool};
use ecotone_assessment::ChipsJob;
use ecotone_core::{Legend, XY};
use ecotone_io::{VectorLayer, gsd_metres, read_point_records};
use ecotone_jobs::Error as JobError;
use ecotone_jobs::{Mask, Progress, Resources, Summary, fresh};
use ecotone_labeling::{RandomForest, Spread, core_set, standardised};
use ndarray::Array2;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// A queue to make.
#[derive(Debug, Clone)]
pub struct QueueJob {
    /// The folder of the round whose forest is asked.
    pub round: PathBuf,
    /// The recipe that the round was made with.
    pub survey: Survey,
    /// How many places.
    pub count: usize,
    /// entropy, margin, disagreement or random.
    pub by: String,
    /// Least distance of places from each other and from labels, in metres; 0 for none.
    pub spread: f64,
    /// Whether places are chosen to differ in their features, too.
    pub diverse: bool,
    /// Files of points that are known or not to be asked about.
    pub exclude: Vec<PathBuf>,
    /// Only pixels where a raster has a value are asked about.
    pub mask: Option<(PathBuf, u8)>,
    /// Side of the windows that are read at a time, in pixels.
    pub window: usize,
    /// Decides between pixels of one score, and the committee.
    pub seed: u64,
    /// Tell the operator what the map shows.
    pub with_map_class: bool,
    /// Pictures and plots of the places, in a folder beside the file.
    pub chips: Option<ChipsJob>,
    /// The points: .gpkg, .geojson or .csv.
    pub out: PathBuf,
    /// Replace them where they exist.
    pub replace: bool,
}

/// What a place is scored by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Entropy,
    Margin,
    Disagreement,
    Random,
}

impl By {
    const WORDS: [(&'static str, Self); 4] = [
        ("entropy", Self::Entropy),
        ("margin", Self::Margin),
        ("disagreement", Self::Disagreement),
        ("random", Self::Random),
    ];

    fn parse(text: &str) -> Result<Self> {
        let found = Self::WORDS.iter().find(|(word, _)| *word == text).map(|(_, by)| *by);
        found.ok_or_else(|| JobError::word("--by", text, &Self::WORDS.map(|(word, _)| word)).into())
    }
}

/// Forests of other seeds that vote in query by committee, and the trees of each.
const COMMITTEE: usize = 5;
const COMMITTEE_TREES: usize = 20;

/// Candidates kept for each place that is asked for: spreading and diversity choose among them.
const POOL: usize = 32;
/// The best candidates, for each place that is asked for, among which diversity chooses.
const DIVERSE: usize = 8;

/// A round, and what is not to be asked about.
struct Asked<'a> {
    job: &'a QueueJob,
    by: By,
    pixels: PixelSeries,
    legend: Legend,
    forest: RandomForest,
    committee: Vec<RandomForest>,
    /// What the round learnt from.
    set: LearningSet,
    /// Classes that the samples have.
    known: usize,
    /// `(row, col)` of pixels that are labelled or excluded.
    closed: BTreeSet<(i64, i64)>,
    /// Places that are labelled or excluded.
    spread: Spread,
    mask: Option<Mask>,
}

/// Writes the places, the first to look at first, with an empty column `code` for the operator.
///
/// Memory is bounded by the window, the round's samples and the number of places. How windows are cut changes which
/// candidates are compared, never whether a labelled place is asked about.
///
/// # Errors
/// When the round cannot be read or was made with another series, nothing is left to ask about, or a file cannot be
/// written; scenes that fail are listed in the summary.
pub fn label_queue(job: &QueueJob, resources: &Resources, progress: &dyn Progress) -> Result<Summary> {
    let by = job.check()?;
    resources.apply()?;
    let pixels = PixelSeries::plan(&job.survey, resources, progress)?;
    let asked = Asked::new(job, by, pixels, job.survey.labels.legend()?, progress)?;
    let mut pool = Pool::new(job.count.saturating_mul(POOL));
    let mut failures = asked.pixels.series().failures();
    failures.extend(asked.gather(&mut pool, progress)?);
    let chosen = asked.choose(pool.into_sorted());
    if chosen.is_empty() {
        return Err(Error::NothingToAsk.into());
    }
    let mut summary = points::write(&asked, &chosen)?;
    summary.failures.extend(failures);
    let mut known = BTreeSet::new();
    summary.failures.retain(|failure| known.insert(failure.scene.clone()));
    Ok(summary)
}

impl QueueJob {
    fn check(&self) -> Result<By> {
        let wrong = |key, found: String, expected: &str| {
            Err(JobError::Value { key, found, expected: expected.to_owned() }.into())
        };
        if self.count == 0 {
            return wrong("--count", "0".to_owned(), "1 or more");
        }
        if self.window == 0 {
            return wrong("--window", "0".to_owned(), "1 pixel or more");
        }
        if !(self.spread.is_finite() && self.spread >= 0.0) {
            return wrong("--spread", self.spread.to_string(), "a distance of 0 or more");
        }
        let round = ["forest.bin", "samples.csv"].map(|name| self.round.join(name));
        let files = self.exclude.iter().chain(self.mask.as_ref().map(|(path, _)| path)).cloned();
        let inputs: Vec<PathBuf> = self.survey.files.iter().cloned().chain(files).chain(round).collect();
        fresh(&[&self.out], self.replace, &inputs)?;
        for name in ["forest.bin", "samples.csv"] {
            if !self.round.join(name).is_file() {
                let found = self.round.display().to_string();
                return wrong("ROUND", found, "a folder that `ecotone label forest` made");
            }
        }
        By::parse(&self.by)
    }
}

impl<'a> Asked<'a> {
    fn new(
        job: &'a QueueJob,
        by: By,
        pixels: PixelSeries,
        legend: Legend,
        progress: &dyn Progress,
    ) -> Result<Self> {
        let forest = RandomForest::load(job.round.join("forest.bin"))?;
        let samples = job.round.join("samples.csv");
        check_features(job, &pixels, &forest, &legend)?;
        let windows = pixels.windows_of(job.window)?;
        let set = learning_set::read(&pixels, &[samples], "code", &legend, &windows, &mut None, progress)?;
        let labels = set.labels(&legend)?;
        let known = labels.iter().collect::<BTreeSet<_>>().len();
        let committee =
            match by {
                By::Disagreement => {
                    let member =
                        |member: usize| {
                            // Far from the seeds that people try one after another.
                            let seed = job.seed.wrapping_add((member as u64 + 1) << 32);
                            Growing { trees: COMMITTEE_TREES, balanced: false, permutation: false, seed }
                                .grow(&set.features(), &labels, &legend)
                        };
                    (0..COMMITTEE).map(member).collect::<Result<_>>()?
                }
                _ => Vec::new(),
            };
        let mut places: Vec<XY<f64>> = set.rows.iter().map(|row| row.place).collect();
        for path in &job.exclude {
            let records = read_point_records(&VectorLayer::parse(path), pixels.series().geobox().crs())?;
            // What lies nowhere near keeps nothing away.
            places.extend(records.rows.iter().filter_map(|row| row.position.ok()));
        }
        let closed = places.iter().filter_map(|place| pixel_of(&pixels, *place).transpose());
        let closed = closed.collect::<Result<_>>()?;
        let grid = pixels.series().geobox();
        let spread = Spread::new(job.spread * grid.gsd() / gsd_metres(grid)?, &places);
        let mask = job.mask.as_ref().map(Mask::open).transpose()?;
        Ok(Self { job, by, pixels, legend, forest, committee, set, known, closed, spread, mask })
    }

    /// The best candidates that keep their distance; of those, where asked for, such as differ in their features.
    fn choose(&self, candidates: Vec<Candidate>) -> Vec<Candidate> {
        let wanted = if self.job.diverse { self.job.count.saturating_mul(DIVERSE) } else { self.job.count };
        let mut spread = self.spread.clone();
        let mut best: Vec<Candidate> = Vec::new();
        for candidate in candidates {
            if best.len() < wanted && spread.take(candidate.place) {
                best.push(candidate);
            }
        }
        if !self.job.diverse || best.is_empty() {
            return best;
        }
        let columns = self.pixels.names().len();
        let features =
            Array2::from_shape_fn((best.len(), columns), |(row, column)| best[row].features[column]);
        let (features, known) = standardised(&features, &self.set.features());
        let rows = core_set(&features, &known, self.job.count);
        let mut best: Vec<Option<Candidate>> = best.into_iter().map(Some).collect();
        rows.into_iter().filter_map(|row| best[row].take()).collect()
    }
}

/// Whether the recipe gives the features that the round learnt from.
fn check_features(
    job: &QueueJob,
    pixels: &PixelSeries,
    forest: &RandomForest,
    legend: &Legend,
) -> Result<()> {
    let other = |difference: String| Err(Error::OtherFeatures { path: job.round.clone(), difference }.into());
    let (ours, theirs) = (pixels.names().len(), forest.features());
    if ours != theirs {
        return other(format!("{theirs}, the recipe gives {ours}"));
    }
    if forest.classes() != legend.len() {
        return other(format!("{} classes, the legend has {}", forest.classes(), legend.len()));
    }
    let samples = VectorLayer::parse(job.round.join("samples.csv"));
    let records = read_point_records(&samples, pixels.series().geobox().crs())?;
    let known: BTreeSet<&String> = records.columns.iter().collect();
    match pixels.names().iter().find(|name| !known.contains(name)) {
        Some(name) => other(format!("it did not have {name}")),
        None => Ok(()),
    }
}
