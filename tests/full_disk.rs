//! A disk that is full: a limit on the size of a file serves as one. One message names the file, and nothing half
//! written stands under its final name.
#![cfg(unix)]

use crate::harness::{
    Said, binary, catalogue, finish, plain, predict_with, resumed, run, same, scratch, train, trained,
    windowed,
};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A block of `ulimit -f`, by POSIX.
const BLOCK: u64 = 512;

/// Runs the binary where no file may have more than so many bytes, rounded down to whole blocks.
fn run_limited(bytes: u64, words: &[String]) -> Said {
    let mut command = Command::new("sh");
    let blocks = (bytes / BLOCK).to_string();
    command.args(["-c", "ulimit -f \"$1\" && shift && exec \"$@\"", "sh", &blocks]);
    command.arg(binary()).args(words);
    plain(&mut command);
    finish(command)
}

/// Sees that the job failed with one message that names a file, which is not there, nor is any half-written one.
#[track_caller]
fn refused(said: Said, out: &Path) -> String {
    let message = said.exits(1).message(&[(out, "OUT")]);
    let name = message.split("OUT/").nth(1).unwrap_or_else(|| panic!("no file is named: {message}"));
    let name = name.split([':', ' ']).next().unwrap();
    assert!(!out.join(name).exists(), "{name} was kept: {message}");
    let left: Vec<_> =
        files(out).into_iter().filter(|path| path.to_string_lossy().contains("partial")).collect();
    assert!(left.is_empty(), "half-written files are left: {left:?}");
    message
}

/// Every file under a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let paths = folder.read_dir().unwrap().map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// A prediction that was killed when it had its plan and no row yet: the plan itself is larger than its map.
fn begun(model: &Path) -> tempfile::TempDir {
    let (whole, out) = (scratch(), scratch());
    run(&predict_with(model, catalogue(), whole.path(), &[])).exits(0);
    std::fs::copy(whole.path().join("plan.json"), out.path().join("plan.json")).unwrap();
    let events = std::fs::read_to_string(whole.path().join("events.jsonl")).unwrap();
    let begun = events.lines().next().unwrap();
    assert!(begun.contains(r#""event":"begun""#), "{begun}");
    std::fs::write(out.path().join("events.jsonl"), format!("{begun}\n")).unwrap();
    out
}

#[test]
fn a_map_is_written_whole_or_not_at_all() {
    let out = begun(windowed());
    let words = predict_with(windowed(), catalogue(), out.path(), &[]);
    let size = windowed().join("map.tif").metadata().unwrap().len();
    let message = refused(run_limited(size - 1, &resumed(&words)), out.path());
    assert!(message.starts_with("error: writing OUT/map.tif: "), "{message}");
    run(&resumed(&words)).exits(0);
    same(windowed(), out.path(), &["map.tif", "confidence.tif"]);
}

#[test]
fn a_strip_that_does_not_fit_stops_the_prediction() {
    let out = begun(trained());
    let words = predict_with(trained(), catalogue(), out.path(), &[]);
    // 32 rows of 64 pixels of two bytes.
    let message = refused(run_limited(4095, &resumed(&words)), out.path());
    assert!(message.starts_with("error: writing OUT/strips/"), "{message}");
    run(&resumed(&words)).exits(0);
    same(trained(), out.path(), &["map.tif", "confidence.tif"]);
}

#[test]
fn a_plan_that_does_not_fit_stops_the_prediction() {
    let out = scratch();
    let words = predict_with(trained(), catalogue(), out.path(), &[]);
    let message = refused(run_limited(4096, &words), out.path());
    assert!(message.starts_with("error: writing OUT/plan.json: "), "{message}");
    run(&resumed(&words)).exits(0);
    same(trained(), out.path(), &["map.tif", "confidence.tif"]);
}

#[test]
fn a_checkpoint_that_does_not_fit_stops_the_training() {
    let out = scratch();
    let words = train(catalogue(), out.path(), &[]);
    let size = trained().join("model.safetensors").metadata().unwrap().len();
    let message = refused(run_limited(size / 2, &words), out.path());
    assert!(message.contains("OUT/checkpoint/"), "{message}");
    assert!(!out.path().join("model.safetensors").exists());
    run(&resumed(&words)).exits(0);
    same(trained(), out.path(), &["model.safetensors", "map.tif"]);
}

#[test]
fn a_simulation_that_does_not_fit_is_no_catalogue() {
    let folder = scratch();
    let out = folder.path().join("forest");
    let words = ["simulate", "forest", "--size", "64", "--years", "1", "--every", "12", "--out"];
    let mut words = words.map(str::to_owned).to_vec();
    words.push(out.display().to_string());
    let message = refused(run_limited(4096, &words), &out);
    assert!(message.contains(".tif: "), "{message}");
    assert!(!out.join("catalog.json").exists());
}

#[test]
fn points_are_whole_or_not_at_all() {
    let folder = scratch();
    let map = catalogue().join("truth.tif").display().to_string();
    let legend = catalogue().join("legend.csv").display().to_string();
    for name in ["points.geojson", "points.gpkg", "points.csv"] {
        let out = folder.path().join(name);
        let words = [
            "sample",
            "draw",
            &map,
            "--legend",
            &legend,
            "--units",
            "1000",
            "--out",
            &out.display().to_string(),
        ];
        let message = refused(run_limited(40 << 10, &words.map(str::to_owned)), folder.path());
        assert!(message.contains(&format!("OUT/{name}")), "{message}");
        assert!(files(folder.path()).is_empty(), "{:?}", files(folder.path()));
    }
}

#[test]
fn a_table_does_not_stand_without_its_map() {
    let folder = scratch();
    let map = catalogue().join("truth.tif").display().to_string();
    let legend = catalogue().join("legend.csv").display().to_string();
    let out = folder.path().join("map.tif").display().to_string();
    let words = ["label", "crosswalk", &map, "--from", &legend, "--to", &legend, "--out", &out];
    let message = refused(run_limited(1024, &words.map(str::to_owned)), folder.path());
    assert!(message.contains("OUT/map.tif"), "{message}");
    assert!(files(folder.path()).is_empty(), "{:?}", files(folder.path()));
}
