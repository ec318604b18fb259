//! What can go wrong between a catalogue and a cube, with the thing that was at fault.

use std::path::PathBuf;

/// The result of a step from scenes to a cube.
pub type Result<T> = std::result::Result<T, Error>;

/// A cube that cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No scene fits the job.
    #[error(
        "no scene in {catalog} lies in the area, {period}, with at most {cloud} % clouds ({found} scenes in the catalogue)"
    )]
    NoScenes {
        /// The catalogues.
        catalog: String,
        /// First day, the day after the last, and the days between that count.
        period: String,
        /// Largest cloud cover.
        cloud: f64,
        /// Scenes before the query's limits.
        found: String,
    },
    /// An API was to be asked for scenes anywhere.
    #[error(
        "{catalog} is an API, whose archive has no end: say where, with --aoi or a raster as --grid, in a recipe with grid.aoi"
    )]
    NoArea {
        /// Its address.
        catalog: String,
    },
    /// None of the catalogues has a scene of the collections.
    #[error(
        "{catalog} has no scene of {asked}, but of {known}: name what to use with --collection, in a recipe with inputs.collections (of radar inputs.sar.collections)"
    )]
    NoCollection {
        /// The catalogues.
        catalog: String,
        /// The collections that were asked for.
        asked: String,
        /// Those that scenes are of, comma-separated.
        known: String,
    },
    /// A name that means one band in a job and another one for the sensor of this scene.
    #[error(
        "scene {scene} is of {own}, but in this job it is {meant}: ask by a name that is one on every sensor, {neutral}"
    )]
    OtherBand {
        /// The scene.
        scene: String,
        /// Its sensor, and what the name means there: common name and wavelength.
        own: String,
        /// What it means in the job.
        meant: String,
        /// Names that are the same on every sensor.
        neutral: String,
    },
    /// A scene of a sensor without a band that the job's name means.
    #[error("scene {scene} is of {sensor}, which has no band like `{band}` ({meant}): {instead}")]
    NoSuchBand {
        /// The scene.
        scene: String,
        /// Its sensor.
        sensor: &'static str,
        /// The name.
        band: String,
        /// What it means: common name and wavelength.
        meant: String,
        /// What the scene has.
        instead: String,
    },
    /// Every scene failed.
    #[error("none of the {count} scenes could be read; the first, {scene}: {reason}")]
    AllScenesFailed {
        /// How many.
        count: usize,
        /// The first one.
        scene: String,
        /// Its reason.
        reason: String,
    },
    /// The area and the scenes lie apart.
    #[error("none of the {found} scenes of {catalog} overlaps the area of {area}, west {:.3}, south {:.3}, east {:.3}, north {:.3} degrees", bounds.min.x, bounds.min.y, bounds.max.x, bounds.max.y)]
    NoOverlap {
        /// What the area is that of: labels, or an area of interest.
        area: String,
        /// The area in degrees.
        bounds: ecotone_core::BoundingBox,
        /// The catalogues.
        catalog: String,
        /// Scenes in them.
        found: usize,
    },
    /// Heights that lie elsewhere.
    #[error("{} has no height anywhere on the map's grid", path.display())]
    NoTerrain {
        /// The raster.
        path: PathBuf,
    },
    /// A scene without the sun's angles.
    #[error(
        "scene {scene} does not say where the sun stood (view:sun_elevation, view:sun_azimuth), which the illumination needs"
    )]
    NoSun {
        /// The scene.
        scene: String,
    },
    /// A scene without the layer that it is to be masked by.
    #[error("scene {scene} has no `{asset}` to tell clouds by; {way_out}")]
    NoMask {
        /// The scene.
        scene: String,
        /// The layer.
        asset: String,
        /// What to set.
        way_out: String,
    },
    /// Every pixel of the area is nodata in every scene.
    #[error("no clear observation anywhere in the area: all {scenes} scenes are nodata or masked there")]
    NothingObserved {
        /// How many scenes were read.
        scenes: usize,
    },
    /// No pixel was seen, and scenes could not be read.
    #[error(
        "nothing was seen anywhere in the area: {failed} of {scenes} scenes could not be read: {reasons}"
    )]
    NothingRead {
        /// How many scenes there are.
        scenes: usize,
        /// How many of them failed.
        failed: usize,
        /// The first ones with their reasons.
        reasons: String,
    },
    /// A resolution that is none in degrees.
    #[error(
        "`{key}` asks for pixels of {resolution}, but {crs} is in degrees: expected a part of a degree (20 m are about 0.00018), or a grid in metres, such as EPSG:32633"
    )]
    DegreesForMetres {
        /// The setting.
        key: &'static str,
        /// The side of a pixel.
        resolution: f64,
        /// The system.
        crs: String,
    },
    /// The file of a plan that another version wrote.
    #[error(
        "{} is a plan of format {found}, and this version reads format {expected}: read it with the version that wrote it, or plan anew",
        path.display()
    )]
    PlanFormat {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The one that is understood.
        expected: u32,
    },
    /// The file of a plan with a grid that is none.
    #[error("understanding the grids of the plan {}", path.display())]
    PlanGrid {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: ecotone_core::Error,
    },
    /// A grid that a plan was not made for.
    #[error(
        "the plan is for a grid in {plan}, whose pixels are not those of the grid in {grid} that is asked for: plan anew for that"
    )]
    OtherLattice {
        /// The system of the plan.
        plan: String,
        /// The system of the grid.
        grid: String,
    },
    /// Folders, files and settings of jobs.
    #[error(transparent)]
    Job(#[from] ecotone_jobs::Error),
    /// A description that cannot be made.
    #[error(transparent)]
    Core(#[from] ecotone_core::Error),
    /// Rasters, catalogues, vectors, tables.
    #[error(transparent)]
    Io(#[from] ecotone_io::Error),
    /// Series, masks, indices.
    #[error(transparent)]
    Preprocessing(#[from] ecotone_preprocessing::Error),
}
