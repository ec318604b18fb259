//! Rare classes are drawn more often, and taken back: both priors in what a training tells, and in what a model maps.

use crate::harness::{bytes, catalogue, json, predict_with, run, same, scratch, train, trained};
use std::path::Path;

#[test]
fn a_training_tells_of_both_priors() {
    let found = json(&trained().join("calibration.json"));
    let pixels = found["pixels"].as_u64().unwrap();
    let sums = found["class_sums"].as_array().unwrap();
    let sum = |key: &str| sums.iter().map(|class| class[key].as_f64().unwrap()).sum::<f64>();
    assert_eq!((sums.len(), sum("pixels")), (7, pixels as f64));
    for key in ["before", "after"] {
        assert!((sum(key) - pixels as f64).abs() < 0.01, "{key}: {sums:?}");
    }
    assert!(sums.iter().any(|class| class["before"] != class["after"]), "{sums:?}");
    assert_eq!(found["classes"].as_array().unwrap().len(), 7);
    let priors = found["priors"].as_array().unwrap();
    let words: Vec<_> = priors
        .iter()
        .map(|line| (line["prior"].as_str().unwrap(), line["mapped"].as_bool().unwrap()))
        .collect();
    assert_eq!(words, [("natural", true), ("drawn", false)]);
    // No filter: what is scored is the map.
    let metrics = json(&trained().join("metrics.json"));
    for measure in ["overall_accuracy", "macro_f1"] {
        assert_eq!(priors[0][measure], metrics[measure], "{measure}");
    }
    let page = std::fs::read_to_string(trained().join("report.html")).unwrap();
    assert!(page.contains("Both priors") && page.contains("Sums of probabilities"));
}

#[test]
fn a_model_maps_for_the_prior_that_is_asked_for() {
    let (drawn, again, natural) = (scratch(), scratch(), scratch());
    run(&train(catalogue(), drawn.path(), &["--set", "predict.prior=drawn"])).exits(0);
    // Its own, where none is asked for.
    run(&predict_with(drawn.path(), catalogue(), again.path(), &[])).exits(0);
    same(drawn.path(), again.path(), &["map.tif", "confidence.tif"]);
    run(&predict_with(drawn.path(), catalogue(), natural.path(), &["--prior", "natural"])).exits(0);
    let confidence = |folder: &tempfile::TempDir| bytes(&folder.path().join("confidence.tif"));
    assert!(confidence(&natural) != confidence(&again));
}

#[test]
fn the_filter_hides_no_pixel_from_the_calibration() {
    // Trained for long enough, and for the prior, that the map has more than one class.
    let of = |folder: &Path, majority: &str| {
        let settings = ["train.epochs=8", "predict.prior=drawn", majority].map(|setting| ["--set", setting]);
        run(&train(catalogue(), folder, &settings.concat())).exits(0);
    };
    let (plain, filtered) = (scratch(), scratch());
    of(plain.path(), "predict.majority=0");
    of(filtered.path(), "predict.majority=5");
    same(plain.path(), filtered.path(), &["calibration.json"]);
    let map = |folder: &Path| bytes(&folder.join("map.tif"));
    assert!(map(filtered.path()) != map(plain.path()), "nothing was filtered");
}

#[test]
fn correcting_twice_is_told() {
    let (twice, out) = ("rare classes are drawn more often", scratch());
    let said = run(&train(catalogue(), out.path(), &["--set", "train.class_weights=inverse"])).exits(0);
    assert!(said.stderr.contains(twice), "{}", said.stderr);
    let out = scratch();
    assert!(!run(&train(catalogue(), out.path(), &[])).exits(0).stderr.contains(twice));
}
