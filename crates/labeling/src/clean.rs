//! Leaving out samples that are probably labelled wrongly, each with the reason why.

mod clusters;
mod confident;
mod outcome;
mod silhouette;

pub use clusters::{ClusterCleaning, ClusterCount, Scaling};
pub use confident::ConfidentJoint;
pub use outcome::{ClassOutcome, Cleaned, Cluster, Dropped, Reason};
pub use silhouette::silhouette;
