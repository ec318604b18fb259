//! The bands of the sensors that are known, as tables.
//!
//! Common names: STAC eo extension v1.1, but that `rededge071` to `rededge078` tell the red edges apart, and the near infrared of
//! Landsat's TM and ETM+ is `nir08`, as USGS has it.

use crate::Band;

const fn band(name: &'static str, common_name: &'static str, center_wavelength: f64, gsd: f64) -> Band {
    Band { name, common_name, center_wavelength, gsd }
}

/// Wavelengths: Sentinel-2 Products Specification Document, S2A.
pub(crate) const SENTINEL2: &[Band] = &[
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

pub(crate) const SENTINEL1: &[Band] = &[band("VV", "vv", 55_465.76, 10.0), band("VH", "vh", 55_465.76, 10.0)];

/// Wavelengths: USGS, Landsat 8 OLI and TIRS.
pub(crate) const LANDSAT: &[Band] = &[
    band("B1", "coastal", 0.443, 30.0),
    band("B2", "blue", 0.482, 30.0),
    band("B3", "green", 0.561, 30.0),
    band("B4", "red", 0.655, 30.0),
    band("B5", "nir08", 0.865, 30.0),
    band("B6", "swir16", 1.609, 30.0),
    band("B7", "swir22", 2.201, 30.0),
    band("B8", "pan", 0.590, 15.0),
    band("B9", "cirrus", 1.373, 30.0),
    band("B10", "lwir11", 10.895, 100.0),
    band("B11", "lwir12", 12.005, 100.0),
];

/// Middles of the ranges that USGS gives of Landsat 7 ETM+; those of TM are within 0.01 of them. TM has no `B8`.
pub(crate) const LANDSAT_TM: &[Band] = &[
    band("B1", "blue", 0.485, 30.0),
    band("B2", "green", 0.560, 30.0),
    band("B3", "red", 0.660, 30.0),
    band("B4", "nir08", 0.835, 30.0),
    band("B5", "swir16", 1.650, 30.0),
    band("B6", "lwir", 11.450, 60.0),
    band("B7", "swir22", 2.220, 30.0),
    band("B8", "pan", 0.710, 15.0),
];

/// Sentinel-2's own bands on pixels of 30 m (HLS User Guide 2.0, table 2). What the narrow near infrared is to `HLS_L30` is `B8A`
/// here, not `B08`.
pub(crate) const HLS_S30: &[Band] = &[
    band("B01", "coastal", 0.443, 30.0),
    band("B02", "blue", 0.490, 30.0),
    band("B03", "green", 0.560, 30.0),
    band("B04", "red", 0.665, 30.0),
    band("B05", "rededge071", 0.704, 30.0),
    band("B06", "rededge075", 0.740, 30.0),
    band("B07", "rededge078", 0.783, 30.0),
    band("B08", "nir", 0.842, 30.0),
    band("B8A", "nir08", 0.865, 30.0),
    band("B09", "nir09", 0.945, 30.0),
    band("B10", "cirrus", 1.375, 30.0),
    band("B11", "swir16", 1.610, 30.0),
    band("B12", "swir22", 2.190, 30.0),
];

/// Landsat 8 and 9 under names of two digits, without the panchromatic band (HLS User Guide 2.0, table 2).
pub(crate) const HLS_L30: &[Band] = &[
    band("B01", "coastal", 0.443, 30.0),
    band("B02", "blue", 0.482, 30.0),
    band("B03", "green", 0.561, 30.0),
    band("B04", "red", 0.655, 30.0),
    band("B05", "nir08", 0.865, 30.0),
    band("B06", "swir16", 1.609, 30.0),
    band("B07", "swir22", 2.201, 30.0),
    band("B09", "cirrus", 1.373, 30.0),
    band("B10", "lwir11", 10.895, 30.0),
    band("B11", "lwir12", 12.005, 30.0),
];

/// What providers call Sentinel-2's bands besides: earth-search and others the red edges, Digital Earth Australia what is not
/// called by its common name.
pub(crate) const SENTINEL2_ALIASES: &[(&str, &str)] = &[
    ("rededge1", "B05"),
    ("rededge2", "B06"),
    ("rededge3", "B07"),
    ("nbart_coastal_aerosol", "B01"),
    ("nbart_red_edge_1", "B05"),
    ("nbart_red_edge_2", "B06"),
    ("nbart_red_edge_3", "B07"),
    ("nbart_nir_1", "B08"),
    ("nbart_nir_2", "B8A"),
    ("nbart_swir_2", "B11"),
    ("nbart_swir_3", "B12"),
];

/// The same of Landsat 8 and 9.
pub(crate) const LANDSAT_ALIASES: &[(&str, &str)] = &[
    ("nbart_coastal_aerosol", "B1"),
    ("nbart_nir", "B5"),
    ("nbart_swir_1", "B6"),
    ("nbart_swir_2", "B7"),
    ("nbart_panchromatic", "B8"),
];

/// The same of Landsat 4, 5 and 7.
pub(crate) const LANDSAT_TM_ALIASES: &[(&str, &str)] =
    &[("nbart_nir", "B4"), ("nbart_swir_1", "B5"), ("nbart_swir_2", "B7"), ("nbart_panchromatic", "B8")];
