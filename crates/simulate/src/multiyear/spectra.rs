//! Surface reflectances of an alpine valley in the ten land bands of Sentinel-2.
//!
//! Round values of what Level-2A products show over the southern Alps; none is copied from a scene.

use super::cover::{Cover, Unit};
use super::season::Years;
use crate::noise::smoothstep;
use crate::spectra::{
    BROADLEAF, BUILT, CLEAR_WATER, CONIFER, CROP, Cycle, GRASS, ROAD, SHRUB, SLASH, Spectrum, TURBID_WATER,
    UNDERSTOREY, blend,
};

/// Mat grass and sedges, straw-coloured after the snow.
#[expect(clippy::approx_constant, reason = "a reflectance, not 1 / pi")]
const ALPINE_GRASS: Cycle = Cycle {
    low: [0.052, 0.077, 0.088, 0.124, 0.168, 0.186, 0.204, 0.219, 0.262, 0.180],
    high: [0.033, 0.069, 0.046, 0.112, 0.248, 0.300, 0.318, 0.330, 0.225, 0.122],
};
/// Limestone, dolomite and porphyry, weathered.
const ROCK: Spectrum = [0.128, 0.148, 0.166, 0.178, 0.188, 0.196, 0.203, 0.209, 0.238, 0.212];
const SCREE: Spectrum = [0.138, 0.162, 0.183, 0.196, 0.206, 0.214, 0.221, 0.227, 0.262, 0.232];
const QUARRY: Spectrum = [0.146, 0.173, 0.200, 0.215, 0.225, 0.233, 0.240, 0.246, 0.286, 0.256];
const GRAVEL: Spectrum = [0.136, 0.162, 0.184, 0.198, 0.208, 0.216, 0.223, 0.229, 0.268, 0.238];
const ROOF_TILES: Spectrum = [0.082, 0.098, 0.130, 0.146, 0.166, 0.180, 0.192, 0.204, 0.250, 0.222];
const SHED: Spectrum = [0.165, 0.178, 0.188, 0.196, 0.206, 0.213, 0.220, 0.227, 0.236, 0.212];

/// Courses of crops.
const COURSES: u64 = 4;

/// What a piece of land shows of itself on a day.
pub(crate) struct Look {
    /// Between its taller plants.
    pub(crate) low: Spectrum,
    /// The taller plants.
    pub(crate) tall: Spectrum,
}

impl Look {
    /// Of a unit on a day of the series.
    pub(crate) fn new(unit: &Unit, day: f32, years: &Years) -> Self {
        let tint = |s: Spectrum| -> Spectrum {
            std::array::from_fn(|b| match b {
                4..=7 => s[b] * unit.tint[0] * unit.tint[1],
                8.. => s[b] * unit.tint[0] * unit.tint[2],
                _ => s[b] * unit.tint[0],
            })
        };
        Self { low: tint(low(unit, day, years)), tall: tint(tall(unit, day, years)) }
    }
}

fn meadow(unit: &Unit, day: f32, years: &Years) -> f32 {
    let late = unit.late + years.year(years.seasons.year_and_day(day).0).late;
    years.dry(day, years.seasons.meadow(day, unit.key, late))
}

fn alpine(unit: &Unit, day: f32, years: &Years) -> f32 {
    0.06 + years.dry(day, 0.86 * years.leaf(day, 112.0, 285.0, 11.0, unit.late))
}

/// Fields rotate in a few courses, so that a year sees some of the crops only, each on many fields.
fn field(unit: &Unit, day: f32, years: &Years) -> f32 {
    let late = unit.late + years.year(years.seasons.year_and_day(day).0).late;
    let course = (COURSES as f32 * unit.pick(1)) as u64;
    years.dry(day, years.seasons.field(day, course, late))
}

