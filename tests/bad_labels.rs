//! Labels and legends that do not fit, and the ones that only look as if they did not.

use crate::harness::{Catalogue, catalogue, info, json, report, run, scratch, train};
use insta::assert_snapshot;
use std::fs;
use std::path::Path;

/// `--set` of some keys to files.
fn set(files: &[(&str, &Path)]) -> Vec<String> {
    let words =
        files.iter().flat_map(|(key, path)| ["--set".to_owned(), format!("{key}={}", path.display())]);
    words.collect()
}

/// Trains with these settings, which must fail; gives the message.
#[track_caller]
fn refused(catalogue: &Path, settings: &[String]) -> String {
    let out = scratch();
    let more: Vec<&str> = settings.iter().map(String::as_str).collect();
    let said = run(&train(catalogue, out.path(), &more)).exits(1);
    assert!(!out.path().join("model.safetensors").exists());
    said.message(&[(out.path(), "OUT"), (catalogue, "CATALOGUE")])
}

#[test]
fn labels_elsewhere() {
    let copy = Catalogue::copy();
    let moved = copy.truth_moved_east(200_000.0);
    assert_snapshot!("labels-elsewhere", refused(copy.path(), &set(&[("labels.raster", &moved)])));
}

#[test]
fn labels_that_overlap_by_half_are_used() {
    let (copy, out) = (Catalogue::copy(), scratch());
    let moved = copy.truth_moved_east(640.0);
    let settings = set(&[("labels.raster", &moved)]);
    let more: Vec<&str> = settings.iter().map(String::as_str).collect();
    run(&train(copy.path(), out.path(), &more)).exits(0);
    assert_eq!(info(&out.path().join("map.tif")).fact("bounds"), info(&moved).fact("bounds"));
}

#[test]
fn labels_outside_the_area_of_interest() {
    let copy = Catalogue::copy();
    let moved = copy.truth_moved_east(640.0);
    let mut settings = set(&[("labels.raster", &moved)]);
    // The western edge of the scenes, where these labels do not reach.
    settings.extend(["--set", "grid.aoi=14.9999,49.642,15.006,49.651"].map(str::to_owned));
    assert_snapshot!("labels-outside", refused(copy.path(), &settings));
}

#[test]
fn a_code_that_the_legend_lacks() {
    let copy = Catalogue::copy();
    let legend = copy.path().join("legend.csv");
    let text = fs::read_to_string(&legend).unwrap();
    let without: Vec<&str> = text.lines().filter(|line| !line.starts_with("2,")).collect();
    assert_eq!(without.len(), text.lines().count() - 1);
    fs::write(&legend, without.join("\n")).unwrap();
    let message = refused(copy.path(), &[]);
    assert!(
        message.contains("truth.tif hold code 2 (") && message.contains("which the legend lacks"),
        "{message}"
    );
    assert!(message.contains("it has 1, 3, 4, 5, 6, 7") && message.contains("labels.ignore"), "{message}");

    // What the message suggests works.
    let out = scratch();
    run(&train(copy.path(), out.path(), &["--set", "labels.ignore=2"])).exits(0);
    let metrics = json(&out.path().join("metrics.json"));
    assert_eq!(metrics["classes"].as_array().map(Vec::len), Some(6));
}

#[test]
fn a_legend_that_is_none() {
    let copy = Catalogue::copy();
    let legend = copy.path().join("legend.csv");
    for (name, text) in [
        ("legend-columns", "id,label\n1,forest\n"),
        ("legend-color", "code,name,color\n1,forest,green\n"),
        ("legend-twice", "code,name,color\n1,forest,#00ff00\n1,field,#ffff00\n"),
        ("legend-empty", "code,name,color\n"),
    ] {
        fs::write(&legend, text).unwrap();
        assert_snapshot!(name, refused(copy.path(), &[]));
    }
    fs::remove_file(&legend).unwrap();
    assert_snapshot!("legend-missing", refused(copy.path(), &[]));
}

/// Polygons on the small catalogue's ground: class 1 in the west, 2 in the east, 3 in one corner of one block.
fn polygons(folder: &Path) -> (std::path::PathBuf, std::path::PathBuf) {
    let square = |code: u8, west: f64, north: f64, width: f64, height: f64| {
        let (west, north) = (499_980.0 + west, 5_500_020.0 - north);
        let (east, south) = (west + width, north - height);
        serde_json::json!({
            "type": "Feature",
            "properties": { "class": code },
            "geometry": { "type": "Polygon", "coordinates":
                [[[west, north], [east, north], [east, south], [west, south], [west, north]]] },
        })
    };
    let fields = [
        square(1, 0.0, 0.0, 640.0, 1280.0),
        square(2, 640.0, 0.0, 640.0, 1280.0),
        square(3, 20.0, 20.0, 100.0, 100.0),
    ];
    let collection = serde_json::json!({
        "type": "FeatureCollection",
        "crs": { "type": "name", "properties": { "name": "urn:ogc:def:crs:EPSG::32633" } },
        "features": fields,
    });
    let (labels, legend) = (folder.join("fields.geojson"), folder.join("fields.csv"));
    fs::write(&labels, collection.to_string()).unwrap();
    fs::write(&legend, "code,name,color\n1,west,#a06010\n2,east,#10a060\n3,orchard,#a01060\n").unwrap();
    (labels, legend)
}

#[test]
fn a_class_without_a_held_out_pixel_is_said_and_not_scored() {
    let (folder, out) = (scratch(), scratch());
    let (labels, legend) = polygons(folder.path());
    let mut settings = set(&[("labels.vector", &labels), ("labels.legend", &legend)]);
    settings.extend(["--set", "labels.attribute=class"].map(str::to_owned));
    let more: Vec<&str> = settings.iter().map(String::as_str).collect();
    let said = run(&train(catalogue(), out.path(), &more)).exits(0);
    assert!(said.stderr.contains("no test pixel of `orchard`"), "{}", said.stderr);
    let class = json(&out.path().join("metrics.json"))["classes"][2].clone();
    assert_eq!(class["class"], "orchard");
    assert_eq!(class["reference_pixels"], 0);
    assert!(class["producers_accuracy"].is_null(), "nothing is known of it: {class}");
    let page = report(out.path());
    assert!(page.contains("No test block holds a pixel of “orchard”") && !page.contains("NaN"));
}

#[test]
fn an_attribute_that_the_polygons_lack() {
    let folder = scratch();
    let (labels, legend) = polygons(folder.path());
    let mut settings = set(&[("labels.vector", &labels), ("labels.legend", &legend)]);
    settings.extend(["--set", "labels.attribute=clas"].map(str::to_owned));
    let message = refused(catalogue(), &settings);
    assert!(message.contains("has no attribute `clas`") && message.contains("`class`"), "{message}");
}

#[test]
fn a_map_and_a_reference_that_lie_apart() {
    let (copy, out) = (Catalogue::copy(), scratch());
    let moved = copy.truth_moved_east(200_000.0).display().to_string();
    let [truth, legend] =
        ["truth.tif", "legend.csv"].map(|name| copy.path().join(name).display().to_string());
    let out = out.path().display().to_string();
    let said = run(&["assess", &truth, "--reference", &moved, "--legend", &legend, "--out", &out]).exits(1);
    assert_snapshot!("assess-apart", said.message(&[(copy.path(), "CATALOGUE")]));
}
