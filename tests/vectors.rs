//! Vector files as they come: several layers, points without a place, widths and names as OpenStreetMap has them.

use crate::harness::{Said, UTM, Way, bytes, json, osm_file, run, scratch, small_legend, small_map};
use insta::assert_snapshot;
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;
use tempfile::TempDir;

/// A folder with a map of 64 x 64 pixels of 20 m in UTM 33 from 15 E, 49.652 N on: nothing in columns 0 to 15, else
/// forest. Beside it lies another map with nothing in columns 40 to 47, and a mask of columns 0 to 47.
struct Ground(TempDir);

impl Ground {
    fn new() -> Self {
        let folder = scratch();
        let raster = |name: &str, code: &dyn Fn(usize) -> u8| {
            let codes: Vec<u8> = (0..64 * 64).map(|pixel| code(pixel % 64)).collect();
            small_map(folder.path(), name, UTM, 64, &codes);
        };
        raster("map", &|col| u8::from(col >= 16));
        raster("other", &|col| u8::from(!(40..48).contains(&col)));
        raster("mask", &|col| u8::from(col < 48));
        small_legend(folder.path());
        Self(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Runs words of which those that begin with `@` are files of the folder.
    fn run(&self, words: &[&str]) -> Said {
        let place = |word: &&str| match word.split_once('@') {
            Some((before, name)) => format!("{before}{}", self.path(name).display()),
            None => (*word).to_owned(),
        };
        run(&words.iter().map(place).collect::<Vec<_>>())
    }

    fn assess(&self, reference: &str, more: &[&str]) -> Said {
        let words =
            ["assess", "@map.vrt", "--reference", reference, "--legend", "@legend.csv", "--out", "@out"];
        self.run(&[&words[..], &["--force"], more].concat())
    }

    #[track_caller]
    fn message(&self, said: &Said) -> String {
        said.message(&[(self.0.path(), "FOLDER")])
    }

    /// Writes features with codes as GeoJSON in degrees.
    fn features(&self, name: &str, features: &[(Value, Value)]) {
        let feature = |(geometry, code): &(Value, Value)| json!({ "type": "Feature", "properties": { "code": code }, "geometry": geometry });
        let features: Vec<Value> = features.iter().map(feature).collect();
        fs::write(self.path(name), json!({ "type": "FeatureCollection", "features": features }).to_string())
            .unwrap();
    }

    /// A file of several layers, each a GeoJSON of the folder: OGR knows files by what they hold, not by their names.
    fn layers(&self, name: &str, layers: &[&str]) {
        let layer = |layer: &&str| {
            let source = self.path(&format!("{layer}.geojson"));
            format!(
                "<OGRVRTLayer name=\"{layer}\"><SrcDataSource>{}</SrcDataSource></OGRVRTLayer>",
                source.display()
            )
        };
        let layers: String = layers.iter().map(layer).collect();
        fs::write(self.path(name), format!("<OGRVRTDataSource>{layers}</OGRVRTDataSource>")).unwrap();
    }
}

fn point(lon: f64, lat: f64) -> Value {
    json!({ "type": "Point", "coordinates": [lon, lat] })
}

/// Sees that all points that were given are scored or left out, and gives the entry `points`.
#[track_caller]
fn points(found: &Value) -> Value {
    let points = found["points"].clone();
    let left_out =
        points["left_out"].as_array().unwrap().iter().map(|group| group["count"].as_u64().unwrap());
    let (given, scored) = (points["given"].as_u64().unwrap(), points["scored"].as_u64().unwrap());
    assert_eq!(given, scored + left_out.sum::<u64>(), "{points}");
    points
}

#[test]
fn every_point_is_scored_or_left_out_for_a_reason() {
    let ground = Ground::new();
    let line = json!({ "type": "LineString", "coordinates": [[15.008, 49.648], [15.009, 49.648]] });
    ground.features(
        "points.geojson",
        &[
            (point(15.008, 49.648), json!(1)),
            (Value::Null, json!(1)),
            (line, json!(1)),
            (point(16.0, 49.648), json!(1)),
            (point(105.0, 0.0), json!(1)),
            (point(15.002, 49.648), json!(1)),
            (point(15.015, 49.648), json!(1)),
            (point(15.012, 49.648), json!(1)),
            (point(15.009, 49.648), Value::Null),
            (point(15.010, 49.648), json!(2)),
        ],
    );
    let said = ground.assess("@points.geojson", &["--mask", "@mask.vrt=1"]).exits(0);
    assert_eq!(said.fact("points"), "10 given, 3 scored, 7 left out");
    let found = points(&json(&ground.path("out/metrics.json")));
    assert_eq!(
        found,
        json!({ "given": 10, "scored": 3, "left_out": [
            { "reason": "without a shape", "count": 1 },
            { "reason": "not a point", "count": 1 },
            { "reason": "outside the map", "count": 2 },
            { "reason": "on nodata of the map", "count": 1 },
            { "reason": "masked", "count": 1 },
            { "reason": "without a code", "count": 1 },
        ]})
    );
    let listed = String::from_utf8(bytes(&ground.path("out/points.csv"))).unwrap();
    assert_eq!(listed.lines().count(), 11, "all points are listed\n{listed}");
    assert!(listed.contains("\n1,,,,,without a shape,,1\n"), "{listed}");

    let flags = ["--mask", "@mask.vrt=1", "--design", "simple", "--against", "@other.vrt"];
    let said = ground.assess("@points.geojson", &flags).exits(0);
    assert_eq!(said.fact("points without a class on the other map"), "1");
    let found = points(&json(&ground.path("out/estimates.json")));
    assert_eq!((&found["given"], &found["scored"]), (&json!(10), &json!(2)));

    let table = "id,lon,lat,code\na,15.008,49.648,1\nb,105,0,1\nc,15.008,49.648,2\n";
    fs::write(ground.path("points.csv"), table).unwrap();
    ground.assess("@points.csv", &[]).exits(0);
    let found = points(&json(&ground.path("out/metrics.json")));
    assert_eq!(
        (&found["given"], &found["scored"]),
        (&json!(3), &json!(2)),
        "two in one pixel are both scored"
    );
    ground.assess("@points.csv", &["--ignore", "2"]).exits(0);
    let found = points(&json(&ground.path("out/metrics.json")));
    let ignored = json!({ "reason": "of an ignored code", "count": 1 });
    assert_eq!((&found["scored"], &found["left_out"][1]), (&json!(1), &ignored));
}

#[test]
fn a_place_off_the_earth_is_named() {
    let ground = Ground::new();
    fs::write(ground.path("points.csv"), "id,lon,lat,code\na,15.008,49.648,1\nb,15,495,1\n").unwrap();
    let said = ground.assess("@points.csv", &[]).exits(1);
    assert_snapshot!("latitude-line", ground.message(&said));
    ground.features("points.geojson", &[(point(15.008, 49.648), json!(1)), (point(15.0, 495.0), json!(1))]);
    let said = ground.assess("@points.geojson", &[]).exits(1);
    assert_snapshot!("latitude-feature", ground.message(&said));
}

#[test]
fn of_several_layers_one_must_be_named() {
    let ground = Ground::new();
    ground.features("training.geojson", &[(point(15.008, 49.648), json!(1))]);
    ground.features(
        "validation.geojson",
        &[(point(15.008, 49.648), json!(2)), (point(15.010, 49.648), json!(2))],
    );
    ground.layers("two.gpkg", &["training", "validation"]);
    let said = ground.assess("@two.gpkg", &[]).exits(1);
    assert_snapshot!("layers", ground.message(&said));
    for more in [&["--layer", "validation"][..], &[]] {
        let reference = if more.is_empty() { "@two.gpkg#validation" } else { "@two.gpkg" };
        let said = ground.assess(reference, more).exits(0);
        assert_eq!(said.fact("points"), "2 given, 2 scored, 0 left out");
    }
    let said = ground.assess("@two.gpkg", &["--layer", "valid"]).exits(1);
    assert_snapshot!("layer-typo", ground.message(&said));
    let said = ground.assess("@map.vrt", &["--layer", "valid"]).exits(1);
    assert_snapshot!("layer-raster", ground.message(&said));
    let words = ["label", "rasterize", "@two.gpkg#training", "--like", "@map.vrt", "--attribute", "code"];
    let said = ground.run(&[&words[..], &["--out", "@labels.tif"]].concat()).exits(0);
    assert_eq!(said.fact("features"), "1 read near the grid, 1 used, 1 hold a pixel");
}

/// Roads from the west to the east, each with more tags.
fn roads(ground: &Ground, tags: &[&[(&str, &str)]]) {
    let places: Vec<[(f64, f64); 2]> = (0..tags.len())
        .map(|road| 49.651 - 0.0015 * road as f64)
        .map(|lat| [(14.99, lat), (15.03, lat)])
        .collect();
    let tags: Vec<Vec<(&str, &str)>> =
        tags.iter().map(|tags| [&[("highway", "primary")], *tags].concat()).collect();
    let ways: Vec<Way<'_>> = places.iter().zip(&tags).map(|(places, tags)| Way { places, tags }).collect();
    osm_file(ground.0.path(), "roads.osm.pbf", &ways);
}

const BURN: [&str; 11] = [
    "label",
    "rasterize",
    "@roads.osm.pbf",
    "--layer",
    "lines",
    "--code",
    "1",
    "--like",
    "@map.vrt",
    "--out",
    "@labels.tif",
];

#[test]
fn odd_widths_are_counted_and_told() {
    let ground = Ground::new();
    let widths = ["40", "4000 cm", "131'2.8\"", "narrow", "6;8", "12,5"].map(|width| [("width", width)]);
    roads(&ground, &widths.each_ref().map(|tags| &tags[..]));
    let flags = ["--width-attribute", "width", "--width", "80"];
    let said = ground.run(&[&BURN[..], &flags].concat()).exits(0);
    assert_eq!(said.fact("odd widths"), "3 of 6, 80 m instead: `12,5` (1), `6;8` (1), `narrow` (1)");
    // Three roads of two rows and three of four.
    assert_eq!(said.fact("1 class 1"), format!("{} pixels (28.12 %)", 64 * 18));
}

#[test]
fn a_name_with_commas_is_asked_for_in_quotes() {
    let ground = Ground::new();
    roads(&ground, &[&[("name", "Straße \"X\", Nord=>Süd")], &[("name", "Ring")]]);
    let said = ground.run(&[&BURN[..], &["--where", "name=Straße \"X\", Nord=>Süd"]].concat()).exits(1);
    assert_snapshot!("where-comma", ground.message(&said));
    let quoted = "name=\"Straße \"\"X\"\", Nord=>Süd\",Ring";
    let said = ground.run(&[&BURN[..], &["--where", quoted]].concat()).exits(0);
    assert_eq!(said.fact("features"), "2 read near the grid, 2 used, 2 hold a pixel");
}
