//! Areas of pixels against those of another geodesic library.

use super::*;
use crate::earth::place::unplaced_crs;
use crate::transform_points;
use ecotone_core::{Crs, GeoTransform, Shape2d};
use serde::Deserialize;

fn degrees(north: f64, side: f64, rows: usize, cols: usize) -> GeoBox {
    let transform = GeoTransform::north_up(XY::new(-5.0, north), side);
    GeoBox::new(Shape2d::new(rows, cols), transform, Crs::epsg(4326))
}

fn square_metres(areas: &PixelAreas, row: usize) -> f64 {
    areas.of_pixel(row, 0) as f64 * areas.part()
}

#[test]
fn pixels_in_degrees_are_as_large_as_in_an_equal_area_projection() {
    // PROJ's cylindrical equal-area projection of the ellipsoid (EPSG:6933) takes them to rectangles.
    for (north, side) in [(48.0, 0.0001), (0.5, 0.25), (89.9, 0.1), (-33.0, 0.01)] {
        let grid = degrees(north, side, 2, 3);
        let areas = pixel_areas(&grid).unwrap().unwrap();
        for row in 0..2 {
            let corner = |x: f64, y: f64| grid.transform().pixel_to_world(XY::new(x, y));
            let corners = [corner(0.0, row as f64), corner(1.0, row as f64 + 1.0)];
            let plane = transform_points(&corners, grid.crs(), &Crs::epsg(6933)).unwrap();
            let expected = ((plane[1].x - plane[0].x) * (plane[0].y - plane[1].y)).abs();
            let found = square_metres(&areas, row);
            assert!((found / expected - 1.0).abs() < 1e-7, "{north}: {found}, expected {expected}");
        }
    }
}

#[test]
fn all_pixels_are_the_surface_of_the_ellipsoid() {
    // 510 065 621.724 km² for WGS 84 (Moritz 2000, Geodetic Reference System 1980, whose ellipsoid differs by
    // less than a millimetre).
    let grid = GeoBox::new(
        Shape2d::new(720, 1440),
        GeoTransform::north_up(XY::new(-180.0, 90.0), 0.25),
        Crs::epsg(4326),
    );
    let areas = pixel_areas(&grid).unwrap().unwrap();
    let all: u64 = (0..720).map(|row| areas.of_pixel(row, 7) * 1440).sum();
    let square_km = all as f64 * areas.part() / 1e6;
    assert!((square_km - 510_065_621.7).abs() < 1.0, "{square_km}");
}

#[test]
fn where_there_is_no_ground_there_is_no_area() {
    let grid = degrees(10.0, 1.0, 2, 2);
    let nowhere = GeoBox::new(grid.shape(), grid.transform(), unplaced_crs());
    assert_eq!(pixel_areas(&nowhere).unwrap(), None);
}

/// A grid and its size, as tests/reference/make_ground.py has it from geodesics.
#[derive(Deserialize)]
struct Case {
    epsg: u32,
    corner: [f64; 2],
    side: f64,
    rows: usize,
    cols: usize,
    square_metres: f64,
}

impl Case {
    fn grid(&self) -> GeoBox {
        let transform = GeoTransform::north_up(XY::new(self.corner[0], self.corner[1]), self.side);
        GeoBox::new(Shape2d::new(self.rows, self.cols), transform, Crs::epsg(self.epsg))
    }
}

fn cases() -> Vec<Case> {
    serde_json::from_str(include_str!("../../tests/reference/ground.json")).unwrap()
}

/// The sum over all pixels, row by row in runs.
fn whole(grid: &GeoBox, areas: &PixelAreas) -> f64 {
    let row = |row: usize| -> u64 {
        areas.runs(row, 0..grid.shape().cols).map(|(run, parts)| run.len() as u64 * parts).sum()
    };
    (0..grid.shape().rows).map(row).sum::<u64>() as f64 * areas.part()
}

