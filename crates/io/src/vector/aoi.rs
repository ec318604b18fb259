//! Areas of interest, and the rectangle around a layer.

use super::features::{Features, to_geo};
use super::layer::VectorLayer;
use super::left_out::LeftOut;
use super::plain_shape;
use crate::earth::crs;
use crate::{Error, Result, VectorError};
use ecotone_core::{BoundingBox, Crs, XY};
use geo_types::{Coord, LineString, MultiPolygon, Polygon};

/// A part of the Earth that a job is about.
#[derive(Debug, Clone, PartialEq)]
pub struct Aoi {
    /// Its polygons, in the CRS that was asked for.
    pub outline: MultiPolygon<f64>,
    /// The rectangle around them.
    pub bounds: BoundingBox,
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
