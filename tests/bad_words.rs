//! What is typed wrong: one message names it, says what was expected, and suggests the nearest valid word.

use crate::harness::{Said, catalogue, predict, recipe, run, scratch, train, trained};
use insta::assert_snapshot;
use std::path::Path;

/// Trains with more arguments, which must fail; gives the message.
#[track_caller]
fn refused(more: &[&str]) -> String {
    let out = scratch();
    message(&run(&train(catalogue(), out.path(), more)), out.path())
}

#[track_caller]
fn refused_prediction(more: &[&str]) -> String {
    let out = scratch();
    message(&run(&predict(catalogue(), out.path(), more)), out.path())
}

/// The message, and that nothing was mapped.
#[track_caller]
fn message(said: &Said, out: &Path) -> String {
    assert_eq!(said.code, Some(1), "{}", said.stderr);
    assert!(!out.join("map.tif").exists());
    let recipe = recipe().parent().unwrap();
    said.message(&[(out, "OUT"), (catalogue(), "CATALOGUE"), (trained(), "TRAINED"), (recipe, "RECIPES")])
}

#[test]
fn a_recipe_with_a_typo() {
    let folder = scratch();
    let write = |text: &str| {
        let path = folder.path().join("job.toml");
        std::fs::write(&path, text).unwrap();
        let out = folder.path().join("run");
        let said = run(&["train", &path.display().to_string(), "--out", &out.display().to_string()]);
        assert_eq!(said.code, Some(1), "{}", said.stderr);
        assert!(!out.exists(), "nothing is begun");
        said.message(&[(folder.path(), "FOLDER")])
    };
    assert_snapshot!("typo-key", write("[train]\nepoch = 3\n"));
    assert_snapshot!("typo-section", write("[inptus]\nbands = [\"B04\"]\n"));
    assert_snapshot!("typo-type", write("[train]\nepochs = \"many\"\n"));
    assert_snapshot!("typo-toml", write("[train\nepochs = 3\n"));
    assert_snapshot!("typo-word", write("[timeline]\nfill = \"liner\"\n"));
    assert_snapshot!("typo-date", write("[timeline]\nstart = \"2021-13-01\"\n"));
    assert_snapshot!("typo-index", write("[inputs]\nindices = [\"NDVII\"]\n[inputs.simulate]\nsize = 32\n"));
}

#[test]
fn a_recipe_that_is_not_there() {
    let out = scratch();
    let said = run(&["train", "no-such.toml", "--out", &out.path().display().to_string()]).exits(1);
    assert_snapshot!("no-recipe", said.message(&[]));
}

#[test]
fn a_wrong_setting() {
    assert_snapshot!("set-key", refused(&["--set", "train.bach=3"]));
    assert_snapshot!("set-nothing", refused(&["--set", "train.epochs"]));
    assert_snapshot!("set-type", refused(&["--set", "train.epochs=many"]));
    assert_snapshot!("set-range", refused(&["--set", "train.epochs=0"]));
    assert_snapshot!("set-optimizer", refused(&["--set", "train.optimizer=adamm"]));
    assert_snapshot!("set-crs", refused(&["--set", "grid.crs=3035"]));
    assert_snapshot!("set-word", refused(&["--set", "train.class_weights=inverze"]));
    assert_snapshot!("set-dates", refused(&["--set", "inputs.dates=2021-03-01..2021-10-31"]));
    assert_snapshot!("set-split", refused(&["--set", "split.test=0.5"]));
    assert_snapshot!("set-network", refused(&["--set", "model.kind=unet4d"]));
    assert_snapshot!("set-patch", refused(&["--set", "train.patch=18"]));
    assert_snapshot!("set-big-patch", refused(&["--set", "train.patch=80"]));
    assert_snapshot!("set-block", refused(&["--set", "split.block_m=5000"]));
}

#[test]
fn a_band_that_no_scene_has() {
    let text = refused(&["--set", "inputs.bands=B04,B8A,B99"]);
    assert!(
        text.contains("none of the 12 scenes could be read") && text.contains("has no band `B99`"),
        "{text}"
    );
    assert!(text.contains("B02, B03, B04"), "{text}");
}

#[test]
fn a_wrong_backend() {
    assert_snapshot!("backend-unknown", refused(&["--backend", "gpu"]));
    assert_snapshot!("backend-typo", refused(&["--backend", "flx"]));
    assert_snapshot!("backend-not-built", refused(&["--backend", "vulkan"]));
    let text = refused_prediction(&["--backend", "cuda"]);
    assert!(text.contains("`cuda` is not in this build") && text.contains("--features cuda"), "{text}");
}

#[test]
fn a_wrong_flag_or_command() {
    let usage = |words: &[&str]| {
        let said = run(words).exits(1);
        assert!(said.stdout.is_empty(), "{}", said.stdout);
        said.stderr
    };
    assert_snapshot!("usage-command", usage(&["trian"]));
    assert_snapshot!("usage-flag", usage(&["train", "--bakend", "tch"]));
    assert_snapshot!("usage-both", usage(&["train", "--resume", "--force"]));
    assert_snapshot!("usage-threads", usage(&["train", "--threads", "0"]));
    assert_snapshot!("usage-missing", usage(&["predict", "model.safetensors"]));
}

