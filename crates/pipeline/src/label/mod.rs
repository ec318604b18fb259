//! Labels to learn from: made, cleaned, drawn, and told by a forest which to look at next.

mod crosswalk;
mod legends;
mod output;
mod patches;
mod pixels;
mod rasterize;

pub use crosswalk::{CrosswalkJob, crosswalk};
pub use legends::{LegendLine, legends};
pub use patches::{PatchesJob, label_patches};
pub use rasterize::{RasterizeJob, rasterize};
