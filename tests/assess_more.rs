//! What an assessment can score beside classes: probabilities, lines, years, and maps in degrees.

use crate::harness::{Place, Said, UTM, bytes, json, run, scratch, small_bands, small_legend, small_map};
use insta::assert_snapshot;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A folder with a legend of three classes, where maps are made and assessed.
struct Maps(TempDir);

impl Maps {
    fn new() -> Self {
        let folder = scratch();
        small_legend(folder.path());
        Self(folder)
    }

    fn map(&self, name: &str, place: Place, cols: usize, codes: &[u8]) -> PathBuf {
        small_map(self.0.path(), name, place, cols, codes)
    }

    fn assess(&self, map: &str, reference: &str, more: &[&str]) -> Said {
        let [map, reference, legend, out] =
            [map, reference, "legend.csv", "out"].map(|name| self.0.path().join(name).display().to_string());
        let words =
            ["assess", &map, "--reference", &reference, "--legend", &legend, "--out", &out, "--force"];
        run(&words.iter().chain(more).collect::<Vec<_>>())
    }

    #[track_caller]
    fn refused(&self, map: &str, reference: &str, more: &[&str]) -> String {
        self.assess(map, reference, more).exits(1).message(&[(self.0.path(), "FOLDER")])
    }

    fn out(&self, name: &str) -> PathBuf {
        self.0.path().join("out").join(name)
    }

    fn text(&self, name: &str) -> String {
        String::from_utf8(bytes(&self.out(name))).unwrap()
    }
}

/// Classes 1 and 2 by columns of 64 x 64 pixels, and percents that are right for most and unsure for a stripe of each.
fn probabilities(folder: &Path, names: [&str; 3]) -> (Vec<u8>, PathBuf) {
    let truth: Vec<u8> = (0..4096).map(|pixel| if pixel % 64 < 32 { 1 } else { 2 }).collect();
    let percent = |pixel: usize| match pixel % 64 % 8 {
        0 => 45,
        _ => 90,
    };
    let of = |class: u8| -> Vec<u8> {
        let right = |pixel: usize| truth[pixel] == class;
        let share = |pixel: usize| if right(pixel) { percent(pixel) } else { 98 - percent(pixel) };
        (0..4096).map(|pixel| if pixel < 64 { 255 } else { share(pixel) }).collect()
    };
    let (first, second, third) = (of(1), of(2), vec![2; 4096]);
    let bands = [(names[0], &first[..]), (names[1], &second[..]), (names[2], &third[..])];
    let path = small_bands(folder, "probabilities", UTM, 64, 255, &bands);
    (truth, path)
}

