//! Writes the scenes of a simulated valley over several years as NumPy arrays, for scripts that need no catalogue.
//!
//! `dump_multiyear OUT [SIZE] [SEED]` writes into the folder OUT, all at 10 m:
//! `optical-YEAR.npy` (i16 reflectance times 10000, `[scene, 10, row, col]`, 0 without data), `scl-YEAR.npy` (u8,
//! `[scene, row, col]`), `days-YEAR.npy` (i16, days since the first of January), `truth-YEAR.npy` of every year and
//! `labels.npy` (u8, `[row, col]`).

use chrono::Datelike;
use ecotone_simulate::{Multiyear, MultiyearConfig};
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
    let out = args.next().map_or_else(|| std::env::temp_dir().join("ecotone-multiyear"), PathBuf::from);
    let size = args.next().map_or(Ok(512), |text| text.parse())?;
    let seed = args.next().map_or(Ok(1), |text| text.parse())?;
    let valley = Multiyear::new(MultiyearConfig { size, seed, ..MultiyearConfig::default() })?;
    std::fs::create_dir_all(&out)?;
    let specs = valley.scenes();
    for year in valley.years() {
        let (mut optical, mut scl, mut days) = (Vec::new(), Vec::new(), Vec::new());
        for (number, spec) in specs.iter().enumerate().filter(|(_, spec)| spec.datetime.year() == year) {
            let scene = valley.scene(number)?;
            optical.extend(reflectance(&scene, size).flat_map(i16::to_le_bytes));
            scl.extend((0..size * size).map(|i| scene.scl[i / size / 2 * (size / 2) + i % size / 2]));
            days.extend((spec.datetime.ordinal0() as i16).to_le_bytes());
        }
        let scenes = days.len() / 2;
        let name = |what: &str| out.join(format!("{what}-{year}.npy"));
        npy::write(&name("optical"), "<i2", &[scenes, 10, size, size], optical)?;
        npy::write(&name("scl"), "|u1", &[scenes, size, size], scl)?;
        npy::write(&name("days"), "<i2", &[scenes], days)?;
        npy::write(&name("truth"), "|u1", &[size, size], valley.truth(year)?.iter().copied())?;
    }
    npy::write(&out.join("labels.npy"), "|u1", &[size, size], valley.labels().iter().copied())?;
    writeln!(std::io::stdout(), "{} scenes, fingerprint {}", specs.len(), valley.fingerprint()?)?;
    Ok(())
}
