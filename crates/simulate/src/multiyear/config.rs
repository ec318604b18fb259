//! What to simulate of the Alps over several years.

use crate::amazon::ensure_even_size;
use crate::config::ensure;
use crate::schedule::{Series, Site};
use crate::weather::{Climate, CloudCover};
use crate::{Error, Result};
use chrono::{Datelike, NaiveDate};

/// Trentino.
pub(crate) static SITE: Site = Site { latitude: 45.9, orbits: [22, 65], passes: [(10, 10), (10, 20)] };
/// A mean of about 0.4, more in winter; snow is the landscape's own.
pub(crate) const CLIMATE: Climate = Climate {
    cover: CloudCover::LogitNormal { july: -1.0, january: 0.5, deviation: 2.2 },
    cloud_metres: 3000.0,
    snow: false,
    smoke: 0.0,
};

/// What to simulate: some calendar years over a square of an alpine valley and its slopes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MultiyearConfig {
    /// Side of the square area in pixels of 10 m: an even number from 32 to 2048.
    pub size: usize,
    /// Everything random follows from it.
    pub seed: u64,
    /// The first calendar year, 2016 to 2036.
    pub first_year: i32,
    /// How many calendar years: 2 to 5.
    pub years: u32,
    /// Days from one scene to the next, of two orbits in turn: 1 to 60.
    pub revisit_days: u32,
}

impl Default for MultiyearConfig {
    fn default() -> Self {
        Self { size: 512, seed: 1, first_year: 2018, years: 3, revisit_days: 5 }
    }
}

impl MultiyearConfig {
    /// Sees that every field is in range.
    ///
    /// # Errors
    /// Names the first field that is not, with the range.
    pub fn check(&self) -> Result<()> {
        ensure_even_size(self.size)?;
        ensure("first_year", self.first_year, 2016..=2036, "2016 to 2036")?;
        ensure("years", self.years, 2..=5, "2 to 5")?;
        ensure("revisit_days", self.revisit_days, 1..=60, "1 to 60 days")
    }

    /// What the scenes follow from.
    pub(crate) fn series(&self) -> Result<Series> {
        let Self { seed, revisit_days, first_year, .. } = *self;
        let found =
            || Error::Config { field: "first_year", found: first_year.to_string(), expected: "2016 to 2036" };
        let first_of = |year: i32| NaiveDate::from_ymd_opt(year, 1, 1).ok_or_else(found);
        let start = first_of(first_year)?;
        let end = first_of(first_year + self.years as i32)?;
        let days = (end.num_days_from_ce() - start.num_days_from_ce()) as u32;
        Ok(Series { site: &SITE, seed, start, days, revisit_days })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_fields_are_named() {
        let message = |config: MultiyearConfig| config.check().unwrap_err().to_string();
        let base = MultiyearConfig::default;
        base().check().unwrap();
        assert_eq!(message(MultiyearConfig { years: 1, ..base() }), "years is 1, expected 2 to 5");
        assert_eq!(
            message(MultiyearConfig { revisit_days: 0, ..base() }),
            "revisit_days is 0, expected 1 to 60 days"
        );
    }

    #[test]
    fn a_series_is_whole_calendar_years() {
        let series = MultiyearConfig::default().series().unwrap();
        assert_eq!(series.days, 365 + 365 + 366);
    }
}
