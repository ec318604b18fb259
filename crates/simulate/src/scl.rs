//! The scene classification that Level-2A would give, with the errors that it would make.

use crate::noise::{Purpose, bell, fractal, hash, seed_for, uniform};
use crate::spectra::Spectrum;
use crate::weather::Sky;

/// Values of the scene classification layer.
pub(crate) mod class {
    pub(crate) const NO_DATA: u8 = 0;
    pub(crate) const DARK: u8 = 2;
    pub(crate) const SHADOW: u8 = 3;
    pub(crate) const VEGETATION: u8 = 4;
    pub(crate) const BARE: u8 = 5;
    pub(crate) const WATER: u8 = 6;
    pub(crate) const UNCLASSIFIED: u8 = 7;
    pub(crate) const CLOUD_MEDIUM: u8 = 8;
    pub(crate) const CLOUD_HIGH: u8 = 9;
    pub(crate) const CIRRUS: u8 = 10;
    pub(crate) const SNOW: u8 = 11;
}

/// The classifier of one scene.
pub(crate) struct Scl {
    seed: u64,
}

impl Scl {
    pub(crate) fn new(seed: u64, scene: usize) -> Self {
        Self { seed: hash(seed_for(seed, Purpose::Mask), scene as i32, 0) }
    }

    /// The class of a pixel of 20 m from its sky and its reflectance as observed.
    ///
    /// Clouds below about 0.4 and veils below about 0.17 of opacity are missed, and so are faint shadows; the
    /// thresholds wander in space. Bright ground is now and then called cloud, dark slopes are called dark or shadow.
    pub(crate) fn classify(&self, row: usize, col: usize, sky: Sky, seen: &Spectrum) -> u8 {
        let doubtful = sky.cloud > 0.02 || sky.cirrus > 0.02 || sky.shadow > 0.1;
        let doubt = if doubtful { self.doubt(row, col) } else { 0.0 };
        if sky.cloud > 0.8 + doubt {
            class::CLOUD_HIGH
        } else if sky.cloud > 0.42 + doubt {
            class::CLOUD_MEDIUM
        } else if sky.cirrus > 0.17 + 0.5 * doubt {
            class::CIRRUS
        } else if sky.shadow > 0.5 + doubt {
            class::SHADOW
        } else {
            self.ground(row, col, seen)
        }
    }

    fn doubt(&self, row: usize, col: usize) -> f32 {
        let own = bell(hash(self.seed, row as i32, col as i32) as u32);
        0.13 * fractal(self.seed, col as f32 / 6.0, row as f32 / 6.0, 2, 0.5) + 0.04 * own
    }

    fn ground(&self, row: usize, col: usize, seen: &Spectrum) -> u8 {
        let [blue, green, red, _, _, _, _, nir, swir, _] = *seen;
        let ratio = |a: f32, b: f32| (a - b) / (a + b).max(1e-4);
        let (ndvi, ndwi, ndsi) = (ratio(nir, red), ratio(green, nir), ratio(green, swir));
        let luck = uniform(hash(self.seed ^ 5, row as i32 / 3, col as i32 / 3));
        if ndsi > 0.4 && green > 0.2 {
            class::SNOW
        } else if blue > 0.09 && ndvi < 0.3 && luck < 0.08 {
            if luck < 0.02 { class::CLOUD_HIGH } else { class::CLOUD_MEDIUM }
        } else if ndwi > 0.0 && nir < 0.09 {
            if luck < 0.03 { class::SHADOW } else { class::WATER }
        } else if nir < 0.10 {
            if nir < 0.06 && luck < 0.35 { class::SHADOW } else { class::DARK }
        } else if ndvi > 0.45 {
            class::VEGETATION
        } else if ndvi > 0.35 && luck < 0.4 {
            class::UNCLASSIFIED
        } else {
            class::BARE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spectra::{CLEAR_WATER, CONIFER, CROP, SNOW};

    const CLEAR: Sky = Sky { cloud: 0.0, shadow: 0.0, cirrus: 0.0, haze: 0.0 };

    fn share(sky: Sky, seen: &Spectrum, wanted: u8) -> f32 {
        let scl = Scl::new(1, 4);
        let hits = (0..10_000).filter(|i| scl.classify(i / 100, i % 100, sky, seen) == wanted).count();
        hits as f32 / 10_000.0
    }

    #[test]
    fn clear_ground_is_told_apart() {
        assert_eq!(share(CLEAR, &CONIFER.high, class::VEGETATION), 1.0);
        assert!(share(CLEAR, &CLEAR_WATER, class::WATER) > 0.9);
        assert_eq!(share(CLEAR, &SNOW, class::SNOW), 1.0);
        assert_eq!(share(CLEAR, &CONIFER.low.map(|v| v * 0.5), class::DARK), 1.0);
    }

    #[test]
    fn errors_are_those_of_the_real_layer() {
        assert!(share(Sky { cloud: 1.0, ..CLEAR }, &CONIFER.high, class::CLOUD_HIGH) > 0.9);
        let missed = share(Sky { cloud: 0.35, ..CLEAR }, &CONIFER.high, class::VEGETATION);
        assert!((0.3..0.95).contains(&missed), "{missed}");
        assert!(share(Sky { cirrus: 0.1, ..CLEAR }, &CONIFER.high, class::VEGETATION) > 0.6);
        let falsely = share(CLEAR, &CROP.low.map(|v| v * 1.3), class::CLOUD_MEDIUM);
        assert!((0.02..0.12).contains(&falsely), "{falsely}");
    }
}
