//! Writes the scenes of a simulated Amazon landscape as NumPy arrays, for scripts that need no catalogue.
//!
//! `dump_amazon OUT [SIZE] [SEED]` writes into the folder OUT, all at 10 m:
//! `optical.npy` (i16 reflectance times 10000, `[scene, 10, row, col]`, 0 without data), `scl.npy` (u8,
//! `[scene, row, col]`), `days.npy` (i16, days since the first of August), `radar.npy` (f32 gamma nought in linear power,
//! `[12, 2, row, col]`, VV and VH), `truth.npy` and `labels.npy` (u8, `[row, col]`).

use ecotone_simulate::{Amazon, AmazonConfig};
use std::error::Error;
use std::io::Write;
use std::path::PathBuf;

#[path = "npy/mod.rs"]
mod npy;
#[path = "reflectance/mod.rs"]
mod reflectance;

use reflectance::reflectance;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let out = args.next().map_or_else(|| std::env::temp_dir().join("ecotone-amazon"), PathBuf::from);
    let size = args.next().map_or(Ok(512), |text| text.parse())?;
    let seed = args.next().map_or(Ok(1), |text| text.parse())?;
    let amazon = Amazon::new(AmazonConfig { size, seed, ..AmazonConfig::default() })?;
    std::fs::create_dir_all(&out)?;
    let specs = amazon.scenes();
    let (mut optical, mut scl, mut days) = (Vec::new(), Vec::new(), Vec::new());
    for (number, spec) in specs.iter().enumerate() {
        let scene = amazon.scene(number)?;
        optical.extend(reflectance(&scene, size).flat_map(i16::to_le_bytes));
        scl.extend((0..size * size).map(|i| scene.scl[i / size / 2 * (size / 2) + i % size / 2]));
        let day = (spec.datetime.date_naive() - amazon.config().start).num_days() as i16;
        days.extend(day.to_le_bytes());
    }
    let mut radar = Vec::new();
    for number in 0..amazon.radar_scenes().len() {
        let scene = amazon.radar(number)?;
        radar.extend(scene.vv.iter().chain(&scene.vh).flat_map(|v| v.to_le_bytes()));
    }
    npy::write(&out.join("optical.npy"), "<i2", &[specs.len(), 10, size, size], optical)?;
    npy::write(&out.join("scl.npy"), "|u1", &[specs.len(), size, size], scl)?;
    npy::write(&out.join("days.npy"), "<i2", &[specs.len()], days)?;
    npy::write(&out.join("radar.npy"), "<f4", &[12, 2, size, size], radar)?;
    npy::write(&out.join("truth.npy"), "|u1", &[size, size], amazon.truth().iter().copied())?;
    npy::write(&out.join("labels.npy"), "|u1", &[size, size], amazon.labels().iter().copied())?;
    writeln!(std::io::stdout(), "{} scenes, fingerprint {}", specs.len(), amazon.fingerprint()?)?;
    Ok(())
}
