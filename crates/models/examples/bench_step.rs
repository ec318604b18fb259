//! Times training steps and predictions of a network on drawn noise.
//!
//! `cargo run --release -p ecotone-models --example bench_step -- [NETWORK] [DATES] [SIDE] [BATCH] [REPEATS] [BACKEND] [THREADS]`
//!
//! NETWORK is a name of `ecotone networks`, for the network as published, or JSON for 12 channels and 7 classes, such as
//! `{"kind": "unet3d", "channels": 12, "classes": 7, "width": 16}`. A last line of JSON gives the number of parameters and the seconds
//! of the fastest step and prediction.
#![expect(clippy::print_stdout, reason = "an example shows what it measures")]

mod named;

use std::time::Instant;

use ecotone_models::{
    Augment, Backend, Batch, BatchShape, ChannelStats, ClassWeights, LegendClass, ModelCard, NetworkConfig,
    ObservedBy, Patch, PatchError, PatchSource, Predictor, Schedule, TimelineCard, TrainConfig, TrainEvent,
    Training, UNet3dConfig, WindowCard,
};

const CHANNELS: usize = 12;
const CLASSES: usize = 7;

struct Noise {
    steps: usize,
    side: usize,
    batch: usize,
    patches: usize,
}

impl Noise {
    fn values(&self) -> Vec<f32> {
        let noise = |place: usize| (place.wrapping_mul(2_654_435_761) >> 7) % 1000;
        (0..self.steps * CHANNELS * self.side * self.side)
            .map(|place| noise(place) as f32 / 500.0 - 1.0)
            .collect()
    }
}

impl PatchSource for Noise {
    fn epoch_len(&self) -> usize {
        self.patches
    }

    fn draw(&self, _epoch: usize) -> Vec<usize> {
        (0..self.patches).collect()
    }

    fn patch(&self, _id: usize, _epoch: usize) -> Result<Patch, PatchError> {
        let pixels = self.side * self.side;
        Ok(Patch {
            steps: self.steps,
            channels: CHANNELS,
            rows: self.side,
            cols: self.side,
            values: self.values(),
            valid: vec![true; self.steps * pixels],
            target: (0..pixels).map(|pixel| (pixel % CLASSES) as u8).collect(),
        })
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let number = |place: usize, default: usize| words.get(place).map_or(Ok(default), |word| word.parse());
    let network: NetworkConfig = match words.first() {
        Some(word) => named::network(word, CHANNELS, CLASSES)?,
        None => NetworkConfig::UNet3d(UNet3dConfig { width: 16, ..UNet3dConfig::new(CHANNELS, CLASSES) }),
    };
    let (steps, side, batch, repeats) = (number(1, 24)?, number(2, 32)?, number(3, 4)?, number(4, 5)?);
    let backend: Backend = words.get(5).map_or("flex", String::as_str).parse()?;
    ecotone_models::set_threads(backend, number(6, 2)?)?;
    measure(backend, &network, &Noise { steps, side, batch, patches: (repeats + 1) * batch })
}

fn measure(
    backend: Backend,
    network: &NetworkConfig,
    noise: &Noise,
) -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::temp_dir().join(format!("ecotone-bench-{}", std::process::id()));
    let config = TrainConfig {
        epochs: 1,
        batch: noise.batch,
        schedule: Schedule::Constant,
        augment: Augment { flips: false, rotations: false, ..Augment::default() },
        ..TrainConfig::default()
    };
    let weights = ClassWeights::equal(CLASSES);
    let checked = network.clone().check()?;
    let training = Training {
        network: &checked,
        config: &config.check()?,
        backend,
        train: noise,
        validation: &Noise { patches: 0, ..*noise },
        class_weights: &weights,
        shares: None,
        first_weights: None,
        checkpoints: &folder,
        resume: false,
    };
    let (mut times, mut last) = (Vec::new(), Instant::now());
    let trained = training.run(&mut |event| {
        if let TrainEvent::Step { .. } = event {
            times.push(last.elapsed().as_secs_f64());
            last = Instant::now();
        }
    })?;
    std::fs::remove_dir_all(&folder)?;
    let class = |code| LegendClass { code, name: code.to_string(), color: "#000000".into() };
    let card = ModelCard {
        format: ModelCard::FORMAT,
        network: network.clone(),
        bands: (0..CHANNELS).map(|band| band.to_string()).collect(),
        band_units: "noise".into(),
        normalisation: vec![ChannelStats { mean: 0.0, std: 1.0 }; CHANNELS],
        gsd: 20.0,
        timeline: TimelineCard {
            step_days: 10,
            steps: noise.steps,
            fill: "zero".into(),
            observed_by: ObservedBy::Pixel,
        },
        mask: "none".into(),
        legend: (0..CLASSES as u8).map(class).collect(),
        window: WindowCard { size: noise.side, halo: 0 },
        training: trained.summary("noise", env!("CARGO_PKG_VERSION")),
        inputs: serde_json::Value::Null,
    };
    let mut predictor = trained.predictor(card, backend)?;
    let shape = BatchShape {
        n: noise.batch,
        steps: noise.steps,
        channels: CHANNELS,
        rows: noise.side,
        cols: noise.side,
    };
    let batch = Batch::new(
        shape,
        noise.values().repeat(noise.batch),
        &vec![true; noise.batch * noise.steps * noise.side * noise.side],
    )?;
    let mut predictions = Vec::new();
    for _ in 0..times.len() {
        let start = Instant::now();
        predictor.predict(&batch)?;
        predictions.push(start.elapsed().as_secs_f64());
    }
    // The first of each warms up.
    let best = |times: &[f64]| times[1..].iter().copied().fold(f64::INFINITY, f64::min);
    let parameters = checked.parameters().total;
    println!(
        "{{\"parameters\": {parameters}, \"step\": {:.4}, \"predict\": {:.4}}}",
        best(&times),
        best(&predictions)
    );
    Ok(())
}
