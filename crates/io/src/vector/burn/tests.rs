//! Lines, areas and points on small grids, against areas and distances that are known.

use super::*;
use ecotone_core::{Crs, GeoTransform, Shape2d};
use std::fs;
use tempfile::TempDir;

/// So many rows and columns of 10 m whose upper left corner is (500 000, 5 500 000) in UTM 33.
fn grid(rows: usize, cols: usize) -> GeoBox {
    let transform = GeoTransform::north_up(XY::new(500_000.0, 5_500_000.0), 10.0);
    GeoBox::new(Shape2d::new(rows, cols), transform, Crs::epsg(32633))
}

/// A feature whose coordinates are pixels of the grid.
fn feature(properties: &str, kind: &str, coordinates: &str) -> String {
    format!(
        r#"{{"type":"Feature","properties":{properties},"geometry":{{"type":"{kind}","coordinates":{coordinates}}}}}"#
    )
}

fn written(features: &[String]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("roads.geojson");
    let crs = r#""crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::32633"}}"#;
    fs::write(&path, format!(r#"{{"type":"FeatureCollection",{crs},"features":[{}]}}"#, features.join(",")))
        .unwrap();
    (folder, path)
}

/// Places in metres from the corner of the grid, downwards.
fn places(places: &[(f64, f64)]) -> String {
    let place = |(x, y): &(f64, f64)| format!("[{},{}]", 500_000.0 + x, 5_500_000.0 - y);
    format!("[{}]", places.iter().map(place).collect::<Vec<_>>().join(","))
}

fn query(width: Option<f64>, tolerance: f64) -> BurnQuery {
    BurnQuery { filters: Vec::new(), code: CodeFrom::Same(1), width, width_attribute: None, tolerance }
}

fn count(burnt: &Burnt) -> (usize, usize) {
    let held = burnt.codes.iter().flatten().count();
    (held, burnt.near.iter().filter(|near| **near).count())
}

#[test]
fn a_line_has_the_area_of_its_length_times_its_width_in_any_direction() {
    // Along rows, or exactly across them, a line holds whole rows or diagonals; only their average is right.
    for slope in [0.31, 0.83, 2.7, -0.7] {
        // 4 km through the middle of the grid.
        let (dx, dy) = (2000.0 / f64::hypot(1.0, slope), 2000.0 * slope / f64::hypot(1.0, slope));
        let ends = places(&[(2503.0 - dx, 2503.0 - dy), (2503.0 + dx, 2503.0 + dy)]);
        let (_keep, path) = written(&[feature("{}", "LineString", &ends)]);
        for width in [10.0, 12.0, 25.0, 80.0] {
            let mut burn =
                Burn::read(&VectorLayer::parse(&path), &query(Some(width), 0.0), &grid(500, 500)).unwrap();
            let (held, _) = count(&burn.window(Window::new(0, 0, 500, 500)));
            let ends = std::f64::consts::PI * (width / 2.0).powi(2);
            let expected = (4000.0 * width + ends) / 100.0;
            let off = (held as f64 - expected).abs() / expected;
            assert!(off < 0.05, "slope {slope}, width {width}: {held} for {expected}");
        }
    }
}

#[test]
fn windows_make_the_same_as_the_whole_and_every_distance_is_exact() {
    let line = [(35.0, 18.0), (180.0, 133.0), (90.0, 333.0)];
    let (_keep, path) = written(&[
        feature("{}", "LineString", &places(&line)),
        feature(
            "{}",
            "Polygon",
            &format!("[{}]", places(&[(200.0, 200.0), (300.0, 210.0), (260.0, 300.0), (200.0, 200.0)])),
        ),
        feature("{}", "Point", "[500320,5499960]"),
    ]);
    let mut burn = Burn::read(&VectorLayer::parse(&path), &query(Some(34.0), 12.0), &grid(40, 36)).unwrap();
    let whole = burn.window(Window::new(0, 0, 40, 36));
    assert_eq!((burn.read_features(), burn.coded_features(), burn.burnt_features()), (3, 3, 3));
    for rows in [1, 7, 16] {
        for first in (0..40).step_by(rows) {
            let window = Window::new(first as i64, 0, rows.min(40 - first), 36);
            let part = burn.window(window);
            let range = first * 36..(first + window.rows) * 36;
            assert_eq!((&part.codes[..], &part.near[..]), (&whole.codes[range.clone()], &whole.near[range]));
        }
    }
    // By hand: the smallest distance to the line's two segments, to the point, and inside the triangle.
    let to_segment = |p: (f64, f64), a: (f64, f64), b: (f64, f64)| {
        let (ux, uy) = (b.0 - a.0, b.1 - a.1);
        let t = (((p.0 - a.0) * ux + (p.1 - a.1) * uy) / (ux * ux + uy * uy)).clamp(0.0, 1.0);
        f64::hypot(p.0 - a.0 - t * ux, p.1 - a.1 - t * uy)
    };
    for row in 0..40 {
        for col in 0..36 {
            let p = (10.0 * col as f64 + 5.0, 10.0 * row as f64 + 5.0);
            let (mut near, at) = (f64::hypot(p.0 - 320.0, p.1 - 40.0), row * 36 + col);
            line.windows(2).for_each(|ends| near = near.min(to_segment(p, ends[0], ends[1])));
            if near <= 17.0 {
                assert_eq!(whole.codes[at], Some(1), "row {row}, column {col}");
            } else if near <= 29.0 && whole.codes[at].is_none() {
                assert!(whole.near[at], "row {row}, column {col}");
            }
        }
    }
}

#[test]
fn a_thin_line_is_whole_and_holes_are_left_out() {
    let ring = places(&[(10.0, 10.0), (90.0, 10.0), (90.0, 90.0), (10.0, 90.0), (10.0, 10.0)]);
    let hole = places(&[(30.0, 30.0), (70.0, 30.0), (70.0, 70.0), (30.0, 70.0), (30.0, 30.0)]);
    let (_keep, path) = written(&[feature("{}", "Polygon", &format!("[{ring},{hole}]"))]);
    let mut burn = Burn::read(&VectorLayer::parse(&path), &query(None, 0.0), &grid(10, 10)).unwrap();
    assert_eq!(count(&burn.window(Window::new(0, 0, 10, 10))), (64 - 16, 0));

    let (_keep, path) = written(&[feature("{}", "LineString", &places(&[(3.0, 3.0), (97.0, 55.0)]))]);
    let mut burn = Burn::read(&VectorLayer::parse(&path), &query(Some(2.0), 0.0), &grid(10, 10)).unwrap();
    let burnt = burn.window(Window::new(0, 0, 10, 10));
    assert!(
        (0..10).all(|col| (0..10).any(|row| burnt.codes[row * 10 + col].is_some())),
        "no column without it"
    );
    assert_eq!(burn.thinnest(), Some(10.0));
}

#[test]
fn the_last_feature_wins_and_widths_come_from_an_attribute() {
    let (_keep, path) = written(&[
        feature(r#"{"code":3,"width":"20 m"}"#, "LineString", &places(&[(0.0, 50.0), (100.0, 50.0)])),
        feature(r#"{"code":4,"width":null}"#, "LineString", &places(&[(45.0, 0.0), (45.0, 100.0)])),
        feature(r#"{"code":null}"#, "LineString", &places(&[(0.0, 5.0), (100.0, 5.0)])),
    ]);
    let query = BurnQuery {
        code: CodeFrom::Attribute("code".to_owned()),
        width_attribute: Some("width".to_owned()),
        ..query(Some(10.0), 0.0)
    };
    let mut burn = Burn::read(&VectorLayer::parse(&path), &query, &grid(10, 10)).unwrap();
    let burnt = burn.window(Window::new(0, 0, 10, 10));
    let of = |code: u8| burnt.codes.iter().filter(|found| **found == Some(code)).count();
    assert_eq!((of(3), of(4), burn.codes()), (18, 10, vec![3, 4]));
}
