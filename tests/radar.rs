//! Two sensors on one timeline: Sentinel-1 beside Sentinel-2, alone, and taken for what it is not.

use crate::harness::{info, json, run, same, scratch};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use tempfile::TempDir;

/// Months of both sensors over a small landscape, and a network that learns next to nothing from them.
const RECIPE: &str = r#"
name = "radar"

[inputs]
collections = ["sentinel-2-l2a"]
bands = ["B03", "B04", "B08"]
indices = ["NDVI=(B08-B04)/(B08+B04)"]
max_cloud_cover = 90

[inputs.sar]
collections = ["sentinel-1-rtc"]
bands = ["VV", "VH"]
indices = ["CR = VH - VV"]

[grid]
resolution = 10

[timeline]
start = "2021-08-01"
step_days = 60
steps = 6
rule = "median"
fill = "linear"

[labels]
raster = "{catalog}/labels.tif"

[split]
block_m = 320

[model]
kind = "compact"
stem = 8
blocks = [8, 8, 8]
beside = 4

[train]
epochs = 1
batch = 4
patch = 16

[predict]
window = 32
halo = 8

[assess]
truth = "{catalog}/truth.tif"
"#;

fn catalogue() -> &'static Path {
    static MADE: OnceLock<TempDir> = OnceLock::new();
    let made = MADE.get_or_init(|| {
        let out = scratch();
        let words = ["simulate", "amazon", "--size", "96", "--seed", "5", "--force", "--out"];
        run(&[&words[..], &[&out.path().display().to_string()]].concat()).exits(0);
        out
    });
    made.path()
}

fn train(out: &Path, settings: &[&str]) -> Vec<String> {
    let recipe: PathBuf = out.with_extension("toml");
    std::fs::write(&recipe, RECIPE).unwrap();
    let catalog = format!("inputs.catalog={}", catalogue().join("catalog.json").display());
    let sets = [catalog.as_str()].into_iter().chain(settings.iter().copied());
    let recipe = recipe.display().to_string();
    let words = ["train", &recipe, "--force", "--out", out.to_str().unwrap()].into_iter();
    words.chain(sets.flat_map(|setting| ["--set", setting])).map(str::to_owned).collect()
}

fn predict(model: &Path, out: &Path) -> Vec<String> {
    let model = model.join("model.safetensors");
    let catalog = catalogue().join("catalog.json");
    let labels = catalogue().join("labels.tif");
    let paths = [&model, &catalog, &labels].map(|path| path.display().to_string());
    let [model, catalog, grid] = &paths;
    let out = out.to_str().unwrap();
    ["predict", model, "--catalog", catalog, "--grid", grid, "--out", out, "--force"]
        .map(str::to_owned)
        .to_vec()
}

#[test]
fn both_sensors_are_mapped_again_from_the_models_card() {
    let (out, again) = (scratch(), scratch());
    let said = run(&train(out.path(), &[])).exits(0);
    let model = info(&out.path().join("model.safetensors"));
    assert_eq!(model.fact("channels"), "B03, B04, B08, NDVI, VV, VH, CR");
    run(&predict(out.path(), again.path())).exits(0);
    same(out.path(), again.path(), &["map.tif", "confidence.tif"]);

    let manifest = json(&out.path().join("manifest.json"));
    let used = manifest["scenes_used"].as_array().unwrap();
    let radar = used.iter().filter(|scene| scene["offset_reason"] == "backscatter in linear power");
    assert_eq!((used.len() > 12, radar.count()), (true, 12));

    // Labels are partly wrong, and both scores are told.
    let truth = json(&out.path().join("truth.json"));
    let labels = truth["labels"]["overall_accuracy"].as_f64().unwrap();
    assert!((0.5..0.95).contains(&labels), "{labels}");
    assert!(said.fact("against the truth").starts_with("accuracy"));
    let page = std::fs::read_to_string(out.path().join("report.html")).unwrap();
    assert!(page.contains("Against the truth") && page.contains("Reliability diagram"));
    let bins = json(&out.path().join("calibration.json"))["bins"].as_array().unwrap().len();
    assert!((1..=10).contains(&bins));
}

