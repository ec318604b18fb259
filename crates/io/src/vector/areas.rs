//! Polygons with classes burnt onto a grid each by itself, so that every pixel knows the polygon that it lies in.

use super::features::{Features, code_of};
use super::layer::VectorLayer;
use super::plain_shape::polygons;
use super::rasterize::{burn, on};
use crate::gdal_failure::GdalFailure;
use crate::{Error, Result};
use ecotone_core::{ClassCode, GeoBox};
use gdal::vector::{Geometry, OGRwkbGeometryType};

/// A polygon whose class is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Area {
    /// What it is called: its `id`, else its number in the file.
    pub id: String,
    /// Its class.
    pub code: ClassCode,
}

/// Which polygon each pixel of a grid lies in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Areas {
    /// The polygons that reach the grid's bounds, in the order of the file.
    pub areas: Vec<Area>,
    /// For each pixel `[y, x]` its place among `areas`, counted from 1; 0 for none.
    pub numbers: Vec<u32>,
}

/// Burns the polygons of a layer onto a grid, those of collections too: each pixel whose centre lies in one gets its number, the
/// later polygon winning where two overlap. Features without a code, and those that are no polygons, are skipped.
///
/// # Errors
/// When the file or the attribute is missing, or a value is no code from 0 to 255.
pub fn rasterize_areas(layer: &VectorLayer, attribute: &str, target: &GeoBox) -> Result<Areas> {
    let path = layer.path();
    let failed = |source| Error::Vector { path: path.to_owned(), source };
    let dataset = layer.open()?;
    let mut features = Features::of(layer, &dataset, target.crs())?;
    let field = features.field(attribute)?;
    let id = features.fields().iter().position(|name| name.eq_ignore_ascii_case("id"));
    let bounds = target.bounds();
    let (mut shapes, mut areas) = (Vec::new(), Vec::new());
    let left_out = features.for_each(Some(bounds), |feature, number, shape| {
        if let Some(shape) = area_of(&shape).map_err(failed)?
            && on(&shape, bounds)
            && let Some(code) = code_of(path, attribute, feature, number, field)?
        {
            let named = id.map(|id| feature.field_as_string(id)).transpose();
            let named = named.map_err(|error| failed(error.into()))?.flatten();
            let named = named.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
            areas.push(Area { id: named.unwrap_or_else(|| number.to_string()), code: ClassCode(code) });
            shapes.push(shape);
        }
        Ok(())
    })?;
    left_out.warn(path);
    let numbers: Vec<f64> = (1..=areas.len()).map(|number| number as f64).collect();
    let numbers = burn::<u32>(target, &shapes, &numbers, 0).map_err(failed)?;
    Ok(Areas { areas, numbers })
}

/// The polygons of a shape as one; `None` where it has none.
fn area_of(shape: &Geometry) -> std::result::Result<Option<Geometry>, GdalFailure> {
    let mut area = Geometry::empty(OGRwkbGeometryType::wkbMultiPolygon)?;
    for polygon in polygons(shape) {
        area.add_geometry(polygon)?;
    }
    Ok((!area.is_empty()).then_some(area))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ecotone_core::{Crs, GeoTransform, Shape2d, XY};

    #[test]
    fn pixels_know_their_polygon_and_the_later_one_wins() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("fields.geojson");
        let square = |id: &str, code: &str, west: f64, east: f64| {
            format!(
                r#"{{"type":"Feature","properties":{{"id":{id},"code":{code}}},"geometry":{{"type":"Polygon",
                "coordinates":[[[{west},10],[{east},10],[{east},10.2],[{west},10.2],[{west},10]]]}}}}"#
            )
        };
        let text = format!(
            r#"{{"type":"FeatureCollection","features":[{},{},{}]}}"#,
            square("\"a\"", "7", 10.0, 10.2),
            square("\"b\"", "9", 10.1, 10.3),
            square("\"c\"", "null", 10.0, 10.3)
        );
        std::fs::write(&path, text).unwrap();
        let grid = GeoBox::new(
            Shape2d::new(2, 4),
            GeoTransform::north_up(XY::new(10.0, 10.2), 0.1),
            Crs::epsg(4326),
        );
        let found = rasterize_areas(&VectorLayer::parse(&path), "code", &grid).unwrap();
        let known: Vec<(&str, u8)> = found.areas.iter().map(|area| (area.id.as_str(), area.code.0)).collect();
        assert_eq!(known, [("a", 7), ("b", 9)]);
        assert_eq!(found.numbers, [1, 2, 2, 0, 1, 2, 2, 0]);
        let missing = rasterize_areas(&VectorLayer::parse(&path), "cod", &grid).unwrap_err().to_string();
        assert!(missing.contains("code"), "{missing}");
    }
}
