//! A sample that is asked for.

use std::path::PathBuf;

/// A sample to draw.
#[derive(Debug, Clone)]
pub struct DrawJob {
    /// The map: any georeferenced raster of class codes.
    pub map: PathBuf,
    /// `code,name,color`.
    pub legend: PathBuf,
    /// simple, stratified, systematic, cluster or two-stage.
    pub design: String,
    /// Pixels; in a cluster design clusters. A systematic grid may be given by its spacing instead.
    pub units: Option<u64>,
    /// equal, proportional, optimal or minimum:N, for a stratified design.
    pub allocation: String,
    /// Strata other than the map's classes: whole numbers, its nodata (0 where it declares none) outside.
    pub strata: Option<PathBuf>,
    /// Pixels this near to a class edge are a stratum of their own, in pixels; 0 for none.
    pub edge_stratum: usize,
    /// Side of a square cluster, in pixels.
    pub cluster_size: u64,
    /// Pixels drawn in each cluster of a two-stage design.
    pub per_cluster: u64,
    /// Step of a systematic grid, in pixels.
    pub spacing: Option<u64>,
    /// User's accuracies: one value or a CSV `code,users_accuracy`, for optimal allocation.
    pub expected: Option<String>,
    /// Codes of the map that are no class, besides the nodata that it declares.
    pub ignore: Vec<i64>,
    /// Seed of the draw.
    pub seed: u64,
    /// Tell the interpreter what the map shows.
    pub with_map_class: bool,
    /// The points: .csv, .gpkg or .geojson; strata.csv goes beside.
    pub out: PathBuf,
    /// Replace these where they exist.
    pub replace: bool,
    /// Pictures around the points, in the folder chips beside them.
    pub chips: Option<ChipsJob>,
}

/// Pictures around the points.
#[derive(Debug, Clone)]
pub struct ChipsJob {
    /// STAC catalogue of scenes with red, green and blue bands.
    pub catalog: String,
    /// Dates on each picture, 1 to 6.
    pub dates: usize,
}
