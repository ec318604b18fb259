//! What differs from pixel to pixel inside a stand or a field, and lasts.

use crate::landscape::{Cover, Landscape};
use crate::noise::{Purpose, bell, field, fractal, hash, mix, seed_for};

/// How much a pixel's brightness differs: the part shared with its surroundings (about 60 m), and its own.
const BRIGHTNESS: (f32, f32) = (0.045, 0.045);
/// How much the thinness of the canopy differs, likewise.
const THINNESS: (f32, f32) = (0.07, 0.11);
/// How strongly vitality drifts over the years and swings within them, of trees; in units of the stress spectrum.
const VITALITY: [f32; 3] = [0.40, 0.31, 0.24];

/// Lasting differences.
pub(crate) struct Texture {
    /// Factor on reflectance at pixels of 10 m, as `1 + value / 400`.
    bright: Vec<i8>,
    /// Share of ground seen through the canopy at pixels of 10 m, 255 for all; 0 off the forest.
    thin: Vec<u8>,
    /// Standing level, drift over the years and swing of vitality at pixels of 20 m, as `value / 40` deviations.
    vitality: Vec<[i8; 3]>,
}

impl Texture {
    pub(crate) fn new(seed: u64, size: usize, land: &Landscape) -> Self {
        let fine = 2 * size;
        let (shared, own) = (seed_for(seed, Purpose::Texture), seed_for(seed, Purpose::PixelTexture));
        let bright = field(fine, fine, |r, c| {
            let value = BRIGHTNESS.0 * fractal(shared, c as f32 / 9.0, r as f32 / 9.0, 3, 0.6)
                + BRIGHTNESS.1 * bell(hash(own, r as i32, c as i32) as u32);
            (value * 400.0).clamp(-127.0, 127.0) as i8
        });
        let thin = field(fine, fine, |r, c| {
            let Cover::Forest { thin, .. } = land.units[land.unit[r * fine + c] as usize].cover else {
                return 0;
            };
            // The pixel's own part is one of 20 m: neighbouring crowns share gaps.
            let value = thin
                + THINNESS.0 * fractal(mix(shared), c as f32 / 6.0, r as f32 / 6.0, 3, 0.6)
                + THINNESS.1 * bell(hash(mix(own), r as i32 / 2, c as i32 / 2) as u32);
            (value.clamp(0.0, 1.0) * 255.0) as u8
        });
        let (wave, level) = (seed_for(seed, Purpose::VitalityWave), seed_for(seed, Purpose::Vitality));
        let vitality = field(size, size, |r, c| {
            let bits = hash(level, r as i32, c as i32);
            let parts = [bits as u32, (bits >> 32) as u32, mix(bits) as u32];
            std::array::from_fn(|i| {
                let shared = fractal(wave ^ (i as u64), c as f32 / 30.0, r as f32 / 30.0, 2, 0.5);
                (40.0 * (0.9 * bell(parts[i]) + 0.45 * shared)).clamp(-127.0, 127.0) as i8
            })
        });
        Self { bright, thin, vitality }
    }

    /// Factor on the reflectance of a pixel of 10 m.
    pub(crate) fn bright(&self, pixel: usize) -> f32 {
        1.0 + f32::from(self.bright[pixel]) / 400.0
    }

    /// Share of ground seen through the canopy of a pixel of 10 m.
    pub(crate) fn thin(&self, pixel: usize) -> f32 {
        f32::from(self.thin[pixel]) / 255.0
    }

    /// Stress of the trees at a pixel of 20 m, positive when they do worse than their stand; `waves` are the day's
    /// values of the drift and the swing, each -1 to 1.
    pub(crate) fn stress(&self, pixel: usize, waves: [f32; 2]) -> f32 {
        let [level, drift, swing] = self.vitality[pixel].map(|v| f32::from(v) / 40.0);
        VITALITY[0] * level + VITALITY[1] * drift * waves[0] + VITALITY[2] * swing * waves[1]
    }
}
