//! Labels to learn from: samples drawn with their series, cleaned, and checked for leaks between training and test.

use crate::harness::{Said, bytes, catalogue, halves, json, recipe, report, run, scratch};
use insta::assert_snapshot;
use std::fs;
use std::path::{Path, PathBuf};

const BANDS: [&str; 5] = ["B02", "B03", "B04", "B08", "B11"];
const DAYS: [&str; 3] = ["2021-03-01", "2021-06-01", "2021-09-01"];
const FOREST: [f32; 5] = [0.03, 0.05, 0.03, 0.40, 0.15];
const BARE: [f32; 5] = [0.10, 0.14, 0.18, 0.24, 0.35];
const WATER: [f32; 5] = [0.06, 0.05, 0.03, 0.02, 0.01];

/// A folder of one story.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        let place = Self(scratch());
        place.write("legend.csv", "code,name,color\n1,forest,#006400\n2,bare,#d2b48c\n3,water,#0000c8\n");
        place
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.file(name).display().to_string()
    }

    fn write(&self, name: &str, text: &str) -> String {
        fs::write(self.file(name), text).unwrap();
        self.text(name)
    }

    /// `label samples` of the tiny recipe on the small catalogue.
    fn samples(&self, out: &str, more: &[&str]) -> Said {
        let catalog = format!("inputs.catalog={}", catalogue().join("catalog.json").display());
        let (recipe, out) = (recipe().display().to_string(), self.text(out));
        let words = ["label", "samples", &recipe, "--set", &catalog, "--out", &out];
        run(&[&words, more].concat())
    }

    /// `label clean` into the folder `out`.
    fn clean(&self, samples: &str, more: &[&str]) -> Said {
        let (samples, legend, out) = (self.text(samples), self.text("legend.csv"), self.text("out"));
        let words = ["label", "clean", &samples, "--legend", &legend, "--out", &out, "--force"];
        run(&[&words, more].concat())
    }

    fn check(&self, samples: &str, more: &[&str]) -> Said {
        let samples = self.text(samples);
        run(&[&["label", "check", &samples], more].concat())
    }

    /// The message of a command that could not go on.
    #[track_caller]
    fn refused(&self, said: Said) -> String {
        let folders = [(self.0.path(), "DIR"), (catalogue(), "CATALOGUE")];
        said.exits(1).message(&folders)
    }
}

