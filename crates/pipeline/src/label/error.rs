//! What can be wrong with samples and with what is asked of them.

use std::path::PathBuf;

/// Samples that a job cannot go on with.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LabelError {
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
}
