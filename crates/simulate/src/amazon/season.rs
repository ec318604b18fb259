//! The year of the southern Amazon: rains, floods, and the calendar of crops.
//!
//! Days count from 1 August, when the agricultural year begins.

use super::cover::{Cover, CropKind, Unit};
use crate::noise::smoothstep;

/// Day of the year of 1 August, from 0.
const FIRST_DAY: f32 = 212.0;

/// Days since the last 1 August of a day of the year (from 0): 0 to 364.
pub(crate) fn day_of_agriculture(day_of_year: f32) -> f32 {
    (day_of_year - FIRST_DAY).rem_euclid(365.0)
}

/// How wet the ground is, 0 to 1: rains from October to early May.
pub(crate) fn wet(day: f32) -> f32 {
    logistic((day - 68.0) / 10.0) * logistic((288.0 - day) / 14.0)
}

/// How high the rivers stand, 0 to 1: highest at the end of March, two months after the heaviest rain.
pub(crate) fn flood(day: f32) -> f32 {
    let away = (day - 238.0) / 62.0;
    libm::expf(-away * away)
}

/// Share of full green of what grows low on a piece of land, 0 to 1.
pub(crate) fn green(unit: &Unit, day: f32) -> f32 {
    let rains = wet(day - 14.0 - 0.5 * unit.late);
    match unit.cover {
        Cover::Soy => soy(unit, day),
        Cover::Crop => crop(unit, day),
        Cover::Wetland => 0.35 + 0.55 * wet(day - 30.0 - unit.late),
        Cover::Pasture => 0.14 + (0.55 + 0.3 * unit.pick(3)) * rains,
        Cover::Felled => 0.10 + 0.6 * smoothstep(90.0, 190.0, day) * rains,
        Cover::Mine | Cover::Sand => 0.1 * rains,
        _ => 0.12 + 0.70 * rains,
    }
}

/// A crop sown on a day: leaves close after `closing` days, and are gone after `gone`.
fn field(day: f32, sown: f32, closing: f32, gone: f32, fall: f32) -> f32 {
    logistic((day - sown - 0.6 * closing) / (0.13 * closing)) * logistic((sown + gone - day) / fall)
}

/// Sown with the first rains of October, harvested in February; on most fields maize follows at once.
fn soy(unit: &Unit, day: f32) -> f32 {
    let sown = 72.0 + unit.late;
    let second = if unit.pick(4) < 0.6 {
        field(day, sown + 122.0, 50.0, 125.0, 8.0)
    } else {
        0.35 * wet(day) * smoothstep(200.0, 240.0, day)
    };
    field(day, sown, 52.0, 108.0, 4.0).max(second).max(0.04)
}

fn crop(unit: &Unit, day: f32) -> f32 {
    let late = unit.late;
    let green = match unit.crop() {
        // Cotton is sown from the end of December on and stands until July.
        CropKind::Cotton => {
            field(day, 148.0 + late, 66.0, 175.0, 7.0).max(0.5 * field(day, 66.0 + late, 30.0, 72.0, 5.0))
        }
        CropKind::Maize => {
            field(day, 78.0 + late, 52.0, 128.0, 8.0).max(0.3 * wet(day) * smoothstep(215.0, 260.0, day))
        }
        CropKind::Beans => {
            field(day, 84.0 + late, 42.0, 88.0, 4.0).max(field(day, 205.0 + late, 42.0, 84.0, 5.0))
        }
    };
    green.max(0.04)
}

fn logistic(x: f32) -> f32 {
    1.0 / (1.0 + libm::expf(-x))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_year_turns() {
        assert_eq!(day_of_agriculture(212.0), 0.0);
        assert_eq!(day_of_agriculture(211.0), 364.0);
        assert!(wet(0.0) < 0.01 && wet(160.0) > 0.95 && wet(350.0) < 0.05);
        assert!(flood(238.0) > 0.99 && flood(60.0) < 0.01);
    }

    #[test]
    fn soy_is_harvested_before_cotton_closes() {
        let unit = |cover, key| Unit::new(1, cover, key);
        for key in 0..40 {
            let soy = unit(Cover::Soy, key);
            assert!(green(&soy, 145.0) > 0.8 && green(&soy, 20.0) < 0.1, "{key}");
            let crop = unit(Cover::Crop, key);
            if crop.crop() == CropKind::Cotton {
                assert!(green(&crop, 270.0) > 0.7, "{key}");
            }
        }
    }
}
