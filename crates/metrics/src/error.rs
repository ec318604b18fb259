//! What can be wrong with counts.

/// The result of counting.
pub type Result<T> = std::result::Result<T, Error>;

/// Counts that cannot be made, and what was expected instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
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
}
