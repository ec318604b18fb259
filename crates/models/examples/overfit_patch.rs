//! Trains networks on one patch of drawn fields until they know it by heart: a network that cannot is broken.
//!
//! `cargo run --release -p ecotone-models --example overfit_patch -- [BACKEND] [STEPS] [SIDE] [RATE] [NETWORK...]`
//!
//! A network is a name of `ecotone networks` (as published) or JSON such as `{"kind": "unet", "channels": 12, "classes": 4,
//! "width": 8}`; none: all of them as published.
#![expect(clippy::print_stdout, reason = "an example shows what it measures")]

mod named;

use std::time::Instant;

use ecotone_models::{
    Augment, Backend, ClassWeights, NetworkConfig, Patch, PatchError, PatchSource, Schedule, TrainConfig,
    Training, ValidNetworkConfig,
};

const CHANNELS: usize = 12;
const CLASSES: usize = 4;
/// Dates of the patch, or more where a network asks for more.
const DATES: usize = 6;

/// One patch of fields, each the nearest of some points, with a course of values by its class.
struct Fields {
    side: usize,
    dates: usize,
    steps: usize,
}

/// A number from 0 to 1 that looks like chance.
fn drawn(place: usize) -> f32 {
    let mixed = (place as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    ((mixed ^ (mixed >> 31)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 40) as f32 / (1u64 << 24) as f32
}

impl Fields {
    fn class(&self, row: usize, col: usize) -> usize {
        let point = |i: usize| [drawn(2 * i) * self.side as f32, drawn(2 * i + 1) * self.side as f32];
        let distance = |i: &usize| (point(*i)[0] - row as f32).hypot(point(*i)[1] - col as f32);
        (0..12).min_by(|a, b| distance(a).total_cmp(&distance(b))).unwrap_or(0) % CLASSES
    }
}

impl PatchSource for Fields {
    fn epoch_len(&self) -> usize {
        self.steps
    }

    fn draw(&self, _epoch: usize) -> Vec<usize> {
        (0..self.steps).collect()
    }

    fn patch(&self, _id: usize, _epoch: usize) -> Result<Patch, PatchError> {
        let pixels = self.side * self.side;
        let target: Vec<usize> =
            (0..pixels).map(|pixel| self.class(pixel / self.side, pixel % self.side)).collect();
        let value = |layer: usize, pixel: usize| {
            2.0 * drawn(1000 + layer * CLASSES + target[pixel]) - 1.0 + 0.3 * drawn(layer * pixels + pixel)
        };
        Ok(Patch {
            steps: self.dates,
            channels: CHANNELS,
            rows: self.side,
            cols: self.side,
            values: (0..self.dates * CHANNELS)
                .flat_map(|layer| (0..pixels).map(move |pixel| (layer, pixel)))
                .map(|(layer, pixel)| value(layer, pixel))
                .collect(),
            valid: vec![true; self.dates * pixels],
            target: target.into_iter().map(|class| class as u8).collect(),
        })
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let word = |place: usize, default: &str| words.get(place).map_or(default.to_owned(), String::clone);
    let backend: Backend = word(0, "flex").parse()?;
    let (steps, side): (usize, usize) = (word(1, "60").parse()?, word(2, "64").parse()?);
    let rate: f64 = word(3, "1e-3").parse()?;
    let networks: Vec<NetworkConfig> = match words.get(4..).filter(|words| !words.is_empty()) {
        None => NetworkConfig::all(CHANNELS, CLASSES),
        Some(words) => {
            words.iter().map(|word| named::network(word, CHANNELS, CLASSES)).collect::<Result<_, _>>()?
        }
    };
    println!("{:18} {:>10} {:>8} {:>9} {:>9}", "network", "parameters", "loss", "accuracy", "s/step");
    for network in networks {
        let network = network.check()?;
        let dates = DATES.max(network.rules().min_steps);
        overfit(backend, &network, &Fields { side, dates, steps }, rate)?;
    }
    Ok(())
}

/// Trains on the patch, with dropout as it is set, and prints what training and inference make of it.
fn overfit(
    backend: Backend,
    network: &ValidNetworkConfig,
    fields: &Fields,
    rate: f64,
) -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::temp_dir().join(format!("ecotone-overfit-{}", std::process::id()));
    let weights = ClassWeights::equal(CLASSES);
    let config = TrainConfig {
        epochs: 1,
        batch: 1,
        learning_rate: rate,
        schedule: Schedule::Constant,
        augment: Augment { flips: false, rotations: false, ..Augment::default() },
        ..TrainConfig::default()
    };
    let training = Training {
        network,
        config: &config.check()?,
        backend,
        train: fields,
        validation: &Fields { steps: 1, ..*fields },
        class_weights: &weights,
        shares: None,
        first_weights: None,
        checkpoints: &folder,
        resume: false,
    };
    let (begun, mut last) = (Instant::now(), f32::NAN);
    let trained = training.run(&mut |event| {
        if let ecotone_models::TrainEvent::Step { loss: Some(loss), .. } = event {
            last = *loss;
        }
    })?;
    std::fs::remove_dir_all(&folder)?;
    let seconds = begun.elapsed().as_secs_f64() / fields.steps as f64;
    let accuracy = trained.history()[0].validation_overall_accuracy.unwrap_or(f64::NAN);
    let parameters = network.parameters().total;
    println!("{:18} {parameters:>10} {last:>8.3} {accuracy:>9.3} {seconds:>9.3}", network.name());
    Ok(())
}