/// A number from 0 to 1 that follows from no other (SplitMix64).
fn noise(number: usize) -> f32 {
    let mixed = (number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((mixed ^ (mixed >> 31)) >> 40) as f32 / (1u64 << 24) as f32
}

/// A table of samples: code and reflectances of each, slightly unlike each other.
fn table(rows: &[(u8, [f32; 5])]) -> String {
    let names: Vec<String> = DAYS.iter().flat_map(|day| BANDS.map(|band| format!("{band}@{day}"))).collect();
    let mut text = format!("id,x,y,code,{}\n", names.join(","));
    // Every value is off by up to 4 % in a way of its own, so that no class falls apart by itself.
    for (number, (code, bands)) in rows.iter().enumerate() {
        let values = DAYS.iter().flat_map(|_| *bands).enumerate();
        let cells: Vec<String> = values
            .map(|(cell, value)| (value * (1.0 + 0.04 * noise(number * 15 + cell))).to_string())
            .collect();
        text += &format!("s{number},{},5000000,{code},{}\n", 500_000 + 20 * number, cells.join(","));
    }
    text
}

/// Forty samples of forest of which eight are bare, twenty bare ones, twenty of water.
fn noisy() -> Vec<(u8, [f32; 5])> {
    let of = |code, bands, number| vec![(code, bands); number];
    [of(1, FOREST, 32), of(1, BARE, 8), of(2, BARE, 20), of(3, WATER, 20)].concat()
}

/// The cells of a CSV below its header; one cell may be in quotes.
#[track_caller]
fn lines(path: &Path) -> Vec<Vec<String>> {
    let cells = |text: &str| text.split(',').map(str::to_owned).collect::<Vec<_>>();
    let line = |line: &str| match line.split('"').collect::<Vec<_>>()[..] {
        [before, quoted, after] => {
            let before = before.strip_suffix(',').unwrap_or(before);
            let after = after.strip_prefix(',').unwrap_or(after);
            [cells(before), vec![quoted.to_owned()], cells(after)].concat()
        }
        _ => cells(line),
    };
    String::from_utf8(bytes(path)).unwrap().lines().skip(1).map(line).collect()
}

#[test]
fn samples_are_drawn_with_their_series() {
    let place = Place::new();
    let said = place.samples("a.csv", &["--count", "70", "--shares", "balanced", "--seed", "3"]).exits(0);
    assert!(said.fact("features").starts_with("60, B02@2021-05-16 to NDVI@"), "{}", said.stdout);
    let drawn = lines(&place.file("a.csv"));
    assert!(drawn.len() <= 70 && drawn.iter().all(|line| line[4].is_empty() && line[5] == "2021"));
    let known = |line: &Vec<String>| line[6..].iter().filter(|cell| !cell.is_empty()).count();
    assert!(drawn.iter().all(|line| known(line) > 0) && drawn.iter().any(|line| known(line) >= 30));
    // Their classes are those of the labels.
    let (map, legend) = (catalogue().join("truth.tif"), catalogue().join("legend.csv"));
    let text = |path: &Path| path.display().to_string();
    let (map, legend, reference, out) =
        (text(&map), text(&legend), place.text("a.csv"), place.text("scored"));
    run(&["assess", &map, "--reference", &reference, "--legend", &legend, "--out", &out]).exits(0);
    let metrics = json(&place.file("scored").join("metrics.json"));
    assert_eq!(metrics["overall_accuracy"], 1.0);

    let draw = |name: &str, more: &[&str]| {
        place.samples(name, &[&["--count", "70", "--shares", "balanced", "--force"], more].concat()).exits(0);
        bytes(&place.file(name))
    };
    let first = bytes(&place.file("a.csv"));
    assert!(draw("b.csv", &["--seed", "3", "--threads", "1"]) == first, "the same seed draws the same");
    assert!(draw("b.csv", &["--seed", "4"]) != first);
    let bare = String::from_utf8(draw("c.csv", &["--seed", "3", "--no-series"])).unwrap();
    assert_eq!(bare.lines().next(), Some("id,x,y,code,group,year"));
    draw("d.gpkg", &["--seed", "3"]);
}

#[test]
fn thinned_samples_keep_their_distance() {
    let place = Place::new();
    let said = place.samples("a.csv", &["--count", "40", "--distance", "100", "--no-series"]).exits(0);
    assert!(said.fact("thinned").contains("within 100 m"), "{}", said.stdout);
    let places: Vec<(f64, f64)> =
        lines(&place.file("a.csv")).iter().map(|l| (l[1].parse().unwrap(), l[2].parse().unwrap())).collect();
    for (number, (x, y)) in places.iter().enumerate() {
        assert!(places[..number].iter().all(|(a, b)| (x - a).hypot(y - b) >= 100.0));
    }
}

#[test]
fn points_that_cannot_be_used_are_told() {
    let place = Place::new();
    let at = |id: &str, col: i32, row: i32, rest: &str| {
        format!("{id},{},{},{rest}\n", 499_990 + 20 * col, 5_500_010 - 20 * row)
    };
    let text = [
        "id,x,y,class,group,year\n".to_owned(),
        at("a", 1, 1, "1,plot 7,"),
        at("b", 20, 20, "7,,"),
        at("far", 900, 1, "1,,"),
        at("c1", 40, 9, "1,,"),
        at("c2", 40, 9, "7,,"),
        at("d1", 50, 50, "2,,"),
        at("d2", 50, 50, "2,,"),
        at("old", 30, 9, "1,,1999"),
    ]
    .concat();
    let from = place.write("points.csv", &text);
    let said = place.samples("out.csv", &["--from", &from, "--attribute", "class"]).exits(0);
    assert_snapshot!(
        "points-left-out",
        said.stdout.lines().filter(|line| line.starts_with("left out")).collect::<Vec<_>>().join("\n")
    );
    let taken = lines(&place.file("out.csv"));
    let ids: Vec<&str> = taken.iter().map(|line| line[0].as_str()).collect();
    assert_eq!(ids, ["a", "b", "d1"]);
    assert_eq!((taken[0][4].as_str(), taken[0][1].as_str()), ("plot 7", "500010"));
}

#[test]
fn every_pixel_of_a_polygon_is_of_its_group() {
    let place = Place::new();
    halves(&place.file("halves.geojson"), "class");
    let from = place.text("halves.geojson");
    place.samples("all.csv", &["--from", &from, "--attribute", "class", "--no-series"]).exits(0);
    let all = lines(&place.file("all.csv"));
    assert_eq!(all.len(), 64 * 64);
    let groups = |code: &str| {
        let of = all.iter().filter(|line| line[3] == code);
        let mut groups: Vec<String> = of.map(|line| line[4].clone()).collect();
        assert!(groups.len() > 1000);
        groups.dedup();
        groups
    };
    let (west, east) = (groups("1"), groups("7"));
    assert!(west.len() == 1 && east.len() == 1 && west != east, "{west:?} {east:?}");
    let from = ["--from", from.as_str(), "--attribute", "clas", "--no-series"];
    assert_snapshot!("polygons-attribute", place.refused(place.samples("never.csv", &from)));
}

#[test]
fn clusters_drop_what_is_unlike_its_class() {
    let place = Place::new();
    let mut text = table(&noisy());
    // A gap is filled in time; a sample without any value of a band is dropped, and told.
    let gap = text.find("s0,").unwrap();
    let line = text[gap..].lines().next().unwrap().to_owned();
    let mut cells: Vec<&str> = line.split(',').collect();
    cells[9] = "";
    text = text.replace(&line, &cells.join(","));
    text += &format!("blind,510000,5000000,1,{}\n", vec![""; 15].join(","));
    place.write("samples.csv", &text);
    let said = place.clean("samples.csv", &[]).exits(0);
    assert_eq!(said.fact("kept"), "72 (88.9 %)");
    assert!(said.fact("without a series").contains("no value of a band such as B02"));
    let dropped = lines(&place.file("out/dropped.csv"));
    let ids: Vec<&str> = dropped.iter().map(|line| line[0].as_str()).collect();
    assert_eq!(ids, ["s32", "s33", "s34", "s35", "s36", "s37", "s38", "s39", "blind"]);
    assert_eq!(dropped[8][6], "has no value of B02 at any date");
    let out = json(&place.file("out/clean.json"));
    assert_eq!(out["classes"][0]["clusters"][1]["samples"], 8);
    assert_eq!(out["classes"][0]["without_series"], 1);
    let page = report(&place.file("out"));
    assert!(page.contains("forest") && page.contains("NDVI@2021") && page.contains("20 %"));
    assert!(!page.contains("NaN") && !page.contains("<script") && !page.contains("http"));

    // What is kept can be cleaned again, and the same seed gives the same bytes.
    let first = bytes(&place.file("out/clean.json"));
    place.clean("samples.csv", &["--threads", "1"]).exits(0);
    assert!(bytes(&place.file("out/clean.json")) == first);
    fs::copy(place.file("out/kept.csv"), place.file("again.csv")).unwrap();
    assert_eq!(place.clean("again.csv", &[]).exits(0).fact("dropped"), "0");
}

#[test]
fn a_forest_says_what_a_sample_looks_like() {
    let place = Place::new();
    let mut rows = noisy();
    rows.extend(vec![(2, BARE); 20]);
    place.write("samples.csv", &table(&rows));
    place.clean("samples.csv", &["--method", "confident"]).exits(0);
    let dropped = lines(&place.file("out/dropped.csv"));
    let wrong: Vec<String> = (32..40).map(|number| format!("s{number}")).collect();
    assert!(!dropped.is_empty() && dropped.iter().all(|line| wrong.contains(&line[0])), "{dropped:?}");
    assert!(dropped.iter().all(|line| line[8] == "2" && line[6].contains("looks like bare")));
    let page = report(&place.file("out"));
    assert!(page.contains("id=\"looks\"") && !page.contains("id=\"clusters\""));
    let said = place.clean("samples.csv", &["--method", "both"]).exits(0);
    assert_eq!(said.fact("dropped"), "8");
    assert!(lines(&place.file("out/dropped.csv")).iter().all(|line| line[7] == "1"));
}

#[test]
fn a_recipe_tells_the_series_of_bare_places() {
    let place = Place::new();
    fs::copy(catalogue().join("legend.csv"), place.file("legend.csv")).unwrap();
    place.samples("bare.csv", &["--count", "150", "--no-series"]).exits(0);
    let catalog = format!("inputs.catalog={}", catalogue().join("catalog.json").display());
    let recipe = recipe().display().to_string();
    let with = ["--recipe", &recipe, "--set", &catalog, "--clusters", "2"];
    let lacking = place.refused(place.clean("bare.csv", &with));
    assert_snapshot!("clean-recipe-lacks-a-band", lacking);
    let bands = "inputs.bands=B02,B03,B04,B8A,B11";
    let said = place.clean("bare.csv", &[&with[..], &["--set", bands]].concat()).exits(0);
    assert!(said.fact("series").starts_with("12 dates of B02, B03, B04, B8A, B11"), "{}", said.stdout);
}

#[test]
fn classes_too_small_or_too_alike_are_no_trouble_to_clusters() {
    let place = Place::new();
    place.write("one.csv", &table(&[(1, FOREST), (2, BARE), (3, WATER)]));
    assert_eq!(place.clean("one.csv", &[]).exits(0).fact("dropped"), "0");
    assert_snapshot!("clean-one-a-class", place.refused(place.clean("one.csv", &["--method", "confident"])));
    let alike = table(&[(1, FOREST); 8]).replace(",500140,", ",500000,");
    let same: Vec<&str> = alike.lines().take(2).collect();
    place.write("alike.csv", &format!("{}\n{}\n{}\n", same.join("\n"), same[1], same[1]));
    assert_eq!(place.clean("alike.csv", &[]).exits(0).fact("dropped"), "0");
    place.clean("alike.csv", &["--method", "both", "--scale", "none"]).exits(0);
}

#[test]
fn what_cannot_be_cleaned_is_said_once() {
    let place = Place::new();
    let good = table(&noisy());
    place.write("good.csv", &good);
    let refused = |name: &str, text: &str, more: &[&str]| {
        place.write("bad.csv", text);
        let message = place.refused(place.clean("bad.csv", more));
        assert!(!place.file("out/kept.csv").exists());
        assert_snapshot!(format!("clean-{name}"), message);
    };
    refused("no-blue", &good.replace("B02@", "B01@"), &[]);
    refused("no-date", &good.replacen("B11@2021-06-01", "note", 1), &[]);
    refused("no-series", "x,y,code,ndvi\n1,2,1,0.5\n", &[]);
    refused("no-features", "x,y,code\n1,2,1\n", &[]);
    let header = good.lines().next().unwrap();
    refused("never-seen", &format!("{header}\na,1,2,1{}\n", ",".repeat(15)), &[]);
    refused("empty", &format!("{header}\n"), &[]);
    refused("half-a-line", &good[..good.len() - 60], &[]);
    refused("no-place", "id,code,B02@2021-03-01\na,1,0.1\n", &[]);
    refused("code", &good.replace(",5000000,3,", ",5000000,9,"), &[]);
    refused("cell", &good.replace("s0,500000,5000000,1,", "s0,500000,5000000,1,cloud"), &[]);
    refused("method", &good, &["--method", "cluster"]);
    refused("clusters", &good, &["--clusters", "0"]);
    refused("scale", &good, &["--scale", "standart"]);
    refused("crs", &good, &["--crs", "EPSG:banana"]);
    place.clean("good.csv", &[]).exits(0);
    let (samples, legend, out) = (place.text("good.csv"), place.text("legend.csv"), place.text("out"));
    let again = run(&["label", "clean", &samples, "--legend", &legend, "--out", &out]);
    assert_snapshot!("clean-out", place.refused(again));
}

#[test]
fn what_cannot_be_drawn_or_taken_is_said_once() {
    let place = Place::new();
    let refused = |name: &str, more: &[&str]| {
        let message = place.refused(place.samples("never.csv", more));
        assert!(!place.file("never.csv").exists());
        assert_snapshot!(format!("samples-{name}"), message);
    };
    refused("shares", &["--shares", "balance"]);
    refused("count", &["--count", "0"]);
    refused("distance", &["--distance", "-1"]);
    refused("from-missing", &["--from", "/nowhere/points.csv"]);
    let from = |text: &str| place.write("points.csv", text);
    refused("from-columns", &["--from", &from("east,north,code\n1,2,1\n")]);
    refused("from-class", &["--from", &from("x,y,klass\n500000,5499990,1\n")]);
    refused("from-code", &["--from", &from("id,x,y,code\np1,500000,5499990,birch\n")]);
    refused("from-unknown-code", &["--from", &from("id,x,y,code\np1,500000,5499990,99\n")]);
    refused("from-half-a-line", &["--from", &from("id,x,y,code\np1,500000,5499990,1\np2,500000")]);
    refused("from-outside", &["--from", &from("x,y,code\n700000,5499990,1\n700020,5499990,1\n")]);
    refused("from-empty", &["--from", &from("x,y,code\n")]);
    assert_snapshot!("samples-name", place.refused(place.samples("samples.xls", &[])));
    place.write("there.csv", "");
    assert_snapshot!("samples-exists", place.refused(place.samples("there.csv", &[])));
}

#[test]
fn leaks_are_found_whatever_splits_the_samples() {
    let place = Place::new();
    let mut text = "id,x,y,code,group,year,part,note\n".to_owned();
    for number in 0..60 {
        let (x, part) = (500_000 + 30 * number, if number % 3 == 0 { "test" } else { "training" });
        text += &format!(
            "p{number},{x},5000000,{},field {},{},{part},any\n",
            number % 2,
            number / 4,
            2020 + number % 2
        );
    }
    place.write("samples.csv", &text);
    let crs = ["--crs", "EPSG:32633"];
    let check = |more: &[&str]| place.check("samples.csv", &[&crs, more].concat()).exits(0);
    let said = check(&["--part", "part"]);
    assert!(
        said.fact("leaks").contains("30.0 apart or more") && said.fact("verdict").starts_with("not clean")
    );
    assert!(said.fact("leaks").contains("groups are on both sides"));
    let out = place.text("parts.csv");
    let said = check(&["--block", "300", "--gap", "100", "--out", &out]);
    assert!(said.fact("leaks").contains("0 test samples (0.0 %) within 100"), "{}", said.stdout);
    // The parts that it writes are those that it reads.
    let again = place.check("parts.csv", &["--crs", "EPSG:32633", "--part", "part"]).exits(0);
    assert_eq!(again.fact("leaks"), said.fact("leaks"));
    let said = check(&["--by", "group", "--distance", "0"]);
    assert!(said.fact("verdict").starts_with("clean"), "{}", said.stdout);
    let said = check(&["--by", "year"]);
    assert_eq!(said.fact("split"), "by year, 2021 for testing");

    let refused = |name: &str, samples: &str, more: &[&str]| {
        assert_snapshot!(format!("check-{name}"), place.refused(place.check(samples, more)));
    };
    refused("crs", "samples.csv", &["--by", "group"]);
    refused("column", "samples.csv", &["--crs", "EPSG:32633", "--part", "fold"]);
    refused("word", "samples.csv", &["--crs", "EPSG:32633", "--part", "note"]);
    refused("block", "samples.csv", &["--crs", "EPSG:32633", "--block", "0"]);
    place.write("lonely.csv", "lon,lat,code,year\n10,50,1,2020\n10,51,1,2020\n");
    refused("group", "lonely.csv", &["--by", "group"]);
    refused("year", "lonely.csv", &["--by", "year"]);
    refused("split", "lonely.csv", &[]);
    place.write("none.csv", "lon,lat,code\n");
    refused("empty", "none.csv", &["--block", "100"]);
}

#[test]
fn help_of_each_verb() {
    for verb in ["samples", "clean", "check"] {
        assert_snapshot!(format!("help-label-{verb}"), run(&["label", verb, "--help"]).exits(0).stdout);
    }
}
