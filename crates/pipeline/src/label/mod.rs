//! Labels to learn from: made, cleaned, drawn, and told by a forest which to look at next.

mod at_pixels;
mod check;
mod clean;
pub(crate) mod confirm;
mod error;
mod legends;
mod pixels;
mod samples;

pub use check::{CheckJob, Splitting, check_samples};
pub use clean::{CleanJob, CleanSeries, clean_samples};
pub use error::LabelError;
pub use legends::{LegendLine, legends};
pub use samples::{SamplesJob, label_samples};
