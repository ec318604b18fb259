//! What differs from pixel to pixel inside a piece of land, and lasts.

use super::land::Land;
use crate::noise::{Purpose, bell, field, fractal, hash, mix, seed_for};

/// Lasting differences at the pixels of 10 m.
pub(crate) struct Texture {
    /// Share of the ground under trees and shrubs, 255 for all.
    woody: Vec<u8>,
    /// Factor on reflectance, as `1 + value / 400`.
    bright: Vec<i8>,
}

/// How much brightness differs: the part shared with the surroundings (about 60 m), and the pixel's own. Crowns of
/// closed forest shade each other, so the own part grows with the share of trees.
const BRIGHTNESS: (f32, f32, f32) = (0.045, 0.045, 0.045);

impl Texture {
    pub(crate) fn new(seed: u64, size: usize, land: &Land) -> Self {
        let (shared, own) = (seed_for(seed, Purpose::Woody), seed_for(seed, Purpose::PixelTexture));
        let woody = field(size, size, |r, c| {
            let unit = land.unit_at(r * size + c);
            let (mean, deviation) = unit.cover.woody();
            let near = fractal(shared, c as f32 / 5.0, r as f32 / 5.0, 3, 0.6);
            let far = fractal(mix(shared), c as f32 / 24.0, r as f32 / 24.0, 2, 0.5);
            let pixel = bell(hash(own, r as i32, c as i32) as u32);
            let wave = 0.55 * near + 0.55 * far + 0.6 * pixel;
            ((mean + unit.shrubs() + deviation * wave).clamp(0.0, 1.0) * 255.0) as u8
        });
        let light = seed_for(seed, Purpose::Texture);
        let bright = field(size, size, |r, c| {
            let trees = f32::from(woody[r * size + c]) / 255.0;
            let value = BRIGHTNESS.0 * fractal(light, c as f32 / 9.0, r as f32 / 9.0, 3, 0.6)
                + (BRIGHTNESS.1 + BRIGHTNESS.2 * trees) * bell(hash(mix(own), r as i32, c as i32) as u32);
            (value * 400.0).clamp(-127.0, 127.0) as i8
        });
        Self { woody, bright }
    }

    /// Share of trees and shrubs at a pixel, 0 to 1.
    pub(crate) fn woody(&self, pixel: usize) -> f32 {
        f32::from(self.woody[pixel]) / 255.0
    }

    /// Factor on the reflectance of a pixel.
    pub(crate) fn bright(&self, pixel: usize) -> f32 {
        1.0 + f32::from(self.bright[pixel]) / 400.0
    }
}
