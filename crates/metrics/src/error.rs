//! What can be wrong with counts.

/// The result of counting.
pub type Result<T> = std::result::Result<T, Error>;

/// Counts that cannot be made, and what was expected instead.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A class index that the matrix has no row or column for.
    #[error("class index {index} of the {side} is outside a confusion matrix of {classes} classes")]
    Class {
        /// `map` or `reference`.
        side: &'static str,
        /// The index found.
        index: usize,
        /// Classes of the matrix.
        classes: usize,
    },
    /// A block of ground that is not counted.
    #[error("block {block} (from 0) is none of the {blocks} that are counted")]
    Block {
        /// The number found.
        block: usize,
        /// Blocks that there are.
        blocks: usize,
    },
    /// More pixels than can be counted.
    #[error("block {block} (from 0) has more pixels of a class than 64 bits count")]
    TooManyPixels {
        /// Number of the block.
        block: usize,
    },
    /// Map and reference that do not pair up.
    #[error("comparing {map} map labels with {reference} reference labels; the two must be equally many")]
    Unpaired {
        /// Labels of the map.
        map: usize,
        /// Labels of the reference.
        reference: usize,
    },
    /// Two matrices, or a matrix and a legend, of different sizes.
    #[error("a confusion matrix of {expected} classes does not go with {found} classes")]
    Classes {
        /// Classes of the matrix.
        expected: usize,
        /// Classes of what was to go with it.
        found: usize,
    },
    /// Counts that do not fill a square.
    #[error("a confusion matrix of {classes} classes has {expected} counts, found {found}")]
    Counts {
        /// Classes asked for.
        classes: usize,
        /// Counts needed.
        expected: usize,
        /// Counts found.
        found: usize,
    },
    /// A stratum (or cluster) index beyond the sizes given.
    #[error("stratum {stratum} is not one of the {strata} strata whose sizes are given")]
    Stratum {
        /// The index found.
        stratum: usize,
        /// Strata with a size.
        strata: usize,
    },
    /// Stratum sizes that do not go with the classes of a matrix or with other sizes.
    #[error("expected the sizes of {expected} strata, found {found}")]
    Strata {
        /// Strata needed.
        expected: usize,
        /// Sizes found.
        found: usize,
    },
    /// A size or area that is negative, infinite or not a number.
    #[error("stratum {stratum} has the size {size}; a size is finite and not negative")]
    StratumSize {
        /// The stratum.
        stratum: usize,
        /// Its size.
        size: f64,
    },
    /// Sizes that add up to nothing.
    #[error("the sizes of the strata add up to 0: there is nothing to sample or to estimate")]
    NothingToSample,
    /// Shares of the area that are not all of it.
    #[error("the proportions of the strata add up to {sum}, and must add up to 1")]
    Proportions {
        /// Their sum.
        sum: f64,
    },
    /// A stratum that has an area and no sample unit.
    #[error(
        "stratum {stratum} of size {size} has no sample unit, so nothing can be said about it; \
         sample it, merge it with another stratum, or give it the size 0 to leave its area out"
    )]
    EmptyStratum {
        /// The stratum.
        stratum: usize,
        /// Its size.
        size: f64,
    },
    /// Sample units in a stratum without area.
    #[error("stratum {stratum} has the size 0 but {units} sample units lie in it")]
    NoArea {
        /// The stratum.
        stratum: usize,
        /// Units found in it.
        units: u64,
    },
    /// A sample without a unit.
    #[error("the sample has no unit")]
    EmptySample,
    /// More units than there are.
    #[error("stratum {stratum} has {available} units, fewer than the {asked} asked for or sampled")]
    TooManyUnits {
        /// The stratum; 0 where there is but one.
        stratum: usize,
        /// Units that it has.
        available: u64,
        /// Units asked for or sampled.
        asked: u64,
    },
    /// Too few units for the minimum of each stratum.
    #[error("{asked} units are fewer than {minimum} for each of {strata} strata")]
    Minimum {
        /// Units to allocate.
        asked: f64,
        /// Least units of a stratum.
        minimum: u64,
        /// Strata that are not empty.
        strata: usize,
    },
    /// A design weight that is not a positive number.
    #[error("sample unit {unit} has the weight {weight}; a weight is finite and greater than 0")]
    Weight {
        /// The unit, counted from 0.
        unit: usize,
        /// Its weight.
        weight: f64,
    },
    /// A pass over a raster that saw fewer units than the draw was made from.
    #[error(
        "stratum {stratum} showed {found} units, but the sample was drawn from {expected}; \
         draw it from counts of the same raster"
    )]
    PassEnded {
        /// The stratum or cluster.
        stratum: usize,
        /// Units that the draw was made from.
        expected: u64,
        /// Units seen.
        found: u64,
    },
    /// Too few or too many maps for a series.
    #[error("a series has 2 to 255 maps, found {found}")]
    Maps {
        /// Maps found.
        found: usize,
    },
    /// A window of one map of a series that is not as large as that of the first.
    #[error("map {map} of the series has a window of {found} pixels, the first one of {expected}")]
    SeriesWindow {
        /// Index of the map.
        map: usize,
        /// Pixels of the first map's window.
        expected: usize,
        /// Pixels found.
        found: usize,
    },
    /// A class index that is too large, in one of two or more maps.
    #[error("class index {index} of map {map} (from 0) is none of {classes} classes")]
    MapClass {
        /// Index of the map.
        map: usize,
        /// The class index found.
        index: usize,
        /// Number of classes.
        classes: usize,
    },
    /// An array whose length is not that of its shape.
    #[error("an array of {rows} x {cols} pixels cannot have {found} values")]
    Pixels {
        /// Rows of the shape.
        rows: usize,
        /// Columns of the shape.
        cols: usize,
        /// Values found.
        found: usize,
    },
    /// An inner window with less halo around it than is looked at.
    #[error("the window ({inner}) needs a halo of {halo} pixels within an array of {rows} x {cols}")]
    Halo {
        /// The window whose pixels count.
        inner: ecotone_core::Window,
        /// Pixels needed on each side of it.
        halo: usize,
        /// Rows of the array.
        rows: usize,
        /// Columns of the array.
        cols: usize,
    },
    /// Two accumulators that were set up differently.
    #[error("cannot merge accumulators of unlike {what}: {expected} and {found}")]
    Unlike {
        /// What differs.
        what: &'static str,
        /// Of the accumulator that was to grow.
        expected: f64,
        /// Of the other.
        found: f64,
    },
    /// A number outside the range that it has by its nature.
    #[error("{what} is {value}, expected {expected}")]
    Range {
        /// What the number is.
        what: &'static str,
        /// The number found.
        value: f64,
        /// The range, in words.
        expected: &'static str,
    },
    /// A probability outside 0 to 1, or none (NaN).
    #[error("the probability of class {class} at pixel {pixel} is {value}, expected 0 to 1")]
    Probability {
        /// Class index.
        class: usize,
        /// Index of the pixel in its block.
        pixel: usize,
        /// The value found; percents are divided by 100.
        value: f64,
    },
    /// Probabilities of all classes that do not sum to 1.
    #[error("the probabilities of {classes} classes at pixel {pixel} sum to {sum}, expected 1")]
    ProbabilitySum {
        /// Number of classes.
        classes: usize,
        /// Index of the pixel in its block.
        pixel: usize,
        /// Their sum.
        sum: f64,
    },
    /// Probabilities that are not one a class and pixel.
    #[error("probabilities of {classes} classes at {pixels} pixels are {} values, found {found}", classes * pixels)]
    Probabilities {
        /// Number of classes.
        classes: usize,
        /// Number of pixels.
        pixels: usize,
        /// Values found.
        found: usize,
    },
    /// Pixels without the number of their block.
    #[error("{expected} reference labels need the numbers of as many blocks, found {found}")]
    Blocks {
        /// Labels of the reference.
        expected: usize,
        /// Block numbers found.
        found: usize,
    },
    /// A reference class without a probability.
    #[error("class index {index} of the reference is none of the {classes} classes with probabilities")]
    ProbabilityClass {
        /// The class index found.
        index: usize,
        /// Number of classes.
        classes: usize,
    },
}
