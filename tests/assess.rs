//! Accuracy of maps that others made: an error matrix and areas alone, points on any GeoTIFF, and what is wrong with
//! them.

use crate::harness::{Said, bytes, catalogue, json, run, scratch, trained};
use insta::assert_snapshot;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Olofsson et al. 2014 (RSE 148:42-57), Table 8: deforestation, forest gain, stable forest, stable non-forest; the
/// columns in another order than the rows.
const COUNTS: &str = "map,1,2,4,3\n1,66,0,4,5\n2,0,55,12,8\n3,1,0,11,153\n4,2,1,313,9\n";
const AREAS: &str = "code,area\n4,580500\n1,18000\n2,13500\n3,288000\n";
const LEGEND: &str = "code,name,color\n1,Deforestation,#d73027\n2,Forest gain,#91cf60\n3,Stable forest,#1a9850\n\
                      4,Stable non-forest,#fee08b\n";

/// Assesses an error matrix and areas.
fn matrix(folder: &Path, counts: &str, areas: &str, more: &[&str]) -> Said {
    let [counts_at, areas_at, out] = ["counts.csv", "areas.csv", "out"].map(|name| folder.join(name));
    fs::write(&counts_at, counts).unwrap();
    fs::write(&areas_at, areas).unwrap();
    let words = [&counts_at, &areas_at, &out].map(|path| path.display().to_string());
    let words = ["assess", "--matrix", &words[0], "--areas", &words[1], "--out", &words[2], "--force"];
    run(&words.iter().chain(more).collect::<Vec<_>>())
}

#[track_caller]
fn near(found: &Value, expected: f64, digits: f64) {
    let value = found.as_f64().unwrap_or_else(|| panic!("{found} is no number"));
    assert!((value - expected).abs() <= 0.5 * digits, "{value}, expected {expected}");
}

#[test]
fn an_error_matrix_and_areas_give_the_printed_estimates() {
    let folder = scratch();
    let legend = folder.path().join("legend.csv");
    fs::write(&legend, LEGEND).unwrap();
    let said = matrix(folder.path(), COUNTS, AREAS, &["--legend", &legend.display().to_string()]).exits(0);
    assert_eq!(said.fact("overall accuracy"), ".947 ± .018");
    let out = folder.path().join("out");
    let estimates = json(&out.join("estimates.json"));
    let overall = &estimates["overall_accuracy"];
    near(&overall["value"], 0.946_511_9, 1e-7);
    near(&overall["standard_error"], 0.009_430_417, 1e-9);
    near(&overall["upper"], 0.946_511_9 + 0.018_483_28, 2e-7);
    for (class, users, producers, hectares, margin) in [
        (0, 0.88, 0.748_661_4, 21_157.76, 6_157.521),
        (1, 0.733_333_3, 0.847_156_4, 11_686.15, 3_755.757),
        (2, 0.927_272_7, 0.934_508_9, 285_769.9, 15_509.55),
        (3, 0.963_077_0, 0.961_609_0, 581_386.2, 16_281.36),
    ] {
        let class = &estimates["classes"][class];
        near(&class["users_accuracy"]["value"], users, 2e-7);
        near(&class["producers_accuracy"]["value"], producers, 2e-7);
        near(&class["area"]["value"], hectares, 0.1);
        let upper = class["area"]["upper"].as_f64().unwrap() - class["area"]["value"].as_f64().unwrap();
        assert!((upper - margin).abs() < 0.01, "{upper}");
    }
    assert_eq!(estimates["classes"][0]["class"], "Deforestation");
    assert_eq!(estimates["classes"][0]["code"], 1);
    let text = |name: &str| String::from_utf8(bytes(&out.join(name))).unwrap();
    assert_snapshot!("olofsson-tables-md", text("tables.md"));
    assert_snapshot!("olofsson-tables-tex", text("tables.tex"));
    let page = text("report.html");
    assert!(page.contains("Olofsson et al. 2014") && page.contains("<svg") && !page.contains("NaN"));
}

