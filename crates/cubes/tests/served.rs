//! The sample catalogue behind a server that misbehaves (issue 17): the cube of the folder, or a list of what is lost.

use chrono::NaiveDate;
use ecotone_cubes::{AreaCubes, SeriesSpec, SourceSpec};
use ecotone_io::{Patience, set_patience};
use ecotone_jobs::{Resources, Silent};
use ecotone_test_fixtures::{Fault, Request, Server};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::Duration;

fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data-samples/forest")
}

fn load(catalog: &str) -> AreaCubes {
    set_patience(Patience {
        connect: Duration::from_secs(2),
        stall: Duration::from_secs(1),
        first_wait: Duration::from_millis(10),
        longest_wait: Duration::from_millis(100),
        in_all: Duration::from_secs(3),
    });
    let source = SourceSpec {
        step_days: 60,
        max_cloud_cover: 100.0,
        ..SourceSpec::new(&["B04", "B8A"], NaiveDate::from_ymd_opt(2021, 1, 1).expect("a day"), 12)
    };
    let spec = SeriesSpec::new(catalog, source, "15.0010,49.6430,15.0160,49.6510");
    spec.load(&Resources::new(2), &Silent).expect("the good scenes are read")
}

static OF_FOLDER: LazyLock<AreaCubes> =
    LazyLock::new(|| load(&sample().join("catalog.json").display().to_string()));

/// Sees that a cube has the values and holes of the folder's.
#[track_caller]
fn same(found: &AreaCubes) {
    let (ours, theirs) = (&found.areas[0][0], &OF_FOLDER.areas[0][0]);
    assert!(theirs.valid().contains(&true));
    assert!(ours.data() == theirs.data() && ours.valid() == theirs.valid());
    assert_eq!(found.failures.iter().map(|failure| &failure.scene).collect::<Vec<_>>(), [""; 0]);
}

/// A number that spreads over the files of a catalogue.
fn number(request: &Request) -> usize {
    request.path.bytes().fold(7, |sum, byte| (sum * 31 + usize::from(byte)) % 1009)
}

/// Spoils the first answers for each file, each file's in its own way.
fn spoilt(request: &Request) -> Fault {
    let is_raster = request.path.ends_with(".tif");
    match (number(request) % 6, request.before) {
        (0, 0) => Fault::Status(429, &[("Retry-After", "1")]),
        (1, 0..3) => Fault::Status(500, &[]),
        (2, 0 | 1) => Fault::Cut(500),
        (3, 0 | 2) => Fault::Drop,
        (4, 0 | 1) if is_raster => Fault::Short206(100),
        (5, 0) if is_raster => Fault::Status(503, &[]),
        _ => Fault::Pass,
    }
}

#[test]
fn a_server_that_fails_now_and_then_gives_the_cube_of_the_folder() {
    let server = Server::faulty(&sample(), |request, _| spoilt(request));
    same(&load(&server.url("catalog.json")));
    let count = server.seen().iter().filter(|seen| !matches!(spoilt(seen), Fault::Pass)).count();
    assert!(count > 30, "only {count} answers were spoilt");
}

#[test]
fn a_server_that_falls_silent_is_asked_again() {
    let server = Server::faulty(&sample(), |request, _| match (request.method.as_str(), request.before) {
        ("GET", 0) if request.path.ends_with("0301_R079/B04.tif") => Fault::Stall(Duration::from_secs(100)),
        ("GET", 0) if request.path.ends_with("0400_R122/B8A.tif") => Fault::Silence(Duration::from_secs(100)),
        _ => Fault::Pass,
    });
    same(&load(&server.url("catalog.json")));
}

/// Sees that a scene with a file that always fails is listed, and the others are read.
#[track_caller]
fn lost(fault: Fault) {
    const LOST: &str = "S2A_SIM_20210829T100509_N0301_R079";
    let server = Server::faulty(&sample(), move |request, _| {
        match request.path.ends_with(&format!("{LOST}/B8A.tif")) {
            true => fault.clone(),
            false => Fault::Pass,
        }
    });
    let found = load(&server.url("catalog.json"));
    let listed: Vec<&str> = found.failures.iter().map(|failure| failure.scene.as_str()).collect();
    assert_eq!(listed, [LOST]);
    assert!(found.failures[0].reason.contains("B8A.tif"), "{}", found.failures[0].reason);
    assert!(found.areas[0][0].valid().contains(&true));
}

#[test]
fn a_file_that_always_fails_is_listed() {
    lost(Fault::Status(404, &[]));
    lost(Fault::Status(503, &[]));
    lost(Fault::Cut(300));
}
