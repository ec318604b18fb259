//! Writes the classes that some maps of one ground agree in: `stable_labels LEGEND MAP MAP…`.

use ecotone_curation::{StableJob, label_stable};
use ecotone_jobs::Silent;
use std::io::Write;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1).map(PathBuf::from);
    let legend = arguments.next().ok_or("usage: stable_labels LEGEND MAP MAP…")?;
    let job = StableJob {
        maps: arguments.collect(),
        thematic: None,
        ignore: Vec::new(),
        legend,
        out: std::env::temp_dir().join("ecotone-stable-labels.tif"),
        replace: true,
    };
    let summary = label_stable(&job, &Silent)?;
    let mut out = std::io::stdout().lock();
    for (label, value) in summary.facts {
        writeln!(out, "{label}: {value}")?;
    }
    Ok(())
}
