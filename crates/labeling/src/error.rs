//! What can be wrong with labels and with what is learnt from them.

use std::path::PathBuf;

/// The result of work on labels.
pub type Result<T> = std::result::Result<T, Error>;

/// Labels, features or parameters that cannot be used, and what was expected instead.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A parameter outside its range.
    #[error("{name} is {value}, expected {expected}")]
    Parameter {
        /// Its name.
        name: &'static str,
        /// The value found.
        value: f64,
        /// The range, in words.
        expected: &'static str,
    },
    /// A class weight that is negative, infinite or not a number.
    #[error("the weight of class {class} is {weight}; a weight is finite and not negative")]
    ClassWeight {
        /// Class index.
        class: usize,
        /// The weight found.
        weight: f64,
    },
    /// Class weights that are not one a class.
    #[error("{found} class weights are given for {classes} classes")]
    ClassWeights {
        /// Number of classes.
        classes: usize,
        /// Weights found.
        found: usize,
    },
    /// A sample weight that is negative, infinite or not a number.
    #[error("the weight of the sample in row {row} is {weight}; a weight is finite and not negative")]
    SampleWeight {
        /// Row of the sample, from 0.
        row: usize,
        /// The weight found.
        weight: f32,
    },
    /// Samples that weigh nothing, one and all.
    #[error("all samples have the weight 0: there is nothing to learn from")]
    NoWeight,
    /// Out-of-bag estimates of trees that learn from every sample.
    #[error("out-of-bag estimates need bootstrap samples: without them every tree sees every sample")]
    NoBag,
    /// A table without rows.
    #[error("there is no sample to learn from")]
    NoSamples,
    /// A table without columns.
    #[error("the samples have no feature")]
    NoFeatures,
    /// More rows, columns or classes than trees can number.
    #[error("{what} are {found}, more than the {most} that a forest can number")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// How many.
        found: usize,
        /// How many could be.
        most: usize,
    },
    /// Labels or weights that are not one a sample.
    #[error("{samples} samples have {found} {what}; there must be one each")]
    Unpaired {
        /// What there is one of a sample.
        what: &'static str,
        /// Rows of features.
        samples: usize,
        /// How many there are.
        found: usize,
    },
    /// A feature that is NaN, infinite, or beyond single precision.
    #[error(
        "feature {column} of row {row} is {value} (both counted from 0); forests take finite numbers only"
    )]
    NotFinite {
        /// Row of the table.
        row: usize,
        /// Column of the table.
        column: usize,
        /// The value found.
        value: f64,
    },
    /// A class index beyond the number of classes.
    #[error("the sample in row {row} is of class {class}, which is none of {classes} classes")]
    Class {
        /// Row of the sample, from 0.
        row: usize,
        /// Class index found.
        class: usize,
        /// Number of classes.
        classes: usize,
    },
    /// Features that are not those of the forest, by their number.
    #[error("the forest learnt from {expected} features, found {found}")]
    Features {
        /// Features that it learnt from.
        expected: usize,
        /// Features found.
        found: usize,
    },
    /// Names that are not one a feature.
    #[error("{found} names are given for {features} features")]
    FeatureNames {
        /// Number of features.
        features: usize,
        /// Names found.
        found: usize,
    },
    /// A class of which cleaning leaves nothing, or that has no sample to begin with.
    #[error("no sample of class `{name}` is left of {samples}: nothing can be learnt about it")]
    EmptyClass {
        /// Its name.
        name: String,
        /// Samples that it had.
        samples: usize,
    },
    /// Probabilities of another number of classes than there are names or labels of.
    #[error("there are {classes} classes, but probabilities of {found}")]
    ProbabilityClasses {
        /// Number of classes.
        classes: usize,
        /// Classes with probabilities.
        found: usize,
    },
    /// A probability outside 0 to 1, or none (NaN).
    #[error("the probability of class {class} in row {row} is {value}, expected 0 to 1")]
    Probability {
        /// Row of the sample, from 0.
        row: usize,
        /// Class index.
        class: usize,
        /// The value found.
        value: f32,
    },
    /// What k-means cannot cluster.
    #[error("clustering the samples of a class")]
    KMeans(#[from] linfa_clustering::KMeansError),
    /// Shares that are not one a class.
    #[error("{found} shares are given for {classes} classes")]
    Shares {
        /// Number of classes.
        classes: usize,
        /// Shares found.
        found: usize,
    },
    /// A share that is negative, infinite or not a number, or shares that are all 0.
    #[error("the share of class {class} is {share}; shares are finite, not negative, and not all 0")]
    Share {
        /// Class index.
        class: usize,
        /// The share found.
        share: f64,
    },
    /// A sample of a class that the legend does not have.
    #[error("the class of sample `{id}`")]
    Code {
        /// The sample.
        id: String,
        /// What the legend says.
        source: ecotone_core::Error,
    },
    /// A sample of which a split would need to know more.
    #[error("sample `{id}` has no {what}: it cannot be split by it")]
    Unknown {
        /// The sample.
        id: String,
        /// What is not known.
        what: &'static str,
    },
    /// Shares of a split that are none.
    #[error("splitting samples")]
    Split(#[from] ecotone_tiling::Error),
    /// A file of samples that is no table.
    #[error("reading {}", path.display())]
    Table {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: ecotone_core::TableError,
    },
    /// A table of samples that cannot be written.
    #[error("{act} {}", path.display())]
    Csv {
        /// What was being done.
        act: &'static str,
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: csv::Error,
    },
    /// A table of samples without places or classes.
    #[error("{} has the columns `{found}`, expected `x,y,code`, `lon,lat,code` or `longitude,latitude,code`", path.display())]
    Columns {
        /// The file.
        path: PathBuf,
        /// Its columns.
        found: String,
    },
    /// A table without a column that was asked for.
    #[error("{} has no column `{column}`; it has `{found}`", path.display())]
    NoColumn {
        /// The file.
        path: PathBuf,
        /// The column.
        column: String,
        /// Its columns.
        found: String,
    },
    /// A table whose places are in no known projection.
    #[error("{} has the columns `x,y`, whose projection must be given", path.display())]
    NoCrs {
        /// The file.
        path: PathBuf,
    },
    /// A cell that is not what its column asks for.
    #[error("{}, line {line}: expected {expected} in column `{column}`, found `{found}`", path.display())]
    Cell {
        /// The file.
        path: PathBuf,
        /// Its line, from 1.
        line: u64,
        /// Name of the column.
        column: String,
        /// What should be there.
        expected: &'static str,
        /// What is there.
        found: String,
    },
    /// Bytes that are no forest.
    #[error("this is not a forest that ecotone wrote")]
    NotAForest,
    /// A forest of another version of the format.
    #[error("the forest is of version {found} of its format, this program reads {expected}")]
    ForestVersion {
        /// Version of the file.
        found: u32,
        /// Version that is read.
        expected: u32,
    },
    /// A forest that is cut short or changed.
    #[error("the forest is cut short or damaged: it is not what was written")]
    DamagedForest,
    /// A forest that could not be loaded.
    #[error("loading the forest {}", path.display())]
    Load {
        /// Its file.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<Error>,
    },
    /// A file that cannot be read or written.
    #[error("{act} {}", path.display())]
    Io {
        /// What was being done.
        act: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A legend of a name that none has.
    #[error("there is no legend `{name}`, expected one of {known}")]
    UnknownLegend {
        /// The name.
        name: String,
        /// Those there are.
        known: String,
    },
    /// A built-in legend that is none.
    #[error("the built-in legend `{name}`")]
    BuiltInLegend {
        /// Its name.
        name: &'static str,
        /// What is wrong with it.
        source: ecotone_core::Error,
    },
    /// Two legends without a crosswalk.
    #[error("there is no crosswalk from `{from}` to `{to}`, only to {known}; another can be read from CSV")]
    NoCrosswalk {
        /// Name of the source legend.
        from: String,
        /// Name of the target legend.
        to: String,
        /// Legends that there are crosswalks to.
        known: String,
    },
    /// A crosswalk that is no table.
    #[error("reading the crosswalk")]
    CrosswalkTable {
        /// What is wrong with it.
        source: ecotone_core::TableError,
    },
    /// A crosswalk without its columns.
    #[error("the crosswalk has the columns `{found}`, expected `from_code,to_code` and perhaps `note`")]
    CrosswalkHeader {
        /// Its columns.
        found: String,
    },
    /// A code of a crosswalk that its legend does not have.
    #[error(
        "crosswalk line {line}: `{found}` in column `{column}` is no class of its legend (it has {valid})"
    )]
    CrosswalkCode {
        /// Its line, from 1.
        line: u64,
        /// Name of the column.
        column: &'static str,
        /// What is there.
        found: String,
        /// What may be there.
        valid: String,
    },
    /// A class that a crosswalk maps twice.
    #[error("crosswalk line {line}: class {code} is already mapped in line {first}")]
    CrosswalkTwice {
        /// The second line, from 1.
        line: u64,
        /// Code of the class.
        code: u8,
        /// The first line.
        first: u64,
    },
    /// Classes that a crosswalk says nothing about.
    #[error("the crosswalk does not say what becomes of {classes}; `drop` drops a class")]
    CrosswalkMissing {
        /// The classes, by code and name.
        classes: String,
    },
    /// Two crosswalks of which the second does not start where the first ends.
    #[error("the second crosswalk does not start where the first ends: only one of them has {classes}")]
    CrosswalksDoNotMeet {
        /// Classes that only one of the two legends has, by code and name.
        classes: String,
    },
    /// A crosswalk without an inverse.
    #[error("the classes {from} all become {to}: there is no one way back")]
    NotOneToOne {
        /// The class that they become.
        to: u8,
        /// The classes.
        from: String,
    },
    /// A nodata value that is a class.
    #[error("the nodata value {code} is a class of the {legend} legend")]
    NodataIsClass {
        /// The value.
        code: u8,
        /// Whether of the source or of the target legend.
        legend: &'static str,
    },
    /// Codes in a map that its legend does not have.
    #[error("no class has the code {}; the codes are {}", counted(.codes), listed(.valid))]
    UnknownCodes {
        /// Each code, with its pixels.
        codes: Vec<(u16, u64)>,
        /// The codes that there may be.
        valid: Vec<u16>,
    },
    /// What linfa finds wrong with a data set.
    #[error("the data set is not sound")]
    DataSet(#[from] linfa::Error),
}

impl Error {
    /// Codes in a map, each with its pixels, that are none of the valid ones.
    pub(crate) fn unknown_codes(
        codes: impl IntoIterator<Item = (u16, u64)>,
        valid: impl IntoIterator<Item = u16>,
    ) -> Self {
        Self::UnknownCodes { codes: codes.into_iter().collect(), valid: valid.into_iter().collect() }
    }
}

fn counted(codes: &[(u16, u64)]) -> String {
    let one = |(code, pixels): &(u16, u64)| match pixels {
        1 => format!("{code} (1 pixel)"),
        _ => format!("{code} ({pixels} pixels)"),
    };
    codes.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn listed(codes: &[u16]) -> String {
    codes.iter().map(u16::to_string).collect::<Vec<_>>().join(", ")
}
