//! A comparison of runs that is asked for.

use ecotone_jobs::Existing;
use std::path::PathBuf;

/// A comparison of two sides, each of one run or more, on the test blocks that they share.
#[derive(Debug, Clone)]
pub struct CompareJob {
    /// Run folders of the first side, each with a blocks.csv.
    pub first: Vec<PathBuf>,
    /// Run folders of the second side.
    pub second: Vec<PathBuf>,
    /// How often blocks, runs and landscapes are drawn again.
    pub replicates: usize,
    /// Decides every draw.
    pub seed: u64,
    /// The folder for the tables.
    pub out: PathBuf,
    /// What to do where the folder holds a run already.
    pub existing: Existing,
}
