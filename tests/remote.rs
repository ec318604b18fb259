//! Scenes behind a server: whatever it does, the map is the one of the folder, or what is missing is listed.

use crate::harness::{
    Catalogue, Said, catalogue, ecotone, finish, json, predict, run, same, scenes, scratch, trained,
};
use ecotone_test_fixtures::{Fault, Request, Server};
use std::path::Path;
use std::time::Duration;

/// What a map is made of.
const MADE: [&str; 2] = ["map.tif", "confidence.tif"];

/// `ecotone predict` of the catalogue that a server gives.
fn predict_from(server: &Server, out: &Path) -> Said {
    let (model, out) = (trained().join("model.safetensors").display().to_string(), out.display().to_string());
    let mut command = ecotone(&["predict", &model, "--catalog", &server.url("catalog.json"), "--out", &out]);
    command.env("ECOTONE_PATIENCE", "connect=2,stall=1,first-wait=0.02,longest-wait=0.2,in-all=3");
    finish(command)
}

/// Which file of many a request is for, as a number that spreads.
fn number(request: &Request) -> usize {
    request.path.bytes().fold(7, |sum, byte| sum * 31 % 1009 + usize::from(byte))
}

/// Spoils the first answers for each file, each file's in its own way.
fn spoilt(request: &Request) -> Fault {
    const BUSY: Fault = Fault::Status(429, &[("Retry-After", "1")]);
    let is_raster = request.path.ends_with(".tif");
    match (number(request) % 6, request.before) {
        (0, 0 | 1) => BUSY,
        (1, 0..4) => Fault::Status(500, &[]),
        (2, 0 | 1) => Fault::Cut(500),
        (3, 0 | 2) => Fault::Drop,
        (4, 1) if is_raster => Fault::Short206(100),
        (5, 0) if is_raster => Fault::Status(503, &[]),
        _ => Fault::Pass,
    }
}

#[test]
fn a_server_that_fails_now_and_then_gives_the_map_of_the_folder() {
    let (local, out) = (scratch(), scratch());
    run(&predict(catalogue(), local.path(), &[])).exits(0);
    let server = Server::faulty(catalogue(), |request, _| spoilt(request));
    predict_from(&server, out.path()).exits(0);
    same(local.path(), out.path(), &MADE);
    let spoilt: Vec<_> =
        server.seen().iter().filter(|seen| !matches!(spoilt(seen), Fault::Pass)).cloned().collect();
    assert!(spoilt.len() > 60, "only {} answers were spoilt", spoilt.len());
}

#[test]
fn a_server_that_falls_silent_is_asked_again() {
    let (local, out) = (scratch(), scratch());
    run(&predict(catalogue(), local.path(), &[])).exits(0);
    let stalled = format!("{}/B04.tif", scenes()[3]);
    let silent = format!("{}/SCL.tif", scenes()[6]);
    let server =
        Server::faulty(catalogue(), move |request, _| match (request.method.as_str(), request.before) {
            ("GET", 0) if request.path.ends_with(&stalled) => Fault::Stall(Duration::from_secs(60)),
            ("GET", 0) if request.path.ends_with(&silent) => Fault::Silence(Duration::from_secs(60)),
            _ => Fault::Pass,
        });
    predict_from(&server, out.path()).exits(0);
    same(local.path(), out.path(), &MADE);
}

/// Sees that a file that always fails is listed, and that the map is that of the folder without the file.
#[track_caller]
fn lost(fault: Fault) {
    let (folder, local, out) = (Catalogue::copy(), scratch(), scratch());
    let scene = scenes()[4].clone();
    std::fs::remove_file(folder.asset(&scene, "B03")).unwrap();
    run(&predict(folder.path(), local.path(), &[])).exits(2);
    let lost = format!("{scene}/B03.tif");
    let server = Server::faulty(catalogue(), move |request, _| match request.path.ends_with(&lost) {
        true => fault.clone(),
        false => Fault::Pass,
    });
    predict_from(&server, out.path()).exits(2).names(&["1 scene could not be read", &scene, "B03.tif"]);
    same(local.path(), out.path(), &MADE);
    let failed = json(&out.path().join("manifest.json"))["scenes_failed"].clone();
    assert_eq!(failed[0]["scene"].as_str(), Some(scene.as_str()), "{failed}");
}

#[test]
fn a_file_that_is_refused_is_listed() {
    lost(Fault::Status(404, &[]));
}

#[test]
fn a_file_that_is_always_cut_is_listed() {
    lost(Fault::Cut(300));
}
