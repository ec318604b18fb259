//! Growing a forest and classifying with it, on a table of 5 000 samples, 60 features and 10 classes.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ecotone_labeling::RandomForest;
use linfa::DatasetBase;
use linfa::traits::Fit;
use ndarray::{Array1, Array2};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const ROWS: usize = 5000;
const FEATURES: usize = 60;
const CLASSES: usize = 10;

/// Classes that differ a little in each feature.
fn samples() -> DatasetBase<Array2<f32>, Array1<usize>> {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let labels = Array1::from_shape_fn(ROWS, |_| random.random_range(0..CLASSES));
    let records = Array2::from_shape_fn((ROWS, FEATURES), |(row, feature)| {
        let shift = ((labels[row] * 7 + feature * 3) % 11) as f32 * 0.05;
        shift + (0..4).map(|_| random.random_range(-0.5f32..0.5)).sum::<f32>()
    });
    DatasetBase::new(records, labels)
}

fn forest(criterion: &mut Criterion) {
    let samples = samples();
    let params = RandomForest::params().trees(20);
    let mut group = criterion.benchmark_group("forest");
    group.sample_size(10);
    group.throughput(Throughput::Elements((20 * ROWS) as u64));
    group.bench_function("fit", |b| b.iter(|| params.fit(&samples).expect("the samples are sound")));
    let judged = params.clone().out_of_bag(true);
    group.bench_function("fit, out of bag", |b| {
        b.iter(|| judged.fit(&samples).expect("the samples are sound"))
    });
    let grown = params.fit(&samples).expect("the samples are sound");
    group.bench_function("probabilities", |b| {
        b.iter(|| grown.probabilities(samples.records()).expect("the records are sound"));
    });
    group.finish();
}

criterion_group!(benches, forest);
criterion_main!(benches);