#[test]
fn a_landscape_that_is_not_there() {
    let out = scratch();
    let out = out.path().join("x").display().to_string();
    let simulate = |words: &[&str]| {
        let words = [&["simulate"], words, &["--out", &out]].concat();
        run(&words).exits(1).message(&[])
    };
    assert_snapshot!("preset", simulate(&["forrest"]));
    assert_snapshot!("every", simulate(&["forest", "--every", "24"]));
    assert_snapshot!("size", simulate(&["forest", "--size", "3"]));
}

#[test]
fn a_file_that_is_no_model() {
    let out = scratch();
    let catalogue = catalogue().join("catalog.json").display().to_string();
    let with = |model: &Path| {
        let words = ["predict", &model.display().to_string(), "--catalog", &catalogue, "--out"];
        let run_folder = out.path().join("run").display().to_string();
        let said = run(&[&words[..], &[run_folder.as_str()]].concat()).exits(1);
        said.message(&[(out.path(), "OUT"), (trained(), "TRAINED")])
    };
    assert_snapshot!("model-is-a-map", with(&trained().join("map.tif")));
    assert_snapshot!("model-is-missing", with(&out.path().join("none.safetensors")));
    let whole = std::fs::read(trained().join("model.safetensors")).unwrap();
    let half = out.path().join("half.safetensors");
    std::fs::write(&half, &whole[..whole.len() / 2]).unwrap();
    assert_snapshot!("model-is-half", with(&half));
}

#[test]
fn a_model_on_pixels_of_another_size() {
    assert_snapshot!("grid-resolution", refused_prediction(&["--grid", "EPSG:32633@10"]));
    assert_snapshot!("grid-word", refused_prediction(&["--grid", "EPSG:3035@wide"]));
    assert_snapshot!("grid-nowhere", refused_prediction(&["--grid", "nowhere.tif"]));
    let unknown = refused_prediction(&["--grid", "EPSG:999999"]);
    assert!(unknown.contains("`--grid` is EPSG:999999, expected a raster, or CRS"), "{unknown}");
}

#[test]
fn a_time_or_place_without_a_scene() {
    assert_snapshot!("no-time", refused_prediction(&["--start", "1999-01-01"]));
    assert_snapshot!("no-date", refused_prediction(&["--start", "yesterday"]));
    assert_snapshot!("no-place", refused_prediction(&["--aoi", "-70.0,-3.0,-69.9,-2.9"]));
    assert_snapshot!("no-area", refused_prediction(&["--aoi", "1,2,3"]));
}

#[test]
fn a_folder_that_cannot_be_written() {
    let folder = scratch();
    let file = folder.path().join("file");
    std::fs::write(&file, "in the way").unwrap();
    let folders: &[(&Path, &str)] = &[(folder.path(), "FOLDER")];
    let out = file.join("run");
    let said = run(&train(catalogue(), &out, &[])).exits(1);
    assert_snapshot!("out-train", said.message(folders));
    let said = run(&predict(catalogue(), &out, &[])).exits(1);
    assert_snapshot!("out-predict", said.message(folders));
    let said = run(&["simulate", "forest", "--size", "32", "--out", &out.display().to_string()]).exits(1);
    assert_snapshot!("out-simulate", said.message(folders));
    let map = trained().join("map.tif").display().to_string();
    let legend = catalogue().join("legend.csv").display().to_string();
    let said =
        run(&["assess", &map, "--reference", &map, "--legend", &legend, "--out", &out.display().to_string()]);
    assert_snapshot!("out-assess", said.exits(1).message(folders));
}

#[test]
fn a_file_that_is_nothing_of_ours() {
    let folder = scratch();
    let notes = folder.path().join("notes.txt");
    std::fs::write(&notes, "mine").unwrap();
    let info = |path: &Path| {
        run(&["info", &path.display().to_string()]).exits(1).message(&[(folder.path(), "FOLDER")])
    };
    assert_snapshot!("info-unknown", info(&notes));
    assert_snapshot!("info-missing", info(&folder.path().join("none.tif")));
}

#[test]
fn an_empty_catalogue() {
    let folder = scratch();
    let text = r#"{"type": "Catalog", "stac_version": "1.1.0", "id": "x", "description": "x", "links": []}"#;
    std::fs::write(folder.path().join("catalog.json"), text).unwrap();
    let folders: &[(&Path, &str)] = &[(folder.path(), "FOLDER")];
    let out = folder.path().join("run");
    let said = run(&predict(folder.path(), &out, &[])).exits(1);
    assert_snapshot!("catalogue-empty", said.message(folders));
    std::fs::write(folder.path().join("catalog.json"), "{}").unwrap();
    let said = run(&predict(folder.path(), &out, &[])).exits(1);
    assert_snapshot!("catalogue-none", said.message(folders));
    std::fs::remove_file(folder.path().join("catalog.json")).unwrap();
    let said = run(&predict(folder.path(), &out, &[])).exits(1);
    assert_snapshot!("catalogue-missing", said.message(folders));
}
