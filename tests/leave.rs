//! Models that leave the provider and the sensor that they were trained on.

use crate::harness::{
    Catalogue, Said, catalogue, info, json, predict_with, resumed, run, same, scratch, train,
};
use insta::assert_snapshot;
use serde_json::Value;
use std::path::Path;
use tempfile::TempDir;

const MAPS: &[&str] = &["map.tif", "confidence.tif"];

/// Trains with some settings; gives the run folder.
#[track_caller]
fn trained_with(catalogue: &Path, code: i32, settings: &[&str]) -> (TempDir, Said) {
    let out = scratch();
    let more: Vec<&str> = settings.iter().flat_map(|setting| ["--set", setting]).collect();
    let said = run(&train(catalogue, out.path(), &more)).exits(code);
    (out, said)
}

fn used(run_folder: &Path, key: &str) -> Vec<Value> {
    let manifest = json(&run_folder.join("manifest.json"));
    manifest["scenes_used"].as_array().unwrap().iter().map(|scene| scene[key].clone()).collect()
}

#[test]
fn a_provider_that_calls_all_of_it_otherwise() {
    let (model, _) = trained_with(catalogue(), 0, &["inputs.collections=sentinel-2-l2a"]);
    let (elsewhere, out) = (Catalogue::copy(), scratch());
    for scene in elsewhere.scenes() {
        elsewhere.edit_item(&scene, |item| {
            item["collection"] = "own-s2".into();
            let assets = item["assets"].as_object_mut().unwrap();
            let mut mask = assets.remove("SCL").unwrap();
            mask["eo:bands"][0]["name"] = "CLASSES".into();
            assets.insert("CLASSES".to_owned(), mask);
        });
    }
    let mapped = |more: &[&str]| run(&predict_with(model.path(), elsewhere.path(), out.path(), more));
    let folders = [(elsewhere.path(), "CATALOGUE")];
    assert_snapshot!("collection", mapped(&[]).exits(1).message(&folders));
    let collection = ["--collection", "own-s2"];
    let said = mapped(&collection).exits(1);
    said.names(&["none of the", "CLASSES"]).names(&["no `SCL` to tell clouds by", "--mask-asset"]);
    let flags = [&collection[..], &["--mask-asset", "CLASSES"]].concat();
    mapped(&flags).exits(0);
    same(model.path(), out.path(), MAPS);

    // What it was begun with is what it goes on with.
    let words = predict_with(model.path(), elsewhere.path(), out.path(), &flags);
    run(&resumed(&words)).exits(0);
    let other = predict_with(model.path(), elsewhere.path(), out.path(), &collection);
    run(&resumed(&other)).exits(1).names(&["--mask-asset", "CLASSES", "not given"]);
}

#[test]
fn an_offset_of_another_provider() {
    let (out, other) = (scratch(), scratch());
    let (model, _) = trained_with(catalogue(), 0, &["inputs.mask.kind=none"]);
    let mapped = |out: &Path, more: &[&str]| run(&predict_with(model.path(), catalogue(), out, more));
    mapped(out.path(), &["--offset", "provider"]).exits(0);
    same(model.path(), out.path(), MAPS);
    let offsets =
        |folder: &Path| used(folder, "offset").iter().map(|own| own.as_f64().unwrap()).collect::<Vec<_>>();
    assert!(offsets(out.path()).contains(&-0.1), "later scenes hold an offset");
    for (word, offset) in [("none", 0.0), ("-500", -0.05)] {
        mapped(other.path(), &["--offset", word, "--force"]).exits(0);
        assert!(offsets(other.path()).iter().all(|own| (own - offset).abs() < 1e-9), "{word}");
    }
    let said = mapped(other.path(), &["--offset", "some", "--force"]).exits(1);
    assert_snapshot!("offset", said.message(&[]));
    let said = mapped(other.path(), &["--mask-asset", "SCL", "--force"]).exits(1);
    assert_snapshot!("no-mask", said.message(&[]));
}

