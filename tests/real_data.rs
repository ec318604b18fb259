//! The recipes of real Sentinel-2 series, one epoch each, where the data is at hand.

use crate::harness::{info, json, run, scratch};
use std::path::{Path, PathBuf};

/// The folder of real data, where the environment names one.
fn real_data() -> Option<PathBuf> {
    let folder = std::env::var_os("ECOTONE_REAL_DATA").filter(|name| !name.is_empty()).map(PathBuf::from);
    if folder.is_none() {
        println!("skipped: ECOTONE_REAL_DATA is unset");
    }
    folder
}

/// Trains by the recipe, and sees that the map lies on the grid of the labels and was scored.
#[track_caller]
fn check(area: &str, labels: &str, classes: usize) {
    let Some(data) = real_data() else { return };
    let folder = data.join(area);
    let recipe = format!("{}/../recipes/{area}.toml", env!("CARGO_MANIFEST_DIR"));
    let catalogue = format!("inputs.catalog={}", folder.join("catalog.json").display());
    let out = scratch();
    let run_folder = out.path().display().to_string();
    let words = ["train", &recipe, "--set", &catalogue, "--set", "train.epochs=1", "--out", &run_folder];
    run(&words).exits(0);
    same_grid(&out.path().join("map.tif"), &folder.join(labels));
    let metrics = json(&out.path().join("metrics.json"));
    assert!(metrics["overall_accuracy"].is_f64(), "{metrics}");
    assert_eq!(metrics["classes"].as_array().map(Vec::len), Some(classes));
}

#[track_caller]
fn same_grid(map: &Path, labels: &Path) {
    let (map, labels) = (info(map), info(labels));
    for fact in ["grid", "bounds"] {
        assert_eq!(map.fact(fact), labels.fact(fact));
    }
    let size = |text: &str| text.rsplit_once(", ").unwrap().0.to_owned();
    assert_eq!(size(map.fact("raster")), size(labels.fact("raster")));
}

#[test]
fn fields_in_flanders() {
    check("flanders-2018", "labels.tif", 4);
}

#[test]
fn land_use_in_slovenia() {
    check("slovenia-2015", "labels.tif", 5);
}

#[test]
fn forest_in_the_vosges() {
    check("vosges-forest", "forest.tif", 2);
}
