//! From nothing to a scored map: simulate, train, look, predict, assess; and the same seed gives the same bytes.

use crate::harness::{
    agreement, bytes, catalogue, ecotone, finish, info, json, predict, predict_with, recipe, report, run,
    same, scenes, scratch, train, trained,
};
use std::path::Path;

/// What a training run leaves behind, beside the history, whose last column is time.
const SAME_BYTES: &[&str] = &[
    "recipe.toml",
    "model.safetensors",
    "map.tif",
    "map.tif.aux.xml",
    "confidence.tif",
    "confusion.csv",
    "metrics.csv",
    "metrics.json",
    "split.tif",
];

/// What must not be in a run folder's files: half-done work.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        folder.read_dir().unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_simulated_catalogue_is_read_back() {
    let said = info(&catalogue().join("catalog.json"));
    assert_eq!(said.fact("scenes"), "25");
    assert_eq!(said.fact("CRS"), "EPSG:32633");
    assert!(said.fact("period").starts_with("2021-01-01 to 2022-12-"), "{}", said.stdout);
    assert!(said.fact("bands").starts_with("B02, B03, B04, B05"), "{}", said.stdout);
    let truth = info(&catalogue().join("truth.tif"));
    assert!(truth.fact("classes").contains("4 light disturbance"), "{}", truth.stdout);
}

#[test]
fn a_run_folder_holds_everything_and_nothing_half_done() {
    let found = names(trained());
    for name in SAME_BYTES.iter().chain(&["history.csv", "map.json", "report.html", "manifest.json"]) {
        assert!(found.iter().any(|file| file == name), "{name} is not in {found:?}");
    }
    let half_done = |name: &&String| name.contains("partial") || name.starts_with('.') || *name == "strips";
    assert_eq!(found.iter().find(half_done), None);
}

#[test]
fn the_map_opens_on_the_grid_of_the_labels() {
    let (map, truth) = (info(&trained().join("map.tif")), info(&catalogue().join("truth.tif")));
    for fact in ["raster", "grid", "bounds", "classes"] {
        assert_eq!(map.fact(fact), truth.fact(fact));
    }
    assert_eq!(info(&trained().join("split.tif")).fact("classes"), "1 training; 2 validation; 3 test");
    let record = json(&trained().join("map.json"));
    assert_eq!(record["properties"]["proj:code"], "EPSG:32633");
}

#[test]
fn the_metrics_hang_together() {
    let metrics = json(&trained().join("metrics.json"));
    let share = |value: &serde_json::Value| value.as_f64().unwrap();
    for key in ["overall_accuracy", "macro_f1", "mean_iou", "majority_share"] {
        assert!((0.0..=1.0).contains(&share(&metrics[key])), "{key}: {}", metrics[key]);
    }
    assert!((-1.0..=1.0).contains(&share(&metrics["kappa"])));
    let classes = metrics["classes"].as_array().unwrap();
    assert_eq!(classes.len(), 7);
    let sum = |key: &str| classes.iter().map(|class| class[key].as_u64().unwrap()).sum::<u64>();
    let pixels = metrics["pixels"].as_u64().unwrap();
    assert_eq!((sum("map_pixels"), sum("reference_pixels")), (pixels, pixels));
    assert!((200..2000).contains(&pixels), "a fifth of 4096 pixels are held out, found {pixels}");

    let table = String::from_utf8(bytes(&trained().join("confusion.csv"))).unwrap();
    let cells = table.lines().skip(1).flat_map(|line| line.split(',').skip(1));
    assert_eq!(cells.map(|cell| cell.parse::<u64>().unwrap()).sum::<u64>(), pixels);
    let history = String::from_utf8(bytes(&trained().join("history.csv"))).unwrap();
    assert_eq!(history.lines().count(), 3, "a header and two epochs:\n{history}");
}

#[test]
fn assess_finds_the_metrics_of_the_training_again() {
    let out = scratch();
    let (run_folder, truth) = (trained(), catalogue().join("truth.tif"));
    let mask = format!("{}=3", run_folder.join("split.tif").display());
    let (map, legend) = (run_folder.join("map.tif"), catalogue().join("legend.csv"));
    let path = |path: &Path| path.display().to_string();
    let [map, truth, legend, out_text] = [&map, &truth, &legend, out.path()].map(path);
    run(&["assess", &map, "--reference", &truth, "--legend", &legend, "--mask", &mask, "--out", &out_text])
        .exits(0);
    same(run_folder, out.path(), &["metrics.csv", "confusion.csv"]);
    // Only a training knows how well its test pixels were held out, and which of its own it never saw.
    let mut trained = json(&run_folder.join("metrics.json"));
    for key in
        ["test_pixels_in_training_fields", "test_pixels_touching_training", "unreached_training_pixels"]
    {
        assert!(trained.as_object_mut().unwrap().remove(key).is_some(), "{key}");
    }
    assert_eq!(trained, json(&out.path().join("metrics.json")));
}

