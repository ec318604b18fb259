//! `kill -9` in the middle of training, of predicting and of writing, then `--resume`: the same bytes as without.

use crate::harness::{
    Catalogue, bytes, catalogue, ecotone, json, predict_with, resumed, run, same, scenes, scratch, train,
    trained, windowed,
};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What an interrupted run must make just as an uninterrupted one does.
const MADE: &[&str] = &["model.safetensors", "map.tif", "map.tif.aux.xml", "confidence.tif", "metrics.json"];

/// Enough epochs that the training is still going when its second checkpoint is there.
const LONG: &[&str] = &["--set", "train.epochs=8"];

/// Starts a command and kills it as soon as `path` is there; false where the command was faster.
pub(crate) fn kill_when(mut command: Command, path: &Path) -> bool {
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let begun = Instant::now();
    while !path.exists() {
        assert!(begun.elapsed() < Duration::from_secs(120), "{} never came", path.display());
        if child.try_wait().unwrap().is_some() {
            return false;
        }
        std::thread::sleep(Duration::from_micros(200));
    }
    // SIGKILL on Unix: the process can do nothing about it.
    child.kill().unwrap();
    child.wait().unwrap().code().is_none()
}

#[test]
fn training_goes_on_after_the_last_epoch() {
    let (whole, broken) = (scratch(), scratch());
    run(&train(catalogue(), whole.path(), LONG)).exits(0);

    let words = train(catalogue(), broken.path(), LONG);
    let checkpoint = broken.path().join("checkpoint/epoch-00002");
    assert!(kill_when(ecotone(&words), &checkpoint), "killed in the middle");
    assert!(!broken.path().join("model.safetensors").exists());
    run(&words).exits(1).names(&["already holds a run", "--resume"]);
    run(&resumed(&words)).exits(0).names(&["going on after epoch "]);
    same(whole.path(), broken.path(), MADE);
}

#[test]
fn a_run_killed_before_its_first_epoch_begins_again() {
    let broken = scratch();
    let words = train(catalogue(), broken.path(), &[]);
    assert!(kill_when(ecotone(&words), &broken.path().join("split.tif")), "killed in the middle");
    run(&resumed(&words)).exits(0);
    same(trained(), broken.path(), MADE);
}

#[test]
fn a_run_is_resumed_with_its_own_recipe_only() {
    let broken = scratch();
    let words = train(catalogue(), broken.path(), LONG);
    let checkpoint = broken.path().join("checkpoint/epoch-00001");
    assert!(kill_when(ecotone(&words), &checkpoint), "killed in the middle");
    let mut other = resumed(&words);
    other.extend(["--set", "train.batch=3"].map(str::to_owned));
    run(&other).exits(1).names(&["another recipe", "train.batch was 4, is 3", "--force"]);
}

/// Maps by small windows into a folder.
fn map_into(folder: &Path) -> Vec<String> {
    predict_with(windowed(), catalogue(), folder, &["--probabilities"])
}

const MAPPED: &[&str] = &["map.tif", "map.tif.aux.xml", "confidence.tif", "probabilities.tif"];

#[test]
fn predicting_goes_on_after_the_last_strip() {
    let (whole, broken) = (scratch(), scratch());
    run(&map_into(whole.path())).exits(0);

    let words = map_into(broken.path());
    let first = broken.path().join("strips/rows-00000000.bin");
    assert!(kill_when(ecotone(&words), &first), "killed in the middle");
    assert!(!broken.path().join("map.tif").exists());
    // A strip that was tampered with shows in the map: it is taken over as it is, not made again.
    let tampered = scratch();
    let strips = tampered.path().join("strips");
    std::fs::create_dir(&strips).unwrap();
    for name in ["job.txt", "rows-00000000.bin"] {
        std::fs::copy(broken.path().join("strips").join(name), strips.join(name)).unwrap();
    }
    let mut strip = bytes(&first);
    strip[0] = strip[0] % 7 + 1;
    std::fs::write(strips.join("rows-00000000.bin"), strip).unwrap();
    run(&resumed(&map_into(tampered.path()))).exits(0);
    assert!(bytes(&tampered.path().join("map.tif")) != bytes(&whole.path().join("map.tif")));

    run(&resumed(&words)).exits(0);
    same(whole.path(), broken.path(), MAPPED);
    assert!(!broken.path().join("strips").exists());
}

