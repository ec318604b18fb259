//! Grids as files have them: rows that run north, degrees, feet, Web Mercator, and none at all.

use crate::harness::{
    Place, Said, UTM, catalogue, info, json, predict, recipe, run, scratch, small_legend, small_map,
};
use insta::assert_snapshot;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Blocks of classes 1 to 3 on 64 x 64 pixels.
fn blocks() -> Vec<u8> {
    (0..4096).map(|pixel| (((pixel / 64 / 8) * 5 + pixel % 64 / 8) % 3 + 1) as u8).collect()
}

/// A small map with rows and columns that run as the steps say, over the same ground.
fn turned(folder: &Path, name: &str, place: Place, (dx, dy): (f64, f64)) -> PathBuf {
    let codes = blocks();
    let at = |row: usize, col: usize| codes[row * 64 + col];
    let row = |row: usize| if dy > 0.0 { 63 - row } else { row };
    let col = |col: usize| if dx < 0.0 { 63 - col } else { col };
    let stored: Vec<u8> = (0..4096).map(|pixel| at(row(pixel / 64), col(pixel % 64))).collect();
    let path = small_map(folder, name, place, 64, &stored);
    let Place { east, north, side, .. } = place;
    let (x, y) = (
        if dx < 0.0 { east + 64.0 * side } else { east },
        if dy > 0.0 { north - 64.0 * side } else { north },
    );
    let text = fs::read_to_string(&path).unwrap();
    let told = format!("<GeoTransform>{east}, {side}, 0, {north}, 0, -{side}</GeoTransform>");
    assert!(text.contains(&told), "{text}");
    let told_anew = format!("<GeoTransform>{x}, {}, 0, {y}, 0, {}</GeoTransform>", dx * side, dy * side);
    fs::write(&path, text.replace(&told, &told_anew)).unwrap();
    path
}

/// `ecotone label patches` of the tiny recipe with other labels.
fn patches(folder: &Path, labels: &Path, out: &str, more: &[&str]) -> Said {
    let catalogue = format!("inputs.catalog={}", catalogue().join("catalog.json").display());
    let labels = format!("labels.raster={}", labels.display());
    let (recipe, out) = (recipe().display().to_string(), folder.join(out).display().to_string());
    let words =
        ["label", "patches", &recipe, "--set", &catalogue, "--set", &labels, "--out", &out, "--size", "16"];
    run(&words.iter().chain(more).collect::<Vec<_>>())
}

fn assess(folder: &Path, map: &Path, reference: &Path, more: &[&str]) -> Said {
    let [map, reference, legend, out] = [map, reference, &folder.join("legend.csv"), &folder.join("out")]
        .map(|path| path.display().to_string());
    let words = ["assess", &map, "--reference", &reference, "--legend", &legend, "--out", &out, "--force"];
    run(&words.iter().chain(more).collect::<Vec<_>>())
}

fn folder() -> TempDir {
    let folder = scratch();
    small_legend(folder.path());
    folder
}

#[test]
fn labels_give_one_grid_however_their_rows_and_columns_run() {
    let folder = folder();
    let ground = Place { east: 499_980.0, north: 5_500_020.0, ..UTM };
    let aoi = ["--set", "grid.aoi=15.001,49.643,15.015,49.651"];
    let mut found = Vec::new();
    for (name, steps) in
        [("north", (1.0, -1.0)), ("south", (1.0, 1.0)), ("west", (-1.0, -1.0)), ("both", (-1.0, 1.0))]
    {
        let labels = turned(folder.path(), name, ground, steps);
        patches(folder.path(), &labels, name, &aoi).exits(0);
        let split = info(&folder.path().join(name).join("split.tif"));
        found.push((split.fact("raster").to_owned(), split.fact("bounds").to_owned()));
    }
    assert!(found.iter().all(|grid| *grid == found[0]), "{found:?}");
    let [rows, cols] = [0, 2].map(|word| found[0].0.split(' ').nth(word).unwrap().parse::<usize>().unwrap());
    assert!((44..=47).contains(&rows) && (50..=53).contains(&cols), "{found:?}");
}

/// Web Mercator at 66 degrees north, where 20 m of it are 8 m on the ground.
const MERCATOR: Place = Place { crs: "EPSG:3857", east: 2_782_340.0, north: 9_877_480.0, side: 20.0 };

