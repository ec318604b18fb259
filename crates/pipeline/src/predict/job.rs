//! What a prediction is asked for.

use crate::recipe::PriorKind;
use ecotone_jobs::Existing;
use std::path::PathBuf;

/// A prediction job.
#[derive(Debug, Clone)]
pub struct PredictJob {
    /// The weight file.
    pub model: PathBuf,
    /// Addresses of the catalogues.
    pub catalogs: Vec<String>,
    /// Collections in the place of the training's; none: those of the training.
    pub collections: Vec<String>,
    /// The layer of the mask in the place of the training's.
    pub mask_asset: Option<String>,
    /// What is added to each DN in the place of the training's rule, in the words of `inputs.offset`.
    pub offset: Option<String>,
    /// A raster to match, or `CRS` or `CRS@RESOLUTION`; `None`: the first scene's CRS.
    pub grid: Option<String>,
    /// Vector files, or west,south,east,north in degrees; none: the scenes' extent.
    pub aoi: Vec<String>,
    /// Heights in metres, for a model that wants to know how the sun shines on the ground.
    pub dem: Option<PathBuf>,
    /// First day of the series, YYYY-MM-DD; `None`: that of the training.
    pub start: Option<String>,
    /// Which shares of the classes the map is made for; `None`: those that the model's epoch was chosen under. Both are one
    /// for a model whose card tells of no draw.
    pub prior: Option<PriorKind>,
    /// Side in pixels of the square whose most frequent class each pixel gets, odd; 0: no filter.
    pub majority: usize,
    /// Whether probabilities.tif is written.
    pub probabilities: bool,
    /// The run's folder.
    pub out: PathBuf,
    /// What to do where the folder holds a run already.
    pub existing: Existing,
}

impl PredictJob {
    /// What it reads; addresses and boxes of coordinates are among it.
    pub(super) fn files(&self) -> Vec<PathBuf> {
        let texts = self.catalogs.iter().chain(&self.grid).chain(&self.aoi).map(PathBuf::from);
        texts.chain([self.model.clone()]).chain(self.dem.clone()).collect()
    }
}
