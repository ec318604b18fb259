//! A map against a reference, made by whomever: counts over a reference raster, or estimates from a probability sample.

mod areas;
mod breakdown;
mod checks;
mod classes;
mod columns;
mod comparison;
mod design;
mod estimates;
mod extras;
mod job;
mod lines;
mod mapped_areas;
mod matrix;
mod output;
mod page;
mod pair_table;
mod pairs;
mod point;
mod point_counts;
mod points;
mod probabilities;
mod probability_blocks;
mod probability_pass;
mod terrain_bins;
mod text_table;
mod training;
mod years;

pub use breakdown::Breakdown;
pub use job::{AssessJob, Design, LineJob, MatrixJob, ProbabilityJob, SampleColumns};
pub use matrix::assess_matrix;

pub(crate) use breakdown::BinTable;
pub(crate) use classes::{Class, Classes};
pub(crate) use comparison::{Comparison, FigurePair};
pub(crate) use estimates::{ClassEstimates, Estimates, Figure};
pub(crate) use extras::Extras;
pub(crate) use lines::LineFigures;
pub(crate) use mapped_areas::MappedAreas;
pub use point_counts::PointCounts;
pub(crate) use probabilities::{ClassProbability, ProbabilityFigures};
pub(crate) use text_table::{amount, percent};

use crate::accuracy::{share, write_confusion, write_tables};
use crate::{Error, Result};
use ecotone_core::Legend;
use ecotone_io::RasterDataset;
use ecotone_jobs::{Command, Progress, Resources, RunFolder, Summary};
use ecotone_metrics::ConfusionMatrix;
use lines::line_figures;
use page::{AssessmentPage, assessment_page};
use pairs::{Compared, count_pairs};
use points::Points;
use probabilities::probability_figures;
use probability_pass::Percents;
use std::path::Path;
use years::{count_years, years};

/// Bytes of decoded blocks that GDAL keeps: each is read once.
const GDAL_CACHE: usize = 64 << 20;

/// What every reader of plain counts must know.
const COUNTS: &str = "Counts of pixels compared as they are. They estimate the map's accuracy without bias only where \
                      the reference is a probability sample, or covers the map.";

