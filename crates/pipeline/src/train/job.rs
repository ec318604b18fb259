//! What the stages of a training job share, and what is known before a network is built.

use super::years::Year;
use crate::compute::Compute;
use crate::recipe::Recipe;
use ecotone_core::{Cube, Legend};
use ecotone_cubes::Series;
use ecotone_curation::Labels;
use ecotone_jobs::{Events, Manifest, Progress, RunFolder};
use ecotone_preprocessing::Normalisation;
use ecotone_tiling::{BlockSplit, Shared};
use std::path::PathBuf;

/// Everything that the stages of a training job share.
pub(crate) struct Job<'a> {
    pub(crate) recipe: &'a Recipe,
    pub(crate) folder: RunFolder,
    pub(crate) resources: &'a Compute,
    pub(crate) progress: &'a dyn Progress,
    pub(crate) manifest: Manifest,
    pub(crate) events: Events,
}

/// What is known before a network is built.
pub(crate) struct Prepared {
    pub(crate) catalogs: Vec<String>,
    pub(crate) legend: Legend,
    pub(crate) legend_file: PathBuf,
    /// One, or those that the recipe names.
    pub(crate) years: Vec<Year>,
    pub(crate) split: BlockSplit,
    /// What test pixels have in common with training pixels; `None` where no test pixel has a label.
    pub(crate) shared: Option<Shared>,
    /// For each area the series of each year that is mapped and, where the recipe trains on both, as many unmasked ones;
    /// normalised.
    pub(crate) cubes: Vec<Vec<Cube<f32>>>,
    /// Where the first source saw the first area in the first year, `[time, y, x]`.
    pub(crate) clear: Vec<bool>,
    pub(crate) normalisation: Normalisation,
}

impl Prepared {
    /// The year that map.tif is of.
    pub(crate) fn first(&self) -> &Year {
        &self.years[0]
    }

    /// The series of the first year.
    pub(crate) fn series(&self) -> &Series {
        &self.first().series
    }

    /// The labels of the first year.
    pub(crate) fn labels(&self) -> &Labels {
        &self.first().labels
    }
}
