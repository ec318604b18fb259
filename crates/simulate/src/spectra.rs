//! Surface reflectances of pure covers in the ten land bands of Sentinel-2.
//!
//! The numbers are round values of what Level-2A products show over central Europe; none is copied from a scene.

/// Number of bands simulated.
pub(crate) const BANDS: usize = 10;

/// Reflectance in B02, B03, B04, B05, B06, B07, B08, B8A, B11, B12.
pub(crate) type Spectrum = [f32; BANDS];

/// Names in the order of [`Spectrum`].
pub(crate) const BAND_NAMES: [&str; BANDS] =
    ["B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B11", "B12"];

/// Which of them have pixels of 10 m; the others have 20 m.
pub(crate) const IS_10M: [bool; BANDS] = [true, true, true, false, false, false, true, false, false, false];

/// A cover at the two ends of its year.
pub(crate) struct Cycle {
    /// Leafless, dormant or bare.
    pub(crate) low: Spectrum,
    /// In full leaf.
    pub(crate) high: Spectrum,
}

impl Cycle {
    /// At a share of full leaf.
    pub(crate) fn at(&self, green: f32) -> Spectrum {
        blend(&self.low, &self.high, green)
    }
}

/// `a` with a share of `b`.
pub(crate) fn blend(a: &Spectrum, b: &Spectrum, share: f32) -> Spectrum {
    std::array::from_fn(|i| a[i] + (b[i] - a[i]) * share)
}

pub(crate) const BROADLEAF: Cycle = Cycle {
    low: [0.034, 0.049, 0.056, 0.085, 0.125, 0.142, 0.155, 0.167, 0.190, 0.120],
    high: [0.020, 0.045, 0.022, 0.075, 0.250, 0.330, 0.350, 0.362, 0.150, 0.066],
};
pub(crate) const CONIFER: Cycle = Cycle {
    low: [0.017, 0.027, 0.020, 0.043, 0.112, 0.137, 0.152, 0.158, 0.078, 0.039],
    high: [0.018, 0.034, 0.019, 0.052, 0.150, 0.186, 0.202, 0.208, 0.090, 0.041],
};
pub(crate) const GRASS: Cycle = Cycle {
    low: [0.048, 0.072, 0.074, 0.115, 0.170, 0.192, 0.212, 0.228, 0.240, 0.160],
    high: [0.034, 0.074, 0.044, 0.120, 0.280, 0.340, 0.360, 0.372, 0.220, 0.120],
};
pub(crate) const CROP: Cycle = Cycle {
    low: [0.074, 0.098, 0.124, 0.152, 0.172, 0.187, 0.202, 0.217, 0.292, 0.225],
    high: [0.030, 0.066, 0.034, 0.102, 0.315, 0.395, 0.420, 0.432, 0.190, 0.092],
};
pub(crate) const SHRUB: Cycle = Cycle {
    low: [0.037, 0.053, 0.058, 0.090, 0.136, 0.156, 0.172, 0.184, 0.205, 0.130],
    high: [0.026, 0.053, 0.031, 0.088, 0.245, 0.308, 0.328, 0.340, 0.175, 0.084],
};
/// Ground under thin canopies: litter and herbs.
pub(crate) const UNDERSTOREY: Cycle = Cycle {
    low: [0.036, 0.052, 0.060, 0.088, 0.120, 0.136, 0.150, 0.162, 0.195, 0.132],
    high: [0.030, 0.056, 0.044, 0.092, 0.200, 0.240, 0.256, 0.266, 0.190, 0.108],
};
pub(crate) const BUILT: Spectrum = [0.105, 0.122, 0.135, 0.148, 0.168, 0.180, 0.190, 0.200, 0.222, 0.200];
pub(crate) const ROAD: Spectrum = [0.082, 0.095, 0.104, 0.115, 0.126, 0.134, 0.142, 0.150, 0.172, 0.155];
pub(crate) const CLEAR_WATER: Spectrum =
    [0.030, 0.034, 0.019, 0.016, 0.013, 0.012, 0.011, 0.010, 0.007, 0.005];
pub(crate) const TURBID_WATER: Spectrum =
    [0.046, 0.070, 0.058, 0.054, 0.036, 0.034, 0.030, 0.026, 0.012, 0.008];
/// Crowns that lost their green: bark beetle's red stage.
pub(crate) const RED_CROWN: Spectrum = [0.024, 0.036, 0.044, 0.074, 0.122, 0.145, 0.158, 0.166, 0.142, 0.086];
/// Standing stems without needles.
pub(crate) const GREY_CROWN: Spectrum =
    [0.036, 0.046, 0.054, 0.077, 0.108, 0.124, 0.137, 0.146, 0.165, 0.114];
/// Branches, stumps and soil after a felling.
pub(crate) const SLASH: Spectrum = [0.050, 0.068, 0.084, 0.116, 0.150, 0.170, 0.188, 0.202, 0.278, 0.204];
pub(crate) const CHAR: Spectrum = [0.026, 0.031, 0.036, 0.046, 0.060, 0.068, 0.076, 0.083, 0.150, 0.158];
pub(crate) const SNOW: Spectrum = [0.72, 0.71, 0.70, 0.69, 0.67, 0.66, 0.64, 0.60, 0.11, 0.09];
pub(crate) const CLOUD: Spectrum = [0.62, 0.60, 0.59, 0.60, 0.62, 0.63, 0.64, 0.64, 0.42, 0.32];
/// How a loss of vitality multiplies each band, per unit: less near infrared, more red and short-wave infrared.
pub(crate) const STRESS: Spectrum = [0.08, 0.02, 0.30, 0.10, -0.14, -0.20, -0.22, -0.22, 0.26, 0.42];
/// What aerosol left uncorrected adds, per unit.
pub(crate) const HAZE: Spectrum = [0.016, 0.011, 0.008, 0.007, 0.006, 0.005, 0.005, 0.004, 0.002, 0.001];

#[cfg(test)]
mod tests {
    use super::*;

    fn ndvi(s: &Spectrum) -> f32 {
        (s[7] - s[2]) / (s[7] + s[2])
    }

    #[test]
    fn covers_are_ordered_as_in_nature() {
        assert!(ndvi(&BROADLEAF.high) > 0.8 && ndvi(&BROADLEAF.low) < 0.55);
        assert!(ndvi(&CONIFER.low) > 0.7 && CONIFER.high[7] < BROADLEAF.high[7]);
        assert!(ndvi(&SLASH) < ndvi(&GREY_CROWN) && ndvi(&GREY_CROWN) < ndvi(&RED_CROWN));
        assert!(ndvi(&CLEAR_WATER) < 0.0);
        for s in [BROADLEAF.low, CONIFER.high, GRASS.high, CROP.low, CHAR, BUILT, SNOW, CLOUD] {
            assert!(s.iter().all(|v| (0.0..1.0).contains(v)));
        }
    }
}
