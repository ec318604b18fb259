//! Our side of `benches/engines.py`: loads, predicts and trains as it is asked, and tells the seconds of each.
//!
//! `cargo run --release -p ecotone-models --example engine -- [BACKEND] [THREADS]`
//!
//! Reads a line of JSON from standard input, answers with one on standard output, until the input ends:
//!
//! - `{"do": "import", "state_dict": PATH, "card": {..}, "model": PATH}` makes a weight file of PyTorch's;
//! - `{"do": "load", "model": PATH, "values": PATH, "shape": [n, time, channel, y, x]}` loads a model, and an input of 32-bit
//!   floats in that order, all of it observed;
//! - `{"do": "predict", "times": COUNT}` predicts so many times: `{"seconds": of all of them}`;
//! - `{"do": "write", "path": PATH}` writes the last probabilities `[n, class, y, x]`;
//! - `{"do": "train", "model": PATH, "values": PATH, "targets": PATH, "shape": .., "steps": COUNT, "learning_rate": RATE}` does the
//!   first of so many steps from the weights of a model, on the batches of the files in turn (targets are bytes `[n, y, x]`), and
//! - `{"do": "step", "times": COUNT}`, until all steps are done, so many more: `{"seconds": of all of them, "losses": [..]}`.
//!
//! Reading, loading and what waits for a line is in no time.
#![expect(clippy::print_stdout, reason = "an example shows what it measures")]

use std::error::Error;
use std::fs;
use std::io::{self, BufRead, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use ecotone_models::{
    Augment, Backend, Batch, BatchShape, ClassWeights, FirstWeights, ModelCard, NetworkPredictor, Patch,
    PatchError, PatchSource, Predictor, Probabilities, Schedule, TrainConfig, TrainEvent, Training,
    import_pytorch, read_card,
};
use serde::Deserialize;
use serde_json::json;

/// Samples, dates, channels, rows, columns.
type Shape = [usize; 5];

#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "lowercase")]
enum Ask {
    Import { state_dict: PathBuf, card: Box<ModelCard>, model: PathBuf },
    Load { model: PathBuf, values: PathBuf, shape: Shape },
    Predict { times: usize },
    Write { path: PathBuf },
    Train(Train),
    Step { times: usize },
}

#[derive(Deserialize)]
struct Train {
    model: PathBuf,
    values: PathBuf,
    targets: PathBuf,
    shape: Shape,
    steps: usize,
    learning_rate: f64,
}

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let backend: Backend = words.first().map_or("flex", String::as_str).parse()?;
    ecotone_models::set_threads(backend, words.get(1).map_or(Ok(1), |word| word.parse())?)?;
    let mut loaded: Option<(NetworkPredictor, Batch)> = None;
    let mut found: Option<Probabilities> = None;
    while let Some(ask) = next()? {
        match ask {
            Ask::Import { state_dict, card, model } => {
                import_pytorch(&state_dict, &card, &model)?;
                answer(&json!({}))?;
            }
            Ask::Load { model, values, shape } => {
                // Room for the next one.
                drop((loaded.take(), found.take()));
                let predictor = NetworkPredictor::load(&model, backend)?;
                loaded = Some((predictor, batch(floats(&values)?, shape)?));
                answer(&json!({}))?;
            }
            Ask::Predict { times } => {
                let (predictor, batch) = loaded.as_mut().ok_or("nothing is loaded")?;
                let start = Instant::now();
                for _ in 0..times {
                    found = Some(predictor.predict(batch)?);
                }
                answer(&json!({ "seconds": start.elapsed().as_secs_f64() }))?;
            }
            Ask::Write { path } => {
                let found = found.as_ref().ok_or("nothing is predicted")?;
                let bytes: Vec<u8> = found.values.iter().flat_map(|value| value.to_le_bytes()).collect();
                fs::write(path, bytes)?;
                answer(&json!({}))?;
            }
            Ask::Train(asked) => {
                drop((loaded.take(), found.take()));
                train(&asked, backend)?;
            }
            Ask::Step { .. } => return Err("nothing is in training".into()),
        }
    }
    Ok(())
}

