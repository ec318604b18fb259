//! Whether a grid lies somewhere on the ground, and how large its pixels are there.

use crate::{Result, crs};
use ecotone_core::{Crs, GeoBox};

/// The system of rasters that lie nowhere: their own pixels.
const UNPLACED: &str = "LOCAL_CS[\"pixels of an image\",UNIT[\"pixel\",1]]";

/// The system of a raster without a place, see [`RasterDataset::open_unplaced`](crate::RasterDataset::open_unplaced).
pub(crate) fn unplaced_crs() -> Crs {
    Crs::Wkt(UNPLACED.to_owned())
}

/// Area of a pixel on the plane of the grid's projection, in square metres; `None` where the grid is in degrees,
/// whose pixels differ, or lies nowhere.
///
/// It is the ground's where the projection keeps areas (EPSG:3035, say); UTM is off by at most 0.2 %.
///
/// ```
/// use ecotone_core::{Crs, GeoBox, GeoTransform, Shape2d, XY};
///
/// let grid = |crs| GeoBox::new(Shape2d::new(4, 4), GeoTransform::north_up(XY::new(0.0, 0.0), 20.0), crs);
/// assert_eq!(ecotone_io::pixel_square_metres(&grid(Crs::epsg(32633)))?, Some(400.0));
/// assert_eq!(ecotone_io::pixel_square_metres(&grid(Crs::epsg(4326)))?, None);
/// # Ok::<(), ecotone_io::Error>(())
/// ```
///
/// # Errors
/// When the system is not understood.
pub fn pixel_square_metres(grid: &GeoBox) -> Result<Option<f64>> {
    let system = crs::spatial_ref(grid.crs())?;
    let unit = system.linear_units();
    Ok(system.is_projected().then(|| grid.pixel_area() * unit * unit))
}

/// Whether a grid lies somewhere on the ground; false for [`RasterDataset::open_unplaced`](crate::RasterDataset::open_unplaced)'s
/// own pixels and for local systems of others.
///
/// # Errors
/// When the system is not understood.
pub fn is_placed(grid: &GeoBox) -> Result<bool> {
    Ok(!crs::spatial_ref(grid.crs())?.is_local())
}
