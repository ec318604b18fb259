//! What to simulate of the Amazon.

use crate::config::ensure;
use crate::schedule::{Series, Site};
use crate::weather::{Climate, CloudCover};
use crate::{Error, Result};
use chrono::NaiveDate;

/// Northern Mato Grosso.
pub(crate) static SITE: Site = Site { latitude: -11.8, orbits: [24, 67], passes: [(14, 5), (13, 55)] };
/// Wet from October to April, nearly cloudless in July; smoke in September.
pub(crate) const CLIMATE: Climate = Climate {
    cover: CloudCover::LogitNormal { july: -2.4, january: 3.9, deviation: 1.9 },
    cloud_metres: 2200.0,
    snow: false,
    smoke: 1.4,
};
/// Length of the series in days.
pub(crate) const DAYS: u32 = 365;

/// What to simulate: one year over a square at the arc of deforestation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AmazonConfig {
    /// Side of the square area in pixels of 10 m: an even number from 32 to 2048.
    pub size: usize,
    /// Everything random follows from it.
    pub seed: u64,
    /// First day of the year, 2016 to 2040. The default is the agricultural year 2021/22, 1 August to 31 July, into
    /// which falls the change of Sentinel-2's offset.
    pub start: NaiveDate,
    /// Days from one Sentinel-2 scene to the next, of two orbits in turn: 1 to 120.
    pub revisit_days: u32,
}

impl Default for AmazonConfig {
    fn default() -> Self {
        let start = NaiveDate::from_ymd_opt(2021, 8, 1).unwrap_or(NaiveDate::MIN);
        Self { size: 512, seed: 1, start, revisit_days: 10 }
    }
}

impl AmazonConfig {
    /// Sees that every field is in range.
    ///
    /// # Errors
    /// Names the first field that is not, with the range.
    pub fn check(&self) -> Result<()> {
        ensure_even_size(self.size)?;
        ensure("revisit_days", self.revisit_days, 1..=120, "1 to 120 days")?;
        ensure("start year", chrono::Datelike::year(&self.start), 2016..=2040, "2016 to 2040")
    }

    /// What the scenes follow from.
    pub(crate) fn series(&self) -> Series {
        let Self { seed, start, revisit_days, .. } = *self;
        Series { site: &SITE, seed, start, days: DAYS, revisit_days }
    }
}

/// Pixels of 20 m must fit into the area of those of 10 m.
pub(crate) fn ensure_even_size(size: usize) -> Result<()> {
    const EXPECTED: &str = "an even number of pixels of 10 m, 32 to 2048";
    ensure("size", size, 32..=2048, EXPECTED)?;
    if size.is_multiple_of(2) {
        Ok(())
    } else {
        Err(Error::Config { field: "size", found: size.to_string(), expected: EXPECTED })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_fields_are_named() {
        let message = |config: AmazonConfig| config.check().unwrap_err().to_string();
        let base = AmazonConfig::default;
        base().check().unwrap();
        let expected = "size is 65, expected an even number of pixels of 10 m, 32 to 2048";
        assert_eq!(message(AmazonConfig { size: 65, ..base() }), expected);
        assert_eq!(
            message(AmazonConfig { revisit_days: 0, ..base() }),
            "revisit_days is 0, expected 1 to 120 days"
        );
    }
}