const WARPED: &str = "differ: the reference was taken to the map's pixels by nearest neighbour";

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
    let legend = ecotone_jobs::read_legend(&job.legend)?;
    let points = is_points(job.reference_layer().path());
    job.check(points)?;
    let folder = RunFolder::claim(Command::Assess, &job.out, job.existing, &job.files())?;
    if let Some(asked) = &job.probabilities {
        // It is read last, but before anything is cleared it must be known to be there.
        Percents::open(&asked.path, &legend)?;
    }
    if points {
        let map = RasterDataset::open(&job.map)?;
        let found = Points::locate(job, &legend, &map)?;
        match job.design {
            Some(design) => designed(job, design, &legend, &found, &folder, resources, progress),
            None => counted_points(job, &legend, &found, &folder, progress),
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
    if let Some(years) = years(job) {
        return series(job, years, &legend, folder, resources, progress);
    }
    let split = training::split_beside(job);
    let by: Vec<Breakdown> = job.by.iter().cloned().chain(split).collect();
    let compared = Compared {
        map: &job.map,
        reference: Some(&job.reference),
        reference_free: None,
        ignore: &job.ignore,
        mask: job.mask.as_ref(),
        against: None,
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
        summary.fact("grids", WARPED);
    }
    let areas = MappedAreas::of(&counted, &compared)?;
    let mut notices = vec![COUNTS.to_owned()];
    notices.extend(areas.as_ref().and_then(MappedAreas::notice));
    notices.extend(training::same_labels(job)?);
    let tables = counted.breakdowns(&by)?;
    notices.extend(tables.iter().filter_map(|table| training::in_training_blocks(table, &confusion)));
    let lines = job.lines.as_ref().map(|asked| line_figures(job, asked, &legend, progress)).transpose()?;
    folder.clear()?;
    let extras = Extras {
        areas,
        lines: lines.unwrap_or_default(),
        probabilities: probabilities(job, &legend, None, folder, progress)?,
        ..Extras::default()
    };
    counted_page(job, &legend, &confusion, &tables, notices, &extras, folder, summary)
}

/// Maps of several years, each against its reference.
fn series(
    job: &AssessJob,
    years: &[String],
    legend: &Legend,
    folder: &RunFolder,
    resources: &Resources,
    progress: &dyn Progress,
) -> Result<Summary> {
    let (confusion, table, warped) = count_years(job, years, legend, resources, progress)?;
    let mut summary = Summary::default();
    if warped {
        summary.fact("grids", WARPED);
    }
    for (year, matrix) in &table.rows {
        summary.fact(year, share(matrix.overall_accuracy()));
    }
    folder.clear()?;
    let together = "Tables without a year are of all years together: the sum of their counts.".to_owned();
    let notices = vec![COUNTS.to_owned(), together];
    counted_page(job, legend, &confusion, &[table], notices, &Extras::default(), folder, summary)
}

fn probabilities(
    job: &AssessJob,
    legend: &Legend,
    points: Option<&Points>,
    folder: &RunFolder,
    progress: &dyn Progress,
) -> Result<Option<ProbabilityFigures>> {
    let asked = job.probabilities.as_ref();
    asked.map(|asked| probability_figures(job, asked, legend, points, folder, progress)).transpose()
}

fn counted_points(
    job: &AssessJob,
    legend: &Legend,
    points: &Points,
    folder: &RunFolder,
    progress: &dyn Progress,
) -> Result<Summary> {
    let confusion = points.confusion(legend)?;
    let mut summary = Summary::default();
    points.tell(&mut summary);
    let mut notices = vec![COUNTS.to_owned()];
    notices.extend(points.notices());
    notices.extend(training::same_labels(job)?);
    notices.extend(training::points_in_training_blocks(job, points)?);
    folder.clear()?;
    points.write(folder, legend)?;
    let probabilities = probabilities(job, legend, Some(points), folder, progress)?;
    let extras = Extras { probabilities, points: Some(points.counts()), ..Extras::default() };
    counted_page(job, legend, &confusion, &[], notices, &extras, folder, summary)
}

#[expect(clippy::too_many_arguments, reason = "all that a page of counts is made of, passed once")]
fn counted_page(
    job: &AssessJob,
    legend: &Legend,
    confusion: &ConfusionMatrix,
    tables: &[BinTable],
    notices: Vec<String>,
    extras: &Extras,
    folder: &RunFolder,
    mut summary: Summary,
) -> Result<Summary> {
    write_tables(folder, legend, confusion, extras.points.as_ref(), None)?;
    let classes = Classes::of_legend(legend);
    for table in tables {
        table.write(folder, &classes)?;
    }
    extras.write(folder, &classes)?;
    output::write_texts(folder, &text_table::of_counts(&classes, confusion))?;
    summary.fact("scored", format!("{} pixels or points", confusion.total()));
    summary.fact("overall accuracy", share(confusion.overall_accuracy()));
    summary.fact("macro-F1", share(confusion.macro_f1()));
    summary.fact("kappa", share(confusion.kappa()));
    extras.tell(&mut summary);
    tell_notices(&mut summary, &notices[1..]);
    let subtitle = format!("{} against {}", job.map.display(), job.reference.display());
    let counts = Some((legend, confusion));
    let page =
        AssessmentPage { subtitle, notices, classes: &classes, counts, tables, estimates: None, extras };
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
    estimates.points = Some(points.counts());
    estimates.notices.extend(points.notices());
    estimates.notices.extend(job.region.as_ref().and_then(|_| points.in_no_region()));
    estimates.notices.extend(training::same_labels(job)?);
    estimates.notices.extend(training::points_in_training_blocks(job, points)?);
    let comparison = job
        .against
        .as_deref()
        .map(|against| Comparison::of(job, design, against, &classes, points, &population))
        .transpose()?;
    folder.clear()?;
    points.write(folder, legend)?;
    let codes: Vec<String> = classes.iter().map(|class| class.code.clone()).collect();
    write_confusion(folder, &codes, &estimates.counts)?;
    let mut summary = Summary::default();
    points.tell(&mut summary);
    if let (Design::Cluster, Some(column)) = (design, &points.weights) {
        summary.fact("weights", format!("column {column}"));
    }
    let subtitle = format!("{} against {}", job.map.display(), job.reference.display());
    let probabilities = probabilities(job, legend, Some(points), folder, progress)?;
    let extras = Extras { comparison, probabilities, ..Extras::default() };
    estimated_page(folder, subtitle, &classes, &estimates, &extras, &mut summary)?;
    Ok(summary)
}

/// Writes all that estimates are told in.
fn estimated_page(
    folder: &RunFolder,
    subtitle: String,
    classes: &Classes,
    estimates: &Estimates,
    extras: &Extras,
    summary: &mut Summary,
) -> Result<()> {
    output::write_estimates(folder, classes, estimates)?;
    extras.write(folder, classes)?;
    let mut texts = text_table::of_estimates(classes, estimates);
    texts.extend(extras.texts());
    output::write_texts(folder, &texts)?;
    summary.fact("design", estimates.design.clone());
    summary.fact("sample", format!("{} units", estimates.counts.total()));
    summary.fact("overall accuracy", text_table::with_margin(estimates.overall_accuracy, 3, "±"));
    extras.tell(summary);
    tell_notices(summary, &estimates.notices);
    let notices = estimates.notices.clone();
    let estimates = Some(estimates);
    let page = AssessmentPage { subtitle, notices, classes, counts: None, tables: &[], estimates, extras };
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
