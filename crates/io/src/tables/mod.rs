//! Tables: those that others made, and whole files of one's own.

mod legend;
mod read;
mod rows;

pub use legend::read_legend;
pub use read::read_table;
pub use rows::{read_csv, stage_csv, write_csv};
