//! What was drawn, and from what.

use super::population::{Counts, Place};

/// A drawn pixel.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sampled {
    /// Which one.
    pub(super) place: Place,
    /// 0 (exclusive) to 1.
    pub(super) inclusion_probability: f64,
    /// One over that.
    pub(super) weight: f64,
    /// Number of its cluster, from 1, where the design has clusters.
    pub(super) cluster: Option<u64>,
}

/// What was drawn, and from what.
pub(super) struct Drawn {
    /// The strata of the population.
    pub(super) counts: Counts,
    /// In the order of their numbers in the file.
    pub(super) units: Vec<Sampled>,
}