#[test]
fn matrices_that_do_not_fit_their_areas() {
    let folder = scratch();
    let said = [
        ("matrix-not-square", "map,1,2\n1,5,6\n3,8,1\n", AREAS),
        ("matrix-negative", "map,1,2\n1,5,-6\n2,8,1\n", "code,area\n1,1\n2,1\n"),
        ("matrix-fraction", "map,1,2\n1,5,6.5\n2,8,1\n", "code,area\n1,1\n2,1\n"),
        ("areas-missing", COUNTS, "code,area\n1,5\n2,6\n3,7\n"),
        ("areas-extra", COUNTS, "code,area\n1,5\n2,6\n3,7\n4,8\n9,9\n"),
        ("areas-negative", COUNTS, "code,area\n1,5\n2,-6\n3,7\n4,8\n"),
        ("areas-columns", COUNTS, "class,ha\n1,5\n"),
        ("areas-unsampled", "map,1,2\n1,5,6\n2,0,0\n", "code,area\n1,9\n2,1\n"),
        ("areas-zero", "map,1,2\n1,5,6\n2,1,0\n", "code,area\n1,9\n2,0\n"),
    ];
    for (name, counts, areas) in said {
        let said = matrix(folder.path(), counts, areas, &[]).exits(1);
        assert_snapshot!(name, said.message(&[(folder.path(), "FOLDER")]));
        assert!(!folder.path().join("out").exists(), "{name}: nothing is begun");
    }
}

#[test]
fn one_unit_of_a_class_leaves_the_variance_open() {
    let folder = scratch();
    let said = matrix(folder.path(), "map,1,2\n1,50,3\n2,0,1\n", "code,area\n1,9\n2,1\n", &[]).exits(0);
    assert!(said.stdout.contains("One sample unit only lies in stratum 2"), "{}", said.stdout);
    let estimates = json(&folder.path().join("out/estimates.json"));
    assert!(estimates["overall_accuracy"]["standard_error"].is_null());
    assert!(estimates["overall_accuracy"]["lower"].is_null());
    near(&estimates["overall_accuracy"]["value"], 0.9 * 50.0 / 53.0 + 0.1, 1e-9);
}

/// A map of 10 x 10 pixels of 10 m as other programs write it (an uncompressed GeoTIFF): rows 0 to 4 are class 1, 5
/// to 8 class 2, the last one class 3; class 4 is nowhere.
struct Foreign(TempDir);

