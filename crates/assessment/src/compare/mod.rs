//! How sure it is that one set of runs is better than another: their scores on the test blocks that they share.

mod job;
mod page;
mod runs;
mod tables;

pub use job::CompareJob;

use crate::Result;
use crate::difference::{DifferenceLine, differences};
use ecotone_jobs::Error as JobError;
use ecotone_jobs::{Command, Progress, RunFolder, Summary};
use ecotone_metrics::BlockBootstrap;
use ecotone_report::Fact;
use page::{ComparisonPage, comparison_page};
use runs::{Run, Runs};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// All that was found, and what the classes are called.
pub(super) struct Found {
    runs: Runs,
    lines: Vec<DifferenceLine>,
    bootstrap: BlockBootstrap,
    /// By code; a class that no run names goes by its code.
    names: BTreeMap<u8, String>,
}

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

/// The names of classes, as the runs' metrics.json give them.
fn names(runs: &[Run]) -> BTreeMap<u8, String> {
    let mut names = BTreeMap::new();
    for run in runs {
        for (code, name) in names_of(&run.path).unwrap_or_default() {
            names.entry(code).or_insert(name);
        }
    }
    names
}

fn names_of(run: &Path) -> Option<Vec<(u8, String)>> {
    let metrics: serde_json::Value =
        serde_json::from_slice(&std::fs::read(run.join("metrics.json")).ok()?).ok()?;
    let class = |class: &serde_json::Value| {
        Some((u8::try_from(class.get("code")?.as_u64()?).ok()?, class.get("class")?.as_str()?.to_owned()))
    };
    metrics.get("classes")?.as_array()?.iter().map(class).collect()
}

impl Found {
    /// A class as people call it.
    fn name(&self, code: u8) -> String {
        self.names.get(&code).cloned().unwrap_or_else(|| format!("class {code}"))
    }

    /// A line without a class, by its measure.
    fn overall(&self, measure: &str) -> Option<&DifferenceLine> {
        self.lines.iter().find(|line| line.code.is_none() && line.measure == measure)
    }

    fn summary(&self) -> Summary {
        let mut summary = Summary::default();
        let [first, second] =
            [true, false].map(|side| self.runs.runs.iter().filter(|run| run.first == side).count());
        let landscapes = match self.runs.landscapes.len() {
            1 => "one landscape".to_owned(),
            many => format!("{many} landscapes"),
        };
        let blocks = self.runs.blocks();
        summary.fact("runs", format!("{first} against {second}, on {landscapes}, {blocks} test blocks"));
        for (label, measure) in [("overall accuracy", "overall_accuracy"), ("macro-F1", "macro_f1")] {
            summary.fact(label, self.overall(measure).map_or_else(String::new, in_words));
        }
        let holes: u64 = self.runs.runs.iter().map(|run| run.table.unmapped()).sum();
        if holes > 0 {
            let told =
                format!("{holes} test pixels, which are left out of the scores of the runs that lack them");
            summary.fact("without a class", told);
        }
        summary
    }
}

/// Both sides, the difference, and what its interval says.
fn in_words(line: &DifferenceLine) -> String {
    let share = crate::accuracy::share;
    let verdict = match (line.lower, line.upper) {
        (Some(_), Some(_)) if line.is_above() => "the first is higher",
        (Some(_), Some(_)) if line.is_below() => "the second is higher",
        (Some(_), Some(_)) => "a tie",
        _ => "too few blocks to say",
    };
    let signed = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| format!("{value:+.3}"));
    format!(
        "{} against {}: {} ({} to {}), {verdict}",
        share(line.first),
        share(line.second),
        signed(line.difference),
        signed(line.lower),
        signed(line.upper)
    )
}

#[cfg(test)]
mod tests;
