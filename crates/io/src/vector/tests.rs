//! Polygons, points and areas of interest as they come.

use super::{VectorLayer, rasterize, read_aoi};
use crate::earth::crs;
use ecotone_core::{Crs, GeoBox, GeoTransform, Nodata, Shape2d, XY};
use gdal::DriverManager;
use gdal::vector::{Defn, Feature, Geometry, LayerAccess, LayerOptions, OGRFieldType, OGRwkbGeometryType};
use std::fs;
use std::path::PathBuf;
use tempfile::TempDir;

/// 10 x 10 pixels of 100 m whose centre is the origin of EPSG:3035: 10 E, 52 N.
fn grid() -> GeoBox {
    let transform = GeoTransform::north_up(XY::new(4_320_500.0, 3_210_500.0), 100.0);
    GeoBox::new(Shape2d::new(10, 10), transform, Crs::epsg(3035))
}

fn written(name: &str, text: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, text).unwrap();
    (folder, path)
}

fn feature(properties: &str, kind: &str, coordinates: &str) -> String {
    format!(
        r#"{{"type":"Feature","properties":{properties},"geometry":{{"type":"{kind}","coordinates":{coordinates}}}}}"#
    )
}

fn collection(features: &[String]) -> (TempDir, PathBuf) {
    written(
        "labels.geojson",
        &format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(",")),
    )
}

const WEST: &str = "[[[9.9,51.9],[10,51.9],[10,52.1],[9.9,52.1],[9.9,51.9]]]";
const EAST: &str = "[[[10,51.9],[10.1,51.9],[10.1,52.1],[10,52.1],[10,51.9]]]";
const AFAR: &str = "[[[20,51.9],[20.1,51.9],[20.1,52.1],[20,51.9]]]";

#[test]
fn polygons_are_burnt_by_attribute() {
    let (_keep, path) = collection(&[
        feature(r#"{"class":4,"name":"a"}"#, "Polygon", WEST),
        feature(r#"{"class":9}"#, "Polygon", EAST),
        feature(r#"{"name":"no class"}"#, "Polygon", WEST),
        feature(r#"{"class":77}"#, "Polygon", AFAR),
    ]);
    let made = rasterize(&VectorLayer::parse(&path), "class", &grid(), 255).unwrap();
    assert_eq!(made.nodata(), Some(Nodata::new(255.0)));
    for (i, value) in made.data().iter().enumerate() {
        assert_eq!(*value, if i % 10 < 5 { 4 } else { 9 }, "pixel {i}");
    }
}

#[test]
fn geopackage_and_shapefile_are_read_too() {
    let folder = tempfile::tempdir().unwrap();
    for (driver, name) in [("GPKG", "labels.gpkg"), ("ESRI Shapefile", "labels.shp")] {
        let path = folder.path().join(name);
        let mut made = DriverManager::get_driver_by_name(driver).unwrap().create_vector_only(&path).unwrap();
        // In UTM, so that it has to be transformed: the western half of the grid and more.
        let srs = crs::spatial_ref(&Crs::epsg(32632)).unwrap();
        let options = LayerOptions {
            name: "labels",
            srs: Some(&srs),
            ty: OGRwkbGeometryType::wkbPolygon,
            ..Default::default()
        };
        let layer = made.create_layer(options).unwrap();
        layer.create_defn_fields(&[("class", OGRFieldType::OFTInteger)]).unwrap();
        let west =
            "POLYGON ((560000 5750000, 568647 5750000, 568647 5770000, 560000 5770000, 560000 5750000))";
        let defn = Defn::from_layer(&layer);
        let mut feature = Feature::new(&defn).unwrap();
        feature.set_geometry(Geometry::from_wkt(west).unwrap()).unwrap();
        feature.set_field_integer(0, 4).unwrap();
        feature.create(&layer).unwrap();
        drop(feature);
        made.close().unwrap();
        let burnt = rasterize(&VectorLayer::named(&path, Some("labels")), "class", &grid(), 0).unwrap();
        assert_eq!((burnt.data()[0], burnt.data()[9]), (4, 0), "{name}");
    }
}

#[track_caller]
fn refused(properties: &str, shape: &str, attribute: &str, message: &str) {
    let (_keep, path) = collection(&[feature(properties, "Polygon", shape)]);
    let error = rasterize(&VectorLayer::parse(&path), attribute, &grid(), 0).unwrap_err().to_string();
    assert_eq!(error.replace(&path.display().to_string(), "labels"), message);
}

#[test]
fn bad_labels_say_what_is_wrong() {
    refused(
        r#"{"class":4,"name":"a"}"#,
        WEST,
        "klass",
        "labels has no attribute `klass` (it has class, name); the nearest is `class`",
    );
    for (value, shown) in [("256", "256"), ("-1", "-1"), ("1.5", "1.5"), ("\"oak\"", "oak")] {
        refused(
            &format!(r#"{{"class":{value}}}"#),
            WEST,
            "class",
            &format!(
                "labels, feature 0: attribute `class` is `{shown}`, expected a whole number from 0 to 255"
            ),
        );
    }
    refused(
        r#"{"class":4}"#,
        AFAR,
        "class",
        "no feature of labels lies on the grid (4320500 3209500 to 4321500 3210500 in EPSG:3035)",
    );
    let (_keep, path) = collection(&[feature(r#"{"class":4}"#, "Polygon", WEST)]);
    let error =
        rasterize(&VectorLayer::named(&path, Some("fields")), "class", &grid(), 0).unwrap_err().to_string();
    assert!(error.ends_with("has no layer `fields` (it has labels); the nearest is `labels`"), "{error}");
}

#[test]
fn an_area_is_a_box_or_a_file() {
    let boxed = read_aoi(" 9.9, 51.9,10.1,52.1 ", &Crs::epsg(3035)).unwrap();
    let (_keep, path) = collection(&[
        feature("{}", "Polygon", WEST),
        feature("{}", "Point", "[10,52]"),
        feature("{}", "Polygon", EAST),
    ]);
    let filed = read_aoi(&path.display().to_string(), &Crs::epsg(3035)).unwrap();
    assert_eq!((boxed.outline.0.len(), filed.outline.0.len()), (1, 2));
    let close = |a: f64, b: f64| (a - b).abs() < 20.0;
    assert!(close(boxed.bounds.min.x, filed.bounds.min.x) && close(boxed.bounds.max.y, filed.bounds.max.y));
}

#[test]
fn what_is_no_area_is_refused() {
    let (_keep, points) = collection(&[feature("{}", "Point", "[10,52]")]);
    let points = points.display().to_string();
    for text in ["10,52,9,53", "9,52,10", "1,2,3,400", "nowhere.gpkg", "", "a,b,c,d", &points] {
        let error = read_aoi(text, &Crs::epsg(3035)).unwrap_err().to_string();
        assert!(
            error.starts_with(&format!("`{text}` is no area of interest; expected `west,south,east,north`")),
            "{error}"
        );
    }
}
