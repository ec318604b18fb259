//! Scenes that are broken, strange or missing: the good ones still give a map, and the bad ones are listed.

use crate::harness::{
    BANDS, Catalogue, Said, agreement, catalogue, empty_raster, info, json, predict, run, same, scenes,
    scratch, train, trained,
};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Sees that the job ended with exit code 2, listed the scene with these words, and made a map all the same.
#[track_caller]
fn listed(said: Said, out: &Path, scene: &str, words: &[&str]) {
    let said = said.exits(2);
    let line = said.stderr.lines().find(|line| line.starts_with(&format!("  {scene}: ")));
    let line = line.unwrap_or_else(|| panic!("{scene} is not listed in\n{}", said.stderr));
    assert!(said.stderr.contains("finished, but 1 scene could not be read"), "{}", said.stderr);
    for word in words {
        assert!(line.contains(word), "`{word}` is not in: {line}");
    }
    let failed = json(&out.join("manifest.json"))["scenes_failed"].clone();
    assert_eq!(failed.as_array().map(Vec::len), Some(1), "{failed}");
    assert_eq!(failed[0]["scene"], scene);
    assert_eq!(info(&out.join("map.tif")).fact("raster"), "64 rows, 64 columns, 1 bands");
}

fn cut_in_half(path: &Path) {
    let whole = fs::read(path).unwrap();
    fs::write(path, &whole[..whole.len() / 2]).unwrap();
}

#[test]
fn a_truncated_file_is_listed_and_the_rest_is_mapped() {
    let (catalogue, out) = (Catalogue::copy(), scratch());
    let scene = &scenes()[4];
    cut_in_half(&catalogue.asset(scene, "B8A"));
    let said = run(&predict(catalogue.path(), out.path(), &[]));
    listed(said, out.path(), scene, &["B8A.tif"]);
    let made = |folder: &Path| ["map.tif", "confidence.tif"].map(|name| fs::read(folder.join(name)).unwrap());
    assert!(made(out.path()) != made(trained()), "one scene of twelve is missing");
}

#[test]
fn training_goes_on_without_a_truncated_file() {
    let (catalogue, out) = (Catalogue::copy(), scratch());
    let scene = &scenes()[4];
    cut_in_half(&catalogue.asset(scene, "B02"));
    let said = run(&train(catalogue.path(), out.path(), &[]));
    listed(said, out.path(), scene, &["B02.tif"]);
    let page = fs::read_to_string(out.path().join("report.html")).unwrap();
    assert!(page.contains(scene.as_str()), "the report lists the scene");
}

#[test]
fn an_unreadable_file_is_listed() {
    let (catalogue, out) = (Catalogue::copy(), scratch());
    let scene = &scenes()[0];
    fs::write(catalogue.asset(scene, "B04"), "this is no raster").unwrap();
    let said = run(&predict(catalogue.path(), out.path(), &[]));
    listed(said, out.path(), scene, &["opening", "B04.tif"]);
}

#[test]
fn a_file_that_is_not_there_is_listed() {
    let (catalogue, out) = (Catalogue::copy(), scratch());
    let scene = &scenes()[2];
    fs::remove_file(catalogue.asset(scene, "SCL")).unwrap();
    let said = run(&predict(catalogue.path(), out.path(), &[]));
    listed(said, out.path(), scene, &["opening", "SCL.tif"]);
}

#[test]
fn a_scene_without_a_band_is_listed() {
    let (catalogue, out) = (Catalogue::copy(), scratch());
    let scene = &scenes()[3];
    catalogue.edit_item(scene, |item| {
        item["assets"].as_object_mut().unwrap().remove("B8A");
    });
    let said = run(&predict(catalogue.path(), out.path(), &[]));
    listed(said, out.path(), scene, &["has no band `B8A`", "B02, B03"]);
}

#[test]
fn a_record_that_is_no_json_is_listed() {
    let (catalogue, out) = (Catalogue::copy(), scratch());
    let scene = &scenes()[3];
    let item = catalogue.asset(scene, "B04").with_file_name(format!("{scene}.json"));
    fs::write(&item, "{ half a reco").unwrap();
    let said = run(&predict(catalogue.path(), out.path(), &[]));
    listed(said, out.path(), &item.display().to_string(), &["JSON"]);
}

#[test]
fn a_scene_in_another_reference_system_is_warped() {
    let (catalogue, out) = (Catalogue::copy(), scratch());
    for scene in scenes().iter().skip(1).step_by(2) {
        catalogue.move_origin(scene, &BANDS);
    }
    run(&predict(catalogue.path(), out.path(), &[])).exits(0);
    let (alike, _) = agreement(&out.path().join("map.tif"), &trained().join("map.tif"));
    assert!(alike > 0.99, "the same ground, told in another system: {alike}");
}