/// A prediction over a copy of the catalogue that was killed after its first rows.
fn killed_over(catalogue: &Catalogue, out: &Path) -> Vec<String> {
    let words = predict_with(windowed(), catalogue.path(), out, &[]);
    assert!(kill_when(ecotone(&words), &out.join("strips/rows-00000000.bin")), "killed in the middle");
    words
}

#[test]
fn failures_before_a_kill_are_told_after_it() {
    let (catalogue, broken) = (Catalogue::copy(), scratch());
    let bands: Vec<_> = scenes().iter().map(|scene| catalogue.asset(scene, "B8A")).collect();
    let whole: Vec<Vec<u8>> = bands.iter().map(|band| bytes(band)).collect();
    for (band, whole) in bands.iter().zip(&whole) {
        std::fs::write(band, &whole[..whole.len() / 2]).unwrap();
    }
    let words = killed_over(&catalogue, broken.path());
    // All but one can be read from now on, and are: in the windows before the kill, too.
    for (band, whole) in bands.iter().zip(whole).skip(1) {
        std::fs::write(band, whole).unwrap();
    }
    let said =
        run(&resumed(&words)).exits(2).names(&["finished, but 1 scene", "could not be read", "B8A.tif"]);
    let failed = json(&broken.path().join("manifest.json"))["scenes_failed"].clone();
    let failed = failed.as_array().unwrap();
    assert_eq!(failed.len(), 1, "{failed:?}");
    assert_eq!(failed[0]["scene"], scenes()[0]);
    assert!(said.stderr.contains(&format!("  {}: ", scenes()[0])), "{}", said.stderr);
    let whole = scratch();
    run(&predict_with(windowed(), catalogue.path(), whole.path(), &[])).exits(2);
    same(whole.path(), broken.path(), &["map.tif", "confidence.tif"]);
}

#[test]
fn a_run_goes_on_with_the_scenes_of_its_plan() {
    let (catalogue, broken) = (Catalogue::copy(), scratch());
    let words = killed_over(&catalogue, broken.path());
    let scene = &scenes()[4];
    let band = catalogue.asset(scene, "B8A");
    let hidden = band.with_extension("hidden");
    // The catalogue is not asked again; what is gone meanwhile is a scene that fails.
    std::fs::rename(&band, &hidden).unwrap();
    std::fs::remove_file(catalogue.path().join("sentinel-2-l2a/collection.json")).unwrap();
    run(&resumed(&words)).exits(2).names(&["finished, but 1 scene", &scene[..]]);
    std::fs::rename(&hidden, &band).unwrap();
    assert!(run(&resumed(&words)).exits(2).fact("finished").ends_with(", nothing to do"));
}

#[test]
fn writing_begins_again() {
    let whole = scratch();
    run(&map_into(whole.path())).exits(0);
    // The time between the first byte of a file and its name is short: some tries may come too late.
    let killed = (0..20).find_map(|_| {
        let folder = scratch();
        kill_when(ecotone(&map_into(folder.path())), &folder.path().join(".map.tif.partial"))
            .then_some(folder)
    });
    let folder = killed.expect("killed while writing");
    let map = folder.path().join("map.tif");
    assert!(!map.exists() || bytes(&map) == bytes(&whole.path().join("map.tif")), "whole or not at all");
    run(&resumed(&map_into(folder.path()))).exits(0);
    same(whole.path(), folder.path(), MAPPED);
    assert!(!folder.path().join(".map.tif.partial").exists(), "what the killed run left is gone");
}

#[test]
fn a_simulation_killed_half_way_is_no_catalogue() {
    let folder = scratch();
    let out = folder.path().join("forest").display().to_string();
    let words = ["simulate", "forest", "--size", "64", "--every", "6", "--out", &out];
    let truth = folder.path().join("forest/truth.tif");
    assert!(kill_when(ecotone(&words), &truth), "killed in the middle");
    assert!(!folder.path().join("forest/catalog.json").exists());
    run(&words).exits(0);
    same(catalogue(), &folder.path().join("forest"), &["catalog.json", "truth.tif", "dem.tif"]);
}
