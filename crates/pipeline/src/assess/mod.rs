//! A map against a reference, made by whomever: counts over a reference raster, or estimates from a probability sample.

mod areas;
mod breakdown;
mod classes;
mod codes;
mod design;
mod error;
mod estimates;
mod job;
mod matrix;
mod output;
mod pairs;
mod points;
mod terrain_bins;
mod text_table;
mod training;

pub use breakdown::Breakdown;
pub use error::AssessError;
pub use job::{AssessJob, Design, MatrixJob, SampleColumns};
pub use matrix::assess_matrix;

pub(crate) use breakdown::BinTable;
pub(crate) use classes::{Class, Classes};
pub(crate) use estimates::{ClassEstimates, Estimates, Figure};
pub(crate) use text_table::{amount, percent};

use crate::accuracy::{share, write_confusion, write_tables};
use crate::progress::Progress;
use crate::report::{AssessmentPage, assessment_page};
use crate::run_folder::RunFolder;
use crate::summary::{Resources, Summary};
use crate::{Error, Result};
use ecotone_core::Legend;
use ecotone_io::RasterDataset;
use ecotone_metrics::ConfusionMatrix;
use pairs::{Compared, count_pairs};
use points::Points;
use std::path::Path;

/// Bytes of decoded blocks that GDAL keeps: each is read once.
const GDAL_CACHE: usize = 64 << 20;

/// What every reader of plain counts must know.
const COUNTS: &str = "Counts of pixels compared as they are. They estimate the map's accuracy without bias only where \
                      the reference is a probability sample, or covers the map.";

/// Scores a map: wall to wall against a raster, or at points, whose `--design` makes the scores estimates.
///
/// Writes confusion.csv, tables.md, tables.tex and report.html; metrics.csv and metrics.json where counts are compared,
/// by-NAME.csv for each breakdown; for a designed sample estimates.json, estimates.csv and proportions.csv, and
/// points.csv for points.
///
/// # Errors
/// When a file cannot be read, a code is not in the legend, map and reference share no scored pixel, or the sample does
/// not go with its design.
pub fn assess(job: &AssessJob, resources: &Resources, progress: &dyn Progress) -> Result<Summary> {
    ecotone_io::set_cache_bytes(GDAL_CACHE);
    let legend = crate::agree::read_legend(&job.legend)?;
    let points = is_points(&job.reference);
    job.check(points)?;
    let folder = RunFolder::claim(&job.out, job.existing)?;
    if points {
        let map = RasterDataset::open(&job.map)?;
        let found = Points::locate(job, &legend, &map)?;
        found.write(&folder, &legend)?;
        match job.design {
            Some(design) => designed(job, design, &legend, &found, &folder, resources, progress),
            None => counted_points(job, &legend, &found, &folder),
        }
    } else {
        wall_to_wall(job, legend, &folder, resources, progress)
    }
}

fn wall_to_wall(
    job: &AssessJob,
    legend: Legend,
    folder: &RunFolder,
    resources: &Resources,
    progress: &dyn Progress,
) -> Result<Summary> {
    let split = training::split_beside(job);
    let by: Vec<Breakdown> = job.by.iter().cloned().chain(split).collect();
    let compared = Compared {
        map: &job.map,
        reference: Some(&job.reference),
        reference_free: crate::mapping::nodata_code(&legend),
        mask: job.mask.as_ref(),
        by: &by,
        legend: &legend,
        threads: resources.threads,
    };
    let counted = count_pairs(&compared, progress)?;
    let confusion = counted.confusion(&compared)?;
    if confusion.total() == 0 {
        return Err(Error::NothingToAssess { map: job.map.clone(), reference: job.reference.clone() });
    }
    let mut summary = Summary::default();
    if counted.warped {
        summary.fact("grids", "differ: the reference was taken to the map's pixels by nearest neighbour");
    }
    let mut notices = vec![COUNTS.to_owned()];
    notices.extend(training::same_labels(job)?);
    let tables = counted.breakdowns(&by)?;
    notices.extend(tables.iter().filter_map(|table| training::in_training_blocks(table, &confusion)));
    counted_page(job, &legend, &confusion, &tables, notices, folder, summary)
}

