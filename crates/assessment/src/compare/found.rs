//! All that a comparison found, and what to say of it in a few lines.

use super::runs::{Run, Runs};
use crate::difference::DifferenceLine;
use ecotone_jobs::Summary;
use ecotone_metrics::BlockBootstrap;
use std::collections::BTreeMap;
use std::path::Path;

/// All that was found, and what the classes are called.
pub(super) struct Found {
    pub(super) runs: Runs,
    pub(super) lines: Vec<DifferenceLine>,
    pub(super) bootstrap: BlockBootstrap,
    /// By code; a class that no run names goes by its code.
    pub(super) names: BTreeMap<u8, String>,
}

/// The names of classes, as the runs' metrics.json give them.
pub(super) fn names(runs: &[Run]) -> BTreeMap<u8, String> {
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
    pub(super) fn name(&self, code: u8) -> String {
        self.names.get(&code).cloned().unwrap_or_else(|| format!("class {code}"))
    }

    /// A line without a class, by its measure.
    fn overall(&self, measure: &str) -> Option<&DifferenceLine> {
        self.lines.iter().find(|line| line.code.is_none() && line.measure == measure)
    }

    pub(super) fn summary(&self) -> Summary {
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
