//! What can be wrong with a request.

/// A request that the simulator refuses.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A field of a configuration is out of range.
    #[error("{field} is {found}, expected {expected}")]
    Config {
        /// The field's name.
        field: &'static str,
        /// What it was.
        found: String,
        /// What it may be.
        expected: &'static str,
    },
    /// There is no such scene.
    #[error("scene {index} does not exist: the {landscape} has {scenes} scenes")]
    NoSuchScene {
        /// Whose scenes.
        landscape: &'static str,
        /// What was asked for.
        index: usize,
        /// How many there are.
        scenes: usize,
    },
    /// There is no truth of such a year.
    #[error("year {year} is not simulated: the years are {first} to {last}")]
    NoSuchYear {
        /// What was asked for.
        year: i32,
        /// The first that there is.
        first: i32,
        /// The last that there is.
        last: i32,
    },
    /// The legend could not be made.
    #[error("could not make the legend")]
    Legend(#[source] ecotone_core::Error),
}

/// A result of this crate.
pub type Result<T> = std::result::Result<T, Error>;
