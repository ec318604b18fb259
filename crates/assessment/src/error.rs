//! What can be wrong with maps, tables and samples of an assessment.

use std::path::PathBuf;

/// The result of a step of an assessment.
pub type Result<T> = std::result::Result<T, Error>;

/// A map, table or sample that cannot be used, and what was expected.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A flag without another that it needs.
    #[error("{flag} needs {needs}")]
    Flag {
        /// What was typed.
        flag: &'static str,
        /// What it needs.
        needs: &'static str,
    },
    /// A cell that is no such number.
    #[error("{}, line {line}: expected {expected} in column `{column}`, found `{found}`", path.display())]
    Cell {
        /// The table.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// The column's name.
        column: String,
        /// What was expected.
        expected: &'static str,
        /// What stands there.
        found: String,
    },
    /// A table without the columns that it needs.
    #[error("{} has the columns `{found}`, expected {expected}", path.display())]
    Header {
        /// The table.
        path: PathBuf,
        /// Its columns.
        found: String,
        /// What was expected.
        expected: String,
    },
    /// A class twice.
    #[error("{} names class {code} twice as {place}", path.display())]
    CodeTwice {
        /// The table.
        path: PathBuf,
        /// The class.
        code: String,
        /// Row or column.
        place: &'static str,
    },
    /// An error matrix whose rows and columns are not the same classes.
    #[error("{} has {place} {code} but no {other} {code}: an error matrix has a row (map) and a column (reference) for each class", path.display())]
    NotSquare {
        /// The table.
        path: PathBuf,
        /// Row or column.
        place: &'static str,
        /// The other of the two.
        other: &'static str,
        /// The class.
        code: String,
    },
    /// A class or stratum without an area.
    #[error("{} has no area for {what} {code} (it has {known}); give 0 where nothing is mapped so", path.display())]
    AreaMissing {
        /// The areas.
        path: PathBuf,
        /// Class or stratum.
        what: &'static str,
        /// Its code.
        code: String,
        /// Codes with an area.
        known: String,
    },
    /// An area of something that is none of the classes or strata.
    #[error("{} has an area for {code}, which is no {what} (expected {known})", path.display())]
    AreaExtra {
        /// The areas.
        path: PathBuf,
        /// Class or stratum.
        what: &'static str,
        /// The code.
        code: String,
        /// The codes that there are.
        known: String,
    },
    /// A matrix or table without a count or an area.
    #[error("{}: all {what} are 0", path.display())]
    AllZero {
        /// The table.
        path: PathBuf,
        /// Counts or areas.
        what: &'static str,
    },
    /// A code that the legend lacks.
    #[error("the {side} {} holds code {code} ({pixels} of the scored pixels or points), which the legend lacks (it has {known})", path.display())]
    Code {
        /// Map or reference.
        side: &'static str,
        /// The file.
        path: PathBuf,
        /// The code.
        code: String,
        /// How often.
        pixels: u64,
        /// The codes of the legend.
        known: String,
    },
    /// A raster of probabilities with more or fewer bands than classes.
    #[error("{} has {found} bands, expected {expected}: one a class, in the legend's order", path.display())]
    Bands {
        /// The raster.
        path: PathBuf,
        /// Its bands.
        found: usize,
        /// Classes of the legend.
        expected: usize,
    },
    /// A band of probabilities that is named as another class.
    #[error("band {band} of {} is named `{found}`, expected `{expected}`: bands are in the legend's order", path.display())]
    BandOrder {
        /// The raster.
        path: PathBuf,
        /// The band, from 1.
        band: usize,
        /// Its name.
        found: String,
        /// The class that has its place in the legend.
        expected: String,
    },
    /// A band of probabilities that holds no bytes.
    #[error("band {band} of {} is {found}, expected bytes: percents from 0 to 100, 255 for no data", path.display())]
    NoPercents {
        /// The raster.
        path: PathBuf,
        /// The band, from 1.
        band: usize,
        /// Its type.
        found: String,
    },
    /// Percents that are no probabilities.
    #[error("{}: {source}", path.display())]
    Percents {
        /// The raster.
        path: PathBuf,
        /// What is wrong.
        source: ecotone_metrics::Error,
    },
    /// Probabilities and a reference that share no sample.
    #[error("{} and {} share no sample: where the one has a class, the other has no data", path.display(), reference.display())]
    NoProbability {
        /// The raster.
        path: PathBuf,
        /// The reference.
        reference: PathBuf,
    },
    /// A map whose pixels have no size in metres.
    #[error("{} is in {crs}, whose pixels have no one size in metres, which --buffer needs: cut the map, or project it, such as with gdalwarp -t_srs EPSG:32633", path.display())]
    NoMetres {
        /// The map.
        path: PathBuf,
        /// Its system.
        crs: String,
    },
    /// A column that the points lack.
    #[error("{} has no column `{column}` (it has {known}){}", path.display(), nearest.as_ref().map_or_else(String::new, |word| format!("; did you mean `{word}`?")))]
    Column {
        /// The points.
        path: PathBuf,
        /// The column.
        column: String,
        /// Their columns.
        known: String,
        /// The nearest of them.
        nearest: Option<String>,
    },
    /// A cell of a point that cannot be used.
    #[error("point {id} of {}: expected {expected} in column `{column}`, found `{found}`", path.display())]
    Point {
        /// The points.
        path: PathBuf,
        /// The point.
        id: String,
        /// The column.
        column: String,
        /// What was expected.
        expected: &'static str,
        /// What stands there.
        found: String,
    },
    /// Points of which none can be scored.
    #[error("none of the {points} points of {} can be scored on {}: {why}", path.display(), map.display())]
    NoPoint {
        /// The points.
        path: PathBuf,
        /// The map.
        map: PathBuf,
        /// How many there are.
        points: usize,
        /// Why not, with counts.
        why: String,
    },
    /// Two points of a sample without replacement on one pixel.
    #[error("points {first} and {second} of {} lie in the same pixel (row {row}, column {col}); a {design} sample has each pixel once: remove one of them", path.display())]
    SamePixel {
        /// The points.
        path: PathBuf,
        /// The first point.
        first: String,
        /// The second point.
        second: String,
        /// Row of the map, from 0.
        row: i64,
        /// Column of the map, from 0.
        col: i64,
        /// The design.
        design: &'static str,
    },
    /// A stratum without a point.
    #[error("no point of {} lies in stratum {stratum}, {percent:.2} % of the area, so nothing can be said of it; sample it, merge it with another, or give it the area 0 to leave it out", path.display())]
    StratumWithoutPoint {
        /// The points.
        path: PathBuf,
        /// The stratum.
        stratum: String,
        /// Its share.
        percent: f64,
    },
    /// A class of an error matrix that has an area and no count.
    #[error("{} has no sample unit mapped as {stratum}, {percent:.2} % of the area, so nothing can be said of it; sample it, merge it with another, or give it the area 0 to leave it out", path.display())]
    StratumWithoutUnit {
        /// The matrix.
        path: PathBuf,
        /// The class.
        stratum: String,
        /// Its share.
        percent: f64,
    },
    /// A class of an error matrix that has counts and no area.
    #[error("{} has {units} sample units mapped as {stratum}, which has the area 0 in {}", path.display(), areas.display())]
    UnitsWithoutArea {
        /// The matrix.
        path: PathBuf,
        /// The areas.
        areas: PathBuf,
        /// The class.
        stratum: String,
        /// How many.
        units: u64,
    },
    /// A point in a stratum that has no area.
    #[error("point {id} of {} lies in stratum `{stratum}`, which has no area (expected one of {known})", path.display())]
    UnknownStratum {
        /// The points.
        path: PathBuf,
        /// The point.
        id: String,
        /// Its stratum.
        stratum: String,
        /// The strata with an area.
        known: String,
    },
    /// A map and its reference share no scored pixel.
    #[error("the map {} and the reference {} share no pixel with a class of the legend", map.display(), reference.display())]
    NothingToAssess {
        /// The map.
        map: PathBuf,
        /// The reference.
        reference: PathBuf,
    },
    /// Two maps without a pixel that has a class in both.
    #[error("the maps {} and {} share no pixel with a class of the legend", first.display(), second.display())]
    NoSharedPixel {
        /// The one.
        first: PathBuf,
        /// The other.
        second: PathBuf,
    },
    /// Two maps that lie nowhere and differ in size.
    #[error("the maps {} and {} cannot be laid over each other: a raster without georeference is only comparable with one of the same size without it", first.display(), second.display())]
    NoCommonPlace {
        /// The one.
        first: PathBuf,
        /// The other.
        second: PathBuf,
    },
    /// Runs that were tested on other ground.
    #[error("the runs {} and {} were not tested on the same blocks: {difference}; compare runs of one landscape, one split (split.*) and one reference, or give each landscape a run on either side", first.display(), second.display())]
    OtherBlocks {
        /// The one.
        first: PathBuf,
        /// That of the other side which is most like it.
        second: PathBuf,
        /// Where they differ, in words.
        difference: String,
    },
    /// A run that one side names twice.
    #[error("the run {} is named twice on one side: it would count as two trainings; name each run once", run.display())]
    RunTwice {
        /// The run.
        run: PathBuf,
    },
    /// Runs whose maps lack a class at too different shares of the test pixels.
    #[error("{:.1} % of the test pixels have no class on the map of {} and {:.1} % on that of {}: they were not scored on the same pixels; map both with the same scenes and masks", shares[0], first.display(), shares[1], second.display())]
    OtherHoles {
        /// The one.
        first: PathBuf,
        /// The other.
        second: PathBuf,
        /// Of both, in percent.
        shares: [f64; 2],
    },
    /// Counts that add up to more than can be counted.
    #[error("{}: the pixels add up to more than 64 bits count", path.display())]
    TooManyPixels {
        /// The table.
        path: PathBuf,
    },
    /// A map without a pixel to draw.
    #[error("{} has no pixel of any class of the legend to draw a sample from", path.display())]
    NothingToDraw {
        /// The map.
        path: PathBuf,
    },
    /// More units than there are.
    #[error("{asked} {what} are asked for, but {} has {available}", path.display())]
    TooManyUnits {
        /// Pixels, or clusters.
        what: &'static str,
        /// How many.
        asked: u64,
        /// How many there are.
        available: u64,
        /// The map.
        path: PathBuf,
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
