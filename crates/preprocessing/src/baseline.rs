//! Sentinel-2's processing baselines, which say how digital numbers were made.

mod text;

use std::fmt;

/// A Sentinel-2 processing baseline, such as 05.09.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Baseline {
    /// Before the point.
    pub major: u32,
    /// After the point.
    pub minor: u32,
}

impl Baseline {
    /// The first whose digital numbers hold an offset.
    pub const WITH_OFFSET: Self = Self { major: 4, minor: 0 };
}

impl fmt::Display for Baseline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}.{:02}", self.major, self.minor)
    }
}
