//! How the sun shines on simulated ground, from a catalogue to its cube.

use crate::recipe::Recipe;
use crate::{SimulateJob, load_cube, simulate};
use ecotone_core::Cube;
use ecotone_cubes::ILLUMINATION;
use ecotone_io::{Query, RasterDataset, Resampling, Scene, open_catalog};
use ecotone_jobs::{Resources, Silent};
use ecotone_preprocessing::{Sun, illumination};
use std::path::Path;

const SIDE: usize = 64;

/// A simulated catalogue of few scenes, the clearest of them, and its cube of one step.
fn simulated(folder: &Path) -> (Scene, Cube<f32>) {
    let job = SimulateJob {
        preset: "forest".to_owned(),
        out: folder.to_owned(),
        size: Some(SIDE),
        seed: 5,
        years: Some(1),
        every: 8,
        replace: false,
    };
    let resources = Resources::new(2);
    simulate(&job, &resources, &Silent).unwrap();
    let catalog = folder.join("catalog.json").display().to_string();
    let scenes = open_catalog(&catalog).unwrap().search(&Query::default()).unwrap().scenes;
    let cloudy = |scene: &Scene| scene.cloud_cover.unwrap();
    let clearest = scenes.into_iter().min_by(|a, b| cloudy(a).total_cmp(&cloudy(b))).unwrap();
    let settings = [
        format!("inputs.catalog={catalog}"),
        "inputs.dem={catalog}/dem.tif".to_owned(),
        "inputs.bands=B04,B8A".to_owned(),
        "inputs.indices=NDVI".to_owned(),
        format!("timeline.start={}", clearest.datetime.date_naive()),
        "timeline.steps=1".to_owned(),
    ];
    let recipe = Recipe::from_text("", "test", &settings, Path::new("/")).unwrap();
    (clearest, load_cube(&recipe, &resources, &Silent).unwrap().areas.remove(0).remove(0))
}

fn correlation(pairs: &[(f32, f32)]) -> f64 {
    let count = pairs.len() as f64;
    let mean = |of: fn(&(f32, f32)) -> f32| pairs.iter().map(|p| f64::from(of(p))).sum::<f64>() / count;
    let (a, b) = (mean(|p| p.0), mean(|p| p.1));
    let moment = |f: &dyn Fn(f64, f64) -> f64| -> f64 {
        pairs.iter().map(|p| f(f64::from(p.0) - a, f64::from(p.1) - b)).sum()
    };
    moment(&|x, y| x * y) / (moment(&|x, _| x * x) * moment(&|_, y| y * y)).sqrt()
}

#[test]
fn a_scene_carries_the_light_of_its_own_sun() {
    let folder = tempfile::tempdir().unwrap();
    let (scene, cube) = simulated(folder.path());
    let band = cube.band_index(ILLUMINATION).unwrap();
    assert_eq!(band, 3, "after bands and indices");
    let (lit, valid) = (cube.layer(0, band), cube.valid_at(0));
    let dem = RasterDataset::open(folder.path().join("dem.tif")).unwrap();
    let dem = dem.read_onto::<f32>(1, cube.geobox(), Resampling::Nearest).unwrap();
    let (elevation, azimuth) = (scene.sun_elevation.unwrap(), scene.sun_azimuth.unwrap());
    let sun = Sun { zenith: 90.0 - elevation, azimuth };
    let expected = illumination(&dem, sun).unwrap();
    let inside = |i: &usize| (1..SIDE - 1).contains(&(i / SIDE)) && (1..SIDE - 1).contains(&(i % SIDE));
    let pixels: Vec<usize> = (0..SIDE * SIDE).filter(inside).filter(|i| valid[*i]).collect();
    assert!(pixels.len() > SIDE * SIDE / 2, "{}", pixels.len());
    assert!(pixels.iter().all(|i| (lit[*i] - expected[*i]).abs() < 1e-5));

    // The simulated ground is brighter where it faces the sun.
    let truth = RasterDataset::open(folder.path().join("truth.tif")).unwrap();
    let truth = truth.read_onto::<u8>(1, cube.geobox(), Resampling::Nearest).unwrap();
    let forest = pixels.iter().filter(|i| truth.data()[**i] == 2);
    let pairs: Vec<(f32, f32)> = forest.map(|i| (lit[*i], cube.layer(0, 1)[*i])).collect();
    let alike = correlation(&pairs);
    assert!(alike > 0.1, "{alike} over {} pixels", pairs.len());
}