fn low(unit: &Unit, day: f32, years: &Years) -> Spectrum {
    let herbs = |unit: &Unit| GRASS.at(meadow(unit, day, years));
    match unit.cover {
        Cover::Roof if unit.pick(1) < 0.25 => SHED,
        Cover::Roof => blend(&ROOF_TILES, &BUILT, unit.pick(2)),
        Cover::Street => ROAD,
        Cover::Garden => blend(&herbs(unit), &BUILT, 0.15 + 0.35 * unit.pick(2)),
        Cover::Meadow | Cover::Orchard => herbs(unit),
        Cover::Vineyard => blend(&herbs(unit), &CROP.low, 0.35 + 0.35 * unit.pick(2)),
        Cover::Field => CROP.at(field(unit, day, years)),
        Cover::Clearing | Cover::Young => {
            let green = smoothstep(60.0, 560.0, day - unit.born);
            blend(&SLASH, &GRASS.at(alpine(unit, day, years)), 0.25 + 0.65 * green)
        }
        Cover::Pasture | Cover::Shrub => ALPINE_GRASS.at(alpine(unit, day, years)),
        Cover::Rock => ROCK,
        Cover::Scree => blend(&SCREE, &ROCK, 0.6 * unit.pick(2)),
        Cover::Quarry => blend(&QUARRY, &SCREE, unit.pick(2)),
        Cover::Bar => blend(&GRAVEL, &TURBID_WATER, 0.25 * unit.pick(2) + 0.3 * flood(day, years)),
        Cover::Broadleaf | Cover::Conifer => UNDERSTOREY.at(years.leaf(day, 108.0, 290.0, 10.0, unit.late)),
        Cover::Water => blend(&CLEAR_WATER, &TURBID_WATER, 0.3 + 0.5 * flood(day, years)),
    }
}

fn tall(unit: &Unit, day: f32, years: &Years) -> Spectrum {
    let leaf = |start, end, pace| years.leaf(day, start, end, pace, unit.late);
    let broadleaf = || BROADLEAF.at(leaf(116.0, 292.0, 8.0));
    let conifer = || CONIFER.at(leaf(122.0, 288.0, 20.0));
    match unit.cover {
        // Stands of the one have trees of the other, up to nearly half.
        Cover::Broadleaf => blend(&broadleaf(), &conifer(), 0.44 * unit.pick(3)),
        // Larches lose their needles.
        Cover::Conifer => blend(&conifer(), &broadleaf(), 0.44 * unit.pick(3)),
        // Green alder, dwarf pine and juniper.
        Cover::Shrub => {
            blend(&SHRUB.at(leaf(114.0, 285.0, 9.0)), &conifer(), 0.7 * unit.pick(3) * unit.pick(4))
        }
        Cover::Orchard | Cover::Garden | Cover::Meadow => broadleaf(),
        Cover::Vineyard => SHRUB.at(leaf(128.0, 295.0, 9.0)),
        Cover::Rock | Cover::Scree => ALPINE_GRASS.at(alpine(unit, day, years)),
        _ => SHRUB.at(leaf(112.0, 290.0, 9.0)),
    }
}

/// How high the river stands, 0 to 1: snow melts in May and June, and it rains in October and November.
fn flood(day: f32, years: &Years) -> f32 {
    let (_, doy) = years.seasons.year_and_day(day);
    let peak = |middle: f32, width: f32| {
        let away = (doy - middle) / width;
        libm::expf(-away * away)
    };
    peak(155.0, 35.0).max(0.7 * peak(305.0, 22.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ndvi(s: &Spectrum) -> f32 {
        (s[7] - s[2]) / (s[7] + s[2])
    }

    #[test]
    fn a_clearing_greens() {
        let years = Years::new(1);
        let unit = Unit::new(1, Cover::Clearing, 7, 5, 0.0);
        let (fresh, old) = (Look::new(&unit, 200.0, &years), Look::new(&unit, 930.0, &years));
        assert!(ndvi(&fresh.low) + 0.08 < ndvi(&old.low));
    }

    #[test]
    fn stones_look_alike() {
        for other in [SCREE, QUARRY, GRAVEL] {
            let far = (0..10).map(|b| (ROCK[b] / other[b] - 1.0).abs()).fold(0.0, f32::max);
            assert!((0.02..0.25).contains(&far), "{far}");
        }
    }
}
