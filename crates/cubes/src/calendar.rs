//! Steps of a series that follow the calendar.

use chrono::{NaiveDate, TimeDelta};
use serde::{Deserialize, Serialize};

/// Steps that are no equal numbers of days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Calendar {
    /// Calendar months, from that of the first day.
    Months,
    /// These days, each a step of its own; what was taken on others is left out.
    Dates(Vec<NaiveDate>),
}

impl Calendar {
    /// The same some time later.
    pub(crate) fn moved(self, by: TimeDelta) -> Self {
        match self {
            Self::Months => Self::Months,
            Self::Dates(dates) => Self::Dates(dates.into_iter().map(|day| day + by).collect()),
        }
    }
}
