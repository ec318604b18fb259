//! Trains a network of pixel series on a table and classifies another.
//!
//! `cargo run --release -p ecotone-models --example series_table -- TRAIN.csv TEST.csv CHANNELS BACKEND NETWORK [EPOCHS [RATE]]`
//!
//! Rows are a class index, then the values of each date, channel by channel; no header. NETWORK is JSON such as `{"kind":
//! "pixel-lstm", "channels": 3, "classes": 13, "hidden": 64}`. Channels are normalised by the first table. No epoch is chosen
//! by the second table: the one of the least loss on the first counts.
#![expect(clippy::print_stdout, reason = "an example shows what it measures")]

use ecotone_models::{
    Augment, Backend, Batch, BatchShape, ChannelStats, ClassWeights, LegendClass, ModelCard, NetworkConfig,
    ObservedBy, Patch, PatchError, PatchSource, Predictor, Schedule, SelectBy, TimelineCard, TrainConfig,
    Training, WindowCard,
};

/// Series of single pixels.
struct Table {
    classes: Vec<u8>,
    /// `[row][date x channel]`.
    rows: Vec<Vec<f32>>,
    channels: usize,
}

impl Table {
    fn read(path: &str, channels: usize) -> Result<Self, PatchError> {
        let (mut classes, mut rows) = (Vec::new(), Vec::new());
        for line in std::fs::read_to_string(path)?.lines() {
            let (class, values) = line.split_once(',').ok_or("a class and values are needed")?;
            classes.push(class.trim().parse()?);
            rows.push(values.split(',').map(|value| value.trim().parse()).collect::<Result<_, _>>()?);
        }
        Ok(Self { classes, rows, channels })
    }

    fn steps(&self) -> usize {
        self.rows[0].len() / self.channels
    }

    /// Mean and standard deviation of a channel over all rows and dates.
    fn stats(&self, channel: usize) -> (f32, f32) {
        let values = || self.rows.iter().flat_map(|row| row.iter().skip(channel).step_by(self.channels));
        let count = values().count() as f32;
        let mean = values().sum::<f32>() / count;
        (mean, (values().map(|value| (value - mean).powi(2)).sum::<f32>() / count).sqrt())
    }

    fn normalise(&mut self, stats: &[(f32, f32)]) {
        for row in &mut self.rows {
            for (place, value) in row.iter_mut().enumerate() {
                let (mean, std) = stats[place % stats.len()];
                *value = (*value - mean) / std;
            }
        }
    }
}

impl PatchSource for Table {
    fn epoch_len(&self) -> usize {
        self.rows.len()
    }

    /// In another order each epoch.
    fn draw(&self, epoch: usize) -> Vec<usize> {
        let mixed =
            |row: &usize| ((row + 1) as u64 * (2 * epoch as u64 + 1)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut rows: Vec<usize> = (0..self.rows.len()).collect();
        rows.sort_by_key(mixed);
        rows
    }

    fn patch(&self, id: usize, _epoch: usize) -> Result<Patch, PatchError> {
        Ok(Patch {
            steps: self.steps(),
            channels: self.channels,
            rows: 1,
            cols: 1,
            values: self.rows[id].clone(),
            valid: vec![true; self.steps()],
            target: vec![self.classes[id]],
        })
    }
}

fn main() -> Result<(), PatchError> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [train, test, channels, backend, network, rest @ ..] = words.as_slice() else {
        return Err("usage: series_table TRAIN.csv TEST.csv CHANNELS BACKEND NETWORK [EPOCHS [RATE]]".into());
    };
    let (channels, backend): (usize, Backend) = (channels.parse()?, backend.parse()?);
    let network: NetworkConfig = serde_json::from_str(network)?;
    let epochs = rest.first().map_or(Ok(60), |epochs| epochs.parse())?;
    let learning_rate = rest.get(1).map_or(Ok(1e-3), |rate| rate.parse())?;
    let (mut train, mut test) = (Table::read(train, channels)?, Table::read(test, channels)?);
    let stats: Vec<(f32, f32)> = (0..channels).map(|channel| train.stats(channel)).collect();
    train.normalise(&stats);
    test.normalise(&stats);
    let classes = usize::from(train.classes.iter().max().copied().unwrap_or(0)) + 1;

    for seed in 1..=3 {
        let config = TrainConfig {
            epochs,
            batch: 32,
            learning_rate,
            schedule: Schedule::Cosine,
            select_by: SelectBy::Loss,
            augment: Augment { flips: false, rotations: false, ..Augment::default() },
            seed,
            ..TrainConfig::default()
        };
        let folder = std::env::temp_dir().join(format!("ecotone-series-{}-{seed}", std::process::id()));
        let training = Training {
            network: &network.clone().check()?,
            config: &config.check()?,
            backend,
            train: &train,
            validation: &train,
            class_weights: &ClassWeights::equal(classes),
            shares: None,
            first_weights: None,
            checkpoints: &folder,
            resume: false,
        };
        let trained = training.run(&mut |_| {})?;
        std::fs::remove_dir_all(&folder)?;
        let mut predictor = trained.predictor(card(&network, &stats, &train, &trained), backend)?;
        let right = accuracy(&mut predictor, &test, classes)?;
        println!("seed {seed}: accuracy {right:.3}");
    }
    Ok(())
}

fn accuracy(predictor: &mut dyn Predictor, table: &Table, classes: usize) -> Result<f64, PatchError> {
    let shape =
        BatchShape { n: 1, steps: table.steps(), channels: table.channels, rows: 1, cols: table.rows.len() };
    // [step, channel, pixel]
    let places = 0..table.rows[0].len();
    let values = places.flat_map(|place| table.rows.iter().map(move |row| row[place])).collect();
    let found =
        predictor.predict(&Batch::new(shape, values, &vec![true; table.steps() * table.rows.len()])?)?.values;
    let probability = |pixel: usize, class: usize| found[class * table.rows.len() + pixel];
    let best = |pixel: &usize| {
        (1..classes).fold(0, |best, class| {
            if probability(*pixel, class) > probability(*pixel, best) { class } else { best }
        })
    };
    let right =
        (0..table.rows.len()).filter(|pixel| best(pixel) == usize::from(table.classes[*pixel])).count();
    Ok(right as f64 / table.rows.len() as f64)
}

fn card(
    network: &NetworkConfig,
    stats: &[(f32, f32)],
    table: &Table,
    trained: &ecotone_models::Trained,
) -> ModelCard {
    let class = |code: u8| LegendClass { code, name: format!("class {code}"), color: "#808080".into() };
    let classes = table.classes.iter().max().copied().unwrap_or(0);
    ModelCard {
        format: ModelCard::FORMAT,
        network: network.clone(),
        bands: (0..table.channels).map(|channel| format!("channel {channel}")).collect(),
        band_units: "as in the table".into(),
        normalisation: stats.iter().map(|(mean, std)| ChannelStats { mean: *mean, std: *std }).collect(),
        gsd: 1.0,
        timeline: TimelineCard {
            step_days: 1,
            steps: table.steps(),
            fill: "linear".into(),
            observed_by: ObservedBy::Pixel,
        },
        mask: "none".into(),
        legend: (0..=classes).map(class).collect(),
        window: WindowCard { size: 1, halo: 0 },
        training: trained.summary("a table", env!("CARGO_PKG_VERSION")),
        inputs: serde_json::Value::Null,
    }
}
