//! The recipes of real Sentinel-2 series, one epoch each, where the data is at hand.

use crate::harness::{info, json, real_data, run, scratch};
use std::path::Path;

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
fn land_use_in_slovenia_from_polygons() {
    let Some(data) = real_data() else { return };
    let folder = data.join("slovenia-2015");
    let recipe = format!("{}/../recipes/slovenia-2015.toml", env!("CARGO_MANIFEST_DIR"));
    let catalogue = format!("inputs.catalog={}", folder.join("catalog.json").display());
    let labels = format!("labels.vector={}", folder.join("labels.gpkg").display());
    let out = scratch();
    let out_text = out.path().display().to_string();
    let mut words = vec!["train", &recipe, "--out", &out_text];
    for setting in [&catalogue, &labels, "train.epochs=1", "model.width=4"] {
        words.extend(["--set", setting]);
    }
    run(&words).exits(0);
    let metrics = json(&out.path().join("metrics.json"));
    assert!(metrics["pixels"].as_u64().unwrap() > 500, "{metrics}");
    assert_eq!(metrics["classes"].as_array().map(Vec::len), Some(5));
    same_grid(&out.path().join("map.tif"), &folder.join("labels.tif"));
}

#[test]
fn forest_in_the_vosges() {
    check("vosges-forest", "forest.tif", 2);
}
