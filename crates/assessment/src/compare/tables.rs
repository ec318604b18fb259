//! The files of a comparison: CSV for tables of a paper, JSON with everything.

use super::found::Found;
use super::runs::Run;
use crate::Result;
use crate::difference::DifferenceLine;
use ecotone_jobs::{RunFolder, write_json};
use ecotone_metrics::{BlockCounts, BlockMeasure};
use serde::Serialize;
use serde_json::json;

/// What one run scores by itself.
#[derive(Serialize)]
pub(super) struct RunLine {
    /// `first` or `second`.
    pub(super) side: &'static str,
    /// From 1.
    pub(super) landscape: usize,
    pub(super) run: String,
    pub(super) blocks: usize,
    /// Test pixels with a class on the map.
    pub(super) pixels: u64,
    /// Test pixels without.
    pub(super) unmapped: u64,
    pub(super) overall_accuracy: Option<f64>,
    pub(super) macro_f1: Option<f64>,
}

/// Writes comparison.csv, compared-runs.csv and comparison.json.
pub(super) fn write(folder: &RunFolder, found: &Found) -> Result<()> {
    let rows = found.lines.iter().map(row);
    ecotone_io::write_csv(folder.file("comparison.csv"), &DifferenceLine::HEADER, rows)?;
    let lines = run_lines(found);
    let header = "side,landscape,run,blocks,pixels,unmapped,overall_accuracy,macro_f1";
    let header: Vec<&str> = header.split(',').collect();
    ecotone_io::write_csv(folder.file("compared-runs.csv"), &header, &lines)?;
    let bootstrap = found.bootstrap;
    let everything = json!({
        "runs": lines,
        "landscapes": found.runs.landscapes.len(),
        "blocks": found.runs.blocks(),
        "confidence": bootstrap.confidence,
        "replicates": bootstrap.replicates,
        "seed": bootstrap.seed,
        "differences": found.lines,
    });
    Ok(write_json(&folder.file("comparison.json"), &everything)?)
}

fn row(line: &DifferenceLine) -> Vec<String> {
    let text = |value: Option<f64>| value.map_or_else(String::new, |value| format!("{value:.6}"));
    let numbers = [line.first, line.second, line.difference, line.lower, line.upper].map(text);
    let code = line.code.map_or_else(String::new, |code| code.to_string());
    [line.measure.to_owned(), code].into_iter().chain(numbers).chain([line.blocks.to_string()]).collect()
}

/// A line a run, as they were named.
pub(super) fn run_lines(found: &Found) -> Vec<RunLine> {
    let runs = &found.runs.runs;
    let line = |(place, run): (usize, &Run)| {
        let same = |other: &&Run| other.landscape == run.landscape && other.first == run.first;
        let landscape = &found.runs.landscapes[run.landscape];
        let side = if run.first { &landscape.first } else { &landscape.second };
        // Runs of a side stand in a landscape in the order of the list.
        let counts: &BlockCounts = &side[runs[..place].iter().filter(same).count()];
        RunLine {
            side: if run.first { "first" } else { "second" },
            landscape: run.landscape + 1,
            run: run.path.display().to_string(),
            blocks: counts.blocks(),
            pixels: run.table.reference().values().sum::<u64>() - run.table.unmapped(),
            unmapped: run.table.unmapped(),
            overall_accuracy: counts.measure(BlockMeasure::OverallAccuracy),
            macro_f1: counts.measure(BlockMeasure::MacroF1),
        }
    };
    runs.iter().enumerate().map(line).collect()
}
