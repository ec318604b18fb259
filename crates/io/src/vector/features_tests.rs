//! Layers and features as they come: several layers, shapes of every kind, places that a projection does not reach.

use super::*;
use crate::{LeftOut, PointRecords, layer_bounds, rasterize, read_aoi, read_point_records};
use ecotone_core::{GeoBox, GeoTransform, Shape2d, XY};
use gdal::DriverManager;
use gdal::vector::{LayerOptions, OGRFieldType, OGRwkbGeometryType};
use std::fs;
use tempfile::TempDir;

/// 10 x 10 pixels of 100 m about 15 E, 49.65 N in UTM 33.
fn grid() -> GeoBox {
    let transform = GeoTransform::north_up(XY::new(499_500.0, 5_500_000.0), 100.0);
    GeoBox::new(Shape2d::new(10, 10), transform, Crs::epsg(32633))
}

/// Features: code and WKT.
type Shapes<'a> = [(i32, Option<&'a str>)];

/// A vector file of layers: name, features as code and WKT in `crs`.
fn written(name: &str, driver: &str, crs: Option<u32>, layers: &[(&str, &Shapes<'_>)]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    crate::ffi::init();
    let mut made = DriverManager::get_driver_by_name(driver).unwrap().create_vector_only(&path).unwrap();
    let system = crs.map(|code| crs::spatial_ref(&Crs::epsg(code)).unwrap());
    for (name, features) in layers {
        let ty = match *name {
            "layer_styles" => OGRwkbGeometryType::wkbNone,
            "points" => OGRwkbGeometryType::wkbPoint,
            _ => OGRwkbGeometryType::wkbUnknown,
        };
        let options = LayerOptions { name, srs: system.as_ref(), ty, ..Default::default() };
        let layer = made.create_layer(options).unwrap();
        layer.create_defn_fields(&[("code", OGRFieldType::OFTInteger)]).unwrap();
        for (code, shape) in *features {
            let mut feature = Feature::new(layer.defn()).unwrap();
            if let Some(shape) = shape {
                feature.set_geometry(Geometry::from_wkt(shape).unwrap()).unwrap();
            }
            feature.set_field_integer(0, *code).unwrap();
            feature.create(&layer).unwrap();
        }
    }
    made.close().unwrap();
    (folder, path)
}

const SQUARE: &str =
    "POLYGON ((499600 5499200, 499800 5499200, 499800 5499400, 499600 5499400, 499600 5499200))";
const HERE: &str = "POINT (500000 5499500)";

fn points(layer: &VectorLayer) -> Result<PointRecords> {
    read_point_records(layer, &Crs::epsg(32633))
}

#[test]
fn the_only_layer_with_features_is_taken_and_of_several_one_must_be_named() {
    let (_keep, path) = written(
        "one.gpkg",
        "GPKG",
        Some(32633),
        &[("empty", &[]), ("layer_styles", &[(1, None)]), ("training", &[(3, Some(HERE))])],
    );
    assert_eq!(points(&VectorLayer::parse(&path)).unwrap().rows.len(), 1);

    let (_keep, path) = written(
        "two.gpkg",
        "GPKG",
        Some(32633),
        &[
            ("layer_styles", &[(1, None)]),
            ("training", &[(3, Some(HERE))]),
            ("validation", &[(4, Some(HERE)), (5, Some(HERE))]),
        ],
    );
    let all = [VectorLayer::parse(&path), VectorLayer::named(&path, None)];
    for layer in all {
        let message = points(&layer).unwrap_err().to_string();
        assert!(message.starts_with("features lie in several layers of "), "{message}");
        assert!(message.contains("(training, validation): name one"), "{message}");
    }
    for reader in [read_aoi(&path.display().to_string(), &Crs::epsg(4326)).map(|aoi| aoi.bounds), {
        layer_bounds(&VectorLayer::parse(&path), &Crs::epsg(4326))
    }] {
        assert!(matches!(reader, Err(Error::Features(VectorError::WhichLayer { .. }))), "{reader:?}");
    }
    let address = format!("{}#validation", path.display());
    for layer in [VectorLayer::parse(&address), VectorLayer::named(&path, Some("validation"))] {
        assert_eq!(points(&layer).unwrap().rows.len(), 2, "{layer}");
    }
    let message = points(&VectorLayer::named(&path, Some("valid"))).unwrap_err().to_string();
    assert!(message.ends_with("the nearest is `validation`"), "{message}");
}

#[test]
fn a_shapefile_without_a_system_is_told_so() {
    let (_keep, path) = written("fields.shp", "ESRI Shapefile", None, &[("points", &[(1, Some(HERE))])]);
    let message = points(&VectorLayer::parse(&path)).unwrap_err().to_string();
    assert!(message.contains("has no coordinate reference system"), "{message}");
    assert!(message.contains(".prj") && !message.contains("raster"), "{message}");
}

#[test]
fn curves_surfaces_and_collections_are_labels_and_areas() {
    let disk = "CURVEPOLYGON (CIRCULARSTRING (499700 5499800, 499900 5499800, 499700 5499800))";
    let surface = format!("MULTISURFACE ({disk})");
    let collection = format!("GEOMETRYCOLLECTION (POINT (500450 5499050), {SQUARE})");
    let faces = "TIN Z (((500000 5499000 7, 500400 5499000 7, 500000 5499400 7, 500000 5499000 7)))";
    let all: [(i32, Option<&str>); 3] = [(1, Some(&surface)), (2, Some(&collection)), (3, Some(faces))];
    let (_keep, path) = written("fields.gpkg", "GPKG", Some(32633), &[("fields", &all)]);
    let layer = VectorLayer::parse(&path);
    let burnt = rasterize(&layer, "code", &grid(), 0).unwrap();
    let count = |code: u8| burnt.data().iter().filter(|found| **found == code).count();
    // A disk of 100 m about the corner of four pixels, a square of two by two and the pixel of a point, and half of four
    // by four, whose diagonal runs through centres.
    assert_eq!((count(1), count(2)), (4, 5));
    assert!((6..=10).contains(&count(3)), "{}", count(3));
    let areas = crate::rasterize_areas(&layer, "code", &grid()).unwrap();
    assert_eq!(areas.areas.len(), 3);
    assert_eq!(areas.numbers.iter().filter(|number| **number == 2).count(), 4, "the point is no area");
    let aoi = read_aoi(&path.display().to_string(), &Crs::epsg(32633)).unwrap();
    assert_eq!(aoi.outline.0.len(), 3);
    assert!((aoi.bounds.max.y - 5_499_900.0).abs() < 0.1, "{:?}", aoi.bounds);
    // Points and lines have bounds, too.
    let (_keep, path) = written("points.gpkg", "GPKG", Some(32633), &[("points", &[(1, Some(HERE))])]);
    let bounds = layer_bounds(&VectorLayer::parse(&path), &Crs::epsg(32633)).unwrap();
    assert_eq!(bounds.min, XY::new(500_000.0, 5_499_500.0));
}

#[test]
fn no_point_vanishes() {
    let shapes = [
        Some("POINT (15 49.65)"),
        None,
        Some("POINT (105 0)"),
        Some("LINESTRING (15 49, 15 50)"),
        Some("MULTIPOINT ((15 49.65), (105 0), (15.001 49.65))"),
        Some("POINT EMPTY"),
        Some("GEOMETRYCOLLECTION (POINT (15 49.65))"),
    ];
    let features: Vec<(i32, Option<&str>)> = shapes.iter().map(|shape| (1, *shape)).collect();
    let (_keep, path) = written("mixed.gpkg", "GPKG", Some(4326), &[("mixed", &features)]);
    let found = points(&VectorLayer::parse(&path)).unwrap();
    assert!(found.has_points());
    let told: Vec<Option<NoPlace>> = found.rows.iter().map(|row| row.position.err()).collect();
    assert_eq!(
        told,
        [
            None,
            Some(NoPlace::NoShape),
            Some(NoPlace::OutOfReach),
            Some(NoPlace::NoPoint),
            None,
            Some(NoPlace::OutOfReach),
            None,
            Some(NoPlace::NoShape),
            None
        ]
    );
    let table = path.with_extension("csv");
    fs::write(&table, "id,lon,lat\na,15,49.65\nb,105,0\n").unwrap();
    let found = points(&VectorLayer::parse(&table)).unwrap();
    assert_eq!(found.rows.iter().map(|row| row.position.is_ok()).collect::<Vec<_>>(), [true, false]);
}

#[track_caller]
fn off_the_earth(line: &str, shape: &str, expected: &str) {
    let (folder, path) = written(
        "points.gpkg",
        "GPKG",
        Some(4326),
        &[("points", &[(1, Some("POINT (15 49)")), (2, Some(shape))])],
    );
    let message = points(&VectorLayer::parse(&path)).unwrap_err().to_string();
    assert!(message.contains(&format!("points.gpkg, feature 2: a {expected}")), "{message}");
    let table = folder.path().join("points.csv");
    fs::write(&table, format!("lon,lat\n15,49\n{line}\n")).unwrap();
    let message = points(&VectorLayer::parse(&table)).unwrap_err().to_string();
    assert!(message.contains("points.csv, line 3: expected a l"), "{message}");
}

#[test]
fn a_place_off_the_earth_is_an_error_with_its_line_or_feature() {
    off_the_earth("15,495", "POINT (15 495)", "latitude of 495, expected one from -90 to 90");
    off_the_earth("15,-90.1", "POINT (15 -90.1)", "latitude of -90.1");
    off_the_earth("361,5", "POINT (361 5)", "longitude of 361, expected one from -360 to 360");
    let (_keep, path) =
        written("fine.gpkg", "GPKG", Some(4326), &[("points", &[(1, Some("POINT (359 -90)"))])]);
    assert_eq!(points(&VectorLayer::parse(&path)).unwrap().rows.len(), 1);
}

/// What is left out of the features of a layer on the grid, and how many are shown.
fn shown(shapes: &[&str], within: bool) -> (LeftOut, usize) {
    let features: Vec<(i32, Option<&str>)> = shapes.iter().map(|shape| (1, Some(*shape))).collect();
    let (_keep, path) = written("fields.gpkg", "GPKG", Some(4326), &[("fields", &features)]);
    let layer = VectorLayer::parse(&path);
    let dataset = layer.open().unwrap();
    let mut features = Features::of(&layer, &dataset, &Crs::epsg(32633)).unwrap();
    let mut count = 0;
    let left_out = features.for_each(within.then(|| grid().bounds()), |_, _, _| {
        count += 1;
        Ok(())
    });
    (left_out.unwrap(), count)
}

#[test]
fn one_feature_beyond_a_projection_ends_nothing() {
    let here = "POLYGON ((14.9 49.6, 15.1 49.6, 15.1 49.7, 14.9 49.7, 14.9 49.6))";
    let afar = "POLYGON ((104 0, 106 0, 106 1, 104 1, 104 0))";
    let both = "MULTIPOLYGON (((14.9 49.6, 15.1 49.6, 15.1 49.7, 14.9 49.7, 14.9 49.6)), ((104 0, 106 0, 106 1, 104 0)))";
    let wide = "POLYGON ((14.9 -10, 120 -10, 120 60, 14.9 60, 14.9 -10))";
    let (left_out, count) = shown(&[here, afar, both], false);
    assert_eq!(count, 2, "the near part of a country counts");
    assert_eq!(
        left_out.lines(),
        [
            "1 beyond the reach of the projection: feature 2",
            "1 in part beyond the reach of the projection: feature 3"
        ]
    );
    // Where a grid is known, what lies elsewhere does not matter, and the rest is whole.
    assert_eq!(shown(&[here, afar, both, wide], true), (LeftOut::default(), 3));
    let (_keep, path) = written("wide.gpkg", "GPKG", Some(4326), &[("fields", &[(7, Some(wide))])]);
    let burnt = rasterize(&VectorLayer::parse(&path), "code", &grid(), 0).unwrap();
    assert!(burnt.data().iter().all(|code| *code == 7), "the cut is not seen on the grid");
    // An area that is nowhere says why.
    let (_keep, path) = written("afar.gpkg", "GPKG", Some(4326), &[("fields", &[(7, Some(afar))])]);
    let message = read_aoi(&path.display().to_string(), &Crs::epsg(32633)).unwrap_err().to_string();
    assert!(message.contains("has a place in EPSG:32633: 1 beyond the reach"), "{message}");
}

#[test]
fn features_on_both_sides_of_the_antimeridian_are_found() {
    // A grid of UTM 60 that reaches over 180 degrees: its rectangle in degrees has its west east of its east.
    let transform = GeoTransform::north_up(XY::new(800_000.0, 8_100_000.0), 1000.0);
    let fiji = GeoBox::new(Shape2d::new(60, 60), transform, Crs::epsg(32760));
    let east = "POLYGON ((179.85 -17.5, 179.95 -17.5, 179.95 -17.4, 179.85 -17.4, 179.85 -17.5))";
    let west = "POLYGON ((-179.95 -17.5, -179.85 -17.5, -179.85 -17.4, -179.95 -17.4, -179.95 -17.5))";
    let (_keep, path) =
        written("fiji.gpkg", "GPKG", Some(4326), &[("fields", &[(1, Some(east)), (2, Some(west))])]);
    let burnt = rasterize(&VectorLayer::parse(&path), "code", &fiji, 0).unwrap();
    assert!([1, 2].iter().all(|code| burnt.data().contains(code)), "both islands are burnt");
}