/// The small catalogue as LP DAAC would deliver it: every other scene of Landsat, whose bands are numbered otherwise, all without
/// platform and common names. The first scene that the tiny recipe uses is of Sentinel-2.
fn harmonised(catalogue: &Catalogue) {
    const LANDSAT: [(&str, &str); 6] =
        [("B02", "B02"), ("B03", "B03"), ("B04", "B04"), ("B05", "B8A"), ("B06", "B11"), ("B07", "B12")];
    for (place, scene) in catalogue.scenes().iter().enumerate() {
        let kind = if place % 2 == 1 { "S30" } else { "L30" };
        catalogue.edit_item(scene, |item| {
            let day = scene.split('_').nth(2).unwrap();
            item["id"] = format!("HLS.{kind}.T33UVR.{day}.v2.0").into();
            item["collection"] = format!("HLS{kind}_2.0").into();
            let properties = item["properties"].as_object_mut().unwrap();
            properties.retain(|key, _| {
                !["platform", "constellation", "s2:processing_baseline"].contains(&key.as_str())
            });
            for asset in item["assets"].as_object_mut().unwrap().values_mut() {
                asset.as_object_mut().unwrap().remove("eo:bands");
            }
            if kind == "L30" {
                let bands = LANDSAT.map(|(own, sentinel)| (own.to_owned(), item["assets"][sentinel].clone()));
                item["assets"] = Value::Object(bands.into_iter().collect());
            }
        });
    }
}

fn kinds(run_folder: &Path) -> [usize; 2] {
    let ids = used(run_folder, "id");
    ["HLS.S30", "HLS.L30"].map(|kind| ids.iter().filter(|id| id.as_str().unwrap().starts_with(kind)).count())
}

#[test]
fn two_harmonised_sensors_serve_one_model_and_one_job() {
    let (hls, out) = (Catalogue::copy(), scratch());
    harmonised(&hls);
    let (model, _) = trained_with(catalogue(), 0, &["inputs.mask.kind=none"]);
    let said = info(&model.path().join("model.safetensors"));
    assert!(said.fact("bands").contains("B8A nir08 at 0.865 µm, as on Sentinel-2"), "{}", said.stdout);
    let both = ["--collection", "HLSS30_2.0", "--collection", "HLSL30_2.0", "--offset", "provider"];
    run(&predict_with(model.path(), hls.path(), out.path(), &both)).exits(0);
    same(model.path(), out.path(), MAPS);
    assert!(kinds(out.path()).iter().all(|scenes| *scenes > 3), "{:?}", kinds(out.path()));

    // One job by names that mean one band on both, and a network that is the same.
    let own = ["inputs.mask.kind=none", "inputs.offset=provider"];
    for bands in ["inputs.bands=B02,B03,B04,B8A", "inputs.bands=blue,green,red,nir08"] {
        let (job, _) = trained_with(hls.path(), 0, &[&own[..], &[bands]].concat());
        assert_eq!(kinds(job.path()), kinds(out.path()));
        same(model.path(), job.path(), MAPS);
    }
}

#[test]
fn a_name_that_means_another_band_is_refused() {
    let (hls, out) = (Catalogue::copy(), scratch());
    harmonised(&hls);
    let settings = [
        "inputs.mask.kind=none",
        "inputs.offset=provider",
        "inputs.bands=B02,B03,B04,B05",
        "inputs.indices=",
    ];
    // In one job: the first scene is of Sentinel-2.
    let (job, said) = trained_with(hls.path(), 2, &settings);
    said.names(&[
        "HLS.L30.T33UVR.",
        "whose `B05` is nir08 at 0.865 µm, but in this job it is rededge071 at 0.704 µm, as on HLS S30",
        "ask by a name that is one on every sensor, `rededge071` or `nir08`",
    ]);
    assert_eq!(kinds(job.path())[1], 0);

    // By a model: half of the scenes, and all of them.
    let (model, _) = trained_with(catalogue(), 0, &settings);
    let said = run(&predict_with(model.path(), hls.path(), out.path(), &[])).exits(2);
    said.names(&["`B05` (rededge071 at 0.704 µm, as on Sentinel-2): its own `B05` is nir08 at 0.865 µm"]);
    assert_eq!(kinds(out.path()), [kinds(job.path())[0], 0]);
    let landsat = ["--collection", "HLSL30_2.0", "--force"];
    let said = run(&predict_with(model.path(), hls.path(), out.path(), &landsat)).exits(1);
    assert_snapshot!("another-band", said.message(&[(hls.path(), "CATALOGUE")]));
}
