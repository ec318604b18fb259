//! Spectral bands and what the field calls them.

use crate::{Error, Result};

/// An instrument whose bands are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sensor {
    /// Sentinel-2 MultiSpectral Instrument.
    Sentinel2,
    /// Sentinel-1 C-band SAR.
    Sentinel1,
    /// Landsat 8 and 9 Operational Land Imager.
    Landsat,
}

/// One band of a [`Sensor`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Band {
    /// The sensor's own name, such as `B04`.
    pub name: &'static str,
    /// The STAC `eo:common_name`, such as `red`; for SAR the polarisation.
    pub common_name: &'static str,
    /// Centre wavelength in micrometres (Sentinel-2A; for SAR the radar's wavelength).
    pub center_wavelength: f64,
    /// Native ground sampling distance in metres.
    pub gsd: f64,
}

const fn band(name: &'static str, common_name: &'static str, center_wavelength: f64, gsd: f64) -> Band {
    Band { name, common_name, center_wavelength, gsd }
}

/// Common names: STAC eo extension v1.1; wavelengths: Sentinel-2 Products Specification Document, S2A.
const SENTINEL2: &[Band] = &[
    band("B01", "coastal", 0.443, 60.0),
    band("B02", "blue", 0.490, 10.0),
    band("B03", "green", 0.560, 10.0),
    band("B04", "red", 0.665, 10.0),
    band("B05", "rededge071", 0.704, 20.0),
    band("B06", "rededge075", 0.740, 20.0),
    band("B07", "rededge078", 0.783, 20.0),
    band("B08", "nir", 0.842, 10.0),
    band("B8A", "nir08", 0.865, 20.0),
    band("B09", "nir09", 0.945, 60.0),
    band("B10", "cirrus", 1.375, 60.0),
    band("B11", "swir16", 1.610, 20.0),
    band("B12", "swir22", 2.190, 20.0),
];

const SENTINEL1: &[Band] = &[band("VV", "vv", 55_465.76, 10.0), band("VH", "vh", 55_465.76, 10.0)];

const LANDSAT: &[Band] = &[
    band("B1", "coastal", 0.443, 30.0),
    band("B2", "blue", 0.482, 30.0),
    band("B3", "green", 0.561, 30.0),
    band("B4", "red", 0.655, 30.0),
    band("B5", "nir08", 0.865, 30.0),
    band("B6", "swir16", 1.609, 30.0),
    band("B7", "swir22", 2.201, 30.0),
    band("B8", "pan", 0.590, 15.0),
    band("B9", "cirrus", 1.373, 30.0),
];

impl Sensor {
    /// What people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sentinel2 => "Sentinel-2",
            Self::Sentinel1 => "Sentinel-1",
            Self::Landsat => "Landsat 8/9",
        }
    }

    /// Its bands, in order of wavelength.
    pub const fn bands(self) -> &'static [Band] {
        match self {
            Self::Sentinel2 => SENTINEL2,
            Self::Sentinel1 => SENTINEL1,
            Self::Landsat => LANDSAT,
        }
    }

    /// A band by its own name or its common name, in upper or lower case; `B4` finds Sentinel-2's `B04`.
    ///
    /// ```
    /// use ecotone_core::Sensor;
    ///
    /// assert_eq!(Sensor::Sentinel2.band("red")?.name, "B04");
    /// assert_eq!(Sensor::Sentinel2.band("b4")?.common_name, "red");
    /// assert!(Sensor::Sentinel1.band("red").is_err());
    /// # Ok::<(), ecotone_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// When the sensor has no such band; the message lists those it has.
    pub fn band(self, name: &str) -> Result<Band> {
        let plain = |text: &str| match text.to_ascii_lowercase().strip_prefix('b') {
            Some(number) if number.starts_with(|c: char| c.is_ascii_digit()) => {
                format!("b{}", number.trim_start_matches('0'))
            }
            _ => text.to_ascii_lowercase(),
        };
        let wanted = plain(name.trim());
        let found = |band: &&Band| plain(band.name) == wanted || band.common_name == wanted;
        self.bands().iter().find(found).copied().ok_or_else(|| Error::UnknownBand {
            sensor: self.name(),
            name: name.to_owned(),
            known: self.bands().iter().map(|band| band.name).collect::<Vec<_>>().join(", "),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_band_is_found_by_either_name() {
        for sensor in [Sensor::Sentinel2, Sensor::Sentinel1, Sensor::Landsat] {
            for band in sensor.bands() {
                assert_eq!(sensor.band(band.name).unwrap(), *band);
                assert_eq!(sensor.band(band.common_name).unwrap(), *band);
            }
        }
    }

    #[test]
    fn an_unknown_band_lists_the_known() {
        let message = Sensor::Sentinel1.band("B04").unwrap_err().to_string();
        assert_eq!(message, "Sentinel-1 has no band `B04` (it has VV, VH)");
    }
}
