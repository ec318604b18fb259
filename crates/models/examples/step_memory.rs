//! Holds the estimate of a training step's memory against what two steps take at their peak, on Linux.
//!
//! `cargo run --release -p ecotone-models --example step_memory -- NETWORK BATCH STEPS SIDE [BACKEND]`
//! where NETWORK is JSON such as `{"kind": "unet", "channels": 12, "classes": 7}`. One network a process: the
//! peak is the process's.
#![expect(clippy::print_stdout, reason = "an example shows what it measures")]

use ecotone_models::{
    Backend, ClassWeights, NetworkConfig, Patch, PatchError, PatchSource, Schedule, TrainConfig, Training,
};

/// Patches that are all alike.
struct Flat {
    patches: usize,
    /// `[step, channel, row, column]`.
    shape: [usize; 4],
    classes: usize,
}

impl PatchSource for Flat {
    fn epoch_len(&self) -> usize {
        self.patches
    }

    fn draw(&self, _epoch: usize) -> Vec<usize> {
        (0..self.patches).collect()
    }

    fn patch(&self, _id: usize, _epoch: usize) -> Result<Patch, PatchError> {
        let [steps, channels, rows, cols] = self.shape;
        let pixels = rows * cols;
        Ok(Patch {
            steps,
            channels,
            rows,
            cols,
            values: (0..steps * channels * pixels).map(|place| (place % 97) as f32 / 97.0).collect(),
            valid: vec![true; steps * pixels],
            target: (0..pixels).map(|pixel| (pixel % self.classes) as u8).collect(),
        })
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [network, batch, steps, side, backend @ ..] = &arguments[..] else {
        return Err("expected NETWORK BATCH STEPS SIDE [BACKEND]".into());
    };
    let network = serde_json::from_str::<NetworkConfig>(network)?.check()?;
    let (batch, steps, side): (usize, usize, usize) = (batch.parse()?, steps.parse()?, side.parse()?);
    let backend: Backend = backend.first().map_or("flex", String::as_str).parse()?;
    let config = TrainConfig { epochs: 1, batch, schedule: Schedule::Constant, ..TrainConfig::default() };
    let shape = [steps, network.channels(), side, side];
    let source = |patches| Flat { patches, shape, classes: network.classes() };
    let folder = std::env::temp_dir().join(format!("ecotone-memory-{}", std::process::id()));
    let before = peak()?;
    Training {
        network: &network,
        config: &config.check()?,
        backend,
        train: &source(2 * batch),
        validation: &source(0),
        class_weights: &ClassWeights::equal(network.classes()),
        shares: None,
        first_weights: None,
        checkpoints: &folder,
        resume: false,
    }
    .run(&mut |_| ())?;
    std::fs::remove_dir_all(&folder)?;
    let (taken, estimate) = (peak()? - before, network.step_bytes([batch, steps, side, side]) as f64);
    println!(
        "{}: estimate {:.0} MiB, taken {:.0} MiB, ratio {:.2}",
        network.name(),
        estimate / f64::from(1 << 20),
        taken / f64::from(1 << 20),
        estimate / taken
    );
    Ok(())
}

/// The most bytes that this process has held.
fn peak() -> Result<f64, Box<dyn std::error::Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no peak in /proc")?;
    let kibibytes: f64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kibibytes * 1024.0)
}
