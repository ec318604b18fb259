//! Training and mapping with the narrow UNet3D of the first run: 12 channels, 23 steps, patches of 32 x 32 pixels.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ecotone_models::{
    Backend, Batch, BatchShape, ChannelStats, ClassWeights, LegendClass, ModelCard, NetworkConfig,
    ObservedBy, Patch, PatchError, PatchSource, Predictor, Schedule, TimelineCard, TrainConfig, Trained,
    Training, UNet3dConfig, WindowCard,
};

const CHANNELS: usize = 12;
const CLASSES: usize = 7;
const STEPS: usize = 23;
const SIDE: usize = 32;
const PATCHES: usize = 4;

/// Patches of the same drawn noise.
struct Noise(usize);

fn values() -> Vec<f32> {
    let noise = |place: usize| (place.wrapping_mul(2_654_435_761) >> 7) % 1000;
    (0..STEPS * CHANNELS * SIDE * SIDE).map(|place| noise(place) as f32 / 500.0 - 1.0).collect()
}

impl PatchSource for Noise {
    fn epoch_len(&self) -> usize {
        self.0
    }

    fn draw(&self, _epoch: usize) -> Vec<usize> {
        (0..self.0).collect()
    }

    fn patch(&self, _id: usize, _epoch: usize) -> Result<Patch, PatchError> {
        Ok(Patch {
            steps: STEPS,
            channels: CHANNELS,
            rows: SIDE,
            cols: SIDE,
            values: values(),
            valid: vec![true; STEPS * SIDE * SIDE],
            target: (0..SIDE * SIDE).map(|pixel| (pixel % CLASSES) as u8).collect(),
        })
    }
}

fn network() -> NetworkConfig {
    NetworkConfig::UNet3d(UNet3dConfig { width: 8, ..UNet3dConfig::new(CHANNELS, CLASSES) })
}

fn train(backend: Backend) -> Trained {
    let folder = std::env::temp_dir().join(format!("ecotone-bench-networks-{}", std::process::id()));
    let config = TrainConfig { epochs: 1, batch: 2, schedule: Schedule::Constant, ..TrainConfig::default() };
    let trained = Training {
        network: &network().check().expect("the network can be"),
        config: &config.check().expect("the settings can be"),
        backend,
        train: &Noise(PATCHES),
        validation: &Noise(0),
        class_weights: &ClassWeights::equal(CLASSES),
        shares: None,
        first_weights: None,
        checkpoints: &folder,
        resume: false,
    }
    .run(&mut |_event| ())
    .expect("noise can be trained on");
    std::fs::remove_dir_all(&folder).expect("the checkpoints are there");
    trained
}

fn card(trained: &Trained) -> ModelCard {
    let class = |code| LegendClass { code, name: code.to_string(), color: "#000000".into() };
    ModelCard {
        format: ModelCard::FORMAT,
        network: network(),
        bands: (0..CHANNELS).map(|band| band.to_string()).collect(),
        band_units: "noise".into(),
        normalisation: vec![ChannelStats { mean: 0.0, std: 1.0 }; CHANNELS],
        gsd: 20.0,
        timeline: TimelineCard {
            step_days: 20,
            steps: STEPS,
            fill: "zero".into(),
            observed_by: ObservedBy::Pixel,
        },
        mask: "none".into(),
        legend: (0..CLASSES as u8).map(class).collect(),
        window: WindowCard { size: SIDE, halo: 0 },
        training: trained.summary("noise", env!("CARGO_PKG_VERSION")),
        inputs: serde_json::Value::Null,
    }
}

fn networks(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("unet3d");
    group.sample_size(10);
    for backend in Backend::available() {
        group.throughput(Throughput::Elements((PATCHES * SIDE * SIDE) as u64));
        group.bench_function(format!("train {backend}"), |b| b.iter(|| train(backend)));

        let trained = train(backend);
        let mut predictor = trained.predictor(card(&trained), backend).expect("the card fits the network");
        let shape = BatchShape { n: 1, steps: STEPS, channels: CHANNELS, rows: SIDE, cols: SIDE };
        let batch = Batch::new(shape, values(), &vec![true; STEPS * SIDE * SIDE]).expect("noise is finite");
        group.throughput(Throughput::Elements((SIDE * SIDE) as u64));
        group.bench_function(format!("predict {backend}"), |b| {
            b.iter(|| predictor.predict(&batch).expect("the batch fits the network"));
        });
    }
    group.finish();
}

criterion_group!(benches, networks);
criterion_main!(benches);
