//! Areas of interest as polygons: nothing beyond their outlines is mapped, learnt from or scored.

use crate::harness::{
    Place, UTM, agreement, catalogue, ecotone, info, json, predict_with, resumed, run, same, scratch,
    small_map, train, trained, windowed,
};
use crate::killed::kill_when;
use std::fs;
use std::path::Path;

/// Corner of the small catalogue's ground, and its pixels.
const WEST: f64 = 499_980.0;
const NORTH: f64 = 5_500_020.0;
const PIXEL: f64 = 20.0;

/// A right-angled triangle with its right angle in a corner of the ground: `side` pixels long, seen from the north-west, or
/// from the south-east of 64 pixels.
fn triangle(side: f64, south_east: bool) -> serde_json::Value {
    let place = |row: f64, col: f64| {
        let at = |pixels: f64| PIXEL * if south_east { 64.0 - pixels } else { pixels };
        [WEST + at(col), NORTH - at(row)]
    };
    let ring = [place(0.0, 0.0), place(0.0, side), place(side, 0.0), place(0.0, 0.0)];
    serde_json::json!({ "type": "Feature", "properties": {}, "geometry": { "type": "Polygon", "coordinates": [ring] } })
}

/// Writes two triangles in opposite corners of the ground as one file; gives its path and how many pixels have their centres
/// in them.
fn triangles(folder: &Path, side: f64) -> (String, u64) {
    let text = serde_json::json!({
        "type": "FeatureCollection",
        "crs": { "type": "name", "properties": { "name": "urn:ogc:def:crs:EPSG::32633" } },
        "features": [triangle(side, false), triangle(side, true)],
    });
    let path = folder.join("triangles.geojson");
    fs::write(&path, text.to_string()).unwrap();
    let inside = |row: usize, col: usize| (row + col + 1) as f64 <= side;
    let pixels = (0..64).flat_map(|row| (0..64).map(move |col| (row, col)));
    (path.display().to_string(), 2 * pixels.filter(|(row, col)| inside(*row, *col)).count() as u64)
}

/// Pixels of the small catalogue's ground that no scene saw.
fn unseen() -> u64 {
    let whole = trained().join("map.tif");
    64 * 64 - agreement(&whole, &whole).1
}

#[test]
fn a_file_of_polygons_is_mapped_inside_of_them_alone() {
    let (folder, out) = (scratch(), scratch());
    // No centre lies on an edge.
    let (aoi, pixels) = triangles(folder.path(), 31.5);
    let said = run(&predict_with(trained(), catalogue(), out.path(), &["--aoi", &aoi])).exits(0);
    assert!(said.fact("mapped").contains(&format!(" of {pixels} pixels ")), "{}", said.stdout);
    let (part, whole) = (out.path().join("map.tif"), trained().join("map.tif"));
    assert_eq!(info(&part).fact("bounds"), info(&whole).fact("bounds"));
    let mapped = agreement(&part, &part).1;
    assert!(mapped <= pixels, "{mapped} of {pixels}: nothing between the polygons or beyond their edges");
    assert!(pixels - mapped <= unseen(), "{mapped} of {pixels}: all inside that was seen");
    assert_eq!(agreement(&part, &whole), (1.0, mapped), "what the whole map says");
}

/// Labels of stripes whose classes beyond the triangles of 31.5 pixels are moved on by `beyond`.
fn stripes(folder: &Path, name: &str, beyond: usize) -> String {
    let inside = |row: usize, col: usize| row + col <= 30 || (63 - row) + (63 - col) <= 30;
    let code = |pixel: usize| {
        let (row, col) = (pixel / 64, pixel % 64);
        let moved = if inside(row, col) { 0 } else { beyond };
        ((row / 4 + col / 4 + moved) % 3 + 1) as u8
    };
    let place = Place { east: WEST, north: NORTH, side: PIXEL, ..UTM };
    let codes: Vec<u8> = (0..64 * 64).map(code).collect();
    small_map(folder, name, place, 64, &codes).display().to_string()
}

#[test]
fn labels_beyond_the_outlines_teach_and_score_nothing() {
    let folder = scratch();
    let (aoi, pixels) = triangles(folder.path(), 31.5);
    let runs: Vec<_> = ["one", "other"]
        .into_iter()
        .enumerate()
        .map(|(beyond, name)| {
            let out = scratch();
            let labels = format!("labels.raster={}", stripes(folder.path(), name, beyond));
            let area = format!("grid.aoi={aoi}");
            let settings =
                ["--set", &labels, "--set", &area, "--set", "split.block_m=160", "--set", "train.patch=8"];
            run(&train(catalogue(), out.path(), &settings)).exits(0);
            out
        })
        .collect();
    same(
        runs[0].path(),
        runs[1].path(),
        &["split.tif", "model.safetensors", "map.tif", "metrics.json", "baselines.json", "confusion.csv"],
    );
    let out = runs[0].path();
    let used = agreement(&out.join("split.tif"), &out.join("split.tif")).1;
    assert!(used > pixels / 2 && used <= pixels, "{used} of {pixels} pixels are split");
    let metrics = json(&out.join("metrics.json"));
    let tested = metrics["pixels"].as_u64().unwrap();
    assert!(tested > 0 && tested < pixels, "{tested} of {pixels}");
    assert_eq!(metrics["unreached_training_pixels"]["pixels"], 0);
    let mapped = agreement(&out.join("map.tif"), &out.join("map.tif")).1;
    assert!(mapped <= pixels && pixels - mapped <= unseen(), "{mapped} of {pixels}");
}

#[test]
fn a_map_of_areas_apart_goes_on_after_its_last_strip() {
    let (folder, whole, broken) = (scratch(), scratch(), scratch());
    let (aoi, _) = triangles(folder.path(), 15.5);
    let words = |out: &Path| {
        predict_with(windowed(), catalogue(), out, &["--aoi", &aoi, "--majority", "3", "--probabilities"])
    };
    run(&words(whole.path())).exits(0);
    let strips = broken.path().join("strips");
    let first = strips.join("region-00000000-00000000");
    let last = first.join("rows-00000017.bin");
    assert!(kill_when(ecotone(&words(broken.path())), &last), "killed between the areas");
    assert!(!broken.path().join("map.tif").exists());
    // Class, confidence and seven probabilities of eight rows, as wide as the area and its room to the end of a window, not as
    // the map.
    assert_eq!(fs::metadata(&last).unwrap().len(), 9 * 8 * 25);
    run(&resumed(&words(broken.path()))).exits(0);
    same(whole.path(), broken.path(), &["map.tif", "map.tif.aux.xml", "confidence.tif", "probabilities.tif"]);
    assert!(!strips.exists());
}
