//! Instruments and how their bands are found by any of their names.

use crate::sensor_bands::{
    HLS_L30, HLS_S30, LANDSAT, LANDSAT_ALIASES, LANDSAT_TM, LANDSAT_TM_ALIASES, SENTINEL1, SENTINEL2,
    SENTINEL2_ALIASES,
};
use crate::{Band, Error, Result};

/// An instrument whose bands are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sensor {
    /// Sentinel-2 MultiSpectral Instrument.
    Sentinel2,
    /// Sentinel-1 C-band SAR.
    Sentinel1,
    /// Landsat 8 and 9 Operational Land Imager.
    Landsat,
    /// Landsat 4 and 5 Thematic Mapper, Landsat 7 Enhanced Thematic Mapper Plus.
    LandsatTm,
    /// Harmonized Landsat Sentinel-2, the scenes of Sentinel-2.
    HlsS30,
    /// Harmonized Landsat Sentinel-2, the scenes of Landsat 8 and 9.
    HlsL30,
}

impl Sensor {
    /// What people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sentinel2 => "Sentinel-2",
            Self::Sentinel1 => "Sentinel-1",
            Self::Landsat => "Landsat 8/9",
            Self::LandsatTm => "Landsat 4/5/7",
            Self::HlsS30 => "HLS S30",
            Self::HlsL30 => "HLS L30",
        }
    }

    /// Its bands, in order of wavelength.
    pub const fn bands(self) -> &'static [Band] {
        match self {
            Self::Sentinel2 => SENTINEL2,
            Self::Sentinel1 => SENTINEL1,
            Self::Landsat => LANDSAT,
            Self::LandsatTm => LANDSAT_TM,
            Self::HlsS30 => HLS_S30,
            Self::HlsL30 => HLS_L30,
        }
    }

    /// What providers call its bands besides, with the band's own name.
    const fn aliases(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Sentinel2 | Self::HlsS30 => SENTINEL2_ALIASES,
            Self::Landsat => LANDSAT_ALIASES,
            Self::LandsatTm => LANDSAT_TM_ALIASES,
            Self::Sentinel1 | Self::HlsL30 => &[],
        }
    }

    /// What providers put before the names of its bands.
    const fn prefixes(self) -> &'static [&'static str] {
        match self {
            Self::Landsat | Self::LandsatTm => &["sr_", "st_", "oli_", "tirs_", "etm_", "tm_", "nbart_"],
            Self::Sentinel2 => &["nbart_"],
            Self::Sentinel1 | Self::HlsS30 | Self::HlsL30 => &[],
        }
    }

    /// A band by its own name, its common name or what providers call it, in upper or lower case; `B4` finds Sentinel-2's
    /// `B04`, `SR_B4` and `SR_B4.TIF` that of Landsat.
    ///
    /// ```
    /// use ecotone_core::Sensor;
    ///
    /// assert_eq!(Sensor::Sentinel2.band("red")?.name, "B04");
    /// assert_eq!(Sensor::Sentinel2.band("b4")?.common_name, "red");
    /// assert_eq!(Sensor::LandsatTm.band("SR_B4")?.common_name, "nir08");
    /// assert!(Sensor::Sentinel1.band("red").is_err());
    /// # Ok::<(), ecotone_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// When the sensor has no such band; the message lists those it has.
    pub fn band(self, name: &str) -> Result<Band> {
        let asked = name.trim().to_ascii_lowercase();
        let asked = asked.strip_suffix(".tif").unwrap_or(&asked);
        let alias = self.aliases().iter().find(|(alias, _)| *alias == asked).map(|(_, own)| *own);
        let bare = self.prefixes().iter().find_map(|prefix| asked.strip_prefix(prefix)).unwrap_or(asked);
        let wanted = plain(alias.unwrap_or(bare));
        let found = |band: &&Band| plain(band.name) == wanted || band.common_name == wanted;
        self.bands().iter().find(found).copied().ok_or_else(|| Error::UnknownBand {
            sensor: self.name(),
            name: name.to_owned(),
            known: self.bands().iter().map(|band| band.name).collect::<Vec<_>>().join(", "),
        })
    }
}

