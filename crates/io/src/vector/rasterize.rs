//! Labels of vector files burnt onto a grid.

use super::features::{Features, code_of};
use super::layer::VectorLayer;
use crate::ffi::{self, Layout};
use crate::gdal_failure::GdalFailure;
use crate::{Error, Pixel, Result, VectorError};
use ecotone_core::{BoundingBox, GeoBox, Nodata, Raster, Window};
use gdal::DriverManager;
use gdal::vector::Geometry;

/// Burns the features of a layer (GeoJSON, GeoPackage, Shapefile) onto a grid: each pixel whose centre lies in a polygon
/// gets the polygon's class code, the later feature winning where two overlap; all others get `fill`, the raster's
/// nodata. Features without a code are skipped; those that cannot be projected are told to the log.
///
/// # Errors
/// When the file, the layer or the attribute is missing, several layers hold features and none is named, a value is no
/// code from 0 to 255, or nothing lies on the grid.
pub fn rasterize(layer: &VectorLayer, attribute: &str, target: &GeoBox, fill: u8) -> Result<Raster<u8>> {
    let path = layer.path();
    let dataset = layer.open()?;
    let mut features = Features::of(layer, &dataset, target.crs())?;
    let field = features.field(attribute)?;
    let bounds = target.bounds();
    let (mut shapes, mut codes) = (Vec::new(), Vec::new());
    let left_out = features.for_each(Some(bounds), |feature, number, shape| {
        if on(&shape, bounds)
            && let Some(code) = code_of(path, attribute, feature, number, field)?
        {
            shapes.push(shape);
            codes.push(f64::from(code));
        }
        Ok(())
    })?;
    left_out.warn(path);
    let data = burn(target, &shapes, &codes, fill)
        .map_err(|source| Error::Vector { path: path.to_owned(), source })?;
    if !codes.contains(&f64::from(fill)) && data.iter().all(|value| *value == fill) {
        let BoundingBox { min, max } = bounds;
        let grid = format!("{} {} to {} {} in {}", min.x, min.y, max.x, max.y, target.crs());
        return Err(Error::from(VectorError::NoOverlap { path: path.to_owned(), grid }));
    }
    Raster::new(target.clone(), 1, data, Some(Nodata::new(f64::from(fill))))
        .map_err(|source| Error::Describe { path: path.to_owned(), source })
}

pub(crate) fn on(shape: &Geometry, bounds: BoundingBox) -> bool {
    let envelope = shape.envelope();
    envelope.MinX <= bounds.max.x
        && envelope.MaxX >= bounds.min.x
        && envelope.MinY <= bounds.max.y
        && envelope.MaxY >= bounds.min.y
}

/// Burns a value for each shape, the later one winning; `fill` everywhere else.
pub(crate) fn burn<T: Pixel>(
    target: &GeoBox,
    shapes: &[Geometry],
    codes: &[f64],
    fill: T,
) -> std::result::Result<Vec<T>, GdalFailure> {
    let (rows, cols) = (target.shape().rows, target.shape().cols);
    let mut memory =
        DriverManager::get_driver_by_name("MEM")?.create_with_band_type::<T, _>("", cols, rows, 1)?;
    memory.set_geo_transform(&target.transform().to_gdal())?;
    memory.rasterband(1)?.fill(fill.into(), None)?;
    if !shapes.is_empty() {
        gdal::raster::rasterize(&mut memory, &[1], shapes, codes, None)?;
    }
    let mut data = vec![fill; rows * cols];
    let layout = Layout { start: 0, row: cols, band: data.len() };
    ffi::read(&memory, &[1], Window::whole(target.shape()), &mut data, layout)?;
    Ok(data)
}
