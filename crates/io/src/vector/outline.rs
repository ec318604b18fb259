//! Areas of interest polygon by polygon: where each lies, and which pixels have their centre in one.

use super::rasterize::burn;
use crate::{Error, Result, VectorError, read_aoi};
use ecotone_core::{BoundingBox, Crs, GeoBox, GeoTransform, Window, XY};
use gdal::vector::{Geometry, ToGdal};
use geo_types::{Coord, LineString, Polygon};

/// One of the places that an area of interest is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct AoiPart {
    /// The rectangle around it, in the CRS that was asked for.
    pub bounds: BoundingBox,
    /// Its outline in the same CRS; `None` where it is all of the rectangle.
    pub outline: Option<Polygon<f64>>,
}

impl From<BoundingBox> for AoiPart {
    fn from(bounds: BoundingBox) -> Self {
        Self { bounds, outline: None }
    }
}

/// Reads an area of interest as [`read_aoi`] does, as its parts: each polygon of a file with its outline, in the order of the
/// file; `west,south,east,north` in degrees as one rectangle, or one on either side of the antimeridian.
///
/// # Errors
/// As [`read_aoi`].
pub fn read_aoi_parts(text: &str, target: &Crs) -> Result<Vec<AoiPart>> {
    let aoi = read_aoi(text, target)?;
    let is_box = text.split(',').all(|part| part.trim().parse::<f64>().is_ok());
    let part = |polygon: Polygon<f64>| {
        let corners = polygon.exterior().coords().map(|c| XY::new(c.x, c.y));
        let bounds = BoundingBox::around(corners)?;
        Some(AoiPart { bounds, outline: (!is_box).then_some(polygon) })
    };
    Ok(aoi.outline.into_iter().filter_map(part).collect())
}

/// Which pixels of a window of a grid, `[y, x]`, have their centre in the outline of one of some parts; rectangles without an
/// outline are not looked at. The window may reach over the grid's edge; what a pixel gets does not depend on it.
///
/// # Errors
/// When GDAL cannot burn them.
pub fn inside_outlines(parts: &[AoiPart], grid: &GeoBox, window: Window) -> Result<Vec<bool>> {
    // With a margin, so that what is left out lies off the window for certain.
    let bounds = grid.crop(window.pad(1)).bounds();
    let near = parts.iter().filter(|part| part.bounds.intersects(&bounds));
    let outlines = near.filter_map(|part| part.outline.as_ref());
    let failed = |source| Error::from(VectorError::Outline { source });
    let shapes = outlines
        .map(|outline| on_lattice(&shortened(outline, bounds), grid).to_gdal())
        .collect::<std::result::Result<Vec<Geometry>, _>>()
        .map_err(|error| failed(error.into()))?;
    if shapes.is_empty() {
        return Ok(vec![false; window.shape().len()]);
    }
    // One by one: where two overlap, both hold the pixel.
    let burnt = burn::<u8>(&lattice(grid, window), &shapes, &vec![1.0; shapes.len()], 0).map_err(failed)?;
    Ok(burnt.into_iter().map(|value| value == 1).collect())
}

/// Side of a pixel where polygons are burnt: a power of two, so that GDAL counts the pixels of any window without rounding,
/// and an edge through centres decides alike in all of them. Not 1, which GDAL takes for no place at all.
const SIDE: f64 = 2.0;

/// Corners lie on whole steps, a millionth of a pixel, for the same reason.
const STEPS: f64 = 1_048_576.0;

/// A window of the pixels of [`SIDE`].
fn lattice(grid: &GeoBox, window: Window) -> GeoBox {
    let corner = XY::new(window.col as f64 * SIDE, -(window.row as f64) * SIDE);
    GeoBox::new(window.shape(), GeoTransform::north_up(corner, SIDE), grid.crs().clone())
}

/// A polygon in pixels of [`SIDE`] from the corner of the grid, x to the right and y upwards.
fn on_lattice(polygon: &Polygon<f64>, grid: &GeoBox) -> Polygon<f64> {
    let moved = |ring: &LineString<f64>| {
        let corner = |c: &Coord<f64>| {
            let XY { x, y } = grid.transform().world_to_pixel(XY::new(c.x, c.y));
            let rounded = |pixels: f64| (pixels * STEPS).round() / STEPS * SIDE;
            Coord { x: rounded(x), y: -rounded(y) }
        };
        LineString(ring.coords().map(corner).collect())
    };
    Polygon::new(moved(polygon.exterior()), polygon.interiors().iter().map(moved).collect())
}