#[test]
fn probabilities_are_scored_and_sets_calibrated_on_the_other_half() {
    let maps = Maps::new();
    let (truth, path) = probabilities(maps.0.path(), ["forest", "field", "water"]);
    maps.map("map", UTM, 64, &truth);
    let path = path.display().to_string();
    let flags = ["--probabilities", &path, "--alpha", "0.2", "--seed", "9"];
    let said = maps.assess("map.vrt", "map.vrt", &flags).exits(0);
    let found = json(&maps.out("probability_scores.json"));
    assert_eq!(found["samples"], 4096 - 64, "the first row has no data");
    // Seven of eight pixels with .90, .08 and .02, one with .45, .53 and .02.
    let brier = (7.0 * (0.01 + 0.0064 + 0.0004) + (0.3025 + 0.2809 + 0.0004)) / 8.0;
    assert!((found["brier"].as_f64().unwrap() - brier).abs() < 1e-9, "{found}");
    let log_loss = -(7.0 * 0.9f64.ln() + 0.45f64.ln()) / 8.0;
    assert!((found["log_loss"].as_f64().unwrap() - log_loss).abs() < 1e-9);
    // The highest probability is .90 and right, or .53 and wrong.
    let error = (7.0 * 0.1 + 0.53) / 8.0;
    assert!((found["expected_calibration_error"].as_f64().unwrap() - error).abs() < 1e-9);
    assert_eq!(found["classes"][2]["auc"], serde_json::Value::Null, "water is nowhere");
    // Fewer than a fifth are unsure, so that sets may miss them.
    let (conformal, forest) = (&found["conformal"], &found["classes"][0]);
    assert_eq!(forest["least_probability"], 0.9);
    // Those near a calibrating block are scored by nobody.
    let used =
        conformal["calibration_samples"].as_u64().unwrap() + conformal["scored_samples"].as_u64().unwrap();
    assert!((2500..4096 - 64).contains(&used), "{conformal}");
    let split = conformal["split"].as_str().unwrap();
    assert!(split.contains("blocks of 8 x 8 pixels (") && split.contains("drawn with seed 9"), "{split}");
    assert!(split.contains("pixels within 2 of those blocks are not scored"), "{split}");
    // Eight rows of eight blocks, half of which calibrate; four of either class or so.
    assert_eq!((&conformal["calibration_blocks"], &conformal["blocks_needed"]), (&32.into(), &4.into()));
    let blocks = forest["calibration_blocks"].as_u64().unwrap() + forest["scored_blocks"].as_u64().unwrap();
    assert!((28..=32).contains(&blocks), "{forest}");
    let coverage = forest["coverage"].as_f64().unwrap();
    assert!((0.8..=1.0).contains(&coverage), "{forest}");
    assert!(maps.text("conformal.csv").contains("3,water,0,4,0,,0,0,"), "{}", maps.text("conformal.csv"));
    assert_eq!(said.fact("in every set"), "water (0 of 4 blocks)");
    assert!(
        maps.text("reliability.csv").contains(",confidence,0.8,0.9,"),
        "{}",
        maps.text("reliability.csv")
    );
    let info = run(&["info", &maps.out("set_sizes.tif").display().to_string()]).exits(0);
    assert!(info.stdout.contains("64"), "{}", info.stdout);
    let page = maps.text("report.html");
    assert!(page.contains("Reliability diagram") && page.contains("Conformal sets") && !page.contains("NaN"));
    // The same seed splits alike, another one does not.
    let before = maps.text("conformal.csv");
    maps.assess("map.vrt", "map.vrt", &flags).exits(0);
    assert_eq!(maps.text("conformal.csv"), before);
    maps.assess("map.vrt", "map.vrt", &["--probabilities", &path, "--alpha", "0.2", "--seed", "6"]).exits(0);
    assert_ne!(maps.text("conformal.csv"), before);
}

