//! Confusion matrices and map accuracy.
//!
//! A [`ConfusionMatrix`] counts pixels or samples, **rows = map, columns = reference**, and answers with the usual
//! agreement measures; [`ClassScores`] is its table, one line a class. A measure whose denominator is zero is
//! `None`, never 0 or NaN. Counts come as class indices: turning codes on disk into indices is the business of
//! [`ecotone_core::Legend`].
//!
//! ```
//! use ecotone_metrics::ConfusionMatrix;
//!
//! let map = [0, 0, 1, 1, 2, 255];
//! let reference = [0, 1, 1, 1, 255, 0];
//! let mut matrix = ConfusionMatrix::new(3);
//! matrix.add_many(&map, &reference)?; // 255 on either side is left out
//!
//! assert_eq!(matrix.total(), 4);
//! assert_eq!(matrix.count(0, 1), 1);
//! assert_eq!(matrix.overall_accuracy(), Some(0.75));
//! assert_eq!(matrix.users_accuracy(0), Some(0.5));
//! assert_eq!(matrix.producers_accuracy(2), None);
//! # Ok::<(), ecotone_metrics::Error>(())
//! ```

mod confusion;
mod error;
mod scores;

pub use confusion::{ConfusionMatrix, IGNORE};
pub use error::{Error, Result};
pub use scores::ClassScores;