#[test]
fn areas_in_web_mercator_are_those_on_the_ground() {
    // 64 x 64 pixels hold 272 268 m² by the geodesics around them: crates/io/tests/reference/make_ground.py.
    const HECTARES: f64 = 27.226_793_011_813_24;
    let folder = folder();
    let halves: Vec<u8> = (0..4096).map(|pixel| if pixel < 2048 { 2 } else { 1 }).collect();
    let map = small_map(folder.path(), "map", MERCATOR, 64, &halves);
    assess(folder.path(), &map, &map, &[]).exits(0);
    let table = fs::read_to_string(folder.path().join("out/areas.csv")).unwrap();
    let hectares = |line: &str| -> f64 { line.split(',').nth(2).unwrap().parse().unwrap() };
    let all: f64 = table.lines().skip(1).map(hectares).sum();
    assert!((all / HECTARES - 1.0).abs() < 1e-5, "{all} ha, expected {HECTARES}");

    // Strata of a sample, and flows between maps, are as large.
    let points =
        "id,x,y,code\n1,2782350,9877470,2\n2,2783600,9877470,2\n3,2782350,9876210,1\n4,2783600,9876210,1\n";
    fs::write(folder.path().join("points.csv"), points).unwrap();
    assess(folder.path(), &map, &folder.path().join("points.csv"), &["--design", "stratified"]).exits(0);
    let estimates = json(&folder.path().join("out/estimates.json"));
    let mapped = |class: usize| estimates["classes"][class]["mapped_area"].as_f64().unwrap();
    assert!(((mapped(0) + mapped(1)) / HECTARES - 1.0).abs() < 1e-5, "{estimates}");
    let [map, legend, out] = [map, folder.path().join("legend.csv"), folder.path().join("agreed")]
        .map(|path| path.display().to_string());
    run(&["agree", &map, &map, "--legend", &legend, "--out", &out]).exits(0);
    let flows = fs::read_to_string(Path::new(&out).join("transitions.csv")).unwrap();
    let all: f64 =
        flows.lines().skip(1).map(|line| line.split(',').nth(7).unwrap().parse::<f64>().unwrap()).sum();
    assert!((all / HECTARES - 1.0).abs() < 1e-5, "{flows}");
}

#[test]
fn areas_that_change_along_rows_too_are_those_on_the_ground() {
    // Polar stereographic, 62 degrees south: 64 x 64 pixels by the geodesics around them.
    const POLAR: Place = Place { crs: "EPSG:3031", east: 2_305_000.0, north: -40_000.0, side: 5000.0 };
    const HECTARES: f64 = 10_013_151.358_777_592;
    let folder = folder();
    let map = small_map(folder.path(), "map", POLAR, 64, &blocks());
    assess(folder.path(), &map, &map, &[]).exits(0);
    let table = fs::read_to_string(folder.path().join("out/areas.csv")).unwrap();
    let all: f64 =
        table.lines().skip(1).map(|line| line.split(',').nth(2).unwrap().parse::<f64>().unwrap()).sum();
    assert!((all / HECTARES - 1.0).abs() < 1e-5, "{all} ha, expected {HECTARES}");
}

#[test]
fn buffers_in_web_mercator_and_degrees_are_metres_on_the_ground() {
    let folder = folder();
    let road =
        |row: usize| -> Vec<u8> { (0..4096).map(|pixel| if pixel / 64 == row { 3 } else { 1 }).collect() };
    // Two pixels off: 16 m in Mercator, 22 m in degrees.
    let degrees = Place { crs: "EPSG:4326", east: 25.0, north: 66.0, side: 0.0001 };
    for (place, narrow, wide) in [(MERCATOR, "16", "17"), (degrees, "22", "23")] {
        let map = small_map(folder.path(), "map", place, 64, &road(20));
        let reference = small_map(folder.path(), "reference", place, 64, &road(22));
        let buffers = format!("{narrow},{wide}");
        assess(folder.path(), &map, &reference, &["--edge-class", "3", "--buffer", &buffers]).exits(0);
        let lines = json(&folder.path().join("out/lines.json"));
        assert_eq!((&lines[0]["recall"], &lines[1]["recall"]), (&0.0.into(), &1.0.into()), "{lines}");
    }
}

