//! The design of a reference sample: how many units, in which strata, and which ones.

mod allocation;
mod draw;
mod size;
mod systematic;

pub use allocation::Allocation;
pub use draw::{Draw, DrawnUnit, Pass};
pub use size::{anticipated_standard_error, cochran_sample_size, olofsson_sample_size};
pub use systematic::{GridUnit, systematic_grid};

pub(crate) use size::check_sizes;
