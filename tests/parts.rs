//! Maps of parts are the parts of the map: whoever maps what, the windows, their weights and the filter see the same.

use crate::harness::{
    Catalogue, Place, UTM, bytes, catalogue, json, predict_with, run, same, scratch, small_map, train,
};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use tempfile::TempDir;

/// Corner of the small catalogue's ground, and its pixels.
const WEST: f64 = 499_980.0;
const NORTH: f64 = 5_500_020.0;
const PIXEL: f64 = 20.0;

/// Rows and columns of the ground, from its north-western corner: first row, first column, number of each.
type Ground = (usize, usize, usize, usize);

/// The folder of a run that fills gaps by lines, and maps by small windows, none of which begins where the ground does.
fn model() -> &'static Path {
    static MADE: OnceLock<TempDir> = OnceLock::new();
    MADE.get_or_init(|| {
        let folder = scratch();
        let settings =
            ["timeline.fill=linear", "predict.window=8", "train.epochs=8"].map(|setting| ["--set", setting]);
        let settings = settings.concat();
        run(&train(catalogue(), &folder.path().join("run"), &settings)).exits(0);
        folder
    })
    .path()
}

/// A raster over some ground, to be matched.
fn grid(folder: &Path, name: &str, (row, col, rows, cols): Ground) -> String {
    let (east, north) = (WEST + col as f64 * PIXEL, NORTH - row as f64 * PIXEL);
    let place = Place { east, north, side: PIXEL, ..UTM };
    small_map(folder, name, place, cols, &vec![1; rows * cols]).display().to_string()
}

/// A legend of the codes 0 to 100, so that percents are compared like classes.
fn percents(folder: &Path) -> PathBuf {
    let path = folder.join("percents.csv");
    let lines: String = (0..=100).map(|code| format!("{code},percent {code},#{code:02x}0000\n")).collect();
    fs::write(&path, format!("code,name,color\n{lines}")).unwrap();
    path
}

/// How many pixels of a map have the same code in another one; sees that none has another.
#[track_caller]
fn alike(map: &Path, other: &Path, legend: &Path) -> u64 {
    let out = scratch();
    let [map, other, legend, to] = [map, other, legend, out.path()].map(|path| path.display().to_string());
    run(&["assess", &map, "--reference", &other, "--legend", &legend, "--out", &to]).exits(0);
    let metrics = json(&out.path().join("metrics.json"));
    assert_eq!(metrics["overall_accuracy"].as_f64(), Some(1.0), "{map} and {other}");
    metrics["pixels"].as_u64().unwrap()
}

/// Sees that some maps hold what the whole holds, pixel by pixel and nothing else: classes, and how sure they are.
#[track_caller]
fn make_up(parts: &[PathBuf], whole: &Path) {
    let folder = scratch();
    let legends = [catalogue().join("legend.csv"), percents(folder.path())];
    for (name, legend) in ["map.tif", "confidence.tif"].iter().zip(&legends) {
        let whole = whole.join(name);
        let mut pixels = 0;
        for part in parts {
            let part = part.join(name);
            let own = alike(&part, &part, legend);
            assert_eq!(alike(&part, &whole, legend), own, "{} has what the whole lacks", part.display());
            pixels += own;
        }
        assert_eq!(pixels, alike(&whole, &whole, legend), "the parts of {name} lack what the whole has");
        assert!(pixels > 0);
    }
}

