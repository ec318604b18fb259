//! Passes of small scenes, and what is seen in one (issue 15).

use super::*;
use crate::plan::small_scenes::{bare, clear, grid, sought, spec};
use crate::series::Series;
use crate::site::Site;
use ecotone_core::{GeoBox, Window};
use ecotone_io::Scene;
use ecotone_jobs::{Resources, Silent};
use proptest::prelude::*;
use std::path::Path;

const SIDE: usize = 16;

fn tile(place: usize) -> GeoBox {
    grid(32633, 500_000.0 + (place * SIDE * 20) as f64, 5_500_000.0, 20.0, SIDE, SIDE)
}

fn map() -> GeoBox {
    grid(32633, 500_000.0, 5_500_000.0, 20.0, SIDE, 2 * SIDE)
}

fn series(scenes: Vec<Scene>) -> Series {
    let found = sought(spec(30, 4), scenes);
    Series::plan(found, Site::whole(map()), None, &Resources::new(1), &Silent).unwrap()
}

/// A scene of one tile with a number that tells it, in DN without the pattern.
fn scene(folder: &Path, id: &str, time: &str, place: usize, dn: u16) -> Scene {
    clear(folder, id, &format!("2021-{time}Z"), &tile(place), dn)
}

#[test]
fn tiles_of_a_pass_are_one_date_and_the_latest_processing_counts() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut old = scene(folder, "west-old", "01-05T10:00:05", 0, 1000);
    old.processing_baseline = Some("02.14".to_owned());
    // It would win by its clouds.
    old.cloud_cover = Some(0.0);
    let mut other_orbit = scene(folder, "other-orbit", "01-05T10:50:00", 0, 3000);
    other_orbit.relative_orbit = Some(65);
    let mut other_satellite = scene(folder, "other-satellite", "01-05T10:20:00", 0, 4000);
    other_satellite.platform = Some("Sentinel-2B".to_owned());
    let mut east = scene(folder, "east", "01-05T10:00:10", 1, 2000);
    east.platform = Some("SENTINEL_2A".to_owned());
    east.platform = east.platform.map(|name| name.replace('_', "-"));
    let west = scene(folder, "west", "01-05T10:00:05", 0, 1500);
    let later = scene(folder, "later", "01-15T10:00:05", 0, 1700);
    let series = series(vec![old, other_orbit, other_satellite, east, west, later]);
    let dates = series.dates();
    let told: Vec<(String, usize)> =
        dates.iter().map(|pass| (pass.day.to_string(), pass.scenes.len())).collect();
    let first = ("2021-01-05".to_owned(), 2);
    let single = |day: &str| (day.to_owned(), 1);
    assert_eq!(told, [first, single("2021-01-05"), single("2021-01-05"), single("2021-01-15")]);

    let (cubes, failures) = series.load_date(Window::whole(map().shape()), &dates[0]).unwrap();
    assert!(failures.is_empty());
    let cube = &cubes[0];
    assert_eq!((cube.timeline().steps(), cube.timeline().start()), (1, dates[0].day));
    for row in 0..SIDE {
        for col in 0..2 * SIDE {
            let (dn, own) = if col < SIDE { (1500, col) } else { (2000, col - SIDE) };
            let place = row * 2 * SIDE + col;
            let seen = (row + 2 * own) % 7 != 0;
            assert_eq!(cube.valid()[place], seen, "{row} {col}");
            let expected = if seen { f64::from(dn + (row * 3 + own) as u16 % 50) * 1e-4 } else { 0.0 };
            assert!((f64::from(cube.data()[place]) - expected).abs() < 1e-6, "{row} {col}");
        }
    }
    let (cubes, _) = series.load_date(Window::new(0, 0, 1, 2), &dates[2]).unwrap();
    assert!((cubes[0].data()[1] - 0.3001).abs() < 1e-6, "the other orbit's: {:?}", cubes[0].data());
}

