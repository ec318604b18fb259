//! The fishbone: a main road, ribs at right angles to it, and lots along the ribs.

use crate::noise::{Purpose, fractal, hash, mix, seed_for, uniform};

/// Metres from rib to rib. Along the real Trans-Amazonian highway it is 5 km; an area of 5 km would hold one.
const RIB_STEP: f32 = 860.0;
/// Mean width of a settler's lot along its rib, in metres.
const LOT_WIDTH: f32 = 250.0;
/// Sides of a field of a large farm, in metres.
pub(super) const FIELD: (f32, f32) = (430.0, 560.0);

/// The roads' frame; x east and y south, in metres.
pub(crate) struct Network {
    seed: u64,
    /// Sine and cosine of the main road's direction.
    course: (f32, f32),
    /// A place on it.
    pub(crate) middle: (f32, f32),
}

/// Where a place lies in the network.
#[derive(Clone, Copy)]
pub(crate) struct Station {
    /// Metres along the main road, and away from it (signed).
    pub(crate) along: f32,
    pub(crate) away: f32,
    /// Metres to the nearest rib.
    pub(crate) rib: f32,
    /// Whether that rib reaches so far from the main road.
    pub(crate) reached: bool,
    /// The settler's lot, and how deep in it the place lies: 0 at the rib, 1 half way to the next rib.
    pub(crate) lot: (i32, i32),
    pub(crate) depth: f32,
    /// The field of a large farm.
    pub(crate) field: (i32, i32),
}

impl Network {
    /// The main road passes near the middle of an area of `side` metres, across the river's direction `river`.
    pub(crate) fn new(seed: u64, side: f32, river: f32) -> Self {
        let seed = seed_for(seed, Purpose::Network);
        let pick = |n: u64| uniform(mix(seed ^ n)) - 0.5;
        let angle = river + std::f32::consts::FRAC_PI_2 + 0.9 * pick(1);
        let middle = (side * (0.5 + 0.2 * pick(2)), side * (0.5 + 0.2 * pick(3)));
        Self { seed, course: (libm::sinf(angle), libm::cosf(angle)), middle }
    }

    pub(crate) fn at(&self, x: f32, y: f32) -> Station {
        let (dx, dy) = (x - self.middle.0, y - self.middle.1);
        let (sin, cos) = self.course;
        let (u, v) = (dx * cos + dy * sin, dy * cos - dx * sin);
        let away = v - 55.0 * fractal(self.seed, u / 1600.0, 0.5, 2, 0.5);
        let along = u - 22.0 * fractal(mix(self.seed), away / 900.0, 0.5, 2, 0.5);
        let rib = (along / RIB_STEP).round();
        let across = along - rib * RIB_STEP;
        let side = 2 * (rib as i32) + i32::from(across >= 0.0);
        let far = if away < 0.0 { -1 } else { 1 };
        let reach = 700.0 + 2300.0 * uniform(hash(self.seed ^ 5, rib as i32, far));
        let width = LOT_WIDTH * (0.75 + 0.5 * uniform(hash(self.seed ^ 6, side, far)));
        Station {
            along,
            away,
            rib: across.abs(),
            reached: away.abs() < reach,
            lot: (side, (away / width).floor() as i32),
            depth: across.abs() / (0.5 * RIB_STEP),
            field: ((along / FIELD.0).floor() as i32, (away / FIELD.1).floor() as i32),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lots_lie_beside_their_ribs() {
        let network = Network::new(3, 5120.0, 0.4);
        for i in 0..4000 {
            let at = network.at((i % 63) as f32 * 80.0, (i / 63) as f32 * 80.0);
            assert!((0.0..=1.0).contains(&at.depth) && at.rib <= 0.5 * RIB_STEP + 1.0);
        }
        let (x, y) = network.middle;
        assert!(network.at(x, y).away.abs() < 200.0);
    }
}
