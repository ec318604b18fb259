//! Scores any raster of class codes against another: `foreign_map MAP REFERENCE LEGEND [FOLDER]`.

use ecotone_assessment::{AssessJob, assess};
use ecotone_jobs::{Existing, Resources, Silent};
use std::io::Write;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(map), Some(reference), Some(legend)) = (arguments.next(), arguments.next(), arguments.next())
    else {
        return Err("usage: foreign_map MAP REFERENCE LEGEND [FOLDER]".into());
    };
    let out =
        arguments.next().map_or_else(|| std::env::temp_dir().join("ecotone-foreign-map"), PathBuf::from);
    let job = AssessJob { existing: Existing::Replace, ..AssessJob::new(map, reference, legend, out) };
    let summary = assess(&job, &Resources::new(2), &Silent)?;
    let mut out = std::io::stdout().lock();
    for (label, value) in summary.facts {
        writeln!(out, "{label}: {value}")?;
    }
    Ok(())
}
