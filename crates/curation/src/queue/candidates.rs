//! Pixels that may be asked about, in a pool of bounded size.

use super::super::forest::{Classified, classify_windows};
use super::asked::Asked;
use super::job::By;
use crate::Result;
use ecotone_core::{Window, XY};
use ecotone_io::gsd_metres;
use ecotone_jobs::{FailedScenes, Failure, Progress};
use ecotone_labeling::{disagreement, entropy, margin};
use ndarray::{Array1, ArrayView1};
use std::collections::BTreeMap;

/// Candidates kept for each place that is asked for: spreading and diversity choose among them.
pub(super) const POOL: usize = 32;

/// A pixel that may be asked about.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Candidate {
    /// The higher, the sooner it is asked about.
    pub(super) score: f64,
    /// Decides between equal scores.
    tie: u64,
    /// Its centre, in the grid's CRS.
    pub(super) place: XY<f64>,
    /// Index of its most probable class.
    pub(super) class: usize,
    /// Probability of that.
    pub(super) probability: f32,
    /// One value a feature.
    pub(super) features: Vec<f32>,
}

/// The best candidates so far.
pub(super) struct Pool {
    size: usize,
    best: Vec<Candidate>,
}

impl Pool {
    pub(super) fn new(size: usize) -> Self {
        Self { size, best: Vec::new() }
    }

    fn add(&mut self, more: impl Iterator<Item = Candidate>) {
        self.best.extend(more);
        self.best.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.tie.cmp(&b.tie)));
        self.best.truncate(self.size);
    }

    /// The best first.
    pub(super) fn into_sorted(self) -> Vec<Candidate> {
        self.best
    }
}

/// A pixel of a window that may be asked about.
struct Scored {
    score: f64,
    tie: u64,
    pixel: usize,
}

impl Asked<'_> {
    /// Puts the candidates of all windows into the pool; gives the scenes that failed.
    pub(super) fn gather(&self, pool: &mut Pool, progress: &dyn Progress) -> Result<Vec<Failure>> {
        let mut failed = FailedScenes::default();
        let windows = self.pixels.windows_of(self.job.window)?;
        classify_windows(&self.pixels, &self.forest, &windows, None, progress, |found| {
            failed.add(found.pixels.failures.iter().cloned());
            let scored = self.score(&found)?;
            pool.add(scored.into_iter().map(|scored| self.candidate(&found, &scored)));
            Ok(())
        })?;
        Ok(failed.list())
    }

    /// The best pixel of each cell of a lattice as wide as the distance that places keep: what else lies there would be
    /// too near. No more than the pool takes.
    fn score(&self, found: &Classified) -> Result<Vec<Scored>> {
        let open = self.open(found)?;
        let torn = match self.by {
            By::Disagreement => {
                let member = |member| super::super::forest::probabilities(member, &found.pixels);
                let members = self.committee.iter().map(member).collect::<Result<Vec<_>>>()?;
                disagreement(&members, self.known)
            }
            _ => Array1::zeros(0),
        };
        let gsd = gsd_metres(self.pixels.series().geobox())?;
        let cell = ((self.job.spread / gsd) as i64).max(1);
        let mut best: BTreeMap<(i64, i64), Scored> = BTreeMap::new();
        for (pixel, row) in
            found.probabilities.rows().into_iter().enumerate().filter(|(pixel, _)| open[*pixel])
        {
            let (y, x) = position(found.window, pixel);
            let tie = mixed(self.job.seed, y, x);
            let score = match self.by {
                By::Entropy => entropy(row, self.known),
                By::Margin => 1.0 - margin(row),
                By::Disagreement => torn[pixel],
                By::Random => tie as f64 / u64::MAX as f64,
            };
            let place = (y.div_euclid(cell), x.div_euclid(cell));
            let better = best.get(&place).is_none_or(|had| (had.score, tie) < (score, had.tie));
            if better {
                best.insert(place, Scored { score, tie, pixel });
            }
        }
        let mut best: Vec<Scored> = best.into_values().collect();
        best.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.tie.cmp(&b.tie)));
        best.truncate(self.job.count.saturating_mul(POOL));
        Ok(best)
    }

    /// Which pixels were seen, are not labelled or excluded, not too near to such, and not masked.
    fn open(&self, found: &Classified) -> Result<Vec<bool>> {
        let geobox = self.pixels.series().geobox();
        let mut codes: Vec<u8> = found.pixels.seen.iter().map(|seen| u8::from(*seen)).collect();
        if let Some(mask) = &self.mask {
            mask.apply(&geobox.crop(found.window), &mut codes, 0)?;
        }
        let is_open = |(pixel, code): (usize, &u8)| {
            let (y, x) = position(found.window, pixel);
            *code > 0 && !self.closed.contains(&(y, x)) && self.spread.is_free(self.centre(y, x))
        };
        Ok(codes.iter().enumerate().map(is_open).collect())
    }

    fn centre(&self, row: i64, col: i64) -> XY<f64> {
        let transform = self.pixels.series().geobox().transform();
        transform.pixel_to_world(XY::new(col as f64 + 0.5, row as f64 + 0.5))
    }

    fn candidate(&self, found: &Classified, scored: &Scored) -> Candidate {
        let (row, col) = position(found.window, scored.pixel);
        let shares: ArrayView1<'_, f32> = found.probabilities.row(scored.pixel);
        let class =
            (1..shares.len()).fold(0, |best, class| if shares[class] > shares[best] { class } else { best });
        Candidate {
            score: scored.score,
            tie: scored.tie,
            place: self.centre(row, col),
            class,
            probability: shares[class],
            features: found.pixels.features.row(scored.pixel).to_vec(),
        }
    }
}

/// `(row, col)` on the grid of a pixel of a window.
fn position(window: Window, pixel: usize) -> (i64, i64) {
    (window.row + (pixel / window.cols) as i64, window.col + (pixel % window.cols) as i64)
}

/// A number as if drawn at random for each pixel, whatever the windows (SplitMix64; Steele et al. 2014).
fn mixed(seed: u64, row: i64, col: i64) -> u64 {
    let step = |state: u64| {
        let mut z = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    step(step(step(seed) ^ row as u64) ^ col as u64)
}
