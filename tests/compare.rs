//! Runs compared on the blocks that they share, and with their forest.

use crate::harness::{bytes, catalogue, json, report, run, same, scratch, train, trained};
use insta::assert_snapshot;
use std::path::Path;

fn text(path: &Path) -> String {
    path.display().to_string()
}

/// The tiny recipe with another seed, and more settings.
fn another(out: &Path, settings: &[&str]) -> Vec<String> {
    let settings: Vec<&str> = settings.iter().flat_map(|setting| ["--set", setting]).collect();
    train(catalogue(), out, &[&["--seed", "2"], settings.as_slice()].concat())
}

#[test]
fn a_run_that_does_not_beat_its_forest_says_so_first() {
    let out = scratch();
    // One step of learning.
    let said = run(&another(out.path(), &["train.epochs=1", "train.patches_per_epoch=4"])).exits(0);
    let first = said.stdout.lines().next().unwrap();
    assert!(first.contains("than a forest") && first.contains("macro-F1 0."), "{first}");
    for word in ["difference -0.", "train.epochs", "model.kind", "ecotone label forest"] {
        assert!(first.contains(word), "{word} is not in {first}");
    }
    let page = report(out.path());
    let (headline, facts) = (page.find("This network is ").unwrap(), page.find("Overall accuracy").unwrap());
    assert!(headline < facts && page.contains("random forest"));

    let found = json(&out.path().join("baselines.json"));
    assert!(["worse", "tie"].contains(&found["against_forest"].as_str().unwrap()), "{found}");
    assert_eq!(found["reference"], "labels");
    let names: Vec<&str> =
        found["baselines"].as_array().unwrap().iter().map(|line| line["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["random forest", "nearest centroid, pixel by pixel", "majority class"]);
    let metrics = json(&out.path().join("metrics.json"));
    assert_eq!(found["network"]["pixels"], metrics["pixels"]);
    assert_eq!(found["network"]["macro_f1"], metrics["macro_f1"]);
    for baseline in found["baselines"].as_array().unwrap() {
        assert_eq!(baseline["pixels"], metrics["pixels"], "all on the same pixels");
        let line = &baseline["differences"][1];
        assert_eq!((&line["measure"], &line["second"]), (&"macro_f1".into(), &baseline["macro_f1"]));
        let [lower, value, upper] = ["lower", "difference", "upper"].map(|key| line[key].as_f64().unwrap());
        assert!(lower <= value && value <= upper, "{line}");
    }
}

#[test]
fn a_forest_of_fewer_pixels_says_so_and_none_is_none() {
    let (thin, none) = (scratch(), scratch());
    let words = ["train.epochs=1", "train.patches_per_epoch=4"];
    run(&another(thin.path(), &[&words[..], &["assess.forest_pixels=200"]].concat())).exits(0);
    let found = json(&thin.path().join("baselines.json"));
    let about = found["baselines"][0]["about"].as_str().unwrap();
    assert!(about.contains("200 of ") && about.contains("thinned"), "{about}");
    let said = run(&another(none.path(), &[&words[..], &["assess.forest_pixels=0"]].concat())).exits(0);
    assert!(!said.stdout.contains("forest"), "{}", said.stdout);
    assert_eq!(json(&none.path().join("baselines.json"))["against_forest"], serde_json::Value::Null);
}

#[test]
fn where_the_truth_is_known_labels_are_a_method_too() {
    let out = scratch();
    let truth = format!("assess.truth={}", text(&catalogue().join("truth.tif")));
    run(&another(out.path(), &["train.epochs=1", "train.patches_per_epoch=4", &truth])).exits(0);
    let found = json(&out.path().join("baselines.json"));
    assert_eq!(found["reference"], "truth");
    let labels = found["baselines"].as_array().unwrap().last().unwrap();
    assert_eq!((&labels["name"], &labels["macro_f1"]), (&"the labels themselves".into(), &1.0.into()));
    assert!(report(out.path()).contains("against the truth"));
}

#[test]
fn two_runs_of_one_landscape_are_compared_block_by_block() {
    let (other, out, back) = (scratch(), scratch(), scratch());
    run(&another(other.path(), &[])).exits(0);
    let compare = |first: &Path, second: &Path, out: &Path| {
        run(&["compare", &text(first), &text(second), "--out", &text(out), "--force"]).exits(0)
    };
    let said = compare(trained(), other.path(), out.path());
    assert!(said.fact("runs").starts_with("1 against 1, on one landscape, "), "{}", said.stdout);
    let found = json(&out.path().join("comparison.json"));
    let macro_f1 = &found["differences"][1];
    assert_eq!(macro_f1["first"], json(&trained().join("metrics.json"))["macro_f1"]);
    assert_eq!(macro_f1["second"], json(&other.path().join("metrics.json"))["macro_f1"]);
    let table = String::from_utf8(bytes(&out.path().join("comparison.csv"))).unwrap();
    assert!(
        table.starts_with("measure,code,first,second,difference,lower,upper,blocks\noverall_accuracy,,0.")
    );
    assert!(report(out.path()).contains("F1 of persistent tree cover"), "classes have names");

    compare(other.path(), trained(), back.path());
    let mirrored = json(&back.path().join("comparison.json"));
    let ends = |line: &serde_json::Value, key: &str| line[key].as_f64().unwrap();
    assert_eq!(ends(&mirrored["differences"][1], "lower"), -ends(macro_f1, "upper"));
    let again = scratch();
    compare(trained(), other.path(), again.path());
    same(
        out.path(),
        again.path(),
        &["comparison.csv", "comparison.json", "compared-runs.csv", "report.html"],
    );

    // Several a side, the same ones on both: no difference can be told.
    let ([one, another], many) = ([trained(), other.path()].map(text), scratch());
    let words = ["compare", &one, &another, "--against", &another, &one, "--out", &text(many.path())];
    let said = run(&words).exits(0);
    assert!(
        said.fact("macro-F1").contains("+0.000 (") && said.fact("macro-F1").ends_with("a tie"),
        "{}",
        said.stdout
    );
    let twice = ["compare", &one, &one, "--against", &another, "--out", &text(many.path()), "--force"];
    run(&twice).exits(1).names(&[&one, "is named twice on one side"]);
}

#[test]
fn runs_of_other_ground_are_refused_in_one_message() {
    let (other, out) = (scratch(), scratch());
    let words = ["train.epochs=1", "train.patches_per_epoch=4", "split.seed=7"];
    run(&another(other.path(), &words)).exits(0);
    let [one, another, out] = [trained(), other.path(), out.path()].map(text);
    let said = run(&["compare", &one, &another, "--out", &out]).exits(1);
    said.names(&["were not tested on the same blocks", &one, &another, "of them shared"]);
    let folder = scratch();
    let said = run(&["compare", &one, &text(folder.path()), "--out", &out]).exits(1);
    said.names(&["blocks.csv", "ecotone train"]);
    let said = run(&["compare", &one, &one, &one, "--out", &out]).exits(1);
    assert_snapshot!("three-without-against", said.message(&[]));
    let said = run(&["compare", &one, "--out", &out]).exits(1);
    assert_snapshot!("one-alone", said.message(&[]));
}

#[test]
fn a_comparison_spares_what_is_not_its_own() {
    let run_folder = text(trained());
    let said = run(&["compare", &run_folder, &run_folder, "--out", &run_folder, "--force"]).exits(1);
    said.names(&["train"]);
    assert!(trained().join("blocks.csv").is_file() && trained().join("report.html").is_file());
}
