//! What can be wrong with a filter.

/// The result of making a filter.
pub type Result<T> = std::result::Result<T, Error>;

/// A filter that cannot be.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A side that has no middle.
    #[error("the side of a majority filter is {found} pixels, expected an odd number from 1 to 255")]
    Side {
        /// The side.
        found: usize,
    },
}
