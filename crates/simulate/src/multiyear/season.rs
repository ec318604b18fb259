//! How the years differ: when spring comes, how well plants do, when it is dry, how deep the snow lies.

use crate::noise::{Purpose, bell, hash, ramp, seed_for, smoothstep, uniform};
use crate::season::Seasons;

/// The weather of one year.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Year {
    /// Days by which all seasons are late, -17 to 17, beside the lateness of [`Seasons`].
    pub(crate) late: f32,
    /// Factor on the green of grass and crops.
    vigour: f32,
    /// How dry the summer is, 0 to 1.
    drought: f32,
    /// Metres by which the snow lies higher than usual.
    snow: f32,
}

/// The seasons of the series.
pub(crate) struct Years {
    seed: u64,
    pub(crate) seasons: Seasons,
}

impl Years {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed: seed_for(seed, Purpose::Years), seasons: Seasons::new(seed, 0) }
    }

    /// The weather of a year, counted from the first.
    pub(crate) fn year(&self, year: i32) -> Year {
        let even = |n: i32| uniform(hash(self.seed, year, n));
        Year {
            late: 34.0 * (even(1) - 0.5),
            vigour: 0.76 + 0.30 * even(2),
            drought: even(3),
            snow: 500.0 * (even(5) - 0.5),
        }
    }

    /// Share of full green of grass and crops that a day's year leaves of `green`.
    pub(crate) fn dry(&self, day: f32, green: f32) -> f32 {
        let (number, doy) = self.seasons.year_and_day(day);
        let year = self.year(number);
        let summer = smoothstep(165.0, 205.0, doy) * ramp(285.0, 235.0, doy);
        (green * year.vigour * (1.0 - 0.55 * year.drought * summer)).clamp(0.0, 1.0)
    }

    /// Share of full leaf of trees and shrubs on a day, as [`Seasons::leaf`], with the year's lateness.
    pub(crate) fn leaf(&self, day: f32, start: f32, end: f32, pace: f32, shift: f32) -> f32 {
        let (number, doy) = self.seasons.year_and_day(day);
        let year = self.year(number);
        // A dry summer browns leaves some weeks early.
        let brown = 0.14 * year.drought * smoothstep(200.0, 250.0, doy);
        self.seasons.leaf(day, start, end, pace, shift + year.late) * (1.0 - brown)
    }

    /// Height in metres above which snow lies on the day of scene `number`: lowest in late January, above the summits
    /// from the end of June to the end of September; spells of a fortnight move it by some hundred metres.
    pub(crate) fn snow_line(&self, day: f32, number: usize) -> f32 {
        let (year, doy) = self.seasons.year_and_day(day);
        let spell =
            bell(hash(seed_for(self.seed, Purpose::Snow), (day / 14.0) as i32, number as i32 / 64) as u32);
        let winter = 0.5 + 0.5 * libm::cosf((doy - 32.0) / 365.0 * std::f32::consts::TAU);
        3100.0 - 2150.0 * smoothstep(0.05, 0.95, winter) + self.year(year).snow + 170.0 * spell
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snow_comes_down_in_winter_and_leaves_in_summer() {
        for seed in 1..5 {
            let years = Years::new(seed);
            assert!(years.snow_line(32.0, 3) < 1700.0, "{}", years.snow_line(32.0, 3));
            assert!(years.snow_line(215.0, 21) > 2400.0);
        }
    }

    #[test]
    fn years_differ() {
        let years = Years::new(1);
        let springs: Vec<f32> =
            (0..3).map(|y| years.leaf(365.0 * y as f32 + 118.0, 118.0, 290.0, 7.0, 0.0)).collect();
        assert!(springs.windows(2).all(|w| (w[0] - w[1]).abs() > 0.02), "{springs:?}");
    }
}
