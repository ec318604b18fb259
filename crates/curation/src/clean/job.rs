//! A cleaning that is asked for.

use crate::survey::Survey;
use ecotone_jobs::Existing;
use std::path::PathBuf;

/// A cleaning.
#[derive(Debug, Clone)]
pub struct CleanJob {
    /// CSV with `x,y` or `lon,lat`, `code`, and features such as `B04@2021-06-01`.
    pub samples: PathBuf,
    /// `code,name,color`.
    pub legend: PathBuf,
    /// Where the series come from; `None`: from the features.
    pub series: Option<Survey>,
    /// clusters, confident or both.
    pub method: String,
    /// Clusters of each class, or auto.
    pub clusters: String,
    /// none or standard.
    pub scaling: String,
    /// The system of `x,y`; `None`: that of the recipe's grid, which matters only where series are read.
    pub crs: Option<String>,
    /// Decides every draw.
    pub seed: u64,
    /// The folder for the results.
    pub out: PathBuf,
    /// What to do where the folder holds a run already.
    pub existing: Existing,
}

impl CleanJob {
    /// What it reads; addresses and boxes of coordinates are among it.
    pub(super) fn files(&self) -> Vec<PathBuf> {
        let mut files = vec![self.samples.clone(), self.legend.clone()];
        files.extend(self.series.iter().flat_map(|survey| survey.files.iter().cloned()));
        files
    }
}