#[test]
fn radar_alone_and_a_network_with_a_branch_for_it() {
    let alone = scratch();
    run(&train(alone.path(), &["inputs.bands=", "inputs.indices="])).exits(0);
    assert_eq!(info(&alone.path().join("model.safetensors")).fact("channels"), "VV, VH, CR");

    let branches = scratch();
    let deepforest = [
        "model.kind=deepforest-2a",
        "model.width=8",
        "train.patch=32",
        "predict.window=32",
        "predict.halo=16",
    ];
    run(&train(branches.path(), &deepforest)).exits(0);
    let without = [&deepforest[..], &["inputs.sar.bands=", "inputs.sar.indices="]].concat();
    run(&train(branches.path(), &without)).exits(1).names(&["`radar` is 0", "at least 1"]);
}

/// A12 of issue 16: source 001 gives DeepForest-1 the radar's months as channels.
#[test]
fn radar_steps_side_by_side_as_channels_of_one_picture() {
    let out = scratch();
    let stacked = [
        "model.kind=deepforest-1b",
        "model.width=2",
        "model.stack_radar=true",
        "train.patch=32",
        "predict.window=32",
        "predict.halo=16",
    ];
    run(&train(out.path(), &stacked)).exits(0);
    let reads = info(&out.path().join("model.safetensors")).fact("reads").to_owned();
    assert!(reads.starts_with("one picture of ") && reads.contains("radar channels of each of "), "{reads}");
    assert!(out.path().join("map.tif").is_file());
    let without = [&stacked[..], &["inputs.sar.bands=", "inputs.sar.indices="]].concat();
    run(&train(out.path(), &without)).exits(1).names(&["`stack_radar` is true", "no radar channels"]);
}

#[test]
fn radar_that_is_not_what_it_is_said_to_be() {
    let out = scratch();
    let refused = |settings: &[&str], words: &[&str]| {
        run(&train(out.path(), settings)).exits(1).names(words);
    };
    refused(
        &["inputs.sar.units=decibel"],
        &["0 of", "pixels are below 0, which is not decibels", "inputs.sar.units"],
    );
    refused(&["inputs.sar.bands=VV,HV"], &["HV", "VH"]);
    refused(&["inputs.sar.collections="], &["`inputs.sar.collections` is nothing"]);
    refused(&["inputs.sar.collections=sentinel-1-grd"], &["sentinel-1-grd"]);
    refused(&["inputs.sar.bands=VV,B04"], &["`B04` twice"]);
    refused(&["inputs.sar.units=db"], &["`inputs.sar.units` is `db`, expected auto, power or decibel"]);
    refused(&["assess.truth=nowhere.tif"], &["nowhere.tif"]);
}

#[test]
fn a_radar_scene_that_cannot_be_read_is_listed() {
    let (broken, out) = (scratch(), scratch());
    assert!(
        Command::new("cp").args(["-r", "--"]).arg(catalogue()).arg(broken.path()).status().unwrap().success()
    );
    let copy = broken.path().join(catalogue().file_name().unwrap());
    let scene = std::fs::read_dir(copy.join("sentinel-1-rtc")).unwrap().map(|entry| entry.unwrap().path());
    let scene = scene.filter(|path| path.is_dir()).min().unwrap();
    std::fs::write(scene.join("vh.tif"), b"no raster").unwrap();
    let mut words = train(out.path(), &[]);
    let catalog = format!("inputs.catalog={}", copy.join("catalog.json").display());
    words.extend(["--set".to_owned(), catalog]);
    run(&words).exits(2);
    let failed = json(&out.path().join("manifest.json"))["scenes_failed"].clone();
    assert_eq!(failed.as_array().unwrap().len(), 1);
    assert_eq!(failed[0]["scene"].as_str(), scene.file_name().unwrap().to_str());
}
