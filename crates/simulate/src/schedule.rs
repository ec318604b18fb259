//! When scenes are taken, by which satellite, from which orbit, and under which processing baseline.

use crate::noise::{Purpose, hash, seed_for, uniform};
use crate::sun::{Sun, sun_at};
use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, Utc};

/// DN that stands for one unit of reflectance.
pub(crate) const QUANTIFICATION: f32 = 10_000.0;
/// Processing baselines of Sentinel-2 and the day from which scenes carry them.
const BASELINES: [(&str, i32, u32, u32); 7] = [
    ("02.08", 2016, 1, 1),
    ("02.14", 2020, 2, 4),
    ("03.00", 2021, 3, 30),
    ("03.01", 2021, 6, 30),
    ("04.00", 2022, 1, 25),
    ("05.09", 2022, 12, 6),
    ("05.10", 2023, 12, 13),
];

/// A place on Earth as its satellites see it.
pub(crate) struct Site {
    /// Degrees north.
    pub(crate) latitude: f64,
    /// The two relative orbits, in turn. The first covers the whole area, the second leaves a slanted corner out.
    pub(crate) orbits: [u16; 2],
    /// Hour and minute (UTC) of the two orbits' passes.
    pub(crate) passes: [(u32, u32); 2],
}

/// What the scenes of a landscape follow from.
pub(crate) struct Series {
    pub(crate) site: &'static Site,
    pub(crate) seed: u64,
    /// First day.
    pub(crate) start: NaiveDate,
    /// Days from the first scene to the end.
    pub(crate) days: u32,
    /// Days between scenes.
    pub(crate) revisit_days: u32,
}

/// Central Europe.
pub(crate) static EUROPE: Site = Site { latitude: 49.6, orbits: [79, 122], passes: [(10, 5), (9, 55)] };

/// What is known of a scene before its pixels.
#[derive(Debug, Clone, PartialEq)]
pub struct SceneSpec {
    /// Unique name, such as `S2A_SIM_20210103T100500_N0214_R079`.
    pub id: String,
    /// When it was taken.
    pub datetime: DateTime<Utc>,
    /// `sentinel-2a` or `sentinel-2b`.
    pub platform: &'static str,
    /// Relative orbit, such as 79.
    pub relative_orbit: u16,
    /// Processing baseline, such as `04.00`.
    pub processing_baseline: &'static str,
    /// Degrees clockwise from north.
    pub sun_azimuth: f64,
    /// Degrees above the horizon.
    pub sun_elevation: f64,
    /// BOA_ADD_OFFSET in DN: -1000 from baseline 04.00 on, else 0. Reflectance is `(DN + offset) / 10000`.
    pub offset: i16,
}

impl SceneSpec {
    /// Factor from DN to reflectance, as STAC's `raster:bands` gives it.
    pub const SCALE: f64 = 1e-4;

    /// What to add after scaling, as STAC's `raster:bands` gives it: 0 or -0.1.
    pub fn reflectance_offset(&self) -> f64 {
        f64::from(self.offset) / 10_000.0
    }
}

/// The scenes of a series in order of time, each with its day of the series.
pub(crate) fn schedule(series: &Series) -> Vec<(f32, SceneSpec)> {
    let days = (0..series.days).step_by(series.revisit_days as usize);
    days.enumerate().map(|(number, day)| (day as f32, spec(series, number, day))).collect()
}

/// The scene of a day of the series.
pub(crate) fn spec(series: &Series, number: usize, day: u32) -> SceneSpec {
    let date = series.start + Days::new(u64::from(day));
    let relative_orbit = series.site.orbits[number % 2];
    // The eastern orbit passes ten minutes before the western one; a pass wanders by seconds.
    let (hour, minute) = series.site.passes[number % 2];
    let solar_hour = if number.is_multiple_of(2) { 11.2 } else { 11.0 };
    let wander = (uniform(hash(seed_for(series.seed, Purpose::Weather), number as i32, -3)) * 240.0) as i64;
    let time = NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or_default() + TimeDelta::seconds(wander);
    let datetime = date.and_time(time).and_utc();
    let Sun { azimuth, elevation } = sun_at(series.site.latitude, date.ordinal(), solar_hour);
    let processing_baseline = baseline(date);
    let (letter, platform) =
        if (number / 2).is_multiple_of(2) { ("A", "sentinel-2a") } else { ("B", "sentinel-2b") };
    let id = format!(
        "S2{letter}_SIM_{}_N{}_R{relative_orbit:03}",
        datetime.format("%Y%m%dT%H%M%S"),
        processing_baseline.replace('.', "")
    );
    let offset = if processing_baseline < "04.00" { 0 } else { -1000 };
    SceneSpec {
        id,
        datetime,
        platform,
        relative_orbit,
        processing_baseline,
        sun_azimuth: azimuth,
        sun_elevation: elevation,
        offset,
    }
}

fn baseline(date: NaiveDate) -> &'static str {
    let since = |b: &&(&str, i32, u32, u32)| (b.1, b.2, b.3) <= (date.year(), date.month(), date.day());
    BASELINES.iter().rev().find(since).map_or(BASELINES[0].0, |b| b.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ForestConfig;
    use std::collections::BTreeSet;

    #[test]
    fn two_years_of_five_days_from_two_orbits() {
        let scenes = schedule(&ForestConfig::default().series());
        assert_eq!(scenes.len(), 146);
        let ids: BTreeSet<&str> = scenes.iter().map(|(_, s)| s.id.as_str()).collect();
        assert_eq!(ids.len(), scenes.len());
        assert!(scenes.windows(2).all(|w| w[0].1.datetime < w[1].1.datetime));
        assert_eq!(scenes.iter().filter(|(_, s)| s.relative_orbit == 79).count(), 73);
    }

    #[test]
    fn the_offset_follows_the_baseline() {
        for (_, scene) in schedule(&ForestConfig::default().series()) {
            let late = scene.datetime.date_naive() >= NaiveDate::from_ymd_opt(2022, 1, 25).unwrap();
            assert_eq!(scene.offset, if late { -1000 } else { 0 }, "{}", scene.id);
            assert_eq!(scene.reflectance_offset(), if late { -0.1 } else { 0.0 });
            assert!((10.0..65.0).contains(&scene.sun_elevation));
        }
    }
}
