//! What an assessment adds to its tables where it was asked for.

use super::lines::{LineFigures, write_lines};
use super::probabilities::ProbabilityFigures;
use super::text_table::TextTable;
use super::{Classes, Comparison, MappedAreas, PointCounts};
use crate::Result;
use crate::accuracy::share;
use ecotone_jobs::{RunFolder, Summary};

/// Parts of an assessment that not every one has.
#[derive(Debug, Default)]
pub(crate) struct Extras {
    /// What became of the points that are counted.
    pub(crate) points: Option<PointCounts>,
    /// Another map at the same sample.
    pub(crate) comparison: Option<Comparison>,
    /// Areas of wall-to-wall counts.
    pub(crate) areas: Option<MappedAreas>,
    /// Scores of class probabilities.
    pub(crate) probabilities: Option<ProbabilityFigures>,
    /// Scores of lines.
    pub(crate) lines: Vec<LineFigures>,
}

impl Extras {
    /// Writes the files of the parts that are there.
    pub(super) fn write(&self, folder: &RunFolder, classes: &Classes) -> Result<()> {
        self.comparison.as_ref().map_or(Ok(()), |comparison| comparison.write(folder))?;
        self.areas.as_ref().map_or(Ok(()), |areas| areas.write(folder, classes))?;
        self.probabilities.as_ref().map_or(Ok(()), |found| found.write(folder))?;
        if self.lines.is_empty() { Ok(()) } else { write_lines(&self.lines, folder) }
    }

    /// Tables as papers print them.
    pub(super) fn texts(&self) -> Vec<TextTable> {
        self.comparison.iter().map(Comparison::text_table).collect()
    }

    /// A line for each part.
    pub(super) fn tell(&self, summary: &mut Summary) {
        if let Some(comparison) = &self.comparison {
            summary.fact("difference", comparison.fact());
        }
        if let Some(found) = &self.probabilities {
            let of = &found.conformal;
            summary.fact("Brier score", share(found.brier));
            summary.fact("calibration error", share(found.expected_calibration_error));
            let told = format!("{} of {} wanted", share(of.coverage), share(Some(1.0 - of.alpha)));
            summary.fact("coverage of sets", told);
            if let Some(classes) = found.in_every_set() {
                summary.fact("in every set", classes);
            }
        }
        for line in &self.lines {
            let told = format!(
                "precision {}, recall {}, IoU {}",
                share(line.precision),
                share(line.recall),
                share(line.iou)
            );
            summary.fact(&format!("{} within {} m", line.class, line.buffer_m), told);
        }
    }
}
