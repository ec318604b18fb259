//! Labels to learn from: made, cleaned, drawn, and told by a forest which to look at next.

mod at_pixels;
mod check;
mod clean;
pub(crate) mod confirm;
mod crosswalk;
mod error;
mod forest;
mod learning_set;
mod legends;
mod on_ground;
mod output;
mod patches;
mod pixels;
mod queue;
mod rasterize;
mod samples;
mod stable;
mod tag_filter;

pub use check::{CheckJob, Splitting, check_samples};
pub use clean::{CleanJob, CleanSeries, clean_samples};
pub use crosswalk::{CrosswalkJob, crosswalk};
pub use error::LabelError;
pub use forest::{ForestJob, label_forest};
pub use legends::{LegendLine, legends};
pub use patches::{PatchesJob, label_patches};
pub use queue::{QueueJob, label_queue};
pub use rasterize::{RasterizeJob, rasterize};
pub use samples::{SamplesJob, label_samples};
pub use stable::{StableJob, label_stable};
