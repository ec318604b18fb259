//! A comparison of maps that is asked for.

use ecotone_jobs::Existing;
use std::path::PathBuf;

/// An agreement job.
#[derive(Debug, Clone)]
pub struct AgreeJob {
    /// Two or more rasters of class codes; of a series, the earliest first. The first one's grid is that of all.
    pub maps: Vec<PathBuf>,
    /// `code,name,color`.
    pub legend: PathBuf,
    /// What the maps are called, in their order; none: by their files.
    pub names: Vec<String>,
    /// How far a class may lie off and still count as there, in pixels, 0 to 64.
    pub tolerance: usize,
    /// Codes of the maps that are no class, besides the nodata that a file declares.
    pub ignore: Vec<i64>,
    /// Only pixels where a raster has a value are compared.
    pub mask: Option<(PathBuf, u8)>,
    /// The folder for the tables.
    pub out: PathBuf,
    /// What to do where the folder holds a run already.
    pub existing: Existing,
}
