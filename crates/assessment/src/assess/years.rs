//! Maps and references of several years: each year's counts, and all of them together.

use super::pairs::{Compared, count_pairs};
use super::{AssessJob, BinTable, Breakdown};
use crate::{Error, Result};
use ecotone_core::Legend;
use ecotone_jobs::{Progress, Resources};
use ecotone_metrics::ConfusionMatrix;
use std::path::{Path, PathBuf};

/// What stands for the year in the name of a file.
const YEAR: &str = "{year}";

/// The years of a job, where it has any.
pub(super) fn years(job: &AssessJob) -> Option<&[String]> {
    job.by.iter().find_map(|by| match by {
        Breakdown::Year(years) => Some(years.as_slice()),
        _ => None,
    })
}

/// Sees that years and the names of the files go together.
pub(super) fn check_years(job: &AssessJob) -> Result<()> {
    let refuse = |flag, needs| Err(Error::Flag { flag, needs }.into());
    let named = |path: &Path| path.to_string_lossy().contains(YEAR);
    match years(job) {
        None if named(&job.map) => refuse("MAP with {year} in its name", "--by year=2018,2019,…"),
        None => Ok(()),
        Some(_) if !named(&job.map) => {
            refuse("--by year", "a MAP with {year} in its name, such as map-{year}.tif")
        }
        Some(_) if job.by.len() > 1 => {
            refuse("--by year", "to be the only --by; assess one year for the others")
        }
        Some(_) if job.probabilities.is_some() || job.lines.is_some() => {
            refuse("--by year", "no --probabilities and no --edge-class; assess one year for those")
        }
        Some(_) => Ok(()),
    }
}

/// A year's file; the same for all years where its name has no place for one.
pub(super) fn of_year(path: &Path, year: &str) -> PathBuf {
    PathBuf::from(path.to_string_lossy().replace(YEAR, year))
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
