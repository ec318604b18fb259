//! Which grid a map gets.

use ecotone_core::{BoundingBox, Crs, GeoBox};

/// Pixel sides in files and in words count as one resolution when they differ by less than this share: some grids are
/// a few millimetres off.
const SAME_RESOLUTION: f64 = 0.01;

/// True where a grid's pixels have the side that was asked for.
pub(crate) fn has_resolution(grid: &GeoBox, resolution: f64) -> bool {
    (grid.gsd() / resolution - 1.0).abs() < SAME_RESOLUTION
}

/// The smallest grid over a rectangle: on the lattice of `like` where that has the CRS and resolution that were asked
/// for, so that pixels need no resampling, else on the lattice through the CRS's origin.
pub(crate) fn over(bounds: BoundingBox, resolution: f64, crs: Crs, like: Option<&GeoBox>) -> GeoBox {
    let covering = GeoBox::covering(bounds, resolution, crs);
    match like.filter(|like| has_resolution(like, resolution) && like.crs() == covering.crs()) {
        Some(like) => covering.snap_to(like),
        None => covering,
    }
}
