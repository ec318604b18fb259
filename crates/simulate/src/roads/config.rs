//! What to simulate of a country with roads.

use crate::Result;
use crate::amazon::ensure_even_size;
use crate::landscape::LandUse;
use crate::schedule::{EUROPE, SceneSpec, Series, spec};
use crate::weather::{Climate, CloudCover, TEMPERATE};
use chrono::NaiveDate;

/// Fields more than forest; towns and roads come on top.
pub(super) const LAND_USE: LandUse = LandUse { forest: 0.27, settled: false };
/// Scenes that somebody has chosen, so with few clouds, but none without.
pub(super) const CLIMATE: Climate =
    Climate { cover: CloudCover::Between(0.04, 0.20), cloud_metres: 2600.0, snow: false, ..TEMPERATE };
/// Days of the year (from 0) of the three scenes: 15 April, 9 July, 2 October.
const DATES: [u32; 3] = [104, 189, 274];

/// What to simulate: three dates of one year over a square with towns and roads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoadsConfig {
    /// Side of the square area in pixels of 10 m: an even number from 32 to 2048.
    pub size: usize,
    /// Everything random follows from it.
    pub seed: u64,
}

impl Default for RoadsConfig {
    fn default() -> Self {
        Self { size: 768, seed: 1 }
    }
}

impl RoadsConfig {
    /// Sees that every field is in range.
    ///
    /// # Errors
    /// Names the field that is not, with the range.
    pub fn check(&self) -> Result<()> {
        ensure_even_size(self.size)
    }

    /// The three scenes in order of time, each with its day of the year (from 0).
    pub(super) fn schedule(&self) -> Vec<(f32, SceneSpec)> {
        let start = NaiveDate::from_ymd_opt(2022, 1, 1).unwrap_or(NaiveDate::MIN);
        let series = Series { site: &EUROPE, seed: self.seed, start, days: 365, revisit_days: 5 };
        // Even numbers are scenes of the orbit that covers the whole area.
        DATES.iter().enumerate().map(|(i, day)| (*day as f32, spec(&series, 2 * i, *day))).collect()
    }
}
