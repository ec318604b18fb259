//! Shapes made of points, straight lines and polygons: what curves, triangles and surfaces become before anything is
//! done with them.

use crate::ffi;
use crate::gdal_failure::GdalFailure;
use gdal::vector::{Geometry, OGRwkbGeometryType as Kind, geometry_type_flatten};

type Result<T> = std::result::Result<T, GdalFailure>;

/// A shape in the plane, its curves made straight and its surfaces made polygons; empty parts are left out. `None` where
/// nothing is left, or where GDAL knows no such way.
pub(crate) fn plain(shape: &Geometry) -> Result<Option<Geometry>> {
    if shape.is_empty() {
        return Ok(None);
    }
    let kind = geometry_type_flatten(shape.geometry_type());
    let mut made = match kind {
        _ if is_plain(shape) => shape.clone(),
        Kind::wkbTriangle | Kind::wkbTIN | Kind::wkbPolyhedralSurface => ffi::faces(shape)?,
        Kind::wkbCircularString
        | Kind::wkbCompoundCurve
        | Kind::wkbCurvePolygon
        | Kind::wkbMultiCurve
        | Kind::wkbMultiSurface => return plain(&ffi::straight(shape)?),
        _ if is_several(kind) => {
            let mut made = Geometry::empty(kind)?;
            for part in parts(shape) {
                if let Some(part) = plain(&part)? {
                    made.add_geometry(part)?;
                }
            }
            made
        }
        _ => return Ok(None),
    };
    made.flatten_to_2d();
    Ok((!made.is_empty()).then_some(made))
}

/// Whether a shape is plain already, but for its heights.
fn is_plain(shape: &Geometry) -> bool {
    let kind = geometry_type_flatten(shape.geometry_type());
    !shape.is_empty()
        && match kind {
            Kind::wkbPoint | Kind::wkbLineString | Kind::wkbPolygon => true,
            _ if is_several(kind) => {
                (0..shape.geometry_count()).all(|part| is_plain(&shape.get_geometry(part)))
            }
            _ => false,
        }
}

const fn is_several(kind: Kind::Type) -> bool {
    matches!(
        kind,
        Kind::wkbMultiPoint | Kind::wkbMultiLineString | Kind::wkbMultiPolygon | Kind::wkbGeometryCollection
    )
}

/// The parts of a shape that is made of several; none of one that is not.
pub(crate) fn parts(shape: &Geometry) -> impl Iterator<Item = Geometry> {
    let several = is_several(geometry_type_flatten(shape.geometry_type()));
    let count = if several { shape.geometry_count() } else { 0 };
    (0..count).map(|part| shape.get_geometry(part).clone())
}

/// The polygons among the parts of a shape, however deep.
pub(crate) fn polygons(shape: &Geometry) -> Vec<Geometry> {
    match shape.geometry_type() {
        Kind::wkbPolygon => vec![shape.clone()],
        _ => parts(shape).flat_map(|part| polygons(&part)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(wkt: &str, expected: Option<(Kind::Type, f64)>) {
        let made = plain(&Geometry::from_wkt(wkt).unwrap()).unwrap();
        let found = made.as_ref().map(|made| (made.geometry_type(), made.area()));
        match (found, expected) {
            (Some((kind, area)), Some((wanted, exact))) => {
                assert_eq!(kind, wanted, "{wkt}");
                assert!((area - exact).abs() <= 2e-4 * exact, "{wkt}: {area}, expected {exact}");
            }
            (found, expected) => assert_eq!(found.is_some(), expected.is_some(), "{wkt}"),
        }
    }

    #[test]
    fn every_kind_of_shape_becomes_points_lines_and_polygons() {
        use std::f64::consts::PI;
        let disk = "CURVEPOLYGON (CIRCULARSTRING (0 0, 2 0, 0 0))";
        check("POINT Z (1 2 3)", Some((Kind::wkbPoint, 0.0)));
        check(disk, Some((Kind::wkbPolygon, PI)));
        check("CIRCULARSTRING (0 0, 1 1, 2 0)", Some((Kind::wkbLineString, 0.0)));
        check("COMPOUNDCURVE ((0 0, 1 0), CIRCULARSTRING (1 0, 2 1, 3 0))", Some((Kind::wkbLineString, 0.0)));
        check(
            "MULTICURVE ((0 0, 1 0), CIRCULARSTRING (1 0, 2 1, 3 0))",
            Some((Kind::wkbMultiLineString, 0.0)),
        );
        let surfaces = format!("MULTISURFACE ({disk}, ((5 0, 6 0, 6 1, 5 1, 5 0)))");
        check(&surfaces, Some((Kind::wkbMultiPolygon, PI + 1.0)));
        check("TRIANGLE ((0 0, 2 0, 0 2, 0 0))", Some((Kind::wkbPolygon, 2.0)));
        let faces = "(((0 0 1, 2 0 1, 0 2 1, 0 0 1)), ((2 0 1, 2 2 1, 0 2 1, 2 0 1)))";
        check(&format!("TIN Z {faces}"), Some((Kind::wkbMultiPolygon, 4.0)));
        check(&format!("POLYHEDRALSURFACE Z {faces}"), Some((Kind::wkbMultiPolygon, 4.0)));
        let nested = format!(
            "GEOMETRYCOLLECTION (POINT (1 1), POLYGON EMPTY, {disk}, GEOMETRYCOLLECTION (TIN Z {faces}))"
        );
        check(&nested, Some((Kind::wkbGeometryCollection, PI + 4.0)));
        let found = plain(&Geometry::from_wkt(&nested).unwrap()).unwrap().unwrap();
        assert_eq!(polygons(&found).len(), 3, "a disk and two faces");
        for nothing in
            ["POINT EMPTY", "POLYGON EMPTY", "MULTIPOLYGON (EMPTY)", "GEOMETRYCOLLECTION (LINESTRING EMPTY)"]
        {
            check(nothing, None);
        }
    }
}
