//! What can be wrong with a description.

use crate::TableError;
use chrono::NaiveDate;

/// The result of making a description.
pub type Result<T> = std::result::Result<T, Error>;

/// A description that cannot be made, and what was expected instead.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The values do not fill the array that they are to be.
    #[error("{what} of shape {shape:?} holds {expected} values, found {found}")]
    Length {
        /// Which array.
        what: &'static str,
        /// The shape it was given, slowest axis first.
        shape: Vec<usize>,
        /// The product of the shape.
        expected: usize,
        /// How many values came.
        found: usize,
    },
    /// A transform with no area has no inverse.
    #[error("geotransform {0:?} has no area, so that no world coordinate can be turned into a pixel")]
    Degenerate([f64; 6]),
    /// A window reaches outside its raster.
    #[error("window {window} lies outside a raster of {rows} rows and {cols} columns")]
    Outside {
        /// The window asked for.
        window: crate::Window,
        /// Rows of the raster.
        rows: usize,
        /// Columns of the raster.
        cols: usize,
    },
    /// A resolution that is not a positive number.
    #[error("resolution {0} is not a positive length")]
    Resolution(f64),
    /// A timeline that has no step or no length.
    #[error("timeline from {start} with {steps} steps of {step_days} days is empty or runs off the calendar")]
    Timeline {
        /// First day.
        start: NaiveDate,
        /// Days a step.
        step_days: u32,
        /// Number of steps.
        steps: usize,
    },
    /// A timeline of months that has none.
    #[error("timeline of {steps} calendar months from {start} is empty or runs off the calendar")]
    TimelineMonths {
        /// A day of the first month.
        start: NaiveDate,
        /// Number of months.
        steps: usize,
    },
    /// A timeline of days that do not come one after the other.
    #[error(
        "timeline of the days {}: expected one or more, each after the one before",
        dates.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    )]
    TimelineDates {
        /// The days.
        dates: Vec<NaiveDate>,
    },
    /// A line of a legend that cannot be understood.
    #[error(
        "legend line {line}: expected `code,name,color` with a code of 0 to 255 and a color as #rrggbb, found `{found}`"
    )]
    LegendLine {
        /// Line number, from 1.
        line: u64,
        /// What stands there.
        found: String,
    },
    /// The legend is no table.
    #[error("reading the legend as a table")]
    LegendTable(#[source] TableError),
    /// A legend without the columns it needs.
    #[error("legend has columns `{found}`, expected `code,name,color`")]
    LegendHeader {
        /// The header line.
        found: String,
    },
    /// A legend that says a code twice.
    #[error("legend has code {0} twice")]
    LegendTwice(u8),
    /// A legend with no class.
    #[error("legend has no class")]
    LegendEmpty,
    /// A code that occurs but is not in the legend.
    #[error("class code {code} is not in the legend (it has {known})")]
    UnknownCode {
        /// The code found.
        code: u8,
        /// The codes of the legend, comma-separated.
        known: String,
    },
    /// A band name that its sensor does not have.
    #[error("{sensor} has no band `{name}` (it has {known})")]
    UnknownBand {
        /// The sensor.
        sensor: &'static str,
        /// The name asked for.
        name: String,
        /// The names it has, comma-separated.
        known: String,
    },
    /// A text that names no coordinate reference system.
    #[error("`{0}` names no coordinate reference system; expected `EPSG:<number>` or WKT")]
    Crs(String),
}
