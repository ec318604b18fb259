//! Trains a small network on drawn series, saves it, loads it again and maps a patch.
//!
//! `cargo run -p ecotone-models --example train_tiny`
#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use ecotone_models::{
    Backend, Batch, BatchShape, ChannelStats, ClassWeights, LegendClass, ModelCard, NetworkConfig,
    NetworkPredictor, ObservedBy, Patch, PatchError, PatchSource, Predictor, TimelineCard, TrainConfig,
    TrainEvent, Training, UNet3dConfig, WindowCard,
};

const SIDE: usize = 16;
const STEPS: usize = 12;

/// Fields in stripes: evergreen ones keep their greenness, deciduous ones lose it in winter.
struct Stripes;

impl PatchSource for Stripes {
    fn epoch_len(&self) -> usize {
        32
    }

    fn draw(&self, epoch: usize) -> Vec<usize> {
        (0..32).map(|place| epoch * 32 + place).collect()
    }

    fn patch(&self, id: usize, _epoch: usize) -> Result<Patch, PatchError> {
        let pixels = SIDE * SIDE;
        let target: Vec<u8> = (0..pixels).map(|pixel| ((pixel / SIDE + id) / 4 % 2) as u8).collect();
        let values = (0..STEPS * pixels).map(|place| {
            let (step, pixel) = (place / pixels, place % pixels);
            let winter = (step as f32 / STEPS as f32 * std::f32::consts::TAU).cos().max(0.0);
            // A cheap hash stands for the weather.
            let noise = ((place * 7919 + id * 104_729) % 1000) as f32 / 1000.0 - 0.5;
            1.0 - winter * f32::from(target[pixel]) + noise
        });
        let values = values.collect();
        Ok(Patch {
            steps: STEPS,
            channels: 1,
            rows: SIDE,
            cols: SIDE,
            values,
            valid: vec![true; STEPS * pixels],
            target,
        })
    }
}

fn card(network: &NetworkConfig, trained: &ecotone_models::Trained) -> ModelCard {
    let class = |code, name: &str, color: &str| LegendClass { code, name: name.into(), color: color.into() };
    ModelCard {
        format: ModelCard::FORMAT,
        network: network.clone(),
        bands: vec!["NDVI".into()],
        band_units: "index".into(),
        normalisation: vec![ChannelStats { mean: 0.0, std: 1.0 }],
        gsd: 20.0,
        timeline: TimelineCard {
            step_days: 30,
            steps: STEPS,
            fill: "zero".into(),
            observed_by: ObservedBy::Pixel,
        },
        mask: "none".into(),
        legend: vec![class(1, "evergreen", "#006400"), class(2, "deciduous", "#a0c040")],
        window: WindowCard { size: SIDE, halo: 4 },
        training: trained.summary("drawn", env!("CARGO_PKG_VERSION")),
        inputs: serde_json::Value::Null,
    }
}

fn main() -> Result<(), PatchError> {
    let backend = *Backend::available().first().ok_or("built without a backend")?;
    let folder = std::env::temp_dir().join("ecotone-train-tiny");
    let network = NetworkConfig::UNet3d(UNet3dConfig { width: 8, ..UNet3dConfig::new(1, 2) });
    let config = TrainConfig { epochs: 5, learning_rate: 0.01, ..TrainConfig::default() };
    let training = Training {
        network: &network.clone().check()?,
        config: &config.check()?,
        backend,
        train: &Stripes,
        validation: &Stripes,
        class_weights: &ClassWeights::equal(2),
        shares: None,
        first_weights: None,
        checkpoints: &folder.join("checkpoints"),
        resume: false,
    };
    let trained = training.run(&mut |event| {
        if let TrainEvent::Epoch(row) = event {
            let (loss, accuracy) = (row.train_loss, row.validation_overall_accuracy.unwrap_or_default());
            println!("epoch {}: loss {loss:.3}, validation accuracy {accuracy:.3}", row.epoch);
        }
    })?;

    let path = folder.join("model.safetensors");
    trained.save(&path, &card(&network, &trained))?;
    let mut predictor = NetworkPredictor::load(&path, backend)?;
    println!("{}: best epoch {}", path.display(), predictor.card().training.best_epoch);

    let patch = Stripes.patch(2, 0)?;
    let shape = BatchShape { n: 1, steps: STEPS, channels: 1, rows: SIDE, cols: SIDE };
    let probabilities = predictor.predict(&Batch::new(shape, patch.values, &patch.valid)?)?;
    for row in probabilities.values[..SIDE * SIDE].chunks(SIDE) {
        println!(
            "{}",
            row.iter().map(|&evergreen| if evergreen > 0.5 { '#' } else { '.' }).collect::<String>()
        );
    }
    Ok(())
}
