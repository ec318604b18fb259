//! Tables as CSV: rows of a type of one's own, and files that others made.

mod records;
mod rows;

pub use records::{Record, Records, read_records};
pub use rows::{read_csv, stage_csv, write_csv};