#[test]
fn the_report_stands_alone() {
    let page = report(trained());
    for reference in ["src=\"http", "href=\"http", "url(http", "<link", "<script src", "NaN"] {
        assert!(!page.contains(reference), "{reference} in report.html");
    }
    let pictures = page.matches("data:image/png;").count();
    assert!(pictures >= 4 + 6, "four maps and two composites of three dates, found {pictures}");
    for word in
        ["A few seconds of everything", "light disturbance", "nearest centroid", "Macro-F1", "[timeline]"]
    {
        assert!(page.contains(word), "{word} is not in report.html");
    }
}

#[test]
fn the_manifest_says_what_went_in() {
    let manifest = json(&trained().join("manifest.json"));
    assert_eq!(manifest["command"], "train");
    assert_eq!(manifest["backend"], "flex");
    assert_eq!(manifest["scenes_failed"], serde_json::json!([]));
    assert_eq!(scenes().len(), 12, "a scene a step");
    let scene = &manifest["scenes_used"][0];
    assert!(scene["offset_reason"].as_str().is_some_and(|reason| !reason.is_empty()), "{scene}");
    let inputs = manifest["inputs"].as_array().unwrap();
    assert!(inputs.iter().all(|input| input["sha256"].as_str().is_some_and(|hash| hash.len() == 64)));
    let stages: Vec<_> = manifest["timings"].as_array().unwrap().iter().map(|t| t["stage"].clone()).collect();
    assert_eq!(stages, ["read", "train", "predict", "assess", "report"]);
}

#[test]
fn info_knows_a_model_and_a_run() {
    let model = info(&trained().join("model.safetensors"));
    assert_eq!(model.fact("channels"), "B02, B03, B04, B8A, NDVI");
    assert_eq!(model.fact("series"), "12 steps of 30 days, zero-filled");
    assert!(model.fact("trained").contains("2 epochs"), "{}", model.stdout);
    let folder = info(trained());
    assert!(folder.fact("overall_accuracy").starts_with("0."), "{}", folder.stdout);
    assert_eq!(folder.fact("grid"), "EPSG:32633 at 20 m");
}

#[test]
fn a_folder_with_a_run_is_not_run_over() {
    let before = bytes(&trained().join("manifest.json"));
    run(&train(catalogue(), trained(), &[])).exits(1).names(&["already holds a run", "--resume", "--force"]);
    assert!(before == bytes(&trained().join("manifest.json")));
}

#[test]
fn force_begins_anew() {
    let out = scratch();
    std::fs::write(out.path().join("notes.txt"), "mine").unwrap();
    std::fs::write(out.path().join("map.tif"), "an old map").unwrap();
    run(&train(catalogue(), out.path(), &["--force"])).exits(0);
    same(trained(), out.path(), &["map.tif"]);
    assert!(out.path().join("notes.txt").exists(), "--force takes away what a run made, nothing else");
}

#[test]
fn one_seed_gives_the_same_bytes() {
    let again = scratch();
    run(&train(catalogue(), again.path(), &[])).exits(0);
    same(trained(), again.path(), SAME_BYTES);
}

#[test]
fn the_number_of_threads_changes_no_byte() {
    let alone = scratch();
    run(&train(catalogue(), alone.path(), &["--threads", "1"])).exits(0);
    let many = scratch();
    run(&train(catalogue(), many.path(), &["--threads", "3"])).exits(0);
    same(alone.path(), many.path(), SAME_BYTES);
}

#[test]
fn the_instructions_of_the_machine_change_no_byte_of_a_map() {
    let out = scratch();
    let mut command = ecotone(&predict(catalogue(), out.path(), &[]));
    command.env("ECOTONE_INSTRUCTIONS", "portable");
    let said = finish(command);
    assert_eq!(said.code, Some(0), "{}", said.stderr);
    assert!(said.stderr.contains("without vector instructions"), "{}", said.stderr);
    same(trained(), out.path(), &["map.tif", "confidence.tif"]);
    let mut command = ecotone(&predict(catalogue(), scratch().path(), &[]));
    command.env("ECOTONE_INSTRUCTIONS", "sse9");
    let said = finish(command);
    assert_eq!(said.code, Some(1), "{}", said.stderr);
    assert!(said.stderr.contains("portable") && said.stderr.contains("`sse9`"), "{}", said.stderr);
}

#[test]
fn another_seed_gives_another_model() {
    let other = scratch();
    run(&train(catalogue(), other.path(), &["--seed", "2"])).exits(0);
    let model = |folder: &Path| bytes(&folder.join("model.safetensors"));
    assert!(model(trained()) != model(other.path()));
}

#[test]
fn the_model_makes_the_map_again() {
    let out = scratch();
    let said = run(&predict(catalogue(), out.path(), &["--probabilities", "--jobs", "1"])).exits(0);
    assert_eq!(said.fact("grid"), "64 x 64 pixels of 20 m, EPSG:32633");
    same(trained(), out.path(), &["map.tif", "confidence.tif"]);
    assert_eq!(info(&out.path().join("probabilities.tif")).fact("raster"), "64 rows, 64 columns, 7 bands");
    let record = json(&out.path().join("map.json"));
    assert!(record["assets"]["probabilities"].is_object(), "{record}");
}