#[test]
fn a_grid_is_as_large_as_the_ground_whatever_its_projection() {
    for case in cases() {
        let grid = case.grid();
        let areas = pixel_areas(&grid).unwrap().unwrap();
        let off = whole(&grid, &areas) / case.square_metres - 1.0;
        // Planes within a hundredth of the ground are taken at their word.
        let allowed = if areas.vary() { 1e-5 } else { 0.01 };
        assert!(off.abs() < allowed, "EPSG:{} at {:?}: off by {off:e}", case.epsg, case.corner);
        let plane = case.side * case.side * grid.shape().len() as f64;
        let stretched = (plane / case.square_metres - 1.0).abs() > 0.01 && case.epsg != 2263;
        assert_eq!(areas.vary(), stretched, "EPSG:{} at {:?}", case.epsg, case.corner);
    }
}

#[test]
fn every_pixel_is_within_a_ten_thousandth() {
    for case in cases().iter().filter(|case| ![4326, 2263].contains(&case.epsg)) {
        let grid = case.grid();
        let areas = pixel_areas(&grid).unwrap().unwrap();
        let ground = Ground::under(&grid).unwrap().unwrap();
        for place in (0..case.rows * case.cols).step_by(997).filter(|_| areas.vary()) {
            let (row, col) = (place / case.cols, place % case.cols);
            let pixel = ground.pixels(&[XY::new(col as f64 + 0.5, row as f64 + 0.5)])[0].unwrap();
            let off = areas.of_pixel(row, col) as f64 * areas.part() / pixel.area - 1.0;
            assert!(off.abs() < 1e-4, "EPSG:{} at {row}, {col}: off by {off:e}", case.epsg);
        }
    }
}

#[test]
fn runs_are_the_pixels_of_a_row_however_it_is_cut() {
    let polar = cases().into_iter().find(|case| case.epsg == 3031).unwrap().grid();
    let upright = cases().into_iter().find(|case| case.epsg == 3857).unwrap().grid();
    let alike = GeoBox::new(Shape2d::new(9, 300), upright.transform(), Crs::epsg(3035));
    for grid in [polar, upright, alike] {
        let areas = pixel_areas(&grid).unwrap().unwrap();
        for cols in [0..grid.shape().cols, 3..50, 7..8, 5..5] {
            let listed: Vec<u64> =
                areas.runs(4, cols.clone()).flat_map(|(run, parts)| run.map(move |_| parts)).collect();
            let expected: Vec<u64> = cols.map(|col| areas.of_pixel(4, col)).collect();
            assert_eq!(listed, expected);
        }
    }
}

#[test]
fn which_way_a_grid_runs_changes_no_area() {
    for case in cases() {
        let (grid, [x, y]) = (case.grid(), case.corner);
        let (width, height) = (case.side * case.cols as f64, case.side * case.rows as f64);
        for (x, dx, y, dy) in [
            (x + width, -case.side, y, -case.side),
            (x, case.side, y - height, case.side),
            (x + width, -case.side, y - height, case.side),
        ] {
            let transform = GeoTransform::from_gdal([x, dx, 0.0, y, 0.0, dy]).unwrap();
            let turned = GeoBox::new(grid.shape(), transform, grid.crs().clone());
            let areas = pixel_areas(&turned).unwrap().unwrap();
            let off = whole(&turned, &areas) / whole(&grid, &pixel_areas(&grid).unwrap().unwrap()) - 1.0;
            assert!(off.abs() < 1e-5, "EPSG:{}: {off:e}", case.epsg);
        }
    }
}

#[test]
fn turned_degrees_have_an_area() {
    let turned = |by: f64| {
        let (sine, cosine) = by.to_radians().sin_cos();
        let side = [0.01 * cosine, 0.01 * sine];
        let transform = GeoTransform::from_gdal([10.0, side[0], side[1], 60.0, side[1], -side[0]]).unwrap();
        let grid = GeoBox::new(Shape2d::new(5, 5), transform, Crs::epsg(4326));
        whole(&grid, &pixel_areas(&grid).unwrap().unwrap())
    };
    assert!((turned(1e-6) / turned(0.0) - 1.0).abs() < 1e-5);
    assert!((turned(90.0) / turned(0.0) - 1.0).abs() < 1e-2);
}
