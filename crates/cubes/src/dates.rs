//! Stretches of days that a job takes scenes from.

use crate::Result;
use chrono::{NaiveDate, TimeDelta};
use ecotone_jobs::Error as JobError;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Days from one to another, both included, written `2021-03-01/2021-10-31` (or `2021-03-01` for a single day).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dates {
    /// The first day.
    pub first: NaiveDate,
    /// The last day.
    pub last: NaiveDate,
}

impl Dates {
    /// From the text of `inputs.dates`.
    pub fn parse(text: &str) -> Result<Self> {
        let (first, last) = text.split_once('/').unwrap_or((text, text));
        match (first.trim().parse(), last.trim().parse()) {
            (Ok(first), Ok(last)) if first <= last => Ok(Self { first, last }),
            _ => Err(JobError::Value {
                key: "inputs.dates",
                found: format!("`{text}`"),
                expected: "FIRST/LAST, such as 2021-03-01/2021-10-31".to_owned(),
            }
            .into()),
        }
    }

    /// The same days some time later.
    pub fn moved(self, by: TimeDelta) -> Self {
        Self { first: self.first + by, last: self.last + by }
    }
}

impl fmt::Display for Dates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.first, self.last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_days() {
        let days = Dates::parse("2021-03-01/2021-10-31").unwrap();
        assert_eq!(days.to_string(), "2021-03-01/2021-10-31");
        assert_eq!(Dates::parse("2021-03-01").unwrap().to_string(), "2021-03-01/2021-03-01");
        assert_eq!(days.moved(TimeDelta::days(365)).to_string(), "2022-03-01/2022-10-31");
        for bad in ["2021", "2021-03-01/", "2021-10-31/2021-03-01", "2021-13-01/2021-10-31"] {
            let message = Dates::parse(bad).unwrap_err().to_string();
            assert!(message.contains("inputs.dates") && message.contains(bad), "{message}");
        }
    }
}
