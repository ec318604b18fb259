//! Laws of areas on a grid.

use super::*;
use ecotone_core::{GeoTransform, Resolution};

fn rectangle(x: f64, y: f64, side: f64) -> AoiPart {
    BoundingBox { min: XY::new(x, y), max: XY::new(x + side, y + side) }.into()
}

/// The lower left half of a square.
fn triangle(x: f64, y: f64, side: f64) -> AoiPart {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("triangle.geojson");
    let ring = [[x, y], [x + side, y], [x, y + side], [x, y]];
    let text = serde_json::json!({
        "type": "FeatureCollection",
        "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32633"}},
        "features": [{"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [ring]}}],
    });
    std::fs::write(&path, text.to_string()).unwrap();
    parts(&[path.display().to_string()], &Crs::epsg(32633)).unwrap().remove(0)
}

fn site(parts: &[AoiPart]) -> Site {
    Site::over(parts, 10.0, &Crs::epsg(32633), None).unwrap().unwrap()
}

#[test]
fn areas_lie_on_one_lattice_and_those_that_meet_are_one() {
    let apart = site(&[rectangle(0.0, 0.0, 35.0), rectangle(100.0, 60.0, 20.0)]);
    assert_eq!((apart.geobox().shape().rows, apart.geobox().shape().cols), (8, 12));
    assert_eq!(apart.areas(), [Window::new(0, 10, 2, 2), Window::new(4, 0, 4, 4)]);
    let chain = site(&[rectangle(0.0, 0.0, 20.0), rectangle(30.0, 0.0, 20.0), rectangle(15.0, 0.0, 20.0)]);
    assert_eq!(chain, Site::whole(chain.geobox().clone()));
    assert_eq!(Site::over(&[], 10.0, &Crs::epsg(32633), None).unwrap(), None);
}

#[test]
fn areas_end_where_a_given_grid_does() {
    let grid = site(&[rectangle(0.0, 0.0, 60.0)]).geobox().clone();
    let parts = [triangle(-10.0, 0.0, 30.0), rectangle(45.0, 45.0, 40.0), rectangle(100.0, 0.0, 10.0)];
    let on = Site::on(grid.clone(), &parts).unwrap().unwrap();
    assert_eq!(on.geobox(), &grid);
    assert_eq!(on.areas(), [Window::new(0, 4, 2, 2), Window::new(3, 0, 3, 2)]);
    assert_eq!(Site::on(grid, &parts[2..]).unwrap(), None);
}

/// Pixels of 10 m by 20 m: a rectangle of 35 m covers four of them beside each other and two below.
#[test]
fn areas_lie_on_pixels_that_are_no_squares() {
    let transform = GeoTransform::aligned(XY::new(0.0, 200.0), Resolution::new(10.0, 20.0).unwrap());
    let grid = GeoBox::new(Shape2d::new(10, 20), transform, Crs::epsg(32633));
    let on = Site::on(grid.clone(), &[rectangle(40.0, 65.0, 35.0)]).unwrap().unwrap();
    assert_eq!(on.areas(), [Window::new(5, 4, 2, 4)]);
    assert_eq!(
        Site::on(grid, &[triangle(0.0, 160.0, 40.0)]).unwrap().unwrap().areas(),
        [Window::new(0, 0, 2, 4)]
    );
}

#[test]
fn ground_between_areas_is_blanked_and_no_other() {
    let site = site(&[rectangle(0.0, 0.0, 20.0), rectangle(40.0, 0.0, 20.0)]);
    let mut plane = vec![1u8; 2 * 8];
    site.blank(Window::new(1, -1, 2, 8), &mut plane, 0).unwrap();
    assert_eq!(plane[..8], [0, 1, 1, 0, 0, 1, 1, 0]);
    assert_eq!(plane[8..], [0; 8]);
    let mut inside = [1u8; 2];
    site.blank(Window::new(0, 4, 1, 2), &mut inside, 0).unwrap();
    assert_eq!(inside, [1, 1]);
    assert_eq!((site.clip().unwrap(), site.pixels().unwrap()), (None, 8));
}

