//! Vector files: labels burnt onto a grid, and areas of interest.

use super::features::{Features, code_of, to_geo};
use super::layer::VectorLayer;
use super::left_out::LeftOut;
use super::plain_shape;
use crate::earth::crs;
use crate::gdal_failure::GdalFailure;
use crate::{Error, Pixel, Result, VectorError};
use ecotone_core::{BoundingBox, Crs, GeoBox, Nodata, Raster, Window, XY};
use gdal::DriverManager;
use gdal::vector::Geometry;
use geo_types::{Coord, LineString, MultiPolygon, Polygon};

/// A part of the Earth that a job is about.
#[derive(Debug, Clone, PartialEq)]
pub struct Aoi {
    /// Its polygons, in the CRS that was asked for.
    pub outline: MultiPolygon<f64>,
    /// The rectangle around them.
    pub bounds: BoundingBox,
}

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

/// Reads an area of interest: `west,south,east,north` in degrees, or the polygons of a vector file, `FILE` or
/// `FILE#LAYER`. Where west is more than east, the box crosses the antimeridian and has a polygon on either side of it.
///
/// ```
/// use ecotone_core::Crs;
///
/// let aoi = ecotone_io::read_aoi("9.9,51.9,10.1,52.1", &Crs::epsg(3035))?;
/// assert!(aoi.bounds.min.x < 4_321_000.0 && aoi.bounds.max.x > 4_321_000.0);
/// # Ok::<(), ecotone_io::Error>(())
/// ```
///
/// # Errors
/// When the text is neither, the file has no polygon, or several of its layers hold features and none is named.
pub fn read_aoi(text: &str, target: &Crs) -> Result<Aoi> {
    let refuse = || Error::from(VectorError::Aoi(text.to_owned()));
    let numbers: Option<Vec<f64>> = text.split(',').map(|part| part.trim().parse().ok()).collect();
    let outline = match numbers.as_deref() {
        Some([west, south, east, north]) => {
            let lon = -180.0..=180.0;
            let inside = lon.contains(west) && lon.contains(east) && *south >= -90.0 && *north <= 90.0;
            // Half of the Earth the wrong way round is two numbers in the wrong order.
            let crosses = west - east >= 180.0;
            if !inside || south >= north || (west >= east && !crosses) {
                return Err(refuse());
            }
            let side = |west: f64, east: f64| {
                rectangle(BoundingBox { min: XY::new(west, *south), max: XY::new(east, *north) }, target)
            };
            let spans = if crosses { vec![(*west, 180.0), (-180.0, *east)] } else { vec![(*west, *east)] };
            let spans = spans.into_iter().filter(|(west, east)| west < east);
            MultiPolygon(spans.map(|(west, east)| side(west, east)).collect::<Result<_>>()?)
        }
        Some(_) => return Err(refuse()),
        None => {
            let layer = VectorLayer::parse(text);
            if !layer.may_exist() {
                return Err(refuse());
            }
            polygons(&layer, target)?
        }
    };
    let corners = outline.iter().flat_map(|p| p.exterior().coords()).map(|c| XY::new(c.x, c.y));
    let bounds = BoundingBox::around(corners).ok_or_else(refuse)?;
    Ok(Aoi { outline, bounds })
}

/// A rectangle in degrees as a polygon in `target`, its edges bent as they are.
fn rectangle(bounds: BoundingBox, target: &Crs) -> Result<Polygon<f64>> {
    const STEPS: usize = 21;
    let BoundingBox { min, max } = bounds;
    let corners = [min, XY::new(max.x, min.y), max, XY::new(min.x, max.y), min];
    let edge = corners.windows(2).flat_map(|side| {
        let (a, b) = (side[0], side[1]);
        (0..STEPS).map(move |i| {
            let t = i as f64 / STEPS as f64;
            XY::new(a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t)
        })
    });
    let edge = crs::transform_points(&edge.collect::<Vec<_>>(), &Crs::epsg(4326), target)?;
    let ring = LineString(edge.into_iter().map(|p| Coord { x: p.x, y: p.y }).collect());
    Ok(Polygon::new(ring, Vec::new()))
}

/// The polygons of a layer, parts of collections among them.
fn polygons(layer: &VectorLayer, target: &Crs) -> Result<MultiPolygon<f64>> {
    let dataset = layer.open()?;
    let mut found = Vec::new();
    let left_out = Features::of(layer, &dataset, target)?.for_each(None, |_, _, shape| {
        for polygon in plain_shape::polygons(&shape) {
            if let geo_types::Geometry::Polygon(polygon) = to_geo(layer.path(), &polygon)? {
                found.push(polygon);
            }
        }
        Ok(())
    })?;
    left_out.warn(layer.path());
    match found.is_empty() && left_out.reasons().next().is_some() {
        true => Err(nowhere(layer, target, &left_out)),
        false => Ok(MultiPolygon(found)),
    }
}

/// The rectangle around all features of a layer, be they points, lines or polygons, in the CRS that is asked for.
///
/// # Errors
/// When the file or the layer is missing, several layers hold features and none is named, or no feature has a shape that
/// can be projected.
pub fn layer_bounds(layer: &VectorLayer, target: &Crs) -> Result<BoundingBox> {
    let dataset = layer.open()?;
    let mut corners = Vec::new();
    let left_out = Features::of(layer, &dataset, target)?.for_each(None, |_, _, shape| {
        let around = shape.envelope();
        corners.extend([XY::new(around.MinX, around.MinY), XY::new(around.MaxX, around.MaxY)]);
        Ok(())
    })?;
    left_out.warn(layer.path());
    BoundingBox::around(corners).ok_or_else(|| nowhere(layer, target, &left_out))
}

fn nowhere(layer: &VectorLayer, target: &Crs, left_out: &LeftOut) -> Error {
    let (crs, why) = (target.to_string(), left_out.lines().join("; "));
    Error::from(VectorError::NoShapes { path: layer.path().to_owned(), crs, why })
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
    let layout = crate::ffi::Layout { start: 0, row: cols, band: data.len() };
    crate::ffi::read(&memory, &[1], Window::whole(target.shape()), &mut data, layout)?;
    Ok(data)
}

#[cfg(test)]
#[path = "rasterize_tests.rs"]
mod tests;
