//! A spectral band and what it means, whatever it is called.

/// One band of a [`Sensor`](crate::Sensor).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Band {
    /// The sensor's own name, such as `B04`; on another sensor it may be another band.
    pub name: &'static str,
    /// The STAC `eo:common_name`, such as `red`, which means the same on every sensor; for SAR the polarisation.
    pub common_name: &'static str,
    /// Centre wavelength in micrometres (for SAR the radar's wavelength).
    pub center_wavelength: f64,
    /// Native ground sampling distance in metres.
    pub gsd: f64,
}

impl Band {
    /// Whether it sees what a band of this common name and centre wavelength (micrometres) sees.
    ///
    /// ```
    /// use ecotone_core::Sensor;
    ///
    /// assert!(Sensor::HlsL30.band("B05")?.is_like(("nir08", 0.865)));
    /// assert!(!Sensor::Sentinel2.band("B05")?.is_like(("nir08", 0.865)));
    /// # Ok::<(), ecotone_core::Error>(())
    /// ```
    pub fn is_like(&self, other: (&str, f64)) -> bool {
        Self::are_alike((self.common_name, self.center_wavelength), other)
    }

    /// Whether two bands of perhaps two sensors, each by its common name and centre wavelength (micrometres), see the same.
    ///
    /// The name alone is not enough: `pan` is at 0.59 on Landsat 8, at 0.71 on Landsat 7. Nor is the wavelength: the broad and
    /// the narrow near infrared of Sentinel-2 are 0.023 apart, those of Landsat 7 and 8 are 0.03.
    pub fn are_alike((name, one): (&str, f64), (other_name, other): (&str, f64)) -> bool {
        /// By how much centre wavelengths differ at most, as a share of the longer: 0.03 in the red, 0.1 in the short-wave
        /// infrared. Neighbouring red edges are farther apart.
        const ALIKE: f64 = 0.05;
        name == other_name && (one - other).abs() <= ALIKE * one.max(other)
    }

    /// Whether it sees what the ground radiates by its own warmth, and no reflectance.
    pub fn is_thermal(&self) -> bool {
        /// Micrometres between which that outshines the sun.
        const WARMTH: std::ops::Range<f64> = 5.0..20.0;
        WARMTH.contains(&self.center_wavelength)
    }
}