/// A name in lower case, the number of `b04` without its leading zeros.
fn plain(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    match name.strip_prefix('b') {
        Some(number) if number.starts_with(|c: char| c.is_ascii_digit()) => {
            format!("b{}", number.trim_start_matches('0'))
        }
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Sensor; 6] = [
        Sensor::Sentinel2,
        Sensor::Sentinel1,
        Sensor::Landsat,
        Sensor::LandsatTm,
        Sensor::HlsS30,
        Sensor::HlsL30,
    ];

    #[test]
    fn every_band_is_found_by_each_of_its_names() {
        for sensor in ALL {
            for band in sensor.bands() {
                assert_eq!(sensor.band(band.name).unwrap(), *band);
                assert_eq!(sensor.band(band.common_name).unwrap(), *band);
            }
            for (alias, name) in sensor.aliases() {
                assert_eq!(sensor.band(alias).unwrap().name, *name, "{sensor:?}");
            }
        }
    }

    #[test]
    fn names_of_providers() {
        #[track_caller]
        fn check(sensor: Sensor, name: &str, expected: &str) {
            assert_eq!(sensor.band(name).unwrap().common_name, expected, "{sensor:?} {name}");
        }
        check(Sensor::Landsat, "SR_B4", "red");
        check(Sensor::Landsat, "SR_B5.TIF", "nir08");
        check(Sensor::Landsat, "OLI_B6", "swir16");
        check(Sensor::Landsat, "TIRS_B10", "lwir11");
        check(Sensor::LandsatTm, "ETM_B4", "nir08");
        check(Sensor::LandsatTm, "ST_B6", "lwir");
        check(Sensor::Landsat, "nbart_red", "red");
        // One name, two bands.
        check(Sensor::Landsat, "nbart_swir_2", "swir22");
        check(Sensor::Sentinel2, "nbart_swir_2", "swir16");
        check(Sensor::Sentinel2, "rededge2", "rededge075");
        assert!(Sensor::HlsL30.band("B8A").is_err() && Sensor::HlsL30.band("B12").is_err());
        assert!(Sensor::Sentinel2.band("SR_B4").is_err(), "of Landsat");
    }

    #[test]
    fn a_band_is_like_that_of_another_sensor_or_not() {
        #[track_caller]
        fn check(one: (Sensor, &str), other: (Sensor, &str), alike: bool) {
            let (a, b) = (one.0.band(one.1).unwrap(), other.0.band(other.1).unwrap());
            let found = (
                a.is_like((b.common_name, b.center_wavelength)),
                b.is_like((a.common_name, a.center_wavelength)),
            );
            assert_eq!(found, (alike, alike), "{one:?} {other:?}");
        }
        use Sensor::{HlsL30, HlsS30, Landsat, LandsatTm, Sentinel2};
        for name in ["blue", "green", "red", "nir08", "swir16", "swir22"] {
            for other in [Landsat, LandsatTm, HlsS30, HlsL30] {
                check((Sentinel2, name), (other, name), true);
            }
        }
        for name in ["B05", "B06", "B07", "B11"] {
            check((HlsS30, name), (HlsL30, name), false);
        }
        check((Sentinel2, "B04"), (LandsatTm, "B4"), false);
        check((Sentinel2, "B04"), (LandsatTm, "B3"), true);
        // The broad near infrared is not the narrow one.
        check((Sentinel2, "nir"), (HlsL30, "nir08"), false);
        check((Landsat, "pan"), (LandsatTm, "pan"), false);
        // No two bands of one sensor are taken for each other.
        for sensor in ALL {
            for a in sensor.bands() {
                for b in sensor.bands() {
                    assert_eq!(a.is_like((b.common_name, b.center_wavelength)), a.name == b.name);
                }
            }
        }
    }

    #[test]
    fn warmth_is_no_reflectance() {
        let thermal = |sensor: Sensor, name: &str| sensor.band(name).unwrap().is_thermal();
        assert!(thermal(Sensor::HlsL30, "B11") && thermal(Sensor::LandsatTm, "B6"));
        assert!(!thermal(Sensor::HlsS30, "B11") && !thermal(Sensor::Sentinel1, "VV"));
    }

    #[test]
    fn an_unknown_band_lists_the_known() {
        let message = Sensor::Sentinel1.band("B04").unwrap_err().to_string();
        assert_eq!(message, "Sentinel-1 has no band `B04` (it has VV, VH)");
    }
}
