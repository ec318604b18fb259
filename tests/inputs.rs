//! What goes into a network besides scenes under a mask: clouds, chosen days, heights, polygons.

use crate::harness::{
    Said, agreement, bytes, catalogue, corners, halves, info, json, predict, predict_with, run, same, scenes,
    scratch, train, trained,
};
use insta::assert_snapshot;
use std::path::Path;

/// Trains with some settings; gives what it said.
#[track_caller]
fn trained_with(out: &Path, settings: &[&str]) -> Said {
    let more: Vec<&str> = settings.iter().flat_map(|setting| ["--set", setting]).collect();
    run(&train(catalogue(), out, &more)).exits(0)
}

fn used(run_folder: &Path) -> Vec<String> {
    let manifest = json(&run_folder.join("manifest.json"));
    let used = manifest["scenes_used"].as_array().unwrap().iter();
    used.map(|scene| scene["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_network_that_saw_clouds_maps_with_them() {
    let (out, again) = (scratch(), scratch());
    trained_with(out.path(), &["train.series=unmasked"]);
    let model = info(&out.path().join("model.safetensors"));
    assert!(model.fact("mask").starts_with("None"), "{}", model.stdout);
    run(&predict_with(out.path(), catalogue(), again.path(), &[])).exits(0);
    same(out.path(), again.path(), &["map.tif", "confidence.tif"]);

    // No mask at all comes to the same.
    let without = scratch();
    trained_with(without.path(), &["inputs.mask.kind=none"]);
    same(out.path(), without.path(), &["model.safetensors", "map.tif"]);
}

#[test]
fn a_network_that_saw_both_maps_what_is_clear() {
    let (out, again) = (scratch(), scratch());
    trained_with(out.path(), &["train.series=both"]);
    let model = info(&out.path().join("model.safetensors"));
    assert!(model.fact("mask").starts_with("Scl"), "{}", model.stdout);
    run(&predict_with(out.path(), catalogue(), again.path(), &[])).exits(0);
    same(out.path(), again.path(), &["map.tif", "confidence.tif"]);
    let model = |folder: &Path| bytes(&folder.join("model.safetensors"));
    assert!(model(out.path()) != model(trained()), "the clouds were seen");
}

#[test]
fn scenes_of_some_days_only() {
    let out = scratch();
    let summers = "inputs.dates=2021-05-16/2021-08-31,2022-03-01/2022-04-30";
    trained_with(out.path(), &[summers]);
    let found = used(out.path());
    let in_summer = |id: &&String| {
        let day = &id.split('_').nth(2).unwrap()[..8];
        ("20210516".."20210901").contains(&day) || ("20220301".."20220501").contains(&day)
    };
    let expected: Vec<String> = scenes().iter().filter(in_summer).cloned().collect();
    assert!(expected.len() > 3 && expected.len() < scenes().len(), "{expected:?}");
    assert_eq!(found, expected);

    // A prediction reads the same days, and those of another year when the series begins then.
    let again = scratch();
    run(&predict_with(out.path(), catalogue(), again.path(), &[])).exits(0);
    assert_eq!(used(again.path()), expected);
    let moved = scratch();
    run(&predict_with(out.path(), catalogue(), moved.path(), &["--start", "2022-05-16"])).exits(0);
    let days: Vec<String> = used(moved.path());
    assert!(!days.is_empty() && days.iter().all(|id| id.contains("_20220")), "{days:?}");
    let said =
        run(&predict_with(out.path(), catalogue(), moved.path(), &["--start", "1999-01-01", "--force"]));
    assert_snapshot!("no-days", said.exits(1).message(&[(catalogue(), "CATALOGUE")]));
}

#[test]
fn heights_make_a_channel_that_a_prediction_needs() {
    let (out, again) = (scratch(), scratch());
    trained_with(out.path(), &["inputs.dem={catalog}/dem.tif"]);
    let model = info(&out.path().join("model.safetensors"));
    assert_eq!(model.fact("channels"), "B02, B03, B04, B8A, NDVI, illumination");
    let said = run(&predict_with(out.path(), catalogue(), again.path(), &[])).exits(1);
    assert_snapshot!("dem-missing", said.message(&[]));
    let dem = catalogue().join("dem.tif").display().to_string();
    run(&predict_with(out.path(), catalogue(), again.path(), &["--dem", &dem])).exits(0);
    same(out.path(), again.path(), &["map.tif", "confidence.tif"]);

    let said = run(&predict_with(trained(), catalogue(), again.path(), &["--force", "--dem", &dem]));
    assert_snapshot!("dem-needless", said.exits(1).message(&[(catalogue(), "CATALOGUE")]));
}

#[test]
fn polygons_in_degrees_train_on_the_grid_of_the_scenes() {
    let (folder, out) = (scratch(), scratch());
    let labels = folder.path().join("halves.geojson");
    halves(&labels, "LULC_ID");
    let labels = format!("labels.vector={}", labels.display());
    trained_with(out.path(), &[&labels, "labels.attribute=LULC_ID"]);
    let map = info(&out.path().join("map.tif"));
    let truth = info(&catalogue().join("truth.tif"));
    for fact in ["grid", "bounds"] {
        assert_eq!(map.fact(fact), truth.fact(fact), "polygons beyond the scenes make no map larger");
    }
    let metrics = json(&out.path().join("metrics.json"));
    for class in metrics["classes"].as_array().unwrap() {
        let is_half = class["code"] == 1 || class["code"] == 7;
        assert_eq!(class["reference_pixels"].as_u64().unwrap() > 0, is_half, "{class}");
    }
}

#[test]
fn areas_apart_are_one_job_and_ground_between_them_stays_empty() {
    let (folder, out, mapped) = (scratch(), scratch(), scratch());
    // Two quarters of the ground that meet in a corner: together they span the whole grid.
    let corners = corners(folder.path());
    let [north_west, south_east] = corners.each_ref().map(String::as_str);
    run(&predict(catalogue(), mapped.path(), &["--aoi", north_west, "--aoi", south_east])).exits(0);
    let (part, whole) = (mapped.path().join("map.tif"), trained().join("map.tif"));
    assert_eq!(info(&part).fact("bounds"), info(&whole).fact("bounds"));
    let (all, here) = (agreement(&whole, &whole).1, agreement(&part, &part).1);
    assert!(here <= 2 * 32 * 32 && all - here <= 2 * 32 * 32 && here < all, "{here} of {all}");
    assert_eq!(agreement(&part, &whole), (1.0, here), "an area is mapped as it is in the whole");

    trained_with(out.path(), &[&format!("grid.aoi={north_west};{south_east}")]);
    let metrics = json(&out.path().join("metrics.json"));
    let classes = metrics["classes"].as_array().unwrap();
    let pixels: u64 = classes.iter().map(|class| class["map_pixels"].as_u64().unwrap()).sum();
    assert!(pixels > 0 && pixels < 2 * 32 * 32, "{pixels} test pixels in two areas of 32 x 32");
    let refused = scratch();
    let sliver = "14.9999,49.642,15.0019,49.651";
    let areas = format!("grid.aoi={south_east};{sliver}");
    let said = run(&train(catalogue(), refused.path(), &["--set", &areas])).exits(1);
    assert_snapshot!("area-too-small", said.message(&[(catalogue(), "CATALOGUE")]));
}
