//! Active learning: which places an operator should look at next (Settles 2009, a survey).

mod core_set;
mod score;
mod spread;

pub use core_set::{core_set, standardised};
pub use score::{disagreement, entropy, margin};
pub use spread::Spread;
