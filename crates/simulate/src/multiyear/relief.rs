//! A valley with a flat floor between high slopes, and the river that winds along it.

use crate::noise::{Purpose, fractal, mix, ramp, seed_for, uniform};

/// Height of the valley's floor in metres.
pub(crate) const FLOOR: f32 = 450.0;
/// Half the floor's width and the reach of a slope, in metres, where the area is large enough.
const WIDTHS: (f32, f32) = (620.0, 3200.0);
/// The same as shares of the side where it is not.
const SHARES: (f32, f32) = (0.13, 0.60);
/// Mean rise of the slopes.
const RISE: f32 = 0.53;

/// The functions that the relief is sampled from; x east and y south, in metres from the upper left corner.
pub(crate) struct Relief {
    hills: u64,
    valley: u64,
    river: u64,
    side: f32,
    /// Sine and cosine of the valley's direction.
    course: (f32, f32),
    /// A place on its axis.
    middle: (f32, f32),
    half_floor: f32,
    reach: f32,
}

impl Relief {
    pub(crate) fn new(seed: u64, side: f32) -> Self {
        let valley = seed_for(seed, Purpose::Valley);
        let angle = uniform(mix(valley ^ 1)) * std::f32::consts::TAU;
        let (sin, cos) = (libm::sinf(angle), libm::cosf(angle));
        // One slope is longer than the other.
        let off = side * (0.06 + 0.10 * uniform(mix(valley ^ 2)));
        Self {
            hills: seed_for(seed, Purpose::Relief),
            valley,
            river: seed_for(seed, Purpose::River),
            side,
            course: (sin, cos),
            middle: (0.5 * side - sin * off, 0.5 * side + cos * off),
            half_floor: WIDTHS.0.min(SHARES.0 * side),
            reach: WIDTHS.1.min(SHARES.1 * side),
        }
    }

    /// Metres along the valley, and across it from its axis.
    pub(crate) fn along_across(&self, x: f32, y: f32) -> (f32, f32) {
        let (dx, dy) = (x - self.middle.0, y - self.middle.1);
        let (sin, cos) = self.course;
        let (u, v) = (dx * cos + dy * sin, dy * cos - dx * sin);
        let bed = 0.5 * self.half_floor * fractal(self.valley, u / (3.2 * self.half_floor), 0.5, 2, 0.4);
        (u, v - bed)
    }

    /// Metres from a place up to the edge of the valley's floor; negative on the floor.
    pub(crate) fn off_floor(&self, x: f32, y: f32) -> f32 {
        let (_, across) = self.along_across(x, y);
        let edge = 1.0 + 0.16 * fractal(mix(self.valley), x / 700.0, y / 700.0, 3, 0.5);
        across.abs() - self.half_floor * edge.clamp(0.5, 1.5)
    }

    /// Metres above the sea.
    pub(crate) fn height(&self, x: f32, y: f32) -> f32 {
        let away = self.off_floor(x, y).max(0.0);
        let slope = self.reach * RISE * libm::tanhf(away / self.reach) / libm::tanhf(1.0);
        let scale = self.reach / WIDTHS.1;
        let hills = fractal(self.hills, x / 1500.0, y / 1500.0, 6, 0.45);
        FLOOR + slope + hills * (2.0 + 165.0 * scale * ramp(0.0, 0.35 * self.reach, away))
    }

    /// Metres from a place to the river's water; negative in it.
    pub(crate) fn bank(&self, x: f32, y: f32) -> f32 {
        let (u, across) = self.along_across(x, y);
        let wind =
            |u: f32| 0.36 * self.half_floor * fractal(self.river, u / (1.6 * self.half_floor), 0.5, 2, 0.5);
        let slope = (wind(u + 15.0) - wind(u - 15.0)) / 30.0;
        let width = 1.0 + 0.3 * fractal(self.river ^ 9, u / 500.0, 0.5, 2, 0.5).clamp(-2.0, 2.0);
        let half_width = (0.006 * self.side).clamp(8.0, 30.0) * width;
        (across - wind(u)).abs() / (1.0 + slope * slope).sqrt() - half_width
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_valley_is_deep_and_the_river_is_on_its_floor() {
        for seed in 1..=6 {
            let relief = Relief::new(seed, 5120.0);
            let places = (0..64 * 64).map(|i| ((i % 64) as f32 * 80.0, (i / 64) as f32 * 80.0));
            let heights: Vec<f32> = places.clone().map(|(x, y)| relief.height(x, y)).collect();
            let top = heights.iter().copied().fold(0.0, f32::max);
            assert!((1500.0..2700.0).contains(&top), "seed {seed}: {top}");
            let wet = places.clone().filter(|(x, y)| relief.bank(*x, *y) < 0.0).count() as f32 / 4096.0;
            assert!((0.004..0.04).contains(&wet), "seed {seed}: {wet}");
            for (x, y) in places.filter(|(x, y)| relief.bank(*x, *y) < 0.0) {
                assert!(relief.height(x, y) < FLOOR + 60.0, "seed {seed}");
            }
        }
    }
}
