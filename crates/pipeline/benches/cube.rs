//! From a simulated catalogue of 128 x 128 pixels and one year to the masked, indexed ten-day cube.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ecotone_jobs::{Resources, Silent};
use ecotone_pipeline::{SimulateJob, load_cube, recipe::Recipe, simulate};

const SIDE: usize = 128;

fn cube(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("there is room for a catalogue");
    let out = folder.path().join("forest");
    let job = SimulateJob {
        preset: "forest".to_owned(),
        size: Some(SIDE),
        seed: 1,
        years: Some(1),
        every: 1,
        out: out.clone(),
        replace: false,
    };
    let resources = Resources::new(2);
    simulate(&job, &resources, &Silent).expect("the catalogue is written");
    let settings =
        [format!("inputs.catalog={}", out.join("catalog.json").display()), "timeline.steps=36".to_owned()];
    let recipe = Recipe::from_text("", "the bench", &settings, &out).expect("the recipe is one");
    let mut group = criterion.benchmark_group("cube");
    group.sample_size(10);
    group.throughput(Throughput::Elements((SIDE * SIDE) as u64));
    group.bench_function("load", |b| {
        b.iter(|| load_cube(&recipe, &resources, &Silent).expect("every scene can be read"));
    });
    group.finish();
}

criterion_group!(benches, cube);
criterion_main!(benches);
