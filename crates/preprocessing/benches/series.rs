//! The steps from scenes to a network's input, on a 256 x 256 window of 46 steps and 12 channels.

use chrono::{Days, NaiveDate};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ecotone_core::{Crs, GeoBox, GeoTransform, Shape2d, Timeline, XY};
use ecotone_preprocessing::{
    Fill, Index, Normalisation, NormalisationLearner, SceneLayer, SeriesBuilder, StepRule,
};
use std::hint::black_box;

const SIDE: usize = 256;
const SIZE: usize = SIDE * SIDE;
const BANDS: usize = 12;
const STEPS: usize = 46;

/// One scene every five days, a third of it clouds.
struct Scenes {
    values: Vec<f32>,
    valid: Vec<Vec<bool>>,
    ids: Vec<String>,
}

fn scenes() -> Scenes {
    let cloud = |scene: usize, pixel: usize| (pixel / 64 + scene * 7).is_multiple_of(3);
    Scenes {
        values: (0..BANDS * SIZE).map(|i| (i % 4001) as f32 * 1e-4).collect(),
        valid: (0..2 * STEPS).map(|scene| (0..SIZE).map(|pixel| !cloud(scene, pixel)).collect()).collect(),
        ids: (0..2 * STEPS).map(|scene| format!("S{scene}")).collect(),
    }
}

fn gather(scenes: &Scenes, memory: Vec<f32>) -> SeriesBuilder {
    let start = NaiveDate::default();
    let transform = GeoTransform::north_up(XY::new(0.0, 0.0), 20.0);
    let geobox = GeoBox::new(Shape2d::new(SIDE, SIDE), transform, Crs::epsg(3035));
    let bands = (0..BANDS).map(|band| format!("B{band:02}")).collect();
    let timeline = Timeline::new(start, 10, STEPS).expect("46 steps of 10 days are a timeline");
    let mut builder = SeriesBuilder::reusing(memory, geobox, timeline, bands, StepRule::Best);
    for (place, (valid, id)) in scenes.valid.iter().zip(&scenes.ids).enumerate() {
        let day = start + Days::new(place as u64 * 5);
        let cloud_cover = Some((place * 37 % 100) as f32);
        let scene = SceneLayer { id, day, cloud_cover, values: &scenes.values, valid };
        builder.add(scene).expect("the scene fits the series");
    }
    builder
}

fn series(criterion: &mut Criterion) {
    let scenes = scenes();
    let mut group = criterion.benchmark_group("series");
    group.sample_size(10);

    group.throughput(Throughput::Bytes((2 * STEPS * BANDS * SIZE * 4) as u64));
    let mut memory = Vec::new();
    group.bench_function("gather", |b| {
        b.iter(|| {
            let series = gather(&scenes, std::mem::take(&mut memory)).finish(Fill::Zero);
            memory = series.expect("the series is whole").cube.into_parts().3;
        });
    });
    for (name, fill) in [("fill linear", Fill::Linear), ("fill harmonic", Fill::Harmonic)] {
        group.bench_function(name, |b| {
            let finish = |builder: SeriesBuilder| builder.finish(fill).expect("the series is whole");
            b.iter_batched(|| gather(&scenes, Vec::new()), finish, criterion::BatchSize::LargeInput);
        });
    }

    let cube = gather(&scenes, Vec::new()).finish(Fill::Zero).expect("the series is whole").cube;
    group.throughput(Throughput::Bytes((STEPS * BANDS * SIZE * 4) as u64));
    let mut learner = NormalisationLearner::new(BANDS);
    group.bench_function("normalise learn", |b| {
        b.iter(|| learner.add(cube.data(), cube.valid(), SIZE).expect("the cube is finite"));
    });
    let normalisation = Normalisation::new(vec![0.2; BANDS], vec![0.1; BANDS]).expect("0.1 is a deviation");
    group.bench_function("normalise apply", |b| {
        let apply = |mut values: Vec<f32>| {
            normalisation.apply(&mut values, cube.valid(), SIZE).expect("the cube is finite");
            values
        };
        b.iter_batched(|| cube.data().to_vec(), apply, criterion::BatchSize::LargeInput);
    });

    group.throughput(Throughput::Elements(SIZE as u64));
    let ndvi = Index::named("NDVI").and_then(|index| index.bind(&["B04", "B8A"])).expect("NDVI is built in");
    let mut out = vec![0.0; SIZE];
    group.bench_function("index NDVI", |b| {
        let layers = [cube.layer(0, 3), cube.layer(0, 7)];
        b.iter(|| ndvi.evaluate(&layers, black_box(&mut out)).expect("layers have one size"));
    });
    group.finish();
}

criterion_group!(benches, series);
criterion_main!(benches);
