//! Writes the masked ten-day series of a simulated forest as NumPy arrays, for scripts that need no catalogue.
//!
//! `dump_series OUT [SIZE] [SEED]` writes `series.npy` (i16 reflectance times 10000, `[46, 9, row, col]`, 0 where no
//! observation is valid) and `truth.npy` (u8, `[row, col]`) into the folder OUT.

use ecotone_simulate::{Forest, ForestConfig, SceneSpec, SimulatedScene};
use std::error::Error;
use std::io::Write;
use std::path::PathBuf;

#[path = "npy/mod.rs"]
mod npy;

const STEPS: usize = 46;
const STEP_DAYS: i64 = 10;
const BANDS: [&str; 9] = ["B02", "B03", "B04", "B05", "B06", "B07", "B8A", "B11", "B12"];
const MASKED: [u8; 6] = [0, 1, 3, 8, 9, 10];
const MAX_CLOUD_COVER: f64 = 30.0;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let out = args.next().map_or_else(|| std::env::temp_dir().join("ecotone-series"), PathBuf::from);
    let size = args.next().map_or(Ok(128), |text| text.parse())?;
    let seed = args.next().map_or(Ok(1), |text| text.parse())?;
    let forest = Forest::new(ForestConfig { size, seed, ..ForestConfig::default() })?;
    std::fs::create_dir_all(&out)?;
    let begin = std::time::Instant::now();
    let (series, used) = series(&forest)?;
    npy::write(
        &out.join("series.npy"),
        "<i2",
        &[STEPS, BANDS.len(), size, size],
        series.iter().flat_map(|v| v.to_le_bytes()),
    )?;
    npy::write(&out.join("truth.npy"), "|u1", &[size, size], forest.truth().iter().copied())?;
    let mut stdout = std::io::stdout();
    writeln!(
        stdout,
        "{used} scenes used, {:.1} s, fingerprint {}",
        begin.elapsed().as_secs_f64(),
        forest.fingerprint()?
    )?;
    Ok(())
}

/// The series, and how many scenes went into it.
fn series(forest: &Forest) -> Result<(Vec<i16>, usize), Box<dyn Error>> {
    let pixels = forest.truth().len();
    let start = forest.config().timeline_start();
    let mut series = vec![0; STEPS * BANDS.len() * pixels];
    let mut used = 0;
    for (step, chunk) in series.chunks_mut(BANDS.len() * pixels).enumerate() {
        let inside = |spec: &SceneSpec| {
            (spec.datetime.date_naive() - start).num_days().div_euclid(STEP_DAYS) == step as i64
        };
        let (mut sum, mut count) = (vec![0f32; chunk.len()], vec![0u8; pixels]);
        for (number, _) in forest.scenes().iter().enumerate().filter(|(_, spec)| inside(spec)) {
            let scene = forest.scene(number)?;
            if scene.cloud_cover < MAX_CLOUD_COVER {
                add(&scene, &mut sum, &mut count);
                used += 1;
            }
        }
        for (i, value) in chunk.iter_mut().enumerate() {
            let seen = count[i % pixels];
            *value =
                if seen == 0 { 0 } else { (sum[i] / f32::from(seen)).round().clamp(1.0, 32_767.0) as i16 };
        }
    }
    Ok((series, used))
}

fn add(scene: &SimulatedScene, sum: &mut [f32], count: &mut [u8]) {
    let valid: Vec<bool> = scene.scl.iter().map(|class| !MASKED.contains(class)).collect();
    for (seen, valid) in count.iter_mut().zip(&valid) {
        *seen += u8::from(*valid);
    }
    let offset = f32::from(scene.spec.offset);
    for (name, sum) in BANDS.iter().zip(sum.chunks_mut(valid.len())) {
        let Some(band) = scene.bands.iter().find(|band| band.name == *name) else { continue };
        let side = (valid.len() as f64).sqrt() as usize;
        for (pixel, sum) in sum.iter_mut().enumerate().filter(|(pixel, _)| valid[*pixel]) {
            let dn = if band.gsd == 20 {
                f32::from(band.data[pixel])
            } else {
                quarter_mean(&band.data, side, pixel)
            };
            *sum += dn + offset;
        }
    }
}

/// Mean of the four pixels of 10 m in one of 20 m.
fn quarter_mean(data: &[u16], side: usize, pixel: usize) -> f32 {
    let corner = pixel / side * 2 * 2 * side + pixel % side * 2;
    let four = [corner, corner + 1, corner + 2 * side, corner + 2 * side + 1];
    four.iter().map(|i| f32::from(data[*i])).sum::<f32>() / 4.0
}
