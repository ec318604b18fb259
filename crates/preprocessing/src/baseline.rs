//! Sentinel-2's processing baselines, which say how digital numbers were made.

use crate::{Error, Result};
use std::fmt;
use std::str::FromStr;

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

impl FromStr for Baseline {
    type Err = Error;

    /// Reads `04.00`, and `N0400` as in product names.
    fn from_str(text: &str) -> Result<Self> {
        let trimmed = text.trim();
        let parts = match trimmed.strip_prefix(['N', 'n']) {
            Some(digits) if digits.len() == 4 && digits.is_ascii() => Some(digits.split_at(2)),
            Some(_) => None,
            None => trimmed.split_once('.'),
        };
        parts
            .and_then(|(major, minor)| Some(Self { major: major.parse().ok()?, minor: minor.parse().ok()? }))
            .ok_or_else(|| Error::Baseline { found: text.to_owned() })
    }
}

impl fmt::Display for Baseline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}.{:02}", self.major, self.minor)
    }
}
