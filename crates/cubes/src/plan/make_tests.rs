//! Plans of small scenes, and that loading opens what a window needs and nothing else (issue 15).

use super::*;
use crate::plan::small_scenes::{SIDE, clear, grid, side_by_side, sought, spec};
use crate::plan::value::PlannedSource;
use crate::series::Series;
use crate::site::Site;
use ecotone_core::{Cube, Window};
use ecotone_jobs::Silent;

fn one_reader() -> Resources {
    Resources::new(1)
}

fn plan_of(scenes: Vec<Scene>, geobox: &GeoBox) -> Plan {
    Plan::of(sought(spec(30, 3), scenes), geobox, None, &one_reader(), &Silent).unwrap()
}

fn series(plan: &Plan) -> Series {
    Series::of_plan(plan.clone(), Site::whole(plan.geobox().clone()), &one_reader()).unwrap()
}

/// The same scenes, each of which may be met anywhere.
fn everywhere(plan: &Plan) -> Plan {
    let source = |source: &PlannedSource| PlannedSource {
        scenes: source.scenes.iter().map(|scene| scene.clone().within(None)).collect(),
        ..source.clone()
    };
    Plan::new(plan.geobox().clone(), None, plan.sources().map(source).collect())
}

fn bits(cube: &Cube<f32>) -> (Vec<u32>, &[bool]) {
    (cube.data().iter().map(|value| value.to_bits()).collect(), cube.valid())
}

/// Loads windows with bounds and without; both must come to the same.
#[track_caller]
fn check_nothing_is_missed(plan: &Plan, windows: impl Iterator<Item = Window>) {
    let (bounded, all) = (series(plan), series(&everywhere(plan)));
    let mut seen = 0;
    for window in windows {
        let ((own, failures), (expected, _)) = (bounded.load(window).unwrap(), all.load(window).unwrap());
        assert!(failures.is_empty(), "{failures:?}");
        assert_eq!(bits(&own[0]), bits(&expected[0]), "{window}");
        seen += own[0].valid().iter().filter(|valid| **valid).count();
    }
    assert!(seen > 0, "windows without anything prove nothing");
    assert!(bounded.files_opened() <= all.files_opened());
}

#[test]
fn scenes_that_are_passed_over_would_have_changed_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (scenes, map) = side_by_side(folder.path(), 3);
    let along = (-3..9).map(|place| Window::new(place, place * 17, 11, 16));
    check_nothing_is_missed(&plan_of(scenes, &map), along);
}

#[test]
fn scenes_of_other_zones_are_passed_over_where_they_do_not_reach() {
    let folder = tempfile::tempdir().unwrap();
    // Two zones that meet at 12 degrees east, and files of 10 and 60 m, under maps in three systems.
    let a = grid(32632, 714_000.0, 5_541_000.0, 20.0, SIDE, SIDE);
    let b = grid(32633, 285_400.0, 5_541_000.0, 20.0, SIDE, SIDE);
    let c = grid(32633, 285_000.0, 5_541_200.0, 60.0, SIDE / 3, SIDE / 3);
    let scenes = [("a", &a, 700), ("b", &b, 900), ("c", &c, 1100)];
    let scenes = scenes.map(|(id, grid, dn)| clear(folder.path(), id, "2021-01-05T10:00:00Z", grid, dn));
    for (epsg, side) in [(3035, 20.0), (32632, 25.0), (4326, 0.0003)] {
        let corners = scenes.iter().zip([&a, &b, &c]).flat_map(|(_, grid)| {
            let moved =
                ecotone_io::transform_bounds(grid.bounds(), grid.crs(), &ecotone_core::Crs::epsg(epsg));
            let bounds = moved.unwrap();
            [bounds.min, bounds.max]
        });
        let bounds = ecotone_core::BoundingBox::around(corners).unwrap();
        let map = GeoBox::covering(bounds, side, ecotone_core::Crs::epsg(epsg)).pad(30);
        let shape = map.shape();
        let plan = plan_of(scenes.to_vec(), &map);
        let bounded = plan.sources().flat_map(|source| &source.scenes).all(|scene| scene.bounds.is_some());
        assert!(bounded, "EPSG:{epsg}");
        let places = (0..shape.rows as i64)
            .step_by(23)
            .flat_map(|row| (0..shape.cols as i64).step_by(23).map(move |col| Window::new(row, col, 23, 23)));
        check_nothing_is_missed(&plan, places);
    }
}