#[test]
fn gaps_of_a_date_stay_gaps_whatever_fills_the_series() {
    let folder = tempfile::tempdir().unwrap();
    let scenes = ["01-05", "03-05"].map(|day| scene(folder.path(), day, &format!("{day}T10:00:00"), 0, 900));
    let found = sought(crate::SourceSpec { fill: crate::FillKind::Linear, ..spec(30, 4) }, scenes.to_vec());
    let series = Series::plan(found, Site::whole(map()), None, &Resources::new(1), &Silent).unwrap();
    let dates = series.dates();
    let (cubes, _) = series.load_date(Window::new(0, 0, SIDE, 2 * SIDE), &dates[1]).unwrap();
    let gaps = cubes[0].data().iter().zip(cubes[0].valid()).filter(|(_, valid)| !**valid);
    assert!(gaps.clone().count() > SIDE * SIDE && gaps.clone().all(|(value, _)| *value == 0.0));
    assert_eq!(series.usable(&cubes), [cubes[0].valid()]);
}

/// A scene that is planned without a file.
fn planned(
    id: usize,
    datatake: Option<&str>,
    orbit: u32,
    hour: u32,
    place: usize,
    baseline: u8,
) -> PlannedScene {
    let day = NaiveDate::from_ymd_opt(2021, 1, 5).unwrap().and_hms_opt(0, 0, 0).unwrap().and_utc();
    let datetime = day + chrono::TimeDelta::hours(hour.into());
    let record = bare(&id.to_string(), "2021-01-05T00:00:00Z", &tile(place));
    PlannedScene {
        id: record.id.clone(),
        key: record.key(),
        datetime,
        platform: record.platform,
        relative_orbit: Some(orbit),
        datatake: datatake.map(str::to_owned),
        baseline: Some(format!("{baseline:02}.00")),
        cloud_cover: None,
        sun: None,
        bands: Vec::new(),
        geobox: tile(place),
        bounds: None,
        mask: None,
        mask_rule: None,
        classes: None,
    }
}

fn passes(scenes: Vec<PlannedScene>) -> Vec<Pass> {
    let source = PlannedSource { spec: spec(30, 4), scenes, failures: Vec::new() };
    Plan::new(map(), None, vec![source]).passes()
}

#[test]
fn a_datatake_goes_on_beyond_midnight_and_parts_of_a_tile_are_kept() {
    let take = Some("GS2A_1");
    let found = passes(vec![planned(0, take, 22, 23, 0, 5), planned(1, take, 22, 24, 1, 5)]);
    assert_eq!((found.len(), found[0].day.to_string().as_str()), (1, "2021-01-05"));
    assert_eq!(passes(vec![planned(0, None, 22, 23, 0, 5), planned(1, None, 22, 24, 1, 5)]).len(), 2);
    // Two halves of one tile, and an old processing of it.
    let found = passes(vec![
        planned(0, take, 22, 10, 0, 5),
        planned(1, take, 22, 10, 0, 5),
        planned(2, take, 22, 10, 0, 4),
    ]);
    assert_eq!(found[0].scenes, [0, 1]);
}

proptest! {
    #[test]
    fn every_scene_is_in_one_pass_or_older_than_one_there(
        drawn in proptest::collection::vec((proptest::option::of(0usize..2), 20u32..22, 0u32..60, 0usize..2, 3u8..6), 0..12),
    ) {
        let scenes: Vec<PlannedScene> = drawn
            .iter()
            .enumerate()
            .map(|(id, (take, orbit, hour, place, baseline))| planned(id, take.map(|take| ["A", "B"][take]), *orbit, *hour, *place, *baseline))
            .collect();
        let found = passes(scenes.clone());
        let holding = |place: usize| found.iter().filter(|pass| pass.scenes.contains(&place)).count();
        for (place, scene) in scenes.iter().enumerate() {
            let newer = scenes.iter().any(|other| other.geobox == scene.geobox && other.baseline > scene.baseline);
            prop_assert!(holding(place) == 1 || (holding(place) == 0 && newer));
        }
        prop_assert!(found.windows(2).all(|pair| pair[0].day <= pair[1].day));
        let mut turned = scenes;
        turned.reverse();
        let days = |passes: &[Pass]| passes.iter().map(|pass| (pass.day, pass.begun, pass.scenes.len(), pass.datatake.clone(), pass.relative_orbit)).collect::<Vec<_>>();
        let (mut a, mut b) = (days(&found), days(&passes(turned)));
        a.sort();
        b.sort();
        prop_assert_eq!(a, b);
    }
}
