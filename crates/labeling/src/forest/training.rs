//! What trees learn from.

use super::split::Sample;

/// Rows with their classes.
pub(super) struct Training<'a> {
    /// `[row, feature]`.
    pub(super) values: &'a [f32],
    pub(super) features: usize,
    /// Class of each row.
    pub(super) labels: &'a [usize],
    pub(super) classes: usize,
    /// The rows that weigh anything.
    pub(super) samples: &'a [Sample],
}