/// Issue 15. The ground is cut at odd pixels; beyond its eastern half lie other scenes, which the western parts see only in
/// their windows' halos and under the filter.
#[test]
fn four_parts_are_the_map() {
    let (folder, beside) = (scratch(), Catalogue::copy());
    beside.put_beside();
    let beside = beside.path().join("catalog.json").display().to_string();
    let map = |name: &str, ground: Ground| {
        let out = folder.path().join(name);
        let grid = grid(folder.path(), &format!("grid-{name}"), ground);
        let more = ["--catalog", &beside, "--grid", &grid, "--majority", "11", "--probabilities"];
        run(&predict_with(&model().join("run"), catalogue(), &out, &more)).exits(0);
        out
    };
    let whole = map("whole", (0, 0, 64, 90));
    let (row, col) = (27, 61);
    let parts = [
        map("north-west", (0, 0, row, col)),
        map("north-east", (0, col, row, 90 - col)),
        map("south-west", (row, 0, 64 - row, col)),
        map("south-east", (row, col, 64 - row, 90 - col)),
    ];
    make_up(&parts, &whole);
    // A part of a part, to be sure that a file of its own is not all that is equal.
    same(
        &map("again", (row, 0, 64 - row, col)),
        &parts[2],
        &["map.tif", "confidence.tif", "probabilities.tif"],
    );
    assert_ne!(bytes(&parts[2].join("map.tif")), bytes(&parts[3].join("map.tif")));
}

/// A polygon of corners in pixels from the ground's north-western one, as a file.
fn polygon(folder: &Path, name: &str, corners: &[(f64, f64)]) -> String {
    let place = |(row, col): &(f64, f64)| [WEST + col * PIXEL, NORTH - row * PIXEL];
    let ring: Vec<[f64; 2]> = corners.iter().chain(corners.first()).map(place).collect();
    let text = serde_json::json!({
        "type": "FeatureCollection",
        "crs": { "type": "name", "properties": { "name": "urn:ogc:def:crs:EPSG::32633" } },
        "features": [{ "type": "Feature", "properties": {}, "geometry": { "type": "Polygon", "coordinates": [ring] } }],
    });
    let path = folder.join(format!("{name}.geojson"));
    fs::write(&path, text.to_string()).unwrap();
    path.display().to_string()
}

/// Issue 15. Two areas of interest that meet in a slanting line: the windows and the filter of each see the ground of the other.
#[test]
fn areas_that_meet_are_the_map_of_both() {
    let folder = scratch();
    let map = |name: &str, corners: &[(f64, f64)]| {
        let (out, aoi) = (folder.path().join(name), polygon(folder.path(), name, corners));
        let more = ["--aoi", &aoi, "--majority", "11"];
        run(&predict_with(&model().join("run"), catalogue(), &out, &more)).exits(0);
        out
    };
    // No centre of a pixel lies on an edge.
    let (north, east, south, west) = ((4.0, 10.0), (20.0, 55.2), (50.0, 40.0), (40.2, 3.0));
    let both = map("both", &[north, east, south, west]);
    make_up(&[map("upper", &[north, east, west]), map("lower", &[east, south, west])], &both);
}

/// Issue 15. An area of interest on four grids and on one: each maps what of it lies on its own, and sees the rest.
#[test]
fn an_area_on_four_grids_is_the_area_on_one() {
    let folder = scratch();
    let aoi = polygon(folder.path(), "aoi", &[(4.0, 10.0), (20.0, 55.2), (50.0, 40.0), (40.2, 3.0)]);
    let map = |name: &str, ground: Ground, code: i32| {
        let (out, grid) = (folder.path().join(name), grid(folder.path(), &format!("grid-{name}"), ground));
        let more = ["--grid", &grid, "--aoi", &aoi, "--majority", "11"];
        let said = run(&predict_with(&model().join("run"), catalogue(), &out, &more)).exits(code);
        (out, said)
    };
    let (whole, _) = map("whole", (0, 0, 64, 64), 0);
    let (row, col) = (27, 31);
    let parts = [
        map("north-west", (0, 0, row, col), 0).0,
        map("north-east", (0, col, row, 64 - col), 0).0,
        map("south-west", (row, 0, 64 - row, col), 0).0,
        map("south-east", (row, col, 64 - row, 64 - col), 0).0,
    ];
    make_up(&parts, &whole);
    // On a raster that it does not reach.
    map("corner", (0, 56, 8, 8), 1).1.names(&["--aoi", "aoi.geojson", "an area on the raster of --grid"]);
}
