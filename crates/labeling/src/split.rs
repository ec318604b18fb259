//! Which samples are learnt from and which are judged on, and whether the two know each other.

mod leaks;
mod parts;

pub use leaks::LeakReport;
pub use parts::{SampleBlocks, split_by_blocks, split_by_group, split_by_year, widen_gap};
