//! How green a cover is on a day: double-logistic seasons and crop calendars.

use crate::noise::{Purpose, hash, ramp, seed_for, smoothstep, uniform};

const YEAR: f32 = 365.0;

/// The season in years of 365 days: how far each year runs ahead or behind.
pub(crate) struct Seasons {
    seed: u64,
    /// Day of the year of the first day of the series, 0 to 364.
    first_day: f32,
}

/// What grows on a parcel in one year.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum CropKind {
    Winter,
    Summer,
    Beet,
    Ley,
}

impl Seasons {
    pub(crate) fn new(seed: u64, first_day: u32) -> Self {
        Self { seed: seed_for(seed, Purpose::Season), first_day: first_day.min(364) as f32 }
    }

    /// Year counted from the first of the series, and day of that year, of a day of the series.
    pub(crate) fn year_and_day(&self, day: f32) -> (i32, f32) {
        let since = day + self.first_day;
        let year = (since / YEAR).floor();
        (year as i32, since - year * YEAR)
    }

    /// Days by which a year's spring (`autumn` false) or autumn is late: within 9 of the mean.
    fn lateness(&self, year: i32, autumn: bool) -> f32 {
        (uniform(hash(self.seed, year, i32::from(autumn))) - 0.5) * 18.0
    }

    /// Share of full leaf of deciduous trees, shrubs and grass: rising logistic times falling one, 0 to 1.
    ///
    /// `start` and `end` are the days of the year of half leaf, `pace` the days of an e-fold, `shift` the stand's own delay.
    pub(crate) fn leaf(&self, day: f32, start: f32, end: f32, pace: f32, shift: f32) -> f32 {
        let (year, doy) = self.year_and_day(day);
        let rise = logistic((doy - start - shift - self.lateness(year, false)) / pace);
        let fall = logistic((end + 0.5 * shift + self.lateness(year, true) - doy) / (1.4 * pace));
        rise * fall
    }

    /// What a parcel grows in a year of harvest.
    pub(crate) fn crop(&self, parcel: u64, year: i32) -> CropKind {
        match (uniform(hash(self.seed ^ parcel, year, 7)) * 100.0) as u32 {
            0..48 => CropKind::Winter,
            48..74 => CropKind::Summer,
            74..86 => CropKind::Beet,
            _ => CropKind::Ley,
        }
    }

    /// Share of full green of a parcel, 0 to 1: this year's crop, and the next one's seedlings in autumn.
    pub(crate) fn field(&self, day: f32, parcel: u64, shift: f32) -> f32 {
        let (year, doy) = self.year_and_day(day);
        let late = shift + self.lateness(year, false);
        let season = |rise: f32, fall: f32, pace: f32| {
            logistic((doy - rise - late) / pace) * ramp(fall + late, fall + late - 14.0, doy)
        };
        let now = match self.crop(parcel, year) {
            CropKind::Winter => (0.30 * ramp(210.0, 60.0, doy)).max(season(88.0, 200.0, 11.0)),
            CropKind::Summer => season(163.0, 272.0, 9.0),
            CropKind::Beet => season(158.0, 300.0, 10.0),
            CropKind::Ley => 0.35 + 0.6 * season(95.0, 310.0, 14.0),
        };
        let next = match self.crop(parcel, year + 1) {
            CropKind::Winter => 0.32 * smoothstep(275.0, 325.0, doy),
            CropKind::Ley => 0.4 * smoothstep(260.0, 320.0, doy),
            CropKind::Summer | CropKind::Beet => 0.0,
        };
        now.max(next).min(1.0)
    }

    /// Share of full green of a meadow, cut two or three times a summer.
    pub(crate) fn meadow(&self, day: f32, meadow: u64, shift: f32) -> f32 {
        let (year, doy) = self.year_and_day(day);
        let season = 0.25 + 0.75 * self.leaf(day, 92.0, 298.0, 12.0, shift);
        let pick = |cut: i32| uniform(hash(self.seed ^ meadow, year, cut));
        let cuts = [145.0 + 25.0 * pick(1), 198.0 + 25.0 * pick(2), 245.0 + 25.0 * pick(3)];
        let count = if pick(4) < 0.3 { 3 } else { 2 };
        let stubble =
            cuts[..count].iter().map(|cut| if doy < *cut { 0.0 } else { 0.55 * ramp(cut + 32.0, *cut, doy) });
        season * (1.0 - stubble.fold(0.0, f32::max))
    }
}

fn logistic(x: f32) -> f32 {
    1.0 / (1.0 + libm::expf(-x))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_come_and_go_and_years_differ() {
        let seasons = Seasons::new(3, 0);
        let leaf = |day: f32| seasons.leaf(day, 118.0, 290.0, 8.0, 0.0);
        for year in [0.0, 365.0] {
            assert!(leaf(year + 200.0) > 0.95 && leaf(year + 15.0) < 0.02 && leaf(year + 355.0) < 0.05);
        }
        assert_ne!(leaf(118.0), leaf(365.0 + 118.0));
    }

    #[test]
    fn fields_are_bare_and_green_in_a_year() {
        let seasons = Seasons::new(3, 0);
        for parcel in 0..50u64 {
            let series: Vec<f32> = (0..365).map(|day| seasons.field(day as f32, parcel, 0.0)).collect();
            assert!(series.iter().all(|g| (0.0..=1.0).contains(g)));
            assert!(series.iter().copied().fold(0.0, f32::max) > 0.7, "parcel {parcel} never greens");
        }
    }

    #[test]
    fn a_series_may_begin_in_any_season() {
        let seasons = Seasons::new(3, 200);
        assert_eq!(seasons.year_and_day(0.0), (0, 200.0));
        assert_eq!(seasons.year_and_day(165.0), (1, 0.0));
        assert_eq!(seasons.year_and_day(-201.0), (-1, 364.0));
    }
}