#[test]
fn the_grid_of_a_raster_is_matched() {
    let out = scratch();
    let like = catalogue().join("truth.tif").display().to_string();
    run(&predict(catalogue(), out.path(), &["--grid", &like])).exits(0);
    same(trained(), out.path(), &["map.tif"]);
}

#[test]
fn a_map_in_another_reference_system_shows_the_same_ground() {
    let (first, out) = (scratch(), scratch());
    // After a few steps a map is a coin that is tossed anew on every grid.
    let longer = ["--set", "train.epochs=4", "--set", "train.patches_per_epoch=64"];
    run(&train(catalogue(), first.path(), &longer)).exits(0);
    run(&predict_with(first.path(), catalogue(), out.path(), &["--grid", "EPSG:3035@20"])).exits(0);
    let map = out.path().join("map.tif");
    assert_eq!(info(&map).fact("grid"), "EPSG:3035 at 20 m");
    let (alike, _) = agreement(&map, &first.path().join("map.tif"));
    assert!(alike > 0.9, "resampled edges differ, the ground does not: {alike}");
}

#[test]
fn the_whole_path_on_another_grid() {
    let out = scratch();
    run(&train(catalogue(), out.path(), &["--set", "grid.crs=EPSG:3035"])).exits(0);
    assert_eq!(info(&out.path().join("map.tif")).fact("grid"), "EPSG:3035 at 20 m");
    assert_eq!(
        info(&out.path().join("map.tif")).fact("bounds"),
        info(&out.path().join("split.tif")).fact("bounds")
    );
    assert!(json(&out.path().join("metrics.json"))["pixels"].as_u64().unwrap() > 0);
}

#[test]
fn without_a_recipe_the_first_run_is_explained() {
    let said = run(&["train", "--explain"]).exits(0);
    assert!(said.stdout.contains("name = \"first-run\"") && said.stdout.contains("\n[predict]\n"));
    let out = scratch();
    let recipe = out.path().join("explained.toml");
    std::fs::write(&recipe, &said.stdout).unwrap();
    assert_eq!(info(&recipe).fact("recipe"), "first-run");
}

#[test]
fn results_go_to_stdout_and_progress_to_stderr() {
    let out = scratch();
    let said = run(&predict(catalogue(), out.path(), &["--quiet"])).exits(0);
    assert!(said.stderr.is_empty(), "{}", said.stderr);
    assert!(said.fact("map").ends_with("map.tif"));
    let words = predict(catalogue(), out.path(), &["--force", "-v", "--log-format", "json"]);
    let said = run(&words).exits(0);
    let lines: Vec<&str> = said.stderr.lines().filter(|line| line.starts_with('{')).collect();
    assert!(!lines.is_empty(), "{}", said.stderr);
    for line in lines {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(line["level"].is_string(), "{line}");
    }
}

#[test]
fn a_quiet_machine_warns_of_nothing() {
    let out = scratch();
    let said = run(&train(catalogue(), out.path(), &[])).exits(0);
    assert!(!said.stderr.contains("WARN") && !said.stderr.contains('\u{1b}'), "{}", said.stderr);
}

#[test]
fn a_catalogue_made_by_a_relative_path_can_be_moved() {
    let folder = scratch();
    let mut simulate = ecotone(&["simulate", "forest", "--size", "64", "--every", "12", "--out", "here"]);
    simulate.current_dir(folder.path());
    finish(simulate).exits(0);
    let there = folder.path().join("there");
    std::fs::rename(folder.path().join("here"), &there).unwrap();
    let mut map = ecotone(&predict(&there, Path::new("map"), &[]));
    map.current_dir(folder.path());
    finish(map).exits(0);
    let record = json(&folder.path().join("map/map.json"));
    assert_eq!(record["assets"]["map"]["href"], "./map.tif");
}

#[test]
fn the_sample_of_a_recipe_is_kept_for_the_next_run() {
    let folder = scratch();
    let samples = format!("inputs.simulate.folder={}", folder.path().join("samples").display());
    let out = folder.path().join("run").display().to_string();
    let recipe = recipe().display().to_string();
    let mut words = vec!["train", &recipe, "--out", &out, "--force", "--set", &samples];
    for setting in ["inputs.simulate.size=64", "inputs.simulate.years=1", "timeline.start=2021-01-01"] {
        words.extend(["--set", setting]);
    }
    words.extend(["--set", "timeline.steps=4", "--set", "train.epochs=1"]);
    let first = run(&words).exits(0);
    assert!(first.stderr.contains("simulate"), "{}", first.stderr);
    let again = run(&words).exits(0);
    assert!(!again.stderr.contains("simulate"), "{}", again.stderr);
}
