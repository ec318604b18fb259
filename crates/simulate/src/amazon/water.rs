//! Where the river and the streams run.

use crate::noise::{Purpose, fractal, mix, seed_for, uniform};

/// A river that winds through the area, and streams that drain the rest of it; x east and y south, in metres.
pub(crate) struct Drainage {
    river: u64,
    streams: u64,
    /// Sine and cosine of the river's direction.
    course: (f32, f32),
    /// A place on it.
    middle: (f32, f32),
}

impl Drainage {
    /// The river misses the middle of an area of `side` metres by a fifth to a third of its side.
    pub(crate) fn new(seed: u64, side: f32) -> Self {
        let river = seed_for(seed, Purpose::River);
        let angle = uniform(mix(river ^ 1)) * std::f32::consts::TAU;
        let (sin, cos) = (libm::sinf(angle), libm::cosf(angle));
        let off = side * (0.20 + 0.12 * uniform(mix(river ^ 2)));
        let middle = (0.5 * side - sin * off, 0.5 * side + cos * off);
        Self { river, streams: mix(river ^ 3), course: (sin, cos), middle }
    }

    /// The river's direction as an angle from the x axis.
    pub(crate) fn angle(&self) -> f32 {
        libm::atan2f(self.course.0, self.course.1)
    }

    /// Metres from a place to the river's water; negative in it.
    pub(crate) fn bank(&self, x: f32, y: f32) -> f32 {
        let (dx, dy) = (x - self.middle.0, y - self.middle.1);
        let (sin, cos) = self.course;
        let (u, v) = (dx * cos + dy * sin, dy * cos - dx * sin);
        let bed = |u: f32| {
            190.0 * fractal(self.river, u / 1500.0, 0.5, 2, 0.5)
                + 75.0 * fractal(mix(self.river), u / 420.0, 0.5, 2, 0.5)
        };
        let slope = (bed(u + 15.0) - bed(u - 15.0)) / 30.0;
        let half_width = 42.0 + 12.0 * fractal(self.river ^ 9, u / 700.0, 0.5, 2, 0.5).clamp(-2.0, 2.0);
        (v - bed(u)).abs() / (1.0 + slope * slope).sqrt() - half_width
    }

    /// Metres from a place to the nearest stream, too narrow for open water to be seen.
    pub(crate) fn stream(&self, x: f32, y: f32) -> f32 {
        let fall = |x: f32, y: f32| fractal(self.streams, x / 2100.0, y / 2100.0, 3, 0.42);
        let here = fall(x, y);
        let (dx, dy) = (fall(x + 20.0, y) - here, fall(x, y + 20.0) - here);
        here.abs() * 20.0 / (dx * dx + dy * dy).sqrt().max(2e-4)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_river_crosses_every_area() {
        for seed in 1..20 {
            let water = Drainage::new(seed, 2560.0);
            let wet =
                (0..64 * 64).filter(|i| water.bank((i % 64) as f32 * 40.0, (i / 64) as f32 * 40.0) < 0.0);
            let share = wet.count() as f32 / 4096.0;
            assert!((0.01..0.12).contains(&share), "seed {seed}: {share}");
        }
    }
}
