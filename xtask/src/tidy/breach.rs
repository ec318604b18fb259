//! One broken rule: where, and which.

use std::fmt;

/// What `tidy` prints as a line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Breach {
    pub(super) place: String,
    pub(super) rule: String,
}

impl Breach {
    pub(super) fn new(place: impl fmt::Display, rule: impl Into<String>) -> Self {
        Self { place: place.to_string(), rule: rule.into() }
    }
}
