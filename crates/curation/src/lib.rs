//! Labels to learn from: made, translated, cleaned, drawn, and told by a forest which to look at next.
//!
//! Jobs that read scenes take a [`Survey`]: a series (`ecotone-cubes`), the labels on its ground, and how its blocks are split.
//! `ecotone-pipeline` makes one of a recipe; a program may fill one in by hand. The others take rasters and tables alone.
//!
//! ```
//! use ecotone_curation::legends;
//!
//! let known = legends()?;
//! let corine = known.iter().find(|line| line.name == "corine").unwrap();
//! assert_eq!(corine.classes, 44);
//! # Ok::<(), ecotone_curation::Error>(())
//! ```

mod at_pixels;
mod blocks;
mod check;
mod clean;
mod confirm;
mod crosswalk;
mod error;
mod fields;
mod forest;
mod labels;
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
mod survey;
mod tag_filter;

pub use blocks::{Drawn, Split, draw_split, write_split};
pub use check::{CheckJob, Splitting, check_samples};
pub use clean::{CleanJob, clean_samples};
pub use confirm::{Confirmed, Confirming, YearSamples, confirmed};
pub use crosswalk::{CrosswalkJob, crosswalk};
pub use error::{Error, Result};
pub use forest::{ForestJob, label_forest};
pub use labels::{LabelFiles, Labels, UNLABELLED, class_codes};
pub use legends::{LegendLine, legends};
pub use patches::{PatchesJob, label_patches};
pub use queue::{QueueJob, label_queue};
pub use rasterize::{RasterizeJob, rasterize};
pub use samples::{SamplesJob, label_samples};
pub use stable::{StableJob, label_stable};
pub use survey::Survey;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
