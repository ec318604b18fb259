//! Clouds, their shadows, cirrus, haze and snow of one scene.

use crate::noise::{Purpose, bell, field, fractal, hash, mix, quantile, ramp, seed_for, smoothstep, uniform};
use crate::schedule::SceneSpec;

/// What the sky of a region does.
pub(crate) struct Climate {
    pub(crate) cover: CloudCover,
    /// Width of the largest clouds in metres.
    pub(crate) cloud_metres: f32,
    /// Whether snow falls in the cold half of the year.
    pub(crate) snow: bool,
    /// Smoke of the burning season (September in the southern tropics), in units of the haze spectrum.
    pub(crate) smoke: f32,
}

/// Share of the sky under cloud.
#[derive(Clone, Copy)]
pub(crate) enum CloudCover {
    /// Logit-normal, so that clear and overcast days are both common: the mean in July, what January adds, the deviation.
    LogitNormal { july: f32, january: f32, deviation: f32 },
    /// Even between two shares: scenes that somebody has chosen.
    Between(f32, f32),
}

/// Central Europe: a mean of about 0.55.
pub(crate) const TEMPERATE: Climate = Climate {
    cover: CloudCover::LogitNormal { july: 0.05, january: 0.75, deviation: 2.3 },
    cloud_metres: 3600.0,
    snow: true,
    smoke: 0.0,
};

/// Side of a cell of the weather grids, in pixels of 20 m.
const CELL: usize = 2;

/// The sky over the area at the time of a scene; all shares are 0 to 1.
pub(crate) struct Weather {
    cloud: Grid,
    shadow: Grid,
    cirrus: Grid,
    /// Aerosol left in the reflectance, in units of the haze spectrum.
    haze: Grid,
    /// Height in metres above which snow lies.
    pub(crate) snow_line: f32,
}

/// The sky over one pixel.
#[derive(Clone, Copy)]
pub(crate) struct Sky {
    pub(crate) cloud: f32,
    pub(crate) shadow: f32,
    pub(crate) cirrus: f32,
    pub(crate) haze: f32,
}

impl Weather {
    /// The sky of a scene on a day of the year, over `size` pixels of 20 m a side.
    pub(crate) fn new(
        seed: u64,
        number: usize,
        day_of_year: f32,
        scene: &SceneSpec,
        size: usize,
        climate: &Climate,
    ) -> Self {
        let own = hash(seed_for(seed, Purpose::Weather), number as i32, 0);
        let pick = |n: u64| uniform(mix(own ^ n));
        let winter = 0.5 + 0.5 * libm::cosf((day_of_year - 15.0) / 365.0 * std::f32::consts::TAU);
        let cover = cover(own, winter, climate.cover);
        let side = size.div_ceil(CELL) + 1;
        let metres = (CELL * 20) as f32;
        let (drift, clouds) = ((pick(1) * 4e4, pick(2) * 4e4), mix(own ^ 3));
        let raw = |x: f32, y: f32| {
            let (x, y) = (x + drift.0, y + drift.1);
            fractal(
                clouds ^ Purpose::Cloud as u64,
                x / climate.cloud_metres,
                y / climate.cloud_metres,
                7,
                0.55,
            )
        };
        let sky = field(side, side, |r, c| raw(c as f32 * metres, r as f32 * metres));
        let edge = if cover < 0.01 { f32::MAX } else { quantile(sky.clone(), 1.0 - cover) };
        let opacity = |v: f32| smoothstep(edge - 0.28, edge + 0.42, v);
        let (dx, dy) = shadow_of(scene, 700.0 + 2300.0 * pick(4) * pick(5));
        let shadow = field(side, side, |r, c| opacity(raw(c as f32 * metres - dx, r as f32 * metres - dy)));
        let veil = if pick(6) < 0.45 { 0.5 * pick(7) } else { 0.0 };
        let streaks = mix(own ^ 8);
        let cirrus = field(side, side, |r, c| {
            let (x, y) = (c as f32 * metres, r as f32 * metres);
            veil * smoothstep(
                0.0,
                1.8,
                fractal(streaks ^ Purpose::Cirrus as u64, x / 9000.0, y / 2600.0, 5, 0.5),
            )
        });
        let (load, air) =
            (0.25 + 0.55 * pick(9) * (1.0 + winter) + smoke(day_of_year, climate.smoke), mix(own ^ 10));
        let haze = field(side, side, |r, c| {
            let (x, y) = (c as f32 * metres, r as f32 * metres);
            load * (1.0 + 0.35 * fractal(air ^ Purpose::Haze as u64, x / 3000.0, y / 3000.0, 3, 0.5)) - 0.3
        });
        let cloud = sky.into_iter().map(opacity).collect();
        let grid = |cells| Grid { cells, side };
        let snow_line = if climate.snow { snow_line(seed, number, winter) } else { f32::MAX };
        Self { cloud: grid(cloud), shadow: grid(shadow), cirrus: grid(cirrus), haze: grid(haze), snow_line }
    }

