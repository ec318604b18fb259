//! Samples no closer to each other than a distance.

use super::Samples;
use super::points::{Points, tree_of};
use crate::{Error, Result};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use rstar::PointDistance;

/// How samples are thinned. They are taken in turn, and one is kept where none kept before lies closer than the distance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thinning {
    /// Least distance of two samples that are kept, in metres or the units of the projection; 0 or more.
    pub distance: f64,
    /// Whether only samples of one class keep each other at a distance.
    pub per_class: bool,
    /// Decides the order.
    pub seed: u64,
}

impl Thinning {
    /// The rows to keep, ascending. The order is random; with `priorities`, one a sample, the highest come first.
    ///
    /// # Errors
    /// A distance that is negative or no number, priorities that are not one a sample, or a priority that is no number.
    pub fn keep(&self, samples: &Samples, priorities: Option<&[f64]>) -> Result<Vec<usize>> {
        if !(self.distance >= 0.0 && self.distance.is_finite()) {
            let expected = "0 or more, in metres or the units of the projection";
            return Err(Error::Parameter { name: "distance", value: self.distance, expected });
        }
        let mut order: Vec<usize> = (0..samples.rows.len()).collect();
        order.shuffle(&mut ChaCha8Rng::seed_from_u64(self.seed));
        if let Some(priorities) = priorities {
            if priorities.len() != order.len() {
                let (samples, found) = (order.len(), priorities.len());
                return Err(Error::Unpaired { what: "priorities", samples, found });
            }
            if let Some(&value) = priorities.iter().find(|priority| priority.is_nan()) {
                return Err(Error::Parameter { name: "a priority", value, expected: "a number" });
            }
            order.sort_by(|a, b| priorities[*b].total_cmp(&priorities[*a]));
        }
        let points = Points::new(samples);
        let least = points.straight(self.distance).powi(2);
        let tree = tree_of(&points, 0..samples.rows.len());
        let code = |row: usize| samples.rows[row].code;
        // Who is kept rules out those around: no tree of the kept ones has to grow.
        let mut ruled_out = vec![false; samples.rows.len()];
        let mut kept = vec![];
        for row in order {
            if std::mem::replace(&mut ruled_out[row], true) {
                continue;
            }
            kept.push(row);
            let place = points.place(row);
            for near in tree.locate_within_distance(place, least) {
                let rivals = !self.per_class || code(near.data) == code(row);
                if rivals && near.distance_2(&place) < least {
                    ruled_out[near.data] = true;
                }
            }
        }
        kept.sort_unstable();
        Ok(kept)
    }
}
