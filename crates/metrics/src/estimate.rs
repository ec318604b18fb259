//! Accuracy and area estimated from a probability sample, with standard errors and confidence intervals.

mod assessment;
mod bootstrap;
mod interval;
mod mcnemar;
mod normal;
mod omission;
mod paired;
mod sampled;
mod strata;
mod units;

pub use assessment::Assessment;
pub use bootstrap::Bootstrap;
pub use interval::{Estimate, Interval, wilson_interval};
pub use mcnemar::McNemar;
pub use paired::Paired;
pub use strata::{Estimator, Strata};
pub use units::{ClusterUnit, PairedUnit, SampleUnit};

pub(crate) use normal::normal_quantile;
