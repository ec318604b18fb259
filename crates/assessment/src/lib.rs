//! Accuracy of maps, made by whomever, without networks: assessments, agreements and samples.

mod accuracy;
mod agree;
mod assess;
mod error;
mod sampling;

pub use accuracy::{AgainstTruth, BINS, share, write_calibration, write_confusion, write_tables};
pub use agree::{AgreeJob, agree};
pub use assess::{
    AssessJob, Breakdown, Design, LineJob, MatrixJob, PointCounts, ProbabilityJob, SampleColumns, assess,
    assess_matrix,
};
pub use error::{Error, Result};
pub use sampling::{
    ChipsJob, DrawJob, Precision, SizeJob, SizeLine, SizePlan, Sizes, draw_sample, sample_size, write_chips,
};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