fn counted_points(job: &AssessJob, legend: &Legend, points: &Points, folder: &RunFolder) -> Result<Summary> {
    let confusion = points.confusion(legend)?;
    let mut summary = Summary::default();
    points.tell(&mut summary);
    let mut notices = vec![COUNTS.to_owned()];
    notices.extend(points.notices());
    notices.extend(training::same_labels(job)?);
    notices.extend(training::points_in_training_blocks(job, points)?);
    counted_page(job, legend, &confusion, &[], notices, folder, summary)
}

fn counted_page(
    job: &AssessJob,
    legend: &Legend,
    confusion: &ConfusionMatrix,
    tables: &[BinTable],
    notices: Vec<String>,
    folder: &RunFolder,
    mut summary: Summary,
) -> Result<Summary> {
    write_tables(folder, legend, confusion)?;
    let classes = Classes::of_legend(legend);
    for table in tables {
        table.write(folder, &classes)?;
    }
    output::write_texts(folder, &text_table::of_counts(&classes, confusion))?;
    summary.fact("scored", format!("{} pixels or points", confusion.total()));
    summary.fact("overall accuracy", share(confusion.overall_accuracy()));
    summary.fact("macro-F1", share(confusion.macro_f1()));
    summary.fact("kappa", share(confusion.kappa()));
    tell_notices(&mut summary, &notices[1..]);
    let subtitle = format!("{} against {}", job.map.display(), job.reference.display());
    let page =
        AssessmentPage { subtitle, notices, counts: Some((legend, confusion)), tables, estimates: None };
    finish(folder, &mut summary, &page)?;
    Ok(summary)
}

fn designed(
    job: &AssessJob,
    design: Design,
    legend: &Legend,
    points: &Points,
    folder: &RunFolder,
    resources: &Resources,
    progress: &dyn Progress,
) -> Result<Summary> {
    let population = areas::population(job, design, legend, points, resources, progress)?;
    let classes = Classes::of_legend(legend);
    let mut estimates = design::estimate(job, design, &classes, points, &population)?;
    estimates.notices.extend(points.notices());
    estimates.notices.extend(training::same_labels(job)?);
    estimates.notices.extend(training::points_in_training_blocks(job, points)?);
    let codes: Vec<String> = classes.iter().map(|class| class.code.clone()).collect();
    write_confusion(folder, &codes, &estimates.counts)?;
    let mut summary = Summary::default();
    points.tell(&mut summary);
    let subtitle = format!("{} against {}", job.map.display(), job.reference.display());
    estimated_page(folder, subtitle, &classes, &estimates, &mut summary)?;
    Ok(summary)
}

/// Writes all that estimates are told in.
fn estimated_page(
    folder: &RunFolder,
    subtitle: String,
    classes: &Classes,
    estimates: &Estimates,
    summary: &mut Summary,
) -> Result<()> {
    output::write_estimates(folder, classes, estimates)?;
    output::write_texts(folder, &text_table::of_estimates(classes, estimates))?;
    summary.fact("design", estimates.design.clone());
    summary.fact("sample", format!("{} units", estimates.counts.total()));
    summary.fact("overall accuracy", text_table::with_margin(estimates.overall_accuracy, 3, "±"));
    tell_notices(summary, &estimates.notices);
    let notices = estimates.notices.clone();
    let page = AssessmentPage {
        subtitle,
        notices,
        counts: None,
        tables: &[],
        estimates: Some((classes, estimates)),
    };
    finish(folder, summary, &page)
}

fn tell_notices(summary: &mut Summary, notices: &[String]) {
    notices.iter().for_each(|notice| summary.fact("notice", notice));
}

fn finish(folder: &RunFolder, summary: &mut Summary, page: &AssessmentPage<'_>) -> Result<()> {
    ecotone_io::write_atomic(folder.file("report.html"), assessment_page(page, summary))?;
    summary.fact("report", folder.file("report.html").display().to_string());
    Ok(())
}

fn is_points(path: &Path) -> bool {
    let extension = path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
    ["csv", "gpkg", "geojson", "json", "shp", "fgb"].contains(&extension.as_str())
}