#[test]
fn a_raster_without_a_system_is_laid_over_no_other() {
    let folder = folder();
    let map = small_map(folder.path(), "map", UTM, 64, &blocks());
    let lost = folder.path().join("lost.vrt");
    fs::write(&lost, fs::read_to_string(&map).unwrap().replace("<SRS>EPSG:32633</SRS>", "")).unwrap();
    let refused = |map: &Path, reference: &Path, more: &[&str]| {
        assess(folder.path(), map, reference, more).exits(1).message(&[(folder.path(), "FOLDER")])
    };
    assert_snapshot!("reference-without-system", refused(&map, &lost, &[]));
    assert_snapshot!("map-without-system", refused(&lost, &map, &[]));
    let lost_words = lost.display().to_string();
    let region = format!("region={lost_words}");
    assert_snapshot!("region-without-system", refused(&map, &map, &["--by", &region]));
    let mask = format!("{lost_words}=1");
    assert_snapshot!("mask-without-system", refused(&map, &map, &["--mask", &mask]));
    // Both without one lie over each other pixel by pixel.
    let said = assess(folder.path(), &lost, &lost, &[]).exits(0);
    assert_eq!(said.fact("overall accuracy"), "1.000");
}

#[test]
fn sides_of_pixels_are_told_in_their_unit_and_on_the_ground() {
    let folder = folder();
    let grid =
        |place: Place| info(&small_map(folder.path(), "map", place, 64, &blocks())).fact("grid").to_owned();
    assert_eq!(grid(UTM), "EPSG:32633 at 20 m");
    let degrees = Place { crs: "EPSG:4326", east: 25.0, north: 66.0, side: 0.0001 };
    assert_eq!(grid(degrees), "EPSG:4326 at 0.0001 degrees, 7.1 m on the ground");
    assert_eq!(grid(MERCATOR), "EPSG:3857 at 20 units, 8.2 m on the ground");
    let feet = Place { crs: "EPSG:2263", east: 981_240.0, north: 197_280.0, side: 60.0 };
    assert_eq!(grid(feet), "EPSG:2263 at 60 units, 18.3 m on the ground");
}

/// The ground of the small catalogue, and a little more, in pixels of 29 and 44 m.
const DEGREES: Place = Place { crs: "EPSG:4326", east: 14.998, north: 49.654, side: 0.0004 };

#[test]
fn labels_in_degrees_are_read_onto_the_grid_of_the_scenes() {
    let folder = folder();
    let labels = small_map(folder.path(), "labels", DEGREES, 64, &blocks());
    patches(folder.path(), &labels, "auto", &[]).exits(0);
    let split = info(&folder.path().join("auto/split.tif"));
    assert_eq!(split.fact("grid"), "EPSG:32633 at 20 m");
    // Who asks for degrees gets them, in blocks of as many metres.
    let fine = ["--set", "grid.crs=EPSG:4326", "--set", "grid.resolution=0.0002"];
    patches(folder.path(), &labels, "degrees", &fine).exits(0);
    let split = info(&folder.path().join("degrees/split.tif"));
    assert_eq!(split.fact("grid"), "EPSG:4326 at 0.0002 degrees, 17.9 m on the ground");
    let refused = |more: &[&str]| patches(folder.path(), &labels, "no", more).exits(1).message(&[]);
    assert_snapshot!("resolution-in-degrees", refused(&["--set", "grid.crs=EPSG:4326"]));
    let heights = format!("inputs.dem={}", catalogue().join("dem.tif").display());
    let slopes = [&fine[..], &["--set", &heights]].concat();
    let message =
        patches(folder.path(), &labels, "no", &slopes).exits(1).message(&[(catalogue(), "CATALOGUE")]);
    assert_snapshot!("heights-in-degrees", message);
}

#[test]
fn a_model_maps_pixels_of_its_size_on_the_ground() {
    let out = scratch();
    let refused = |grid: &str| {
        run(&predict(catalogue(), out.path(), &["--grid", grid])).exits(1).message(&[(out.path(), "OUT")])
    };
    assert_snapshot!("mercator-metres", refused("EPSG:3857@20"));
    assert_snapshot!("degrees-for-metres", refused("EPSG:4326@20"));
    // Without a resolution it is the model's, in units of the system.
    let said = run(&predict(catalogue(), out.path(), &["--grid", "EPSG:3857"])).exits(0);
    assert!(said.fact("grid").contains("20.0 m on the ground, EPSG:3857"), "{}", said.fact("grid"));
}

#[test]
fn slopes_of_a_map_in_degrees_are_refused() {
    let folder = folder();
    let map = small_map(folder.path(), "map", DEGREES, 64, &blocks());
    let heights = format!("slope={}", catalogue().join("dem.tif").display());
    let said = assess(folder.path(), &map, &map, &["--by", &heights]).exits(1);
    assert_snapshot!("slopes-in-degrees", said.message(&[(catalogue(), "CATALOGUE")]));
}
