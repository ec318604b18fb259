//! What is done to maps after a network made them.
//!
//! ```
//! use ecotone_postprocessing::MajorityFilter;
//!
//! let map = [[1, 1, 1], [1, 2, 1], [1, 1, 1]];
//! let mut filter = MajorityFilter::new(3, 3, 0)?;
//! let mut rows: Vec<Vec<u8>> = map.iter().filter_map(|row| filter.push(row)).collect();
//! rows.extend(filter.finish());
//! assert_eq!(rows, [[1, 1, 1]; 3]);
//! # Ok::<(), ecotone_postprocessing::Error>(())
//! ```

mod error;
mod majority;

pub use error::{Error, Result};
pub use majority::MajorityFilter;
