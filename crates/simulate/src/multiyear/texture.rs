//! What differs from pixel to pixel inside a piece of land, and lasts.

use super::cover::Unit;
use crate::noise::{Purpose, bell, field, fractal, hash, mix, seed_for};

/// How much brightness differs: the part shared with the surroundings (about 60 m), and the pixel's own.
const BRIGHTNESS: (f32, f32) = (0.060, 0.070);

/// Lasting differences at the pixels of 10 m.
pub(crate) struct Texture {
    /// How much more than their piece's taller plants cover, in deviations of 1 / 40.
    plants: Vec<i8>,
    /// Factor on reflectance, as `1 + value / 400`.
    bright: Vec<i8>,
}

impl Texture {
    pub(crate) fn new(seed: u64, size: usize) -> Self {
        let (shared, own) = (seed_for(seed, Purpose::Woody), seed_for(seed, Purpose::PixelTexture));
        let light = seed_for(seed, Purpose::Texture);
        let plants = field(size, size, |r, c| {
            let near = fractal(shared, c as f32 / 5.0, r as f32 / 5.0, 3, 0.6);
            let far = fractal(mix(shared), c as f32 / 22.0, r as f32 / 22.0, 2, 0.5);
            let pixel = bell(hash(own, r as i32, c as i32) as u32);
            (40.0 * (0.55 * near + 0.55 * far + 0.6 * pixel)).clamp(-127.0, 127.0) as i8
        });
        let bright = field(size, size, |r, c| {
            let value = BRIGHTNESS.0 * fractal(light, c as f32 / 9.0, r as f32 / 9.0, 3, 0.6)
                + BRIGHTNESS.1 * bell(hash(mix(own), r as i32, c as i32) as u32);
            (value * 400.0).clamp(-127.0, 127.0) as i8
        });
        Self { plants, bright }
    }

    /// Share of taller plants at a pixel of a unit, 0 to 1.
    pub(crate) fn plants(&self, pixel: usize, unit: &Unit) -> f32 {
        let (_, _, deviation) = unit.cover.plants();
        (unit.plants + deviation * f32::from(self.plants[pixel]) / 40.0).clamp(0.0, 1.0)
    }

    /// Factor on the reflectance of a pixel.
    pub(crate) fn bright(&self, pixel: usize) -> f32 {
        1.0 + f32::from(self.bright[pixel]) / 400.0
    }
}
