//! What can be wrong with the arguments of a kernel.

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Sizes of which one is 0, or too large for the machine.
    #[error("values of sizes {sizes:?}: each must be at least 1, and all together fit into memory")]
    Size {
        /// The sizes.
        sizes: Vec<usize>,
    },
    /// A slice of another length than its sizes ask for.
    #[error("{what}: {found} numbers, expected {expected}")]
    Length {
        /// What the slice holds.
        what: &'static str,
        /// Its length.
        found: usize,
        /// The length that the sizes ask for.
        expected: usize,
    },
    /// A kernel that cannot go over its input.
    #[error(
        "a convolution of {way} does not fit an input of {space:?} steps, rows and columns with {channels} channels"
    )]
    Fit {
        /// The kernel's sizes and ways.
        way: String,
        /// Steps, rows, columns of the input.
        space: [usize; 3],
        /// Its channels.
        channels: usize,
    },
    /// A word for no instructions.
    #[error("expected what this machine has of portable, avx2 and avx512 ({available}), found `{found}`")]
    UnknownIsa {
        /// The word.
        found: String,
        /// The instructions of this machine.
        available: String,
    },
    /// Instructions that are not to be had.
    #[error("instructions {wanted} are not to be had: this process runs {current}")]
    Isa {
        /// Those asked for.
        wanted: String,
        /// Those in use.
        current: String,
    },
}

/// The result of a kernel.
pub type Result<T> = std::result::Result<T, Error>;
