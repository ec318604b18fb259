//! What can go wrong in a job with networks, with the thing that was at fault.

use ecotone_jobs::{article, hint};
use std::path::PathBuf;

/// The result of a stage of a job.
pub type Result<T> = std::result::Result<T, Error>;

/// A job that cannot go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A recipe that is no valid TOML, or has a value that no key takes.
    #[error("recipe {origin}: {source}")]
    RecipeSyntax {
        /// The file.
        origin: String,
        /// Where and what.
        source: Box<toml::de::Error>,
    },
    /// A recipe that cannot be written out.
    #[error("writing the recipe as TOML")]
    WriteRecipe {
        /// Why.
        source: toml::ser::Error,
    },
    /// A key that no recipe has.
    #[error("unknown key `{key}` in {origin}; {}", hint(nearest.as_deref(), known))]
    UnknownKey {
        /// The file, or `--set`.
        origin: String,
        /// The key.
        key: String,
        /// The nearest valid key.
        nearest: Option<String>,
        /// All valid keys there.
        known: String,
    },
    /// A value of another type.
    #[error("`{key}` in {origin} is {found}, expected {} {expected}", article(expected))]
    WrongType {
        /// The file, or `--set`.
        origin: String,
        /// The key.
        key: String,
        /// The type that it has.
        expected: &'static str,
        /// The value found.
        found: String,
    },
    /// A setting without `=`.
    #[error("`--set {setting}`: expected key=value, such as train.epochs=20")]
    Setting {
        /// What was typed.
        setting: String,
    },
    /// A training that memory will not hold.
    #[error(
        "memory will not hold this training: a step takes about {step} (train.batch is {batch}, train.patch is {patch}) and \
         the series {series}, but {available} are available; a smaller train.batch with as much more train.accumulate \
         trains much the same"
    )]
    Memory {
        /// Patches a batch.
        batch: usize,
        /// The side of a patch.
        patch: usize,
        /// What a step takes, in words.
        step: String,
        /// What the series takes.
        series: String,
        /// What there is.
        available: String,
    },
    /// A date that is none.
    #[error("`{key}` is `{found}`, expected a date as YYYY-MM-DD")]
    Date {
        /// The key.
        key: &'static str,
        /// What stands there.
        found: String,
        /// Why it is no date.
        source: chrono::ParseError,
    },
    /// No training patch fits.
    #[error(
        "nothing to draw patches from: no labelled pixel of the training blocks lies in an area of {patch} x {patch} pixels or more; lower train.patch, or give more ground or labels"
    )]
    NoPatch {
        /// Side of a patch in pixels.
        patch: usize,
    },
    /// A file that is none of ours.
    #[error("{} is no model, map, catalogue, recipe or run folder that ecotone knows", path.display())]
    UnknownFile {
        /// The file.
        path: PathBuf,
    },
    /// Folders, files and settings of jobs.
    #[error(transparent)]
    Job(#[from] ecotone_jobs::Error),
    /// Scenes and their series.
    #[error(transparent)]
    Cube(#[from] ecotone_cubes::Error),
    /// Accuracy.
    #[error(transparent)]
    Assessment(#[from] ecotone_assessment::Error),
    /// Labels.
    #[error(transparent)]
    Curation(#[from] ecotone_curation::Error),
    /// Forests.
    #[error(transparent)]
    Labeling(#[from] ecotone_labeling::Error),
    /// A description that cannot be made.
    #[error(transparent)]
    Core(#[from] ecotone_core::Error),
    /// Rasters, catalogues, vectors, tables.
    #[error(transparent)]
    Io(#[from] ecotone_io::Error),
    /// Filters of maps.
    #[error(transparent)]
    Postprocessing(#[from] ecotone_postprocessing::Error),
    /// Networks, weights, training.
    #[error(transparent)]
    Models(#[from] ecotone_models::Error),
    /// Accuracy.
    #[error(transparent)]
    Metrics(#[from] ecotone_metrics::Error),
    /// Series, masks, indices.
    #[error(transparent)]
    Preprocessing(#[from] ecotone_preprocessing::Error),
    /// Windows and splits.
    #[error(transparent)]
    Tiling(#[from] ecotone_tiling::Error),
    /// Simulated landscapes.
    #[error(transparent)]
    Simulate(#[from] ecotone_simulate::Error),
}