#[test]
fn polygons_are_areas_of_the_pixels_inside_of_them() {
    let site = site(&[triangle(0.0, 0.0, 40.0), triangle(100.0, 0.0, 20.0), rectangle(200.0, 0.0, 10.0)]);
    assert_eq!(site.areas(), [Window::new(0, 0, 4, 4), Window::new(2, 10, 2, 2), Window::new(3, 20, 1, 1)]);
    // A centre on the edge counts by GDAL's rule; those below it count for certain.
    let clip = site.clip().unwrap().unwrap();
    assert_eq!(clip.len(), 16 + 4 + 1);
    assert!(clip[4 * 2] && clip[4 * 3 + 1] && !clip[3] && !clip[4 * 2 + 3] && !clip[17] && clip[20]);
    assert_eq!(site.pixels().unwrap(), clip.iter().filter(|inside| **inside).count());
    assert_eq!(site.inside(Window::new(0, 2, 1, 9)).unwrap(), None, "the corner beyond the edge is not read");
    assert!(
        !site.touches(Window::new(0, 2, 1, 9)).unwrap() && site.touches(Window::new(0, 2, 4, 9)).unwrap()
    );
    assert!(site.holds(3, 0).unwrap() && !site.holds(0, 3).unwrap() && !site.holds(3, 15).unwrap());
    // Where a rectangle covers the corner it counts.
    let both = self::site(&[triangle(0.0, 0.0, 40.0), rectangle(20.0, 20.0, 20.0)]);
    assert_eq!(both.areas(), [Window::new(0, 0, 4, 4)]);
    assert!(both.holds(0, 3).unwrap() && both.holds(3, 0).unwrap() && !both.holds(0, 1).unwrap());
}

#[test]
fn regions_hold_their_areas_with_room_and_lie_on_the_lattice() {
    let far = site(&[rectangle(0.0, 500_000.0, 350.0), rectangle(500_000.0, 0.0, 640.0)]);
    let Shape2d { rows, cols } = far.geobox().shape();
    let regions = far.regions(32, 5).unwrap();
    // The northern edge, at row -50 035 of the CRS's lattice, is the 13th of a window's 32 rows.
    assert_eq!(regions[0], Window::new(0, 0, 51, 64));
    assert_eq!((regions[1].row_end(), regions[1].col_end()), (rows as i64, cols as i64));
    let lattice = far.geobox().on_lattice();
    assert_eq!(lattice, Window::new(-50_035, 0, rows, cols));
    let starts = (regions[1].row + lattice.row, regions[1].col + lattice.col);
    assert_eq!((starts.0 % 32, starts.1 % 32, regions.len()), (0, 0, 2));
    assert!(
        regions[1].rows < 128 && regions[1].contains(far.areas()[1].pad(5).intersection(regions[1]).unwrap())
    );
    let near = site(&[rectangle(0.0, 0.0, 350.0), rectangle(400.0, 0.0, 350.0)]);
    assert_eq!(near.regions(32, 5).unwrap(), [Window::new(0, 0, 35, 75)]);
    assert_eq!(near.regions(8, 0).unwrap(), [Window::new(0, 0, 35, 40), Window::new(0, 40, 35, 35)]);
}

/// Issue 15: what is mapped together does not hang on where the grid begins.
#[test]
fn regions_of_a_grid_that_begins_elsewhere_end_on_the_same_lines() {
    let parts = [rectangle(1_000.0, 1_000.0, 100.0), rectangle(3_000.0, 500.0, 100.0)];
    let corner = rectangle(930.0, 1_470.0, 10.0);
    let (small, large) = (site(&parts), site(&[parts.as_slice(), &[corner]].concat()));
    let on_lattice = |site: &Site| -> Vec<(i64, i64)> {
        let own = site.geobox().on_lattice();
        let ends = site.regions(16, 3).unwrap();
        ends.iter().map(|region| (region.row_end() + own.row, region.col_end() + own.col)).collect()
    };
    let (found, more) = (on_lattice(&small), on_lattice(&large));
    assert!(more.contains(&found[0]), "{found:?} {more:?}");
    assert_eq!((found[0].0.rem_euclid(16), found[0].1.rem_euclid(16)), (0, 0));
}

#[test]
fn many_areas_are_searched_together() {
    let apart = |i: i32| BoundingBox {
        min: XY::new(f64::from(i) * 0.5, 10.0),
        max: XY::new(f64::from(i) * 0.5 + 0.01, 10.01),
    };
    let bounds: Vec<BoundingBox> = (0..40).map(apart).collect();
    let few = in_cells(&bounds, 1.0).unwrap();
    assert_eq!(few.len(), 20);
    assert_eq!((few[0].min, few[0].max), (XY::new(0.0, 10.0), XY::new(1.0, 11.0)));
    assert_eq!(in_cells(&bounds, 512.0).unwrap().len(), 1);
    let corner = BoundingBox { min: XY::new(178.0, 88.0), max: XY::new(179.0, 89.0) };
    for side in [8.0, 16.0, 32.0, 512.0] {
        let found = in_cells(&[corner], side).unwrap();
        assert_eq!(found[0].max, XY::new(180.0, 90.0), "no cell reaches beyond the Earth");
    }
    Site::over(&[rectangle(0.0, 0.0, 35.0)], 1e-9, &Crs::epsg(32633), None).unwrap_err();
}
