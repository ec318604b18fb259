//! The round that is asked, and what is not to be asked about.

use super::super::forest::Growing;
use super::super::learning_set::{self, LearningSet, pixel_of};
use super::super::pixels::PixelSeries;
use super::job::{By, QueueJob};
use crate::{Error, Result};
use ecotone_core::{Legend, XY};
use ecotone_io::{VectorLayer, gsd_metres, read_point_records};
use ecotone_jobs::{Mask, Progress};
use ecotone_labeling::{RandomForest, Spread};
use std::collections::BTreeSet;

/// Forests of other seeds that vote in query by committee, and the trees of each.
const COMMITTEE: usize = 5;
const COMMITTEE_TREES: usize = 20;

/// A round, and what is not to be asked about.
pub(super) struct Asked<'a> {
    pub(super) job: &'a QueueJob,
    pub(super) by: By,
    pub(super) pixels: PixelSeries,
    pub(super) legend: Legend,
    pub(super) forest: RandomForest,
    pub(super) committee: Vec<RandomForest>,
    /// What the round learnt from.
    pub(super) set: LearningSet,
    /// Classes that the samples have.
    pub(super) known: usize,
    /// `(row, col)` of pixels that are labelled or excluded.
    pub(super) closed: BTreeSet<(i64, i64)>,
    /// Places that are labelled or excluded.
    pub(super) spread: Spread,
    pub(super) mask: Option<Mask>,
}

impl<'a> Asked<'a> {
    /// Reads the round, and the places that are known.
    pub(super) fn new(
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
}

/// Whether the recipe gives the features that the round learnt from.
fn check_features(
    job: &QueueJob,
    pixels: &PixelSeries,
    forest: &RandomForest,
    legend: &Legend,
) -> Result<()> {
    let other = |difference: String| Err(Error::OtherFeatures { path: job.round.clone(), difference });
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
