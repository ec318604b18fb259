//! Labels to learn from: made, cleaned, drawn, and told by a forest which to look at next.

pub(crate) mod confirm;
mod legends;
mod pixels;

pub use legends::{LegendLine, legends};
