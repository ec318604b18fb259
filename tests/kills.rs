//! `kill -9` at any time, again and again, and `--resume`: the same map and the same list of failures as in one run through;
//! and what a run says that is finished, or is asked for something else. Issue 15.

use crate::harness::{
    Catalogue, bytes, catalogue, ecotone, json, predict_with, resumed, run, same, scenes, scratch, train,
    trained, windowed,
};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Kills to survive.
const KILLS: usize = 20;

/// Numbers that look random, the same for the same seed (Steele et al. 2014, SplitMix64).
struct Random(u64);

impl Random {
    /// From 0 to 1.
    fn share(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// Starts a command and kills it after some time; false where it ended before.
fn kill_after(mut command: Command, time: Duration) -> bool {
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let begun = Instant::now();
    while begun.elapsed() < time {
        if child.try_wait().unwrap().is_some() {
            return false;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    child.kill().unwrap();
    child.wait().unwrap().code().is_none()
}

/// A catalogue with a scene that cannot be used at all and one that fails in the windows that need it.
fn spoilt() -> Catalogue {
    let catalogue = Catalogue::copy();
    let scenes = scenes();
    fs::remove_file(catalogue.asset(&scenes[2], "SCL")).unwrap();
    let band = catalogue.asset(&scenes[4], "B8A");
    let whole = bytes(&band);
    fs::write(&band, &whole[..whole.len() / 2]).unwrap();
    catalogue
}

fn failures(out: &Path) -> Value {
    json(&out.join("manifest.json"))["scenes_failed"].clone()
}

#[test]
fn twenty_kills_change_neither_the_map_nor_its_failures() {
    let (catalogue, whole) = (spoilt(), scratch());
    let words = |out: &Path| predict_with(windowed(), catalogue.path(), out, &["--majority", "3"]);
    let begun = Instant::now();
    run(&words(whole.path())).exits(2);
    let time = begun.elapsed();
    let told = failures(whole.path());
    assert_eq!(told.as_array().unwrap().len(), 2, "{told}");
    assert!(told.to_string().contains(" windows)"), "one fails in several windows: {told}");

    let (mut random, mut kills, mut broken) = (Random(15), 0, scratch());
    loop {
        let words = resumed(&words(broken.path()));
        let wait = time.mul_f64(0.8 * random.share());
        let killed = kills < KILLS && kill_after(ecotone(&words), wait);
        kills += usize::from(killed);
        if killed {
            continue;
        }
        // Where it was finished before it could be killed, this changes nothing.
        run(&words).exits(2);
        same(whole.path(), broken.path(), &["map.tif", "map.tif.aux.xml", "confidence.tif"]);
        assert_eq!(failures(broken.path()), told, "after {kills} kills");
        assert!(!broken.path().join("strips").exists());
        if kills == KILLS {
            return;
        }
        broken = scratch();
    }
}

#[test]
fn a_scene_that_can_be_read_again_is_in_the_map() {
    let (catalogue, out, whole) = (Catalogue::copy(), scratch(), scratch());
    let band = catalogue.asset(&scenes()[4], "B8A");
    let intact = bytes(&band);
    fs::write(&band, &intact[..intact.len() / 2]).unwrap();
    let words = predict_with(windowed(), catalogue.path(), out.path(), &["--majority", "3"]);
    let events = || fs::read_to_string(out.path().join("events.jsonl")).unwrap_or_default();
    let mut child = ecotone(&words).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while !events().contains("scene_failed") {
        assert!(child.try_wait().unwrap().is_none(), "ended without a failure: {}", events());
        std::thread::sleep(Duration::from_millis(1));
    }
    child.kill().unwrap();
    assert!(child.wait().unwrap().code().is_none(), "killed in the middle");
    fs::write(&band, &intact).unwrap();
    run(&resumed(&words)).exits(0);
    assert!(events().contains("scene_read") && failures(out.path()) == Value::Array(Vec::new()));
    run(&predict_with(windowed(), catalogue.path(), whole.path(), &["--majority", "3"])).exits(0);
    same(whole.path(), out.path(), &["map.tif", "map.tif.aux.xml", "confidence.tif"]);
}

#[test]
fn a_finished_run_says_so_and_is_left_as_it_is() {
    let (catalogue, out) = (spoilt(), scratch());
    let words = predict_with(windowed(), catalogue.path(), out.path(), &[]);
    run(&words).exits(2);
    let told = failures(out.path());
    // Whoever mapped again would write another map, and would need the scenes.
    fs::write(out.path().join("map.tif"), "as it is").unwrap();
    fs::remove_dir_all(catalogue.path().join("sentinel-2-l2a")).unwrap();
    let said = run(&resumed(&words)).exits(2).names(&["finished, but 2 scenes could not be read"]);
    assert!(said.fact("finished").ends_with(", nothing to do"), "{}", said.stdout);
    assert_eq!(bytes(&out.path().join("map.tif")), b"as it is");
    for failure in told.as_array().unwrap() {
        let scene = failure["scene"].as_str().unwrap();
        assert!(said.stderr.contains(&format!("  {scene}: ")), "{}", said.stderr);
    }
    // Half of a result is none.
    fs::remove_file(out.path().join("manifest.json")).unwrap();
    run(&resumed(&words)).exits(1);
}

#[test]
fn a_run_is_resumed_with_its_own_arguments_only() {
    let (out, elsewhere) = (scratch(), Catalogue::copy());
    run(&predict_with(windowed(), catalogue(), out.path(), &["--majority", "3"])).exits(0);
    let map = bytes(&out.path().join("map.tif"));
    let model = |from: &Path, more: &[&str]| predict_with(from, catalogue(), out.path(), more);
    let majority = ["--majority", "3"];
    for (words, named) in [
        (model(windowed(), &["--majority", "5"]), ["--majority was 3, is 5", "--force"]),
        (
            model(windowed(), &[&majority[..], &["--prior", "drawn"]].concat()),
            ["--prior was natural, is drawn", "--force"],
        ),
        (model(trained(), &majority), ["another MODEL", "--force"]),
        (
            model(windowed(), &[&majority[..], &["--probabilities"]].concat()),
            ["was false, is true", "--force"],
        ),
        (
            model(windowed(), &[&majority[..], &["--grid", "EPSG:3035@20"]].concat()),
            ["--grid was not given, is EPSG:3035@20", "--force"],
        ),
        (
            model(windowed(), &[&majority[..], &["--start", "2021-06-15"]].concat()),
            ["--start was not given, is 2021-06-15", "--force"],
        ),
        (
            predict_with(windowed(), elsewhere.path(), out.path(), &majority),
            ["another --catalog", "catalog.json, is "],
        ),
    ] {
        run(&resumed(&words)).exits(1).names(&named);
    }
    assert!(map == bytes(&out.path().join("map.tif")));
    // Threads and readers are no arguments of the map.
    let words = model(windowed(), &[&majority[..], &["--jobs", "1", "--threads", "1"]].concat());
    let said = run(&resumed(&words)).exits(0);
    assert!(said.fact("finished").ends_with(", nothing to do"));
}

#[test]
fn a_finished_training_is_not_trained_again() {
    let out = scratch();
    let made =
        ["model.safetensors", "map.tif", "report.html", "manifest.json", "recipe.toml", "events.jsonl"];
    for name in made {
        fs::copy(trained().join(name), out.path().join(name)).unwrap();
    }
    let said = run(&resumed(&train(catalogue(), out.path(), &[]))).exits(0);
    assert!(said.fact("finished").ends_with(", nothing to do"), "{}", said.stdout);
    same(trained(), out.path(), &made);
}

#[test]
fn a_prediction_killed_early_is_known_to_other_commands() {
    let out = scratch();
    let words = predict_with(windowed(), catalogue(), out.path(), &[]);
    let strips = out.path().join("strips/rows-00000000.bin");
    assert!(crate::killed::kill_when(ecotone(&words), &strips), "killed in the middle");
    for more in [&[][..], &["--force"]] {
        run(&train(catalogue(), out.path(), more)).exits(1).names(&["holds a run of `ecotone predict`"]);
    }
    run(&[&words[..], &["--force".to_owned()]].concat()).exits(0);
    same(windowed(), out.path(), &["map.tif", "confidence.tif"]);
    let events = String::from_utf8(bytes(&out.path().join("events.jsonl"))).unwrap();
    assert_eq!(events.matches(r#""event":"begun""#).count(), 1, "of this run alone: {events}");
}