/// A polygon with fewer corners that holds the same points of a rectangle: of corners that follow each other beyond one of
/// its sides only the first and the last count. All edges that reach the rectangle are left as they are.
fn shortened(polygon: &Polygon<f64>, bounds: BoundingBox) -> Polygon<f64> {
    let interiors = polygon.interiors().iter().map(|ring| short_ring(ring, bounds));
    Polygon::new(short_ring(polygon.exterior(), bounds), interiors.collect())
}

fn short_ring(ring: &LineString<f64>, BoundingBox { min, max }: BoundingBox) -> LineString<f64> {
    // One bit for each side that a corner lies beyond.
    let beyond = |c: &Coord<f64>| {
        [c.x < min.x, c.x > max.x, c.y < min.y, c.y > max.y]
            .into_iter()
            .fold(0u8, |bits, beyond| bits << 1 | u8::from(beyond))
    };
    let mut kept: Vec<Coord<f64>> = Vec::new();
    let mut last = 0;
    for (place, corner) in ring.0.iter().enumerate() {
        let own = beyond(corner);
        let next = ring.0.get(place + 1).map_or(0, beyond);
        if kept.is_empty() || last & own & next == 0 {
            kept.push(*corner);
            last = own;
        }
    }
    LineString(kept)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ecotone_core::Shape2d;
    use proptest::prelude::*;

    fn grid() -> GeoBox {
        let corner = GeoTransform::north_up(XY::new(500_000.0, 5_000_000.0), 10.0);
        GeoBox::new(Shape2d::new(40, 50), corner, Crs::epsg(32633))
    }

    /// A star around a place on the grid, with a hole; `reach` is that of each of its points, all in pixels.
    fn star(reach: &[f64], row: f64, col: f64) -> AoiPart {
        let points = reach.len() as f64;
        let ring = |scale: f64| {
            let corner = |(point, reach): (usize, &f64)| {
                let (sin, cos) = (point as f64 / points * std::f64::consts::TAU).sin_cos();
                Coord {
                    x: 500_000.0 + 10.0 * (col + scale * reach * cos),
                    y: 5_000_000.0 - 10.0 * (row + scale * reach * sin),
                }
            };
            LineString(reach.iter().enumerate().map(corner).collect())
        };
        let polygon = Polygon::new(ring(1.0), vec![ring(0.3)]);
        let corners = polygon.exterior().coords().map(|c| XY::new(c.x, c.y));
        AoiPart { bounds: BoundingBox::around(corners).unwrap(), outline: Some(polygon) }
    }

    proptest! {
        #[test]
        fn any_window_sees_the_outline_as_the_whole_grid_does(
            reach in proptest::collection::vec(1.0..60.0f64, 3..40),
            row in -10.0..50.0f64, col in -10.0..60.0f64,
            top in -5i64..40, left in -5i64..50, rows in 1usize..20, cols in 1usize..20,
        ) {
            let star = star(&reach, row, col);
            let window = Window::new(top, left, rows, cols);
            let found = inside_outlines(std::slice::from_ref(&star), &grid(), window).unwrap();
            // Every corner, on a grid that holds window and grid.
            let around = Window::new(-5, -5, 65, 75);
            let all = on_lattice(&star.outline.unwrap(), &grid()).to_gdal().unwrap();
            let whole = burn::<u8>(&lattice(&grid(), around), &[all], &[1.0], 0).unwrap();
            let place = window.relative_to(around);
            let lines = whole.chunks_exact(75).skip(place.row as usize).take(rows);
            let expected: Vec<bool> =
                lines.flat_map(|line| &line[place.col as usize..][..cols]).map(|value| *value == 1).collect();
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn an_outline_is_burnt_where_it_lies() {
        let star = star(&[12.0, 30.0, 9.0, 18.0, 25.0], 17.3, 22.8);
        let outline = star.outline.as_ref().unwrap().to_gdal().unwrap();
        let plain = burn::<u8>(&grid(), &[outline], &[1.0], 0).unwrap();
        let found = inside_outlines(&[star], &grid(), Window::whole(grid().shape())).unwrap();
        assert_eq!(found, plain.iter().map(|value| *value == 1).collect::<Vec<_>>());
        assert!(found.iter().filter(|inside| **inside).count() > 100);
    }

    #[test]
    fn an_edge_through_centres_decides_alike_in_every_window() {
        // Sides of 10 m count no pixel without rounding, and every edge runs through centres.
        let at = |row: f64, col: f64| Coord { x: 500_000.0 + 10.0 * col, y: 5_000_000.0 - 10.0 * row };
        let ring = [at(3.5, 2.5), at(3.5, 47.5), at(30.5, 47.5), at(30.5, 20.5), at(12.5, 2.5)];
        let outline = Polygon::new(LineString(ring.to_vec()), Vec::new());
        let corners = outline.exterior().coords().map(|c| XY::new(c.x, c.y));
        let part = [AoiPart { bounds: BoundingBox::around(corners).unwrap(), outline: Some(outline) }];
        let whole = inside_outlines(&part, &grid(), Window::whole(grid().shape())).unwrap();
        assert!(whole[20 * 50 + 30] && !whole[35 * 50 + 30]);
        for (pixel, expected) in whole.iter().enumerate() {
            let (row, col) = ((pixel / 50) as i64, (pixel % 50) as i64);
            for window in [Window::new(row, col, 1, 1), Window::new(row - 7, col, 8, 5)] {
                let found = inside_outlines(&part, &grid(), window).unwrap();
                assert_eq!(found[(window.rows - 1) * window.cols], *expected, "row {row}, column {col}");
            }
        }
    }

    #[test]
    fn each_polygon_is_a_part_and_those_that_overlap_are_both_held() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("three.geojson");
        let square =
            |west: f64, east: f64| format!("[[[{west},0],[{east},0],[{east},1],[{west},1],[{west},0]]]");
        let many = format!("[{},{}]", square(3.0, 5.0), square(8.0, 9.0));
        let feature = |kind: &str, rings: String| {
            format!(
                r#"{{"type":"Feature","properties":{{}},"geometry":{{"type":"{kind}","coordinates":{rings}}}}}"#
            )
        };
        let text = [feature("Polygon", square(0.0, 4.0)), feature("MultiPolygon", many)].join(",");
        std::fs::write(&path, format!(r#"{{"type":"FeatureCollection","features":[{text}]}}"#)).unwrap();
        let degrees = Crs::epsg(4326);
        let parts = read_aoi_parts(&path.display().to_string(), &degrees).unwrap();
        let west: Vec<f64> = parts.iter().map(|part| part.bounds.min.x).collect();
        assert_eq!(west, [0.0, 3.0, 8.0]);
        let grid =
            GeoBox::new(Shape2d::new(1, 10), GeoTransform::north_up(XY::new(0.0, 1.0), 1.0), degrees.clone());
        let whole = Window::whole(grid.shape());
        let held = inside_outlines(&parts, &grid, whole).unwrap();
        assert_eq!(held, [true, true, true, true, true, false, false, false, true, false]);
        let rectangle = read_aoi_parts("0,0,4,1", &degrees).unwrap();
        assert!(rectangle.len() == 1 && rectangle[0].outline.is_none());
        assert!(!inside_outlines(&rectangle, &grid, whole).unwrap().contains(&true));
    }

    #[test]
    fn a_box_across_the_antimeridian_has_two_sides() {
        let sides = |crs: &Crs| {
            let parts = read_aoi_parts("179.9,-17,-179.9,-16.9", crs).unwrap();
            assert!(parts.iter().all(|part| part.outline.is_none()));
            parts.iter().map(|part| (part.bounds.min.x, part.bounds.max.x)).collect::<Vec<_>>()
        };
        assert_eq!(sides(&Crs::epsg(4326)), [(179.9, 180.0), (-180.0, -179.9)]);
        // In the zones on either side they lie beside each other, 10.6 km wide each at this latitude.
        for zone in [32760, 32701] {
            let [(west, middle), (again, east)] = sides(&Crs::epsg(zone))[..] else { panic!("two sides") };
            assert!((middle - again).abs() < 400.0, "{west} {middle} {again} {east}");
            assert!((east - west - 21_300.0).abs() < 400.0, "{west} {middle} {again} {east}");
        }
    }
}
