//! How sure it is that one set of runs is better than another: their scores on the test blocks that they share.

mod found;
mod job;
mod page;
mod runs;
mod tables;

pub use job::CompareJob;

use crate::Result;
use crate::difference::differences;
use ecotone_jobs::Error as JobError;
use ecotone_jobs::{Command, Progress, RunFolder, Summary};
use ecotone_metrics::BlockBootstrap;
use ecotone_report::Fact;
use found::{Found, names};
use page::{ComparisonPage, comparison_page};
use runs::{Run, Runs};
use std::path::PathBuf;

/// Writes comparison.csv, comparison.json, compared-runs.csv and report.html.
///
/// Runs are of one landscape where their blocks.csv tell of the same blocks and the same reference in each; every
/// landscape needs a run of either side. Blocks, runs of a landscape and landscapes are drawn apart, see
/// [`BlockBootstrap`].
///
/// # Errors
/// When a side has no run, a run has no blocks.csv, or was tested on other blocks than every run of the other side.
pub fn compare(job: &CompareJob, progress: &dyn Progress) -> Result<Summary> {
    for (key, side) in [("RUN", &job.first), ("--against", &job.second)] {
        if side.is_empty() {
            let (found, expected) = ("nothing".to_owned(), "the folder of a run or more".to_owned());
            return Err(JobError::Value { key, found, expected }.into());
        }
    }
    let bootstrap =
        BlockBootstrap { replicates: job.replicates, seed: job.seed, ..BlockBootstrap::default() };
    let runs = Runs::read(job)?;
    let inputs: Vec<PathBuf> = runs.runs.iter().map(|run| Run::file(&run.path)).collect();
    let folder = RunFolder::claim(Command::Compare, &job.out, job.existing, &inputs)?;
    progress.begin("draw blocks", 1, "comparison");
    let lines = differences(&runs.codes, &runs.landscapes, &bootstrap)?;
    progress.end();
    folder.clear()?;
    let found = Found { names: names(&runs.runs), runs, lines, bootstrap };
    tables::write(&folder, &found)?;
    let mut summary = found.summary();
    let page = ComparisonPage {
        facts: summary.facts.iter().map(|(label, value)| Fact::new(label, value)).collect(),
        found: &found,
        version: env!("CARGO_PKG_VERSION"),
    };
    ecotone_io::write_atomic(folder.file("report.html"), comparison_page(&page))?;
    summary.fact("report", folder.file("report.html").display().to_string());
    Ok(summary)
}

#[cfg(test)]
mod tests;