#[test]
fn a_file_that_lies_elsewhere_than_its_record_is_listed() {
    let (catalogue, out) = (Catalogue::copy(), scratch());
    let scene = &scenes()[3];
    catalogue.put_elsewhere(scene, "B02");
    let said = run(&predict(catalogue.path(), out.path(), &[]));
    listed(said, out.path(), scene, &["B02.tif lies at 2", "record says 1", "CRS"]);
}

#[test]
fn two_scenes_at_the_same_time_give_one_answer_whatever_their_order() {
    let catalogue = Catalogue::copy();
    let scene = &scenes()[5];
    let twin = format!("{scene}_TWIN");
    catalogue.add_twin(scene, &twin);
    // The twin's pixels differ, so that it matters which of the two is taken.
    fs::copy(catalogue.asset(&scenes()[6], "B8A"), catalogue.asset(&twin, "B8A")).unwrap();
    let (one, other) = (scratch(), scratch());
    run(&predict(catalogue.path(), one.path(), &[])).exits(0);
    catalogue.edit_links(|links| links.reverse());
    run(&predict(catalogue.path(), other.path(), &["--jobs", "3"])).exits(0);
    same(one.path(), other.path(), &["map.tif", "confidence.tif"]);
    let used = json(&one.path().join("manifest.json"))["scenes_used"].as_array().unwrap().len();
    assert_eq!(used, scenes().len() + 1);
}

#[test]
fn scenes_of_one_name_at_two_places_are_two() {
    let (beside, out) = (Catalogue::copy(), scratch());
    beside.put_beside();
    let east = beside.path().join("catalog.json").display().to_string();
    let said = run(&predict(catalogue(), out.path(), &["--catalog", &east])).exits(0);
    let map = info(&out.path().join("map.tif"));
    assert_eq!(map.fact("raster"), "64 rows, 128 columns, 1 bands");
    let mapped: Vec<u64> = said.fact("mapped").split(' ').filter_map(|word| word.parse().ok()).collect();
    assert!(mapped[0] > mapped[1] * 9 / 10, "both halves are mapped: {}", said.stdout);
    let used = json(&out.path().join("manifest.json"))["scenes_used"].clone();
    let names: BTreeSet<&str> =
        used.as_array().unwrap().iter().map(|scene| scene["id"].as_str().unwrap()).collect();
    assert_eq!(names.len(), 2 * scenes().len(), "each is told from its namesake: {used}");
}

#[test]
fn reasons_of_reads_that_all_failed_are_the_error() {
    let (catalogue, out) = (Catalogue::copy(), scratch());
    scenes().iter().for_each(|scene| cut_in_half(&catalogue.asset(scene, "B8A")));
    // A scene that is masked all over is not read any further, and does not fail.
    let words =
        ["nothing was seen anywhere in the area: ", "of 12 scenes could not be read: S2", "B8A.tif", "more"];
    run(&predict(catalogue.path(), out.path(), &[])).exits(1).names(&words);
    for name in ["map.tif", "confidence.tif", "map.json", "strips"] {
        assert!(!out.path().join(name).exists(), "{name} stands for ground that nobody saw");
    }
    let out = scratch();
    run(&train(catalogue.path(), out.path(), &[])).exits(1).names(&words);
}

#[test]
fn an_area_that_no_scene_saw_is_refused() {
    let (catalogue, out) = (Catalogue::copy(), scratch());
    for scene in scenes() {
        fs::write(catalogue.asset(&scene, "B04"), empty_raster()).unwrap();
    }
    let words = ["no clear observation anywhere in the area", "12 scenes"];
    run(&train(catalogue.path(), out.path(), &[])).exits(1).names(&words);
    let out = scratch();
    run(&predict(catalogue.path(), out.path(), &[])).exits(1).names(&words);
}

#[test]
fn a_block_that_no_scene_saw_stays_nodata() {
    let (catalogue, out) = (Catalogue::copy(), scratch());
    // The scenes cover the western half of this area.
    let said = run(&predict(catalogue.path(), out.path(), &["--aoi", "15.0,49.641,15.035,49.652"])).exits(0);
    let mapped: Vec<u64> = said.fact("mapped").split(' ').filter_map(|word| word.parse().ok()).collect();
    assert!(mapped[0] > 1000 && mapped[0] < mapped[1] * 2 / 3, "{}", said.stdout);
}