fn next() -> Result<Option<Ask>, Box<dyn Error>> {
    let mut line = String::new();
    Ok(match io::stdin().lock().read_line(&mut line)? {
        0 => None,
        _ => Some(serde_json::from_str(&line)?),
    })
}

fn answer(words: &serde_json::Value) -> io::Result<()> {
    println!("{words}");
    io::stdout().flush()
}

fn floats(path: &Path) -> io::Result<Vec<f32>> {
    let bytes = fs::read(path)?;
    Ok(bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect())
}

fn batch(values: Vec<f32>, [n, steps, channels, rows, cols]: Shape) -> ecotone_models::Result<Batch> {
    let shape = BatchShape { n, steps, channels, rows, cols };
    Batch::new(shape, values, &vec![true; n * steps * rows * cols])
}

/// Batches that come again and again.
struct Batches {
    values: Vec<f32>,
    targets: Vec<u8>,
    /// Of one of them.
    shape: Shape,
    steps: usize,
}

impl PatchSource for Batches {
    fn epoch_len(&self) -> usize {
        self.steps * self.shape[0]
    }

    fn draw(&self, _epoch: usize) -> Vec<usize> {
        let [_, _, _, rows, cols] = self.shape;
        let patches = self.targets.len() / (rows * cols);
        (0..self.epoch_len()).map(|place| place % patches).collect()
    }

    fn patch(&self, id: usize, _epoch: usize) -> Result<Patch, PatchError> {
        let [_, steps, channels, rows, cols] = self.shape;
        let (pixels, count) = (rows * cols, steps * channels * rows * cols);
        let values = self.values.get(id * count..(id + 1) * count).ok_or("too few values")?;
        Ok(Patch {
            steps,
            channels,
            rows,
            cols,
            values: values.to_vec(),
            valid: vec![true; steps * pixels],
            target: self.targets[id * pixels..][..pixels].to_vec(),
        })
    }
}

/// Answers for the first step, and then for as many as each line asks for.
fn train(asked: &Train, backend: Backend) -> Result<(), Box<dyn Error>> {
    let network = read_card(&asked.model)?.network.check()?;
    let first_weights = FirstWeights::read(&asked.model, &network, backend)?;
    let (values, targets) = (floats(&asked.values)?, fs::read(&asked.targets)?);
    let source = Batches { values, targets, shape: asked.shape, steps: asked.steps };
    let config = TrainConfig {
        epochs: 1,
        batch: asked.shape[0],
        learning_rate: asked.learning_rate,
        schedule: Schedule::Constant,
        augment: Augment { flips: false, rotations: false, ..Augment::default() },
        ..TrainConfig::default()
    };
    let folder = std::env::temp_dir().join(format!("ecotone-engine-{}", std::process::id()));
    let training = Training {
        network: &network,
        config: &config.check()?,
        backend,
        train: &source,
        validation: &Batches { values: Vec::new(), targets: Vec::new(), steps: 0, ..source },
        class_weights: &ClassWeights::equal(network.classes()),
        shares: None,
        first_weights: Some(&first_weights),
        checkpoints: &folder,
        resume: false,
    };
    let (mut losses, mut due, mut start) = (Vec::new(), 1, Instant::now());
    let mut failed = None;
    training.run(&mut |event| {
        let &TrainEvent::Step { step, steps, loss, .. } = event else { return };
        losses.push(loss);
        if step < due && step < steps {
            return;
        }
        let seconds = start.elapsed().as_secs_f64();
        let told = answer(&json!({ "seconds": seconds, "losses": std::mem::take(&mut losses) }));
        if let Err(error) = told {
            failed.get_or_insert(error.into());
        }
        if step < steps {
            match next() {
                Ok(Some(Ask::Step { times })) => due = step + times,
                Ok(_) => _ = failed.get_or_insert("expected a step".into()),
                Err(error) => _ = failed.get_or_insert(error),
            }
        }
        start = Instant::now();
    })?;
    fs::remove_dir_all(&folder)?;
    failed.map_or(Ok(()), Err)
}
