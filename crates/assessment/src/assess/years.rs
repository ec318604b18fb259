//! Maps and references of several years: each year's counts, and all of them together.

use super::breakdown::{BinTable, Breakdown};
use super::job::AssessJob;
use super::pairs::{Compared, count_pairs};
use crate::{Error, Result};
use ecotone_core::Legend;
use ecotone_jobs::{Progress, Resources};
use ecotone_metrics::ConfusionMatrix;
use std::path::{Path, PathBuf};

/// What stands for the year in the name of a file.
pub(super) const YEAR: &str = "{year}";

/// The years of a job, where it has any.
pub(super) fn years(job: &AssessJob) -> Option<&[String]> {
    job.by.iter().find_map(|by| match by {
        Breakdown::Year(years) => Some(years.as_slice()),
        _ => None,
    })
}

/// A year's file; the same for all years where its name has no place for one.
pub(super) fn of_year(path: &Path, year: &str) -> PathBuf {
    PathBuf::from(path.to_string_lossy().replace(YEAR, year))
}

impl AssessJob {
    /// What it reads, with the name of each year in place of `{year}`.
    pub(super) fn files(&self) -> Vec<PathBuf> {
        let by = self.by.iter().filter_map(Breakdown::raster);
        let optional = [&self.against, &self.strata, &self.areas, &self.region].into_iter().flatten();
        let mask = self.mask.as_ref().map(|(path, _)| path);
        let probabilities = self.probabilities.as_ref().map(|asked| &asked.path);
        let all = [&self.map, &self.reference, &self.legend].into_iter().chain(optional);
        let all: Vec<&PathBuf> = all.chain(mask).chain(probabilities).chain(by).collect();
        match years(self) {
            None => all.into_iter().cloned().collect(),
            Some(years) => {
                years.iter().flat_map(|year| all.iter().map(move |path| of_year(path, year))).collect()
            }
        }
    }
}

/// Counts each year's map against its reference. Gives the sum, the years' table, and whether a reference was warped.
///
/// # Errors
/// When a raster cannot be read, holds a code that the legend lacks, or shares no scored pixel with the other.
pub(super) fn count_years(
    job: &AssessJob,
    years: &[String],
    legend: &Legend,
    resources: &Resources,
    progress: &dyn Progress,
) -> Result<(ConfusionMatrix, BinTable, bool)> {
    let mut all = ConfusionMatrix::new(legend.len());
    let (mut rows, mut warped) = (Vec::new(), false);
    for year in years {
        let (map, reference) = (of_year(&job.map, year), of_year(&job.reference, year));
        let mask = job.mask.as_ref().map(|(path, value)| (of_year(path, year), *value));
        let compared = Compared {
            map: &map,
            reference: Some(&reference),
            reference_free: None,
            ignore: &job.ignore,
            mask: mask.as_ref(),
            against: None,
            by: &[],
            legend,
            threads: resources.threads,
        };
        let counted = count_pairs(&compared, progress)?;
        let confusion = counted.confusion(&compared)?;
        if confusion.total() == 0 {
            return Err(Error::NothingToAssess { map, reference });
        }
        all.merge(&confusion)?;
        warped |= counted.warped;
        rows.push((year.clone(), confusion));
    }
    Ok((all, BinTable::of_years(rows), warped))
}