impl Foreign {
    fn new() -> Self {
        let folder = scratch();
        let class = |row: usize| match row {
            0..=4 => 1,
            5..=8 => 2,
            _ => 3,
        };
        geotiff(&folder.path().join("map.tif"), &(0..100).map(|pixel| class(pixel / 10)).collect::<Vec<_>>());
        fs::write(folder.path().join("legend.csv"), LEGEND).unwrap();
        Self(folder)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes points `(row, col, rest of the line)`.
    fn points(&self, columns: &str, rows: &[(f64, f64, &str)]) {
        let mut text = format!("id,x,y,{columns}\n");
        for (number, (row, col, rest)) in rows.iter().enumerate() {
            let (x, y) = (500_000.0 + 10.0 * col + 5.0, 5_500_000.0 - 10.0 * row - 5.0);
            text += &format!("p{},{x},{y},{rest}\n", number + 1);
        }
        fs::write(self.file("points.csv"), text).unwrap();
    }

    fn assess(&self, reference: &str, more: &[&str]) -> Said {
        let [map, reference, legend, out] =
            ["map.tif", reference, "legend.csv", "out"].map(|name| self.file(name).display().to_string());
        let words =
            ["assess", &map, "--reference", &reference, "--legend", &legend, "--out", &out, "--force"];
        run(&words.iter().chain(more).collect::<Vec<_>>())
    }

    #[track_caller]
    fn refused(&self, more: &[&str]) -> String {
        self.assess("points.csv", more).exits(1).message(&[(self.0.path(), "FOLDER")])
    }

    fn estimates(&self) -> Value {
        json(&self.file("out/estimates.json"))
    }
}

/// Writes 10 x 10 bytes as the smallest GeoTIFF in EPSG:32633.
fn geotiff(path: &Path, pixels: &[u8]) {
    const TAGS: u16 = 12;
    let data_at = 8 + 2 + 12 * u32::from(TAGS) + 4;
    let scale_at = data_at + pixels.len() as u32;
    let (tie_at, keys_at) = (scale_at + 24, scale_at + 24 + 48);
    let side = 10;
    let tags: [(u16, u16, u32, u32); TAGS as usize] = [
        (256, 4, 1, side),
        (257, 4, 1, side),
        (258, 3, 1, 8),
        (259, 3, 1, 1),
        (262, 3, 1, 1),
        (273, 4, 1, data_at),
        (277, 3, 1, 1),
        (278, 4, 1, side),
        (279, 4, 1, pixels.len() as u32),
        (33550, 12, 3, scale_at),
        (33922, 12, 6, tie_at),
        (34735, 3, 16, keys_at),
    ];
    let mut file = b"II*\0\x08\0\0\0".to_vec();
    file.extend(TAGS.to_le_bytes());
    for (tag, kind, count, value) in tags {
        file.extend(tag.to_le_bytes());
        file.extend(kind.to_le_bytes());
        file.extend(count.to_le_bytes());
        file.extend(value.to_le_bytes());
    }
    file.extend(0u32.to_le_bytes());
    file.extend(pixels);
    for number in [10.0, 10.0, 0.0, 0.0, 0.0, 0.0, 500_000.0, 5_500_000.0, 0.0f64] {
        file.extend(number.to_le_bytes());
    }
    for key in [1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, 32633u16] {
        file.extend(key.to_le_bytes());
    }
    fs::write(path, file).unwrap();
}

/// Four points in each class of the map; one of class 1 and one of class 2 are wrong, the latter class 4.
const SAMPLE: [(f64, f64, &str); 12] = [
    (0.0, 0.0, "1"),
    (1.0, 3.0, "1"),
    (2.0, 6.0, "1"),
    (4.0, 9.0, "2"),
    (5.0, 0.0, "2"),
    (6.0, 3.0, "2"),
    (7.0, 6.0, "2"),
    (8.0, 9.0, "4"),
    (9.0, 0.0, "3"),
    (9.0, 3.0, "3"),
    (9.0, 6.0, "3"),
    (9.0, 9.0, "3"),
];

#[test]
fn points_on_a_foreign_map_give_estimates() {
    let map = Foreign::new();
    map.points("code", &SAMPLE);
    map.assess("points.csv", &["--design", "stratified"]).exits(0);
    let estimates = map.estimates();
    assert_eq!(estimates["area_unit"], "ha");
    near(&estimates["overall_accuracy"]["value"], 0.5 * 0.75 + 0.4 * 0.75 + 0.1, 1e-9);
    // s² = 3/4 · 1/4 · 4/3 of four units in two strata.
    let variance: f64 = (0.25 + 0.16) * 0.25 / 4.0;
    near(&estimates["overall_accuracy"]["standard_error"], variance.sqrt(), 1e-9);
    near(&estimates["classes"][0]["area"]["value"], 0.5 * 0.75, 1e-9);
    let lacked = &estimates["classes"][3];
    assert!(lacked["users_accuracy"].is_null(), "it is mapped nowhere: {lacked}");
    near(&lacked["producers_accuracy"]["value"], 0.0, 1e-9);
    near(&lacked["area_proportion"]["value"], 0.1, 1e-9);
    assert!(!map.file("out/metrics.json").exists(), "sample counts are no shares of the map");
    // The same points as a simple sample, and without a design.
    map.assess("points.csv", &["--design", "simple"]).exits(0);
    near(&map.estimates()["overall_accuracy"]["value"], 10.0 / 12.0, 1e-9);
    map.assess("points.csv", &[]).exits(0);
    near(&json(&map.file("out/metrics.json"))["overall_accuracy"], 10.0 / 12.0, 1e-9);
    assert!(!map.file("out/estimates.json").exists());
}

#[test]
fn a_drawn_sample_comes_back_when_it_is_filled_in() {
    let map = Foreign::new();
    let [tif, legend, points] =
        ["map.tif", "legend.csv", "points.geojson"].map(|name| map.file(name).display().to_string());
    let words = ["sample", "draw", &tif, "--legend", &legend, "--units", "15", "--allocation", "equal"];
    run(&words.iter().copied().chain(["--seed", "1", "--out", &points]).collect::<Vec<_>>()).exits(0);
    let said = map.assess("points.geojson", &["--design", "stratified"]).exits(1);
    assert!(said.stderr.contains("none of the 15 points") && said.stderr.contains("15 without a code"));
    let mut drawn = json(&map.file("points.geojson"));
    for feature in drawn["features"].as_array_mut().unwrap() {
        let stratum = feature["properties"]["stratum"].clone();
        feature["properties"]["code"] = stratum;
    }
    fs::write(&points, drawn.to_string()).unwrap();
    let flags = ["--design", "stratified", "--weight-column", "weight"];
    let said = map.assess("points.geojson", &flags).exits(0);
    assert_eq!(said.fact("overall accuracy"), "1.000 ± .000");
    assert!(!said.stdout.contains("notice"), "its weights are those of the map: {}", said.stdout);
    let lower = map.estimates()["overall_accuracy"]["wilson_lower"].as_f64().unwrap();
    assert!((0.7..0.9).contains(&lower), "fifteen right units are no proof: {lower}");
}

#[test]
fn strata_and_regions_of_their_own() {
    let map = Foreign::new();
    // West is stratum 5 with 50 pixels, east 6 with 50.
    let halves: Vec<u8> = (0..100).map(|pixel| if pixel % 10 < 5 { 5 } else { 6 }).collect();
    geotiff(&map.file("halves.tif"), &halves);
    map.points("code", &SAMPLE);
    let halves = map.file("halves.tif").display().to_string();
    map.assess("points.csv", &["--design", "stratified", "--strata", &halves, "--region", &halves]).exits(0);
    let estimates = map.estimates();
    // Columns 0 and 3 lie in the west, 6 and 9 in the east, with both errors.
    near(&estimates["overall_accuracy"]["value"], 0.5 + 0.5 * 4.0 / 6.0, 1e-9);
    assert_eq!(estimates["regions"][0]["region"], 5);
    near(&estimates["regions"][1]["overall_accuracy"]["value"], 4.0 / 6.0, 1e-9);
    near(&estimates["regions"][1]["area"], 0.5, 1e-9);
}

#[test]
fn two_maps_on_one_sample() {
    let map = Foreign::new();
    map.points("code", &SAMPLE);
    // The other one has row 4 as class 2, which is right at one point, and row 9 too, which is wrong at four.
    let class = |row: usize| if row < 4 { 1 } else { 2 };
    geotiff(&map.file("other.tif"), &(0..100).map(|pixel| class(pixel / 10)).collect::<Vec<_>>());
    let other = map.file("other.tif").display().to_string();
    let flags = ["--design", "stratified", "--against", &other];
    let said = map.assess("points.csv", &flags).exits(0);
    assert!(said.fact("difference").starts_with("−.025 ± .245 against"), "{}", said.stdout);
    let found = json(&map.file("out/comparison.json"));
    let overall = &found["overall_accuracy"];
    near(&overall["first"], 0.775, 1e-9);
    near(&overall["second"], 0.8, 1e-9);
    near(&overall["difference"]["value"], -0.5 * 0.25 + 0.1, 1e-9);
    // s² = 1/4 of {0, 0, 0, -1} in the first stratum, 0 in the others.
    near(&overall["difference"]["standard_error"], (0.25f64 * 0.25 / 4.0).sqrt(), 1e-9);
    near(&found["classes"][1]["users_accuracy"]["second"], 0.425 / 0.625, 1e-9);
    near(&found["classes"][1]["users_accuracy"]["difference"]["value"], 0.75 - 0.425 / 0.625, 1e-9);
    assert!(
        found["classes"][2]["users_accuracy"]["difference"].is_null(),
        "the other one never shows class 3"
    );
    let test = &found["mcnemar"];
    assert_eq!((&test["only_first_right"], &test["only_second_right"]), (&4.into(), &1.into()));
    near(&test["exact_p_value"], 0.375, 1e-9);
    assert_eq!(test["fits_the_design"], false);
    let text = |name: &str| String::from_utf8(bytes(&map.file("out").join(name))).unwrap();
    assert!(
        text("comparison.csv").contains("1,Deforestation,users_accuracy,0.75,1,-0.25,0.25,"),
        "{}",
        text("comparison.csv")
    );
    assert!(text("report.html").contains("here it tests the sample, not the maps"));
    assert!(text("tables.md").contains("Overall Accuracy: −.03 ± .24"), "{}", text("tables.md"));

    let unknown = |row: usize| if row == 0 { 255 } else { class(row) };
    geotiff(&map.file("other.tif"), &(0..100).map(|pixel| unknown(pixel / 10)).collect::<Vec<_>>());
    let said = map.assess("points.csv", &flags).exits(1);
    assert!(said.stderr.contains("other.tif holds code 255"), "{}", said.stderr);
    // Where the other map has no class, neither is judged: row 0 goes, with its point.
    let cut = |row: usize| if row == 0 { 0 } else { class(row) };
    geotiff(&map.file("other.tif"), &(0..100).map(|pixel| cut(pixel / 10)).collect::<Vec<_>>());
    let said = map.assess("points.csv", &flags).exits(0);
    assert_eq!(said.fact("points without a class on the other map"), "1");
    near(&map.estimates()["overall_accuracy"]["value"], (40.0 * 2.0 / 3.0 + 40.0 * 0.75 + 10.0) / 90.0, 1e-9);
}

#[test]
fn clusters_are_drawn_whole() {
    let map = Foreign::new();
    let named: Vec<(f64, f64, String)> =
        SAMPLE.iter().map(|(row, col, code)| (*row, *col, format!("{code},column {col},8.333333"))).collect();
    let named: Vec<(f64, f64, &str)> =
        named.iter().map(|(row, col, rest)| (*row, *col, rest.as_str())).collect();
    map.points("code,plot,weight", &named);
    let flags = ["--design", "cluster", "--cluster-column", "plot", "--weight-column", "weight"];
    let said = map.assess("points.csv", &flags).exits(0);
    near(&map.estimates()["overall_accuracy"]["value"], 10.0 / 12.0, 1e-6);
    assert!(!said.stdout.contains("add up to"), "the weights are right: {}", said.stdout);
    // A column of that name is taken without being asked for; without any, it is said that all count alike.
    let said = map.assess("points.csv", &flags[..4]).exits(0);
    assert_eq!(said.fact("weights"), "column weight");
    map.points("code,plot,weigh", &named);
    let said = map.assess("points.csv", &flags[..4]).exits(0);
    assert!(said.stdout.contains("The points have no weights"), "{}", said.stdout);
    map.points("code,plot,weight", &named);
    assert_snapshot!("cluster-column", map.refused(&["--design", "cluster"]));
    assert_snapshot!("column-typo", map.refused(&["--design", "cluster", "--cluster-column", "plott"]));
}

#[test]
fn what_is_wrong_with_a_sample() {
    let map = Foreign::new();
    let stratified = ["--design", "stratified"];

    map.points("code", &SAMPLE[..8]);
    assert_snapshot!("stratum-without-point", map.refused(&stratified));

    let mut twice = SAMPLE.to_vec();
    twice.push((1.2, 3.3, "1"));
    map.points("code", &twice);
    assert_snapshot!("points-twice", map.refused(&stratified));
    let said = map.assess("points.csv", &[]).exits(0);
    assert_eq!(said.fact("points in the pixel of another"), "1");

    let mut outside = SAMPLE.to_vec();
    outside.extend([(-3.0, 0.0, "1"), (20.0, 5.0, "2"), (0.0, 9.0, "")]);
    map.points("code", &outside);
    let said = map.assess("points.csv", &stratified).exits(0);
    assert_eq!(said.fact("points outside the map"), "2");
    assert_eq!(said.fact("points without a code"), "1");
    let listed = String::from_utf8(bytes(&map.file("out/points.csv"))).unwrap();
    assert!(listed.contains("p13,") && listed.contains("outside the map"), "{listed}");

    map.points("code", &[(-3.0, 0.0, "1"), (0.0, 50.0, "2"), (3.0, 3.0, "")]);
    assert_snapshot!("points-none", map.refused(&stratified));

    map.points("code", &[(0.0, 0.0, "7")]);
    assert_snapshot!("points-code", map.refused(&stratified));
    map.points("code", &[(0.0, 0.0, "woodland")]);
    assert_snapshot!("points-word", map.refused(&stratified));

    let mut lonely = SAMPLE[..8].to_vec();
    lonely.push(SAMPLE[8]);
    map.points("code", &lonely);
    let said = map.assess("points.csv", &stratified).exits(0);
    assert!(said.stdout.contains("One sample unit only lies in stratum 3"), "{}", said.stdout);
    assert!(map.estimates()["overall_accuracy"]["standard_error"].is_null());
}

#[test]
fn areas_and_weights_that_do_not_match_the_map() {
    let map = Foreign::new();
    let weighted: Vec<(f64, f64, String)> =
        SAMPLE.iter().map(|(row, col, code)| (*row, *col, format!("{code},20"))).collect();
    let weighted: Vec<(f64, f64, &str)> =
        weighted.iter().map(|(r, c, rest)| (*r, *c, rest.as_str())).collect();
    map.points("code,weight", &weighted);
    let areas = map.file("areas.csv").display().to_string();
    let with = ["--design", "stratified", "--areas", &areas, "--weight-column", "weight"];

    fs::write(&areas, "code,area\n1,500\n2,400\n3,100\n").unwrap();
    let said = map.assess("points.csv", &with).exits(0);
    assert!(!said.stdout.contains("do not match"), "another unit is no mismatch: {}", said.stdout);
    assert!(said.stdout.contains("weights add up to 240, but the map has 100 pixels"), "{}", said.stdout);
    assert_eq!(map.estimates()["area_unit"], "the unit of areas.csv");

    fs::write(&areas, "code,area\n1,700\n2,200\n3,100\n").unwrap();
    let said = map.assess("points.csv", &with).exits(0);
    assert!(said.stdout.contains("stratum 1 has 70.00 %, on the map 50.00 %"), "{}", said.stdout);
    near(&map.estimates()["overall_accuracy"]["value"], 0.7 * 0.75 + 0.2 * 0.75 + 0.1, 1e-9);

    fs::write(&areas, "code,area\n1,700\n2,200\n").unwrap();
    assert_snapshot!("strata-area-missing", map.refused(&with));
    fs::write(&areas, "code,area\n1,700\n2,200\n3,1\n8,1\n").unwrap();
    assert_snapshot!("strata-area-extra", map.refused(&with));
}

#[test]
fn flags_that_do_not_go_together() {
    let map = Foreign::new();
    map.points("code", &SAMPLE);
    assert_snapshot!("design-typo", map.refused(&["--design", "stratifed"]));
    assert_snapshot!("by-points", map.refused(&["--by", "edge"]));
    assert_snapshot!("by-typo", map.refused(&["--by", "slop=dem.tif"]));
    assert_snapshot!("confidence-percent", map.refused(&["--design", "simple", "--confidence", "95"]));
    let said = map.assess("map.tif", &["--design", "simple"]).exits(1);
    assert_snapshot!("design-raster", said.message(&[]));
    let other = map.file("map.tif").display().to_string();
    assert_snapshot!("against-no-design", map.refused(&["--against", &other]));
}

#[test]
fn a_reference_raster_is_broken_down() {
    let map = Foreign::new();
    // The reference moves the border between 1 and 2 down by a row: row 5 is wrong.
    let class = |row: usize| match row {
        0..=5 => 1,
        6..=8 => 2,
        _ => 3,
    };
    geotiff(&map.file("truth.tif"), &(0..100).map(|pixel| class(pixel / 10)).collect::<Vec<_>>());
    geotiff(
        &map.file("halves.tif"),
        &(0..100).map(|pixel| if pixel < 50 { 7 } else { 8 }).collect::<Vec<_>>(),
    );
    let region = format!("region={}", map.file("halves.tif").display());
    let slope = format!("slope={}", map.file("halves.tif").display());
    let by = ["--by", &region, "--by", "edge=1,3", "--by", &slope];
    map.assess("truth.tif", &by).exits(0);
    let table = |name: &str| String::from_utf8(bytes(&map.file("out").join(name))).unwrap();
    let lines = |text: String| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let regions = lines(table("by-region.csv"));
    assert!(
        regions[1].starts_with("7,50,1.000000,") && regions[2].starts_with("8,50,0.800000,"),
        "{regions:?}"
    );
    let edges = lines(table("by-edge.csv"));
    // Rows 5 and 6, 8 and 9 touch an edge; of those row 5 is wrong.
    assert!(edges[1].starts_with("0-1,40,0.750000,"), "{edges:?}");
    assert!(edges[2].starts_with("1-3,30,1.000000,") && edges[3].starts_with("over 3,30,"), "{edges:?}");
    let slopes = lines(table("by-slope.csv"));
    assert_eq!(
        slopes
            .iter()
            .skip(1)
            .map(|line| line.split(',').nth(1).unwrap().parse::<u64>().unwrap())
            .sum::<u64>(),
        100
    );
    assert!(table("report.html").contains("By distance to the nearest edge"));
}

#[test]
fn labels_of_the_training_are_no_independent_reference() {
    let run_folder = trained();
    let out = scratch();
    let [map, truth, legend] =
        [run_folder.join("map.tif"), catalogue().join("truth.tif"), catalogue().join("legend.csv")]
            .map(|path| path.display().to_string());
    let out_text = out.path().display().to_string();
    let said =
        run(&["assess", &map, "--reference", &truth, "--legend", &legend, "--out", &out_text]).exits(0);
    assert!(said.stdout.contains("which the map's model was trained on"), "{}", said.stdout);
    assert!(said.stdout.contains("lie in blocks that the model was trained on"), "{}", said.stdout);
    assert!(out.path().join("by-split.csv").exists());
}
