//! What a command may delete: what its own earlier run made, never an input, never another's; and who may write.

use crate::harness::{
    Said, bytes, catalogue, ecotone, predict_with, recipe, resumed, run, same, scratch, train, trained,
    windowed,
};
use insta::assert_snapshot;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A folder with copies of some files of the trained run.
fn run_with(files: &[&str]) -> TempDir {
    let folder = scratch();
    for name in files {
        fs::copy(trained().join(name), folder.path().join(name)).unwrap();
    }
    folder
}

/// Everything in a folder but the lock, with its bytes.
fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let paths = folder.read_dir().unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = paths.filter(|path| path.is_file() && !path.ends_with(".ecotone.lock")).collect();
    files.sort();
    files.into_iter().map(|path| (path.clone(), bytes(&path))).collect()
}

/// Sees that a command is refused with and without `--force`, does not advise to destroy, and leaves the folder as it is;
/// gives its message.
#[track_caller]
fn refused<S: AsRef<str>>(words: &[S], folder: &Path) -> String {
    let before = contents(folder);
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    let forced = [&words[..], &["--force"]].concat();
    let messages = [words, forced].map(|words| {
        let message = run(&words).exits(1).message(&[(folder, "RUN"), (catalogue(), "CATALOGUE")]);
        assert!(!message.contains("--force"), "{message}");
        assert!(contents(folder) == before, "{words:?} changed the folder");
        message
    });
    assert_eq!(messages[0], messages[1]);
    messages.into_iter().next().unwrap()
}

#[test]
fn a_prediction_does_not_delete_its_model() {
    let folder = run_with(&["model.safetensors", "map.tif", "report.html", "manifest.json", "recipe.toml"]);
    let words = predict_with(folder.path(), catalogue(), folder.path(), &[]);
    assert_snapshot!("predict-into-its-run", refused(&words, folder.path()));
    // Nor that of another, whose folder it was told to replace by mistake.
    refused(&predict_with(trained(), catalogue(), folder.path(), &[]), folder.path());
}

#[test]
fn a_training_does_not_delete_the_weights_it_starts_from() {
    let folder = run_with(&["model.safetensors", "map.tif"]);
    let from = format!("train.from={}/./model.safetensors", folder.path().display());
    let words = train(catalogue(), folder.path(), &["--set", &from]);
    assert_snapshot!("train-from-its-run", refused(&words, folder.path()));
}

#[test]
fn a_training_does_not_write_over_its_recipe() {
    let folder = scratch();
    let own = folder.path().join("recipe.toml");
    fs::copy(recipe(), &own).unwrap();
    let (own, out) = (own.display().to_string(), folder.path().display().to_string());
    let message = refused(&["train", &own, "--out", &out], folder.path());
    assert!(message.contains("RUN/recipe.toml is an input of this command"), "{message}");
}

#[test]
fn an_assessment_does_not_delete_points_and_areas_of_people() {
    let folder = run_with(&["map.tif", "map.tif.aux.xml"]);
    let at = |name: &str| folder.path().join(name).display().to_string();
    fs::write(at("points.csv"), "id,x,y,code\n1,500000,5500000,1\n").unwrap();
    fs::write(at("areas.csv"), "code,area\n1,1\n").unwrap();
    let (map, points, areas, out) = (at("map.tif"), at("points.csv"), at("areas.csv"), at(""));
    let legend = catalogue().join("legend.csv").display().to_string();
    let given = ["assess", &map, "--reference", &points, "--legend", &legend, "--areas", &areas];
    let message = refused(&[&given[..], &["--design", "stratified", "--out", &out]].concat(), folder.path());
    assert!(message.contains("RUN/areas.csv is an input of this command"), "{message}");
    fs::remove_file(&areas).unwrap();
    let message = refused(&[&given[..6], &["--out", &out]].concat(), folder.path());
    assert!(message.contains("RUN/points.csv is an input of this command"), "{message}");
    // Of another command they are no part of a run at all.
    let (folder, model) = (scratch(), trained());
    fs::write(folder.path().join("points.csv"), "mine").unwrap();
    run(&predict_with(model, catalogue(), folder.path(), &["--force"])).exits(0);
    assert_eq!(bytes(&folder.path().join("points.csv")), b"mine");
    same(model, folder.path(), &["map.tif"]);
}

