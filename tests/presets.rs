//! The simulated landscapes beside the forest: what their catalogues hold.

use crate::harness::{info, run, same, scratch};
use std::path::Path;

fn simulate(preset: &str, out: &Path, more: &[&str]) -> Vec<String> {
    let out = out.display().to_string();
    let words = ["simulate", preset, "--size", "96", "--seed", "5", "--out", &out];
    words.into_iter().chain(more.iter().copied()).map(str::to_owned).collect()
}

#[test]
fn amazon_has_two_sensors_and_coarse_labels_beside_the_truth() {
    let (one, again) = (scratch(), scratch());
    run(&simulate("amazon", one.path(), &["--force"])).exits(0);
    let catalogue = info(one.path());
    assert_eq!(catalogue.fact("bands"), "B02, B03, B04, B05, B06, B07, B08, B11, B12, B8A, SCL, VH, VV");
    assert!(one.path().join("sentinel-1-rtc").is_dir() && one.path().join("sentinel-2-l2a").is_dir());
    let (truth, labels) = (info(&one.path().join("truth.tif")), info(&one.path().join("labels.tif")));
    assert_eq!(truth.fact("grid"), labels.fact("grid"));

    run(&simulate("amazon", again.path(), &["--force", "--threads", "1"])).exits(0);
    same(one.path(), again.path(), &["truth.tif", "labels.tif", "legend.csv"]);
}

#[test]
fn roads_come_as_pictures_and_lines() {
    let out = scratch();
    run(&simulate("roads", out.path(), &["--force"])).exits(0);
    assert_eq!(info(out.path()).fact("scenes"), "3");
    for file in ["truth.tif", "labels.tif", "legend.csv", "roads.gpkg", "truth.gpkg"] {
        assert!(out.path().join(file).is_file(), "{file}");
    }
    let years = scratch();
    run(&simulate("roads", years.path(), &["--force", "--years", "2"]))
        .exits(1)
        .names(&["`years` is 2", "the preset roads is one year"]);
}

#[test]
fn multiyear_has_the_truth_of_every_year_and_an_old_map() {
    let (one, again) = (scratch(), scratch());
    run(&simulate("multiyear", one.path(), &["--force", "--every", "6"])).exits(0);
    let catalogue = info(one.path());
    assert_eq!(catalogue.fact("bands"), "B02, B03, B04, B05, B06, B07, B08, B11, B12, B8A, SCL");
    assert_eq!(catalogue.fact("scenes"), "37");
    let files =
        ["truth.tif", "truth-2018.tif", "truth-2019.tif", "truth-2020.tif", "labels.tif", "legend.csv"];
    let labels = info(&one.path().join("labels.tif"));
    for file in &files[..4] {
        assert_eq!(info(&one.path().join(file)).fact("grid"), labels.fact("grid"), "{file}");
    }
    run(&simulate("multiyear", again.path(), &["--force", "--every", "6", "--threads", "1"])).exits(0);
    same(one.path(), again.path(), &files);

    let years = scratch();
    run(&simulate("multiyear", years.path(), &["--force", "--years", "1"]))
        .exits(1)
        .names(&["years is 1", "expected 2 to 5"]);
}
