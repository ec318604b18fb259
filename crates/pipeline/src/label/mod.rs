//! Labels to learn from: made, cleaned, drawn, and told by a forest which to look at next.

mod forest;
mod legends;
mod pixels;
mod queue;
mod samples;

pub use forest::{ForestJob, label_forest};
pub use legends::{LegendLine, legends};
pub use queue::{QueueJob, label_queue};