    /// The sky at a pixel of 20 m.
    pub(crate) fn at(&self, row: usize, col: usize) -> Sky {
        Sky {
            cloud: self.cloud.at(row, col),
            shadow: self.shadow.at(row, col),
            cirrus: self.cirrus.at(row, col),
            haze: self.haze.at(row, col),
        }
    }
}

/// Share of the sky under cloud on one day; `january` is 1 in the middle of January and 0 in July.
fn cover(own: u64, january: f32, cover: CloudCover) -> f32 {
    match cover {
        CloudCover::LogitNormal { july, january: more, deviation } => {
            let logit = july + more * january + deviation * bell(mix(own ^ 11) as u32);
            1.0 / (1.0 + libm::expf(-logit))
        }
        CloudCover::Between(low, high) => low + (high - low) * uniform(mix(own ^ 11)),
    }
}

/// Smoke is thickest in the middle of September and gone a month before and after.
fn smoke(day_of_year: f32, most: f32) -> f32 {
    let away = (day_of_year - 258.0) / 24.0;
    most * libm::expf(-away * away)
}

/// Metres east and south from a cloud of some height to its shadow.
fn shadow_of(scene: &SceneSpec, height: f32) -> (f32, f32) {
    let azimuth = scene.sun_azimuth.to_radians() as f32;
    let tangent = libm::tanf(scene.sun_elevation.to_radians() as f32).max(0.15);
    let length = height / tangent;
    (-length * libm::sinf(azimuth), length * libm::cosf(azimuth))
}

/// Snow comes in spells of about two weeks in the cold half of the year.
fn snow_line(seed: u64, number: usize, winter: f32) -> f32 {
    let spell = uniform(hash(seed_for(seed, Purpose::Snow), (number / 3) as i32, 1));
    if winter < 0.72 || spell > 0.75 {
        f32::MAX
    } else {
        150.0 + 900.0 * spell + 700.0 * ramp(1.0, 0.72, winter)
    }
}

/// A field on cells of 40 m, read between them.
struct Grid {
    cells: Vec<f32>,
    side: usize,
}

impl Grid {
    fn at(&self, row: usize, col: usize) -> f32 {
        let (r, c) = (row / CELL, col / CELL);
        let (fr, fc) = ((row % CELL) as f32 / CELL as f32, (col % CELL) as f32 / CELL as f32);
        let (top, bottom) = (&self.cells[r * self.side + c..], &self.cells[(r + 1) * self.side + c..]);
        let upper = top[0] + (top[1] - top[0]) * fc;
        let lower = bottom[0] + (bottom[1] - bottom[0]) * fc;
        upper + (lower - upper) * fr
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ForestConfig;
    use crate::schedule::schedule;

    #[test]
    fn cover_is_seasonal_and_about_half() {
        let mean =
            |winter: f32| (0..4000).map(|i| cover(mix(i), winter, TEMPERATE.cover)).sum::<f32>() / 4000.0;
        assert!(mean(1.0) > mean(0.0) + 0.05);
        assert!((0.48..0.62).contains(&mean(0.5)), "{}", mean(0.5));
    }

    #[test]
    fn shadows_fall_to_the_north_of_clouds_in_the_morning() {
        let scenes = schedule(&ForestConfig::default().series());
        for (_, scene) in &scenes {
            let (east, south) = shadow_of(scene, 1000.0);
            assert!(south < 0.0 && east < 0.0, "{} {east} {south}", scene.id);
        }
    }

    #[test]
    fn a_grid_is_bilinear() {
        let grid = Grid { cells: vec![0.0, 1.0, 2.0, 3.0], side: 2 };
        assert_eq!((grid.at(0, 0), grid.at(0, 1), grid.at(1, 1)), (0.0, 0.5, 1.5));
    }
}
