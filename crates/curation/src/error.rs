//! What can be wrong with samples, with maps to take labels from, and with what is asked of them.

use std::path::PathBuf;

/// The result of a job on labels.
pub type Result<T> = std::result::Result<T, Error>;

/// Labels that a job cannot go on with.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A vector file without anything that can be a sample.
    #[error("{} holds neither points nor polygons with a class of the legend on the map's grid", path.display())]
    NoSamples {
        /// The file.
        path: PathBuf,
    },
    /// A table of points without the column of classes.
    #[error("{} has no column `{column}` with the class (it has {known}); name it by --attribute", path.display())]
    NoClassColumn {
        /// The file.
        path: PathBuf,
        /// The column that was looked for.
        column: String,
        /// Its columns.
        known: String,
    },
    /// A cell of a point that is not what it should be.
    #[error("{}, sample `{id}`: expected {expected} in column `{column}`, found `{found}`", path.display())]
    PointCell {
        /// The file.
        path: PathBuf,
        /// The sample.
        id: String,
        /// The column.
        column: String,
        /// What should be there.
        expected: &'static str,
        /// What is there.
        found: String,
    },
    /// Samples of which none can be used.
    #[error("none of the samples can be used: {reasons}")]
    AllLeftOut {
        /// Why, with counts.
        reasons: String,
    },
    /// A table without a series.
    #[error(
        "{} has no feature named BAND@DATE, such as B04@2021-06-01 ({}); write samples by `ecotone label samples`, or name \
         the recipe of their series by --recipe",
        path.display(),
        if found.is_empty() { "it has none at all".to_owned() } else { format!("it has {found}") }
    )]
    NoSeries {
        /// The file.
        path: PathBuf,
        /// Its features.
        found: String,
    },
    /// A series with a band that is missing at a date.
    #[error("{} has no feature `{band}@{day}`, though other dates have {band}: each band must be there at every date", path.display())]
    MissingDate {
        /// The file.
        path: PathBuf,
        /// The band.
        band: String,
        /// The date.
        day: chrono::NaiveDate,
    },
    /// A table without rows.
    #[error("{} holds no sample", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// Samples that all belong to one year.
    #[error("all samples are of the year {year}: a split by year needs two years or more")]
    OneYear {
        /// The year.
        year: i32,
    },
    /// A word that names no part of a split.
    #[error(
        "{}, sample `{id}`: expected training, validation, test or unused (or their codes 1, 2, 3, 0) in column `{column}`, \
         found `{found}`",
        path.display()
    )]
    Part {
        /// The file.
        path: PathBuf,
        /// The sample.
        id: String,
        /// The column.
        column: String,
        /// What is there.
        found: String,
    },
    /// A map that does not say what its codes mean.
    #[error("{} describes no classes of its own: name its legend by --from", path.display())]
    NoLegend {
        /// The map.
        path: PathBuf,
    },
    /// Codes of a map that no class of its legend has.
    #[error("{} holds {codes}, which the legend lacks (it has {known}); if some of them stand for nothing, say so by --ignore", path.display())]
    UnknownCodes {
        /// The map.
        path: PathBuf,
        /// The codes and their pixels.
        codes: String,
        /// The codes of the legend.
        known: String,
    },
    /// A table that is no crosswalk between the two legends.
    #[error("understanding {}", path.display())]
    Crosswalk {
        /// The table.
        path: PathBuf,
        /// Where and what.
        source: Box<ecotone_labeling::Error>,
    },
    /// Legends of one's own without a table between them.
    #[error(
        "no crosswalk is known between a legend of your own and another: give one by --table, a CSV from_code,to_code"
    )]
    NoCrosswalkTable,
    /// Patches that were all left out.
    #[error(
        "no patch of {size} x {size} pixels is left: {mixed} hold pixels of two parts of the split, {unlabelled} too few labels; lower --size, --stride or --least-labelled, or raise split.block_m"
    )]
    NoPatchLeft {
        /// Side of a patch in pixels.
        size: usize,
        /// Patches that hold pixels of two parts.
        mixed: usize,
        /// Patches with too few labels.
        unlabelled: usize,
    },
    /// Maps that have the same class in no pixel.
    #[error("the {maps} maps from {} on agree in no pixel", first.display())]
    NoStablePixel {
        /// How many there are.
        maps: usize,
        /// The first of them.
        first: PathBuf,
    },
    /// Samples of a single class.
    #[error(
        "all {samples} samples that can be learnt from are of class {class}: a forest needs two classes or more"
    )]
    OneClass {
        /// How many there are.
        samples: usize,
        /// Name of the class.
        class: String,
    },
    /// Samples that nothing tells apart.
    #[error("all {samples} samples have the same {features} features: nothing tells their classes apart")]
    SameFeatures {
        /// How many there are.
        samples: usize,
        /// Number of features.
        features: usize,
    },
    /// A round that was made with another series.
    #[error("the round {} learnt from other features than the recipe gives ({difference}); use the recipe and the settings that it was made with", path.display())]
    OtherFeatures {
        /// The folder.
        path: PathBuf,
        /// The first that differs.
        difference: String,
    },
    /// A queue with no place in it.
    #[error(
        "no pixel is left to ask about: all are labelled, masked, unseen or nearer than --spread to a label"
    )]
    NothingToAsk,
    /// A class of a feature that the legend lacks.
    #[error("{} has features of code {code}, which the legend lacks (it has {known})", map.display())]
    FeatureClass {
        /// The vector file.
        map: PathBuf,
        /// The code.
        code: u8,
        /// The codes of the legend.
        known: String,
    },
    /// A sample whose class is none of the legend.
    #[error("sample `{id}` of {} has `{found}` in the column `{column}`, expected a code of the legend ({known})", path.display())]
    SampleCode {
        /// The file.
        path: PathBuf,
        /// The sample.
        id: String,
        /// The column.
        column: String,
        /// What stands there.
        found: String,
        /// The codes of the legend.
        known: String,
    },
    /// Samples without a column for the class.
    #[error("{} has no column `{column}` with the classes of its samples; it has {known}; --attribute names another", path.display())]
    NoSampleColumn {
        /// The file.
        path: PathBuf,
        /// The column.
        column: String,
        /// Its columns.
        known: String,
    },
    /// Labels that no class of the legend covers.
    #[error("the labels {} hold no pixel of any class of the legend on the map's grid", labels.display())]
    NoLabels {
        /// The labels.
        labels: PathBuf,
    },
    /// A code in the labels that the legend lacks.
    #[error("the labels {} hold code {code} ({pixels} pixels), which the legend lacks (it has {known}); add it to the legend or to labels.ignore", labels.display())]
    CodeWithoutLegend {
        /// The labels.
        labels: PathBuf,
        /// The code.
        code: u8,
        /// How often it occurs.
        pixels: u64,
        /// The codes of the legend.
        known: String,
    },
    /// Samples none of which can be learnt from.
    #[error("none of {samples} samples can be learnt from: {reasons}")]
    NothingToLearn {
        /// How many there are.
        samples: usize,
        /// Why, with how many each.
        reasons: String,
    },
    /// A split without pixels in one of its parts.
    #[error(
        "no labelled pixel lies in a {part} block; the labelled area of {rows} x {cols} pixels holds too few blocks of {block} pixels: lower split.block_m"
    )]
    EmptyPart {
        /// Training, validation or test.
        part: &'static str,
        /// Rows of the label grid.
        rows: usize,
        /// Columns of the label grid.
        cols: usize,
        /// Side of a block in pixels.
        block: usize,
    },
    /// Folders, files and settings of jobs.
    #[error(transparent)]
    Job(#[from] ecotone_jobs::Error),
    /// Scenes and their series.
    #[error(transparent)]
    Cube(#[from] ecotone_cubes::Error),
    /// Accuracy tables and samples to draw.
    #[error(transparent)]
    Assessment(#[from] ecotone_assessment::Error),
    /// A description that cannot be made.
    #[error(transparent)]
    Core(#[from] ecotone_core::Error),
    /// Rasters, catalogues, vectors, tables.
    #[error(transparent)]
    Io(#[from] ecotone_io::Error),
    /// Samples, forests or legends.
    #[error(transparent)]
    Labeling(#[from] ecotone_labeling::Error),
    /// Accuracy.
    #[error(transparent)]
    Metrics(#[from] ecotone_metrics::Error),
    /// Series, masks, indices.
    #[error(transparent)]
    Preprocessing(#[from] ecotone_preprocessing::Error),
    /// Windows and splits.
    #[error(transparent)]
    Tiling(#[from] ecotone_tiling::Error),
}
