//! What stands for nothing measured in files that do not say so.

use ecotone_core::{Nodata, Sensor};
use ecotone_io::{PixelType, Scene};

/// The sentinel of a scene's bands of this type where neither file nor record declares one; `None` where nothing is
/// known of the product.
///
/// 0 for Sentinel-2 (Products Specification Document, `NODATA` of the special values), for Landsat (Collection 2 Level 2
/// Science Product Guide, fill value) and for radar, whose power is above it; -9999 for HLS (User Guide 2.0, table 7).
pub(crate) fn sentinel(scene: &Scene, radar: bool, pixel: PixelType) -> Option<Nodata> {
    let zero = Some(Nodata::new(0.0));
    let names = [scene.collection.as_deref(), Some(scene.id.as_str())];
    let harmonised_landsat =
        names.into_iter().flatten().any(|name| name.to_ascii_lowercase().starts_with("hls"));
    match scene.sensor() {
        _ if radar => zero,
        _ if harmonised_landsat => (pixel == PixelType::I16).then(|| Nodata::new(-9999.0)),
        Some(Sensor::Sentinel2) => zero,
        // Level 2 counts from 1; signed products of others have sentinels of their own.
        Some(Sensor::Landsat) if pixel == PixelType::U16 => zero,
        _ => None,
    }
}
