//! Writes the scenes of a simulated country with roads as NumPy arrays, for scripts that need no catalogue.
//!
//! `dump_roads OUT [SIZE] [SEED]` writes into the folder OUT: `visual.npy` (u8, `[3, 3, row, col]`, three dates of red,
//! green and blue), `truth.npy` and `labels.npy` (u8, `[row, col]`, 1 background, 2 road).

use ecotone_simulate::{Roads, RoadsConfig};
use std::error::Error;
use std::io::Write;
use std::path::PathBuf;

#[path = "npy/mod.rs"]
mod npy;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let out = args.next().map_or_else(|| std::env::temp_dir().join("ecotone-roads"), PathBuf::from);
    let base = RoadsConfig::default();
    let size = args.next().map_or(Ok(base.size), |text| text.parse())?;
    let seed = args.next().map_or(Ok(base.seed), |text| text.parse())?;
    let roads = Roads::new(RoadsConfig { size, seed })?;
    std::fs::create_dir_all(&out)?;
    let mut visual = Vec::new();
    for number in 0..roads.scenes().len() {
        visual.extend(roads.scene(number)?.data);
    }
    npy::write(&out.join("visual.npy"), "|u1", &[3, 3, size, size], visual)?;
    npy::write(&out.join("truth.npy"), "|u1", &[size, size], roads.truth().iter().copied())?;
    npy::write(&out.join("labels.npy"), "|u1", &[size, size], roads.labels().iter().copied())?;
    writeln!(std::io::stdout(), "{} ways, fingerprint {}", roads.roads().len(), roads.fingerprint()?)?;
    Ok(())
}
