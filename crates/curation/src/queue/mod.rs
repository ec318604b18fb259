//! The places that an operator should look at next: where the forest of a round is unsure, far from each other and from
//! what is labelled.

mod asked;
mod candidates;
mod job;
mod plot;
mod points;

pub use job::QueueJob;

use super::pixels::PixelSeries;
use crate::{Error, Result};
use asked::Asked;
use candidates::{Candidate, POOL, Pool};
use ecotone_jobs::{Progress, Resources, Summary};
use ecotone_labeling::{core_set, standardised};
use ndarray::Array2;
use std::collections::BTreeSet;

/// The best candidates, for each place that is asked for, among which diversity chooses.
const DIVERSE: usize = 8;

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
        return Err(Error::NothingToAsk);
    }
    let mut summary = points::write(&asked, &chosen)?;
    summary.failures.extend(failures);
    let mut known = BTreeSet::new();
    summary.failures.retain(|failure| known.insert(failure.scene.clone()));
    Ok(summary)
}

impl Asked<'_> {
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
