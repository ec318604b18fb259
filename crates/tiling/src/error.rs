//! What can be wrong with a division of the ground.

/// The result of dividing or joining.
pub type Result<T> = std::result::Result<T, Error>;

/// A division that cannot be made, and what was expected instead.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A round of cross-validation that there is not.
    #[error("fold {fold} of {folds}: expected at least 3 folds, counted from 0")]
    Fold {
        /// Number of folds.
        folds: usize,
        /// The one that tests.
        fold: usize,
    },
    /// A window or block without a pixel.
    #[error("{what} of 0 pixels cannot cover a map; it needs at least 1")]
    Empty {
        /// `window` or `block`.
        what: &'static str,
    },
    /// What a window reads does not fit the network.
    #[error(
        "a window of {window} pixels with a halo of {halo} reads {read} pixels, which is no multiple of {multiple}; \
         the nearest larger window is {nearest}"
    )]
    Multiple {
        /// Side of the window.
        window: usize,
        /// Its halo.
        halo: usize,
        /// Side of what it reads.
        read: usize,
        /// What that should be a multiple of.
        multiple: usize,
        /// The next window that is one.
        nearest: usize,
    },
    /// A prediction with the wrong number of values.
    #[error("the prediction of {channels} channels for {read} holds {expected} values, found {found}")]
    Prediction {
        /// The window it was read from.
        read: ecotone_core::Window,
        /// Channels of the prediction.
        channels: usize,
        /// Values needed.
        expected: usize,
        /// Values found.
        found: usize,
    },
    /// A prediction that is no number somewhere.
    #[error("the prediction for {read} holds a value that is not finite")]
    NotFinite {
        /// The window it was read from.
        read: ecotone_core::Window,
    },
    /// A window that the stitched region does not wait for: given twice, or not of this region.
    #[error("the window in row {row}, column {col} of the grid of windows was not expected (any more)")]
    Unexpected {
        /// Row of the grid of windows.
        row: i64,
        /// Column of the grid of windows.
        col: i64,
    },
    /// Predictions that never came.
    #[error("{missing} of {windows} windows have no prediction yet")]
    Unfinished {
        /// Windows without one.
        missing: usize,
        /// All windows of the region.
        windows: usize,
    },
    /// A word that names no way to blend.
    #[error("no way to blend is called `{found}`; expected `crop` or `cosine`")]
    Blend {
        /// The word found.
        found: String,
    },
    /// Shares of a split that are no shares.
    #[error(
        "split fractions {train} training, {validation} validation, {test} test: expected shares from 0 to 1 that \
         add up to 1, with some for training"
    )]
    Fractions {
        /// Share for training.
        train: f64,
        /// Share for validation.
        validation: f64,
        /// Share for testing.
        test: f64,
    },
    /// Labels that do not fill the map.
    #[error("a map of {rows} rows and {cols} columns needs {expected} labels, found {found}")]
    Labels {
        /// Rows of the map.
        rows: usize,
        /// Columns of the map.
        cols: usize,
        /// Labels needed.
        expected: usize,
        /// Labels found.
        found: usize,
    },
    /// A label that is no class index.
    #[error("label {label} is no class index; there are {classes} classes, and 255 stands for no label")]
    Label {
        /// The label found.
        label: u8,
        /// Number of classes.
        classes: usize,
    },
    /// A number of a field that its pixels cannot have been counted through to.
    #[error("field {number} among {pixels} pixels: fields are counted through from 1, and 0 stands for none")]
    Field {
        /// The number.
        number: u32,
        /// Pixels of the plane.
        pixels: usize,
    },
    /// More blocks than are told apart.
    #[error(
        "at most 4294967295 blocks are told apart, found {blocks} of {block} pixels a side: take larger ones"
    )]
    TooManyBlocks {
        /// Blocks of the map.
        blocks: usize,
        /// Their side in pixels.
        block: usize,
    },
    /// More pixels than fields can be looked for in.
    #[error(
        "fields are looked for in at most 4294967295 pixels, found {pixels}: split by blocks alone, or take smaller areas"
    )]
    TooManyPixels {
        /// Pixels of the plane.
        pixels: usize,
    },
    /// Fields of other ground than the labels.
    #[error("{expected} labels need as many numbers of fields, found {found}")]
    Fields {
        /// Labels.
        expected: usize,
        /// Numbers of fields.
        found: usize,
    },
}
