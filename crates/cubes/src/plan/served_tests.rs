//! What loading a window asks of files and of a server (issue 15): the same, however many scenes lie beside it.

use super::small_scenes::{SIDE, side_by_side, sought, spec};
use super::*;
use crate::series::Series;
use crate::site::Site;
use ecotone_core::Window;
use ecotone_jobs::{Resources, Silent};
use ecotone_test_fixtures::Server;
use std::path::Path;
use std::time::{Duration, Instant};

/// What a window cost.
struct Cost {
    files: u64,
    requests: usize,
    time: Duration,
}

/// Loads a window that meets two scenes of a plan whose other scenes lie beside it.
fn cost(tiles: usize) -> Cost {
    let folder = tempfile::tempdir().unwrap();
    let (mut scenes, map) = side_by_side(folder.path(), tiles);
    let reader = Resources::new(1);
    // A server of its own each time: GDAL remembers what it has read from an address.
    let server = Server::of(folder.path());
    for asset in scenes.iter_mut().flat_map(|scene| scene.assets.values_mut()) {
        let name = Path::new(&asset.href).file_name().unwrap().to_string_lossy().into_owned();
        asset.href = server.url(&name);
    }
    let plan = Plan::of(sought(spec(30, 3), scenes), &map, None, &reader, &Silent).unwrap();
    let series = Series::of_plan(plan, Site::whole(map), &reader).unwrap();
    let (planned, begun) = (server.requests(), Instant::now());
    let (cubes, failures) = series.load(Window::new(4, SIDE as i64 + 5, 20, SIDE)).unwrap();
    let time = begun.elapsed();
    assert!(failures.is_empty() && cubes[0].valid().contains(&true), "{failures:?}");
    let requests = server.requests() - planned;
    Cost { files: series.files_opened(), requests, time }
}

/// The times are told and not tested: `cargo test -p ecotone-cubes lie_beside -- --nocapture`.
#[test]
fn a_window_costs_the_same_however_many_scenes_lie_beside() {
    let (few, many) = (cost(8), cost(80));
    eprintln!("8 samples: {:?}, 80 samples: {:?}", few.time, many.time);
    // Two scenes of two files each.
    assert_eq!((few.files, many.files), (4, 4));
    assert_eq!(few.requests, many.requests);
}