#[test]
fn a_file_is_not_written_over_that_it_is_made_from() {
    let folder = run_with(&["map.tif"]);
    let at = |name: &str| folder.path().join(name).display().to_string();
    let legend = catalogue().join("legend.csv");
    fs::copy(&legend, at("legend.csv")).unwrap();
    fs::write(at("new.csv"), "from_code,to_code\n1,1\n").unwrap();
    let (map, legend, table, new) = (at("map.tif"), at("legend.csv"), at("new.csv"), at("new.tif"));
    let crosswalk = ["label", "crosswalk", &map, "--from", &legend, "--to", &legend];
    refused(&[&crosswalk[..], &["--out", &map]].concat(), folder.path());
    refused(&[&crosswalk[..], &["--table", &table, "--out", &new]].concat(), folder.path());
    fs::rename(&legend, at("strata.csv")).unwrap();
    let (legend, points) = (at("strata.csv"), at("points.csv"));
    refused(&["sample", "draw", &map, "--legend", &legend, "--units", "9", "--out", &points], folder.path());
}

#[test]
fn a_job_that_cannot_be_done_clears_nothing() {
    let folder = run_with(&["model.safetensors", "map.tif", "recipe.toml", "split.tif"]);
    let before = contents(folder.path());
    let words = train(Path::new("no/such/catalogue"), folder.path(), &["--force"]);
    run(&words).exits(1).names(&["no/such/catalogue"]);
    assert!(contents(folder.path()) == before);
    // What does not fit is known only after the labels are read.
    for setting in ["train.patch=80", "train.patch=10", "split.block_m=2000"] {
        run(&train(catalogue(), folder.path(), &["--force", "--set", setting])).exits(1);
        assert!(contents(folder.path()) == before, "{setting}");
    }
}

#[test]
fn a_comparison_clears_nothing_before_its_mask_is_open() {
    let folder = scratch();
    let out = folder.path().join("agreed");
    let (map, out_text) = (trained().join("map.tif").display().to_string(), out.display().to_string());
    let legend = catalogue().join("legend.csv").display().to_string();
    let words = ["agree", &map, &map, "--legend", &legend, "--out", &out_text];
    run(&words).exits(0);
    let before = contents(&out);
    run(&[&words[..], &["--force", "--mask", "missing.tif=1"]].concat()).exits(1).names(&["missing.tif"]);
    assert!(!before.is_empty() && contents(&out) == before);
}

#[test]
fn a_table_of_people_is_left_alone_where_there_is_no_run() {
    let folder = scratch();
    fs::write(folder.path().join("points.csv"), "mine").unwrap();
    let at = |path: PathBuf| path.display().to_string();
    let (map, truth) = (at(trained().join("map.tif")), at(catalogue().join("truth.tif")));
    let (legend, out) = (at(catalogue().join("legend.csv")), at(folder.path().to_owned()));
    let words = ["assess", &map, "--reference", &truth, "--legend", &legend, "--out", &out];
    let message = refused(&words, folder.path());
    assert!(message.contains("RUN/points.csv would be written over"), "{message}");
    fs::rename(folder.path().join("points.csv"), folder.path().join("mine.csv")).unwrap();
    run(&words).exits(0);
    run(&[&words[..], &["--force"]].concat()).exits(0);
}

#[test]
fn a_folder_has_one_writer_at_a_time() {
    let folder = scratch();
    let words = predict_with(windowed(), catalogue(), folder.path(), &[]);
    let mut first = ecotone(&words);
    let mut first = first.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let (begun, lock) = (Instant::now(), folder.path().join(".ecotone.lock"));
    while fs::read_to_string(&lock).unwrap_or_default().is_empty() {
        assert!(begun.elapsed() < Duration::from_secs(60), "the folder is never locked");
        std::thread::sleep(Duration::from_micros(200));
    }
    let second = |more: &str| -> Said {
        let words: Vec<&str> = words.iter().map(String::as_str).chain([more]).collect();
        run(&words)
    };
    let holder = format!("is in use by process {} on ", first.id());
    for more in ["--force", "--resume", "--quiet"] {
        second(more).exits(1).names(&[&holder, ", since 20"]);
    }
    assert!(first.try_wait().unwrap().is_none(), "the first one still ran");
    // Death releases the lock.
    first.kill().unwrap();
    first.wait().unwrap();
    run(&resumed(&words)).exits(0);
    same(windowed(), folder.path(), &["map.tif", "confidence.tif"]);
}
