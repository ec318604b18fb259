//! Accuracy of maps, made by whomever, without networks: assessments, agreements and samples.
//!
//! [`assess`] scores a map against a raster or points and writes tables and a page; with a [`Design`] its figures are estimates
//! with standard errors. [`assess_matrix`] does it from an error matrix and areas. [`agree`] compares maps with each other,
//! [`compare`] the scores of training runs.
//! [`sample_size`] and [`draw_sample`] plan the reference points. The formulas are `ecotone-metrics`'; here they meet files.
//!
//! ```
//! use ecotone_assessment::{AssessJob, Breakdown, Design};
//!
//! let mut job = AssessJob::new("map.tif", "points.gpkg", "legend.csv", "accuracy");
//! job.design = Some(Design::parse("stratified")?);
//! assert!(Design::parse("stratifed").unwrap_err().to_string().contains("did you mean `stratified`?"));
//! assert_eq!(Breakdown::parse("slope=dem.tif")?, Breakdown::Slope("dem.tif".into()));
//! # Ok::<(), ecotone_assessment::Error>(())
//! ```
//!
//! The README scores a map.

mod accuracy;
mod agree;
mod assess;
mod block_table;
mod compare;
mod difference;
mod error;
mod sampling;

pub use accuracy::{AgainstTruth, BINS, HeldOut, Unreached, share, write_confusion, write_tables};
pub use agree::{AgreeJob, agree};
pub use assess::{
    AssessJob, Breakdown, Design, LineJob, MatrixJob, PointCounts, ProbabilityJob, SampleColumns, assess,
    assess_matrix,
};
pub use block_table::{BLOCKS, BlockTable};
pub use compare::{CompareJob, compare};
pub use difference::{DifferenceLine, differences};
pub use error::{Error, Result};
pub use sampling::{
    ChipsJob, DrawJob, Precision, SizeJob, SizeLine, SizePlan, Sizes, draw_sample, sample_size, write_chips,
};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