/// Test blocks are halved as a whole, where the run says how large they are.
#[test]
fn sets_are_calibrated_by_the_blocks_of_the_split() {
    let maps = Maps::new();
    let (truth, path) = probabilities(maps.0.path(), ["forest", "field", "water"]);
    maps.map("map", UTM, 64, &truth);
    let split: Vec<u8> = (0..4096).map(|pixel| if pixel / 64 / 16 % 2 == 0 { 3 } else { 1 }).collect();
    let split = maps.map("split", UTM, 64, &split);
    fs::rename(&split, maps.0.path().join("split.tif")).unwrap();
    fs::write(maps.0.path().join("manifest.json"), r#"{"split_block": 16}"#).unwrap();
    let (path, mask) = (path.display().to_string(), maps.0.path().join("split.tif").display().to_string());
    let flags = ["--probabilities", &path, "--mask", &format!("{mask}=3")];
    let said = maps.assess("map.vrt", "map.vrt", &flags).exits(0);
    let conformal = &json(&maps.out("probability_scores.json"))["conformal"];
    let split = conformal["split"].as_str().unwrap();
    assert!(split.contains("blocks of 16 x 16 pixels (those of the run's split)"), "{split}");
    // Two rows of four test blocks: half of them are too few for nine tenths of any class.
    assert_eq!((&conformal["calibration_blocks"], &conformal["blocks_needed"]), (&4.into(), &9.into()));
    assert!(said.fact("in every set").contains("of 9 blocks"), "{}", said.stdout);
    let sizes: Vec<u64> = serde_json::from_value(conformal["sizes"].clone()).unwrap();
    assert_eq!(sizes[..3], [0, 0, 0], "every class stands in every set");
    // Another size may be asked for.
    maps.assess("map.vrt", "map.vrt", &[&flags[..], &["--block", "160"]].concat()).exits(0);
    let found = json(&maps.out("probability_scores.json"));
    assert!(
        found["conformal"]["split"].as_str().unwrap().contains("8 x 8 pixels (as --block asks)"),
        "{found}"
    );
    maps.assess("map.vrt", "map.vrt", &[&flags[..], &["--block=-1"]].concat())
        .exits(1)
        .names(&["--block", "greater than 0"]);
}

#[test]
fn probabilities_at_points() {
    let maps = Maps::new();
    let (truth, path) = probabilities(maps.0.path(), ["", "", ""]);
    maps.map("map", UTM, 64, &truth);
    let mut points = "id,x,y,code\n".to_owned();
    for point in 0..40 {
        let (row, col) = (10 + point, (13 * point) % 64);
        let code = truth[64 * row + col];
        let (x, y) = (500_000.0 + 20.0 * (col as f64 + 0.5), 5_500_000.0 - 20.0 * (row as f64 + 0.5));
        let _ = writeln!(points, "{point},{x},{y},{code}");
    }
    fs::write(maps.0.path().join("points.csv"), points).unwrap();
    let path = path.display().to_string();
    maps.assess("map.vrt", "points.csv", &["--design", "simple", "--probabilities", &path]).exits(0);
    let found = json(&maps.out("probability_scores.json"));
    assert_eq!(found["samples"], 40);
    assert_eq!(found["conformal"]["calibration_samples"], 20);
    assert!(maps.out("estimates.json").exists() && maps.out("set_sizes.tif").exists());
}

#[test]
fn probabilities_that_are_none() {
    let maps = Maps::new();
    let (truth, path) = probabilities(maps.0.path(), ["forest", "water", "field"]);
    maps.map("map", UTM, 64, &truth);
    let flags = ["--probabilities", &path.display().to_string()];
    assert_snapshot!("probabilities-order", maps.refused("map.vrt", "map.vrt", &flags));
    let one = maps.map("one", UTM, 64, &[50; 4096]);
    let flags = ["--probabilities", &one.display().to_string()];
    assert_snapshot!("probabilities-bands", maps.refused("map.vrt", "map.vrt", &flags));
    let (low, high) = ([50; 4096], [51; 4096]);
    let bands: [(&str, &[u8]); 3] = [("", &low), ("", &high), ("", &high)];
    let sums = small_bands(maps.0.path(), "sums", UTM, 64, 255, &bands);
    let flags = ["--probabilities", &sums.display().to_string()];
    assert_snapshot!("probabilities-sum", maps.refused("map.vrt", "map.vrt", &flags));
    let flags = ["--probabilities", &sums.display().to_string(), "--alpha", "10"];
    assert_snapshot!("alpha-percent", maps.refused("map.vrt", "map.vrt", &flags));
}

/// A road of class 3 along a row of 40 x 40 pixels.
fn road(row: usize) -> Vec<u8> {
    (0..1600).map(|pixel| if pixel / 40 == row { 3 } else { 1 }).collect()
}

#[test]
fn a_road_that_is_a_pixel_off_is_found_within_a_buffer() {
    let maps = Maps::new();
    let mut half = road(20);
    half[20 * 40..20 * 40 + 10].fill(1);
    maps.map("map", UTM, 40, &half);
    maps.map("reference", UTM, 40, &road(21));
    let flags = ["--edge-class", "3", "--buffer", "10,20"];
    let said = maps.assess("map.vrt", "reference.vrt", &flags).exits(0);
    assert_eq!(said.fact("water within 10 m"), "precision 0.000, recall 0.000, IoU 0.000");
    assert_eq!(said.fact("water within 20 m"), "precision 1.000, recall 0.750, IoU 0.000");
    assert_eq!(
        maps.text("lines.csv").lines().nth(2).unwrap(),
        "3,water,20.0,1.0,0.75,0.8571428571428571,0.75,0.0,30,40"
    );
    assert_eq!(json(&maps.out("lines.json"))[1]["recall"], 0.75);
    assert!(maps.text("report.html").contains("Precision: the share of the mapped line"));
}

/// A mask says what counts, not what there is: the mapped twin of a road at its rim is a pixel outside.
#[test]
fn a_road_at_the_rim_of_the_mask_is_found() {
    let maps = Maps::new();
    maps.map("map", UTM, 40, &road(20));
    maps.map("reference", UTM, 40, &road(21));
    let below: Vec<u8> = (0..1600).map(|pixel| if pixel / 40 > 20 { 3 } else { 1 }).collect();
    let mask = format!("{}=3", maps.map("below", UTM, 40, &below).display());
    let flags = ["--edge-class", "3", "--buffer", "20", "--mask", &mask];
    let said = maps.assess("map.vrt", "reference.vrt", &flags).exits(0);
    assert_eq!(said.fact("water within 20 m"), "precision –, recall 1.000, IoU 0.000");
}

#[test]
fn lines_that_cannot_be_scored() {
    let maps = Maps::new();
    maps.map("map", UTM, 40, &road(20));
    let refused = |more: &[&str]| maps.refused("map.vrt", "map.vrt", more);
    assert_snapshot!("line-code", refused(&["--edge-class", "9", "--buffer", "10"]));
    assert_snapshot!("line-buffer", refused(&["--edge-class", "3", "--buffer", "20000"]));
    assert_snapshot!("line-negative", refused(&["--edge-class", "3", "--buffer=-5"]));
    maps.map("degrees", DEGREES, 40, &road(20));
    let flags = ["--edge-class", "3", "--buffer", "10"];
    assert_snapshot!("line-degrees", maps.refused("degrees.vrt", "degrees.vrt", &flags));
    fs::write(maps.0.path().join("points.csv"), "x,y,code\n500010,5499990,1\n").unwrap();
    assert_snapshot!("line-points", maps.refused("map.vrt", "points.csv", &flags));
}

#[test]
fn each_year_and_all_of_them() {
    let maps = Maps::new();
    maps.map("map-2018", UTM, 2, &[1, 1, 2, 2]);
    maps.map("map-2019", UTM, 2, &[1, 2, 2, 2]);
    maps.map("truth-2018", UTM, 2, &[1, 1, 2, 2]);
    maps.map("truth-2019", UTM, 2, &[1, 1, 2, 0]);
    let years = ["--by", "year=2018,2019"];
    let said = maps.assess("map-{year}.vrt", "truth-{year}.vrt", &years).exits(0);
    assert_eq!((said.fact("2018"), said.fact("2019")), ("1.000", "0.667"));
    assert_eq!(said.fact("overall accuracy"), "0.857");
    let table = maps.text("by-year.csv");
    assert!(table.contains("\n2018,4,1.000000,") && table.contains("\n2019,3,0.666667,"), "{table}");
    assert!(maps.text("report.html").contains("Accuracy by year, Overall accuracy: 2018 1.00, 2019 0.67"));
    // One reference may stand for all years.
    maps.assess("map-{year}.vrt", "truth-2018.vrt", &years).exits(0);
    assert_eq!(json(&maps.out("metrics.json"))["overall_accuracy"], 7.0 / 8.0);

    assert_snapshot!("year-no-name", maps.refused("map-2018.vrt", "truth-2018.vrt", &years));
    assert_snapshot!("year-no-flag", maps.refused("map-{year}.vrt", "truth-{year}.vrt", &[]));
    assert_snapshot!(
        "year-and-edge",
        maps.refused("map-{year}.vrt", "truth-{year}.vrt", &["--by", "year=2018", "--by", "edge"])
    );
    let missing = maps.assess("map-{year}.vrt", "truth-{year}.vrt", &["--by", "year=2020"]).exits(1);
    assert!(missing.stderr.contains("map-2020.vrt"), "{}", missing.stderr);
}

/// Pixels of ten degrees, from 60 degrees north.
const DEGREES: Place = Place { crs: "EPSG:4326", east: 0.0, north: 60.0, side: 10.0 };

/// Square kilometres of a pixel of ten degrees between 50 and 60, 40 and 50, and 30 and 40 degrees north: EPSG:6933 of
/// PROJ, which keeps areas, takes them to rectangles.
const ZONES: [f64; 3] = [711_460.782_666_688_3, 875_097.690_661_698_9, 1_011_460.703_433_802_2];

#[test]
fn pixels_in_degrees_count_by_their_area() {
    let maps = Maps::new();
    let (map, other) = ([1, 1, 2, 2, 1, 2], [1, 2, 2, 2, 1, 1]);
    maps.map("map", DEGREES, 2, &map);
    maps.map("other", DEGREES, 2, &other);
    maps.assess("map.vrt", "other.vrt", &[]).exits(0);
    let table = maps.text("areas.csv");
    let found = |line: usize, column: usize| -> f64 {
        table.lines().nth(line).unwrap().split(',').nth(column).unwrap().parse().unwrap()
    };
    #[track_caller]
    fn near(found: f64, square_km: f64) {
        assert!((found / (100.0 * square_km) - 1.0).abs() < 1e-9, "{found} ha, expected {square_km} km²");
    }
    near(found(1, 2), 2.0 * ZONES[0] + ZONES[2]);
    near(found(2, 3), ZONES[0] + 2.0 * ZONES[1]);
    let right = ZONES[0] + 2.0 * ZONES[1] + ZONES[2];
    let share = right / (2.0 * (ZONES[0] + ZONES[1] + ZONES[2]));
    assert!(
        maps.text("report.html")
            .contains(&format!("by area on the ellipsoid the overall accuracy is {share:.3}"))
    );

    // A sample: its strata are as large as their pixels.
    let points = "id,x,y,code\n1,5,55,1\n2,15,55,2\n3,5,45,2\n4,15,45,2\n";
    fs::write(maps.0.path().join("points.csv"), points).unwrap();
    maps.assess("map.vrt", "points.csv", &["--design", "stratified"]).exits(0);
    let estimates = json(&maps.out("estimates.json"));
    assert_eq!(estimates["area_unit"], "ha");
    near(estimates["classes"][0]["mapped_area"].as_f64().unwrap(), 2.0 * ZONES[0] + ZONES[2]);
    let first = (2.0 * ZONES[0] + ZONES[2]) / (2.0 * (ZONES[0] + ZONES[1] + ZONES[2]));
    let overall = estimates["overall_accuracy"]["value"].as_f64().unwrap();
    assert!((overall - (first * 0.5 + 1.0 - first)).abs() < 1e-9);
    assert!(maps.text("report.html").contains("The pixels of EPSG:4326 are not equally large"));

    // Between maps.
    let [first, second, legend, out] = ["map.vrt", "other.vrt", "legend.csv", "agreed"]
        .map(|name| maps.0.path().join(name).display().to_string());
    run(&["agree", &first, &second, "--legend", &legend, "--out", &out]).exits(0);
    let flows = fs::read_to_string(Path::new(&out).join("transitions.csv")).unwrap();
    let line = flows.lines().find(|line| line.contains(",1,forest,2,field,1,")).unwrap();
    near(line.split(',').nth(7).unwrap().parse().unwrap(), ZONES[0]);
}