#[test]
fn of_a_plan_nothing_is_opened_before_a_window_is_loaded() {
    let folder = tempfile::tempdir().unwrap();
    let (scenes, map) = side_by_side(folder.path(), 2);
    let planned =
        Series::plan(sought(spec(30, 3), scenes), Site::whole(map.clone()), None, &one_reader(), &Silent);
    let planned = planned.unwrap();
    let window = Window::new(-2, 20, 40, 60);
    let (before, _) = planned.load(window).unwrap();
    let path = folder.path().join("plan.json");
    planned.planned().write(&path).unwrap();
    drop(planned);

    // The scenes go away, and come back when the series stands.
    let elsewhere = folder.path().join("elsewhere");
    let files: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    std::fs::create_dir(&elsewhere).unwrap();
    let moved = |file: &std::path::PathBuf| elsewhere.join(file.file_name().unwrap());
    let tifs = || files.iter().filter(|file| file.extension().is_some_and(|end| end == "tif"));
    tifs().for_each(|file| std::fs::rename(file, moved(file)).unwrap());
    let series = series(&Plan::read(&path).unwrap());
    assert_eq!(series.files_opened(), 0);
    let (cubes, failures) = series.load(window).unwrap();
    assert_eq!((failures.len(), cubes[0].valid().contains(&true)), (2, false));
    tifs().for_each(|file| std::fs::rename(moved(file), file).unwrap());
    let (after, failures) = series.load(window).unwrap();
    assert_eq!((bits(&after[0]), failures.len()), (bits(&before[0]), 0));
}

#[test]
fn a_part_of_the_grid_is_read_by_the_plan_of_the_whole() {
    let folder = tempfile::tempdir().unwrap();
    let (scenes, map) = side_by_side(folder.path(), 3);
    let plan = plan_of(scenes, &map);
    let part = Window::new(3, 2 * SIDE as i64 - 10, 30, 40);
    let site = Site::whole(map.crop(part));
    let whole = series(&plan);
    let of_part = Series::of_plan(plan.clone(), site, &one_reader()).unwrap();
    let (own, _) = of_part.load(Window::new(-2, 4, 20, 20)).unwrap();
    let (expected, _) = whole.load(Window::new(part.row - 2, part.col + 4, 20, 20)).unwrap();
    assert_eq!(bits(&own[0]), bits(&expected[0]));
    assert!(own[0].valid().contains(&true));
    let off = grid(32633, 500_007.0, 5_500_000.0, 20.0, 8, 8);
    let refused = Series::of_plan(plan, Site::whole(off), &one_reader()).err().unwrap().to_string();
    assert!(refused.contains("EPSG:32633") && refused.contains("plan anew"), "{refused}");
}

#[test]
fn signatures_go_neither_into_the_file_nor_into_reasons() {
    let folder = tempfile::tempdir().unwrap();
    let (mut scenes, map) = side_by_side(folder.path(), 2);
    let secret = "https://no-such-host.invalid/B04.tif?sig=SECRET&v=1".to_owned();
    scenes[1].assets.get_mut("B04").unwrap().href = secret;
    let plan = plan_of(scenes, &map);
    let path = folder.path().join("plan.json");
    plan.write(&path).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(!text.contains("SECRET"), "{text}");
    assert!(text.contains("no-such-host.invalid/B04.tif?v=1"), "{text}");
    assert_eq!(plan.sources().map(|source| source.failures.len()).sum::<usize>(), 1);
}
