//! What burning leaves.

/// A window of burnt pixels, `[y, x]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Burnt {
    /// The code of the last feature that holds the pixel's centre.
    pub codes: Vec<Option<u8>>,
    /// Whether no feature holds the pixel's centre, but one is within the tolerance.
    pub near: Vec<bool>,
}
