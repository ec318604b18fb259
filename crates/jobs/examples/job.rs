//! A job in a run folder of its own: claimed, recorded, told.

use ecotone_jobs::{Command, Events, Existing, Manifest, Progress, RunFolder, Summary, write_json};
use std::io::Write;

/// Tells on standard error.
struct Lines;

impl Progress for Lines {
    fn note(&self, text: &str) {
        let _ = writeln!(std::io::stderr(), "{text}");
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let place = std::env::temp_dir().join("ecotone-job");
    let folder = RunFolder::claim(Command::Assess, &place, Existing::Replace, &[])?;
    let mut manifest = Manifest::new("assess", None, 1);
    let events = Events::begin(Command::Assess, &[]);
    events.stage("count")?;
    let pixels: u64 = (0..1000).sum();
    Lines.note(&format!("counted {pixels} pixels"));
    folder.clear()?;
    events.keep_in(&folder)?;
    write_json(&folder.file("metrics.json"), &serde_json::json!({ "pixels": pixels }))?;
    manifest.write(&folder, &events)?;
    let mut summary = Summary::default();
    summary.fact("run", folder.root().display().to_string());
    for (label, value) in summary.facts {
        writeln!(std::io::stdout(), "{label}: {value}")?;
    }
    Ok(())
}
