//! Baselines as catalogues and product names write them.

use super::Baseline;
use crate::{Error, Result};
use std::str::FromStr;

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
