//! Tables: those that others made, and whole files of one's own.

mod legend;
mod read;
mod write;

pub use legend::read_legend;
pub use read::read_table;
pub use write::{stage_csv, write_csv};
