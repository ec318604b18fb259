//! What to simulate.

use crate::schedule::{EUROPE, Series};
use crate::{Error, Result};
use chrono::{Days, NaiveDate};

/// Days in front of the mapping year that a 46-step series of ten days covers, so that both edges are alike.
const EDGE_DAYS: u64 = 47;

/// What to simulate. The default is two years over 512 x 512 pixels of 20 m.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForestConfig {
    /// Side of the square area in pixels of 20 m: 32 to 2048.
    pub size: usize,
    /// Everything random follows from it.
    pub seed: u64,
    /// Length of the series in years of 365 days: 1 to 10.
    pub years: u32,
    /// First day of the series, 2016 to 2040.
    pub start: NaiveDate,
    /// Days from one scene to the next, of two orbits in turn: 1 to 60. Sentinel-2's is 5 days; more makes a small sample.
    pub revisit_days: u32,
}

impl Default for ForestConfig {
    fn default() -> Self {
        Self { size: 512, seed: 1, years: 2, start: first_of_2021(), revisit_days: 5 }
    }
}

/// The default start. The mapping year in the middle of the two years then spans 2022-01-25, when the offset of
/// -1000 came in.
const fn first_of_2021() -> NaiveDate {
    match NaiveDate::from_ymd_opt(2021, 1, 1) {
        Some(date) => date,
        None => NaiveDate::MIN,
    }
}

impl ForestConfig {
    /// Sees that every field is in range.
    ///
    /// # Errors
    /// Names the first field that is not, with the range.
    pub fn check(&self) -> Result<()> {
        let year = chrono::Datelike::year(&self.start);
        ensure("size", self.size, 32..=2048, "32 to 2048 pixels of 20 m")?;
        ensure("years", self.years, 1..=10, "1 to 10")?;
        ensure("revisit_days", self.revisit_days, 1..=60, "1 to 60 days")?;
        ensure("start year", year, 2016..=2040, "2016 to 2040")
    }

    /// Length of the series in days.
    pub fn days(&self) -> u32 {
        self.years * 365
    }

    /// First day of the mapping year: the 365 days in the middle of the series, whose changes the classes tell.
    pub fn mapping_start(&self) -> NaiveDate {
        self.start + Days::new(self.mapping_day())
    }

    /// First day of the 460 days (46 steps of 10) that surround the mapping year with 47 and 48 days. With
    /// `years` = 1 it lies before the first scene, and those steps are empty.
    pub fn timeline_start(&self) -> NaiveDate {
        self.mapping_start() - Days::new(EDGE_DAYS)
    }

    /// What the scenes follow from.
    pub(crate) fn series(&self) -> Series {
        let Self { seed, start, revisit_days, .. } = *self;
        Series { site: &EUROPE, seed, start, days: self.days(), revisit_days }
    }

    /// Days from the start of the series to the mapping year.
    pub(crate) fn mapping_day(&self) -> u64 {
        u64::from(self.years.saturating_sub(1)) * 365 / 2
    }
}

/// Refuses a value out of its range.
pub(crate) fn ensure<T: PartialOrd + std::fmt::Display>(
    field: &'static str,
    value: T,
    range: std::ops::RangeInclusive<T>,
    expected: &'static str,
) -> Result<()> {
    if range.contains(&value) {
        Ok(())
    } else {
        Err(Error::Config { field, found: value.to_string(), expected })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_series_fits_and_spans_the_change_of_offset() {
        let config = ForestConfig::default();
        config.check().unwrap();
        let end = config.timeline_start() + Days::new(460);
        assert!(config.timeline_start() >= config.start);
        assert!(end <= config.start + Days::new(u64::from(config.days())));
        let change = NaiveDate::from_ymd_opt(2022, 1, 25).unwrap();
        assert!(config.mapping_start() < change && change < end);
    }

    #[test]
    fn bad_fields_are_named() {
        let check = |config: ForestConfig, message: &str| {
            assert_eq!(config.check().unwrap_err().to_string(), message);
        };
        let base = ForestConfig::default;
        check(ForestConfig { size: 8, ..base() }, "size is 8, expected 32 to 2048 pixels of 20 m");
        check(ForestConfig { years: 0, ..base() }, "years is 0, expected 1 to 10");
        check(ForestConfig { revisit_days: 0, ..base() }, "revisit_days is 0, expected 1 to 60 days");
        check(
            ForestConfig { start: NaiveDate::MIN, ..base() },
            "start year is -262143, expected 2016 to 2040",
        );
    }
}
