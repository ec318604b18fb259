//! What stands for nothing measured in files that do not say so.

use ecotone_core::{Nodata, Sensor};
use ecotone_io::{PixelType, Scene};

/// The sentinel of a scene's bands of this type where neither file nor record declares one; `None` where nothing is
/// known of the product.
///
/// 0 for Sentinel-2 (Products Specification Document, `NODATA` of the special values), for Landsat (Collection 2 Level 2
/// Science Product Guide, fill value) and for radar, whose power is above it; -9999 for HLS (User Guide 2.0, table 7).
/// None for floating-point numbers, which have NaN, so that resampling still leaves that out.
pub(crate) fn sentinel(scene: &Scene, radar: bool, pixel: PixelType) -> Option<Nodata> {
    let zero = Some(Nodata::new(0.0));
    match scene.sensor() {
        _ if pixel.is_float() => None,
        _ if radar => zero,
        Some(Sensor::HlsS30 | Sensor::HlsL30) => (pixel == PixelType::I16).then(|| Nodata::new(-9999.0)),
        _ if is_sentinel2(scene) => zero,
        // Level 2 counts from 1; signed products of others have sentinels of their own.
        Some(Sensor::Landsat | Sensor::LandsatTm) if pixel == PixelType::U16 => zero,
        _ => None,
    }
}

/// Whether a scene is of Sentinel-2, by its names or by the baseline that no other sensor's products have.
pub(crate) fn is_sentinel2(scene: &Scene) -> bool {
    match scene.sensor() {
        Some(sensor) => sensor == Sensor::Sentinel2,
        None => scene.processing_baseline.is_some(),
    }
}

/// What a 0 of a band is besides what its sentinel says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Zero {
    /// A number like any other.
    Number,
    /// Dark ground beside other values; where all such bands are 0 nothing was measured.
    Dark,
    /// Nothing measured.
    Nothing,
}

impl Zero {
    /// That of a band for which nothing is declared, in a scene whose numbers hold an offset of ESA's or none.
    ///
    /// ESA counts from 1. Who takes the offset out leaves dark ground at 0, and so do numbers of other types.
    pub fn undeclared(scene: &Scene, radar: bool, pixel: PixelType, holds_offset: bool) -> Self {
        let zero_or_none = sentinel(scene, radar, pixel).is_none_or(|nodata| nodata == Nodata::new(0.0));
        match () {
            () if radar => Self::Nothing,
            () if is_sentinel2(scene) && pixel == PixelType::U16 && holds_offset => Self::Nothing,
            () if is_sentinel2(scene) && zero_or_none => Self::Dark,
            () => Self::Number,
        }
    }
}
