//! Samples without those that are probably labelled wrongly, and a page that shows what was dropped and why.

mod cleaning_page;
mod clusters;
mod job;
mod method;
mod page;
mod prepared;
mod series;
mod tables;

pub use job::CleanJob;
pub(crate) use series::{INDICES, SOIL_MOST};

use super::at_pixels::{Pixel, at_pixels};
use super::pixels::PixelSeries;
use crate::{Error, Result};
use cleaning_page::cleaning_page;
use ecotone_core::{Crs, XY};
use ecotone_jobs::{Command, Failure, Progress, Resources, RunFolder, Summary, read_legend};
use ecotone_labeling::{Coordinates, Samples};
use method::{Cleaning, Method};
use prepared::Prepared;

/// Writes kept.csv, dropped.csv with the reason of each, clean.json and report.html.
///
/// Of a band that was not seen at a date, the value is filled in between the dates before and after, in proportion to the
/// days, or from the nearest one at an end; a sample without any value of a band that the method needs is dropped. The
/// clusters are those of NDVI, EVI, NDWI, NDSI and B02 / B11 (cut at 5) at every date; the forest of the confident
/// learning sees every band at every date.
///
/// # Errors
/// When the samples or the legend cannot be read, a code is not in the legend, a band that an index needs is missing, or
/// nothing is left of a class.
pub fn clean_samples(job: &CleanJob, resources: &Resources, progress: &dyn Progress) -> Result<Summary> {
    let method = Method::parse(&job.method)?;
    let config = method::cluster_cleaning(&job.clusters, &job.scaling, job.seed)?;
    let folder = RunFolder::claim(Command::Clean, &job.out, job.existing, &job.files())?;
    let legend = read_legend(&job.legend)?;
    let (samples, failures) = read(job, resources, progress)?;
    let ready = Prepared::of(job, method, samples, legend)?;
    progress.begin("clean", 1, "tables");
    let Prepared { features, filled, labels, names, .. } = &ready;
    let cleaning = method::clean(method, &config, features, filled, labels, names)?;
    progress.end();
    let dropped = tables::dropped(&ready, &cleaning);
    folder.clear()?;
    tables::write_samples(&folder, &ready, &cleaning, &dropped)?;
    tables::write_report(&folder, job, &ready, &cleaning)?;
    let mut summary = summary(job, &ready, &cleaning, failures);
    let page = page::of(job, &ready, &cleaning, &summary)?;
    ecotone_io::write_atomic(folder.file("report.html"), cleaning_page(&page))?;
    summary.fact("report", folder.file("report.html").display().to_string());
    Ok(summary)
}

/// The samples with their series, and the scenes that failed.
fn read(job: &CleanJob, resources: &Resources, progress: &dyn Progress) -> Result<(Samples, Vec<Failure>)> {
    let crs = job.crs.as_deref().map(str::parse::<Crs>).transpose()?;
    let Some(survey) = &job.series else {
        // Without a recipe the places are copied and not looked at, so that any system stands for theirs.
        let crs = crs.unwrap_or_else(|| Crs::epsg(3857));
        let samples = Samples::read_csv(&job.samples, Some(&crs))?;
        return match samples.rows.is_empty() {
            true => Err(Error::Empty { path: job.samples.clone() }),
            false => Ok((samples, Vec::new())),
        };
    };
    resources.apply()?;
    let series = PixelSeries::plan(survey, resources, progress)?;
    let series = series.absent_as(f32::NAN);
    let grid = series.series().geobox().clone();
    let crs = crs.unwrap_or_else(|| grid.crs().clone());
    let (mut samples, _) = Samples::read_places(&job.samples, Some(&crs), None)?;
    if samples.rows.is_empty() {
        return Err(Error::Empty { path: job.samples.clone() });
    }
    let theirs = match &samples.coordinates {
        Coordinates::LonLat => Crs::epsg(4326),
        Coordinates::Projected(crs) => crs.clone(),
    };
    let places: Vec<XY<f64>> = samples.rows.iter().map(|sample| sample.place).collect();
    let places = ecotone_io::transform_each(&places, &theirs, grid.crs())?;
    // What the grid's projection does not reach lies off the grid, and no scene sees it there.
    let off = Pixel { row: i64::MIN, col: i64::MIN };
    let pixel = |place: Option<XY<f64>>| {
        place.map_or(off, |place| {
            let XY { x, y } = grid.transform().world_to_pixel(place);
            Pixel { row: y.floor() as i64, col: x.floor() as i64 }
        })
    };
    let pixels: Vec<Pixel> = places.into_iter().map(pixel).collect();
    let found = at_pixels(&series, &pixels, progress)?;
    samples.features = series.names().to_vec();
    for (sample, features) in samples.rows.iter_mut().zip(found.features) {
        sample.features = features.unwrap_or_else(|| vec![f32::NAN; samples.features.len()]);
    }
    Ok((samples, found.failures))
}

fn summary(job: &CleanJob, ready: &Prepared, cleaning: &Cleaning, failures: Vec<Failure>) -> Summary {
    let mut summary = Summary { failures, ..Summary::default() };
    let (all, kept) = (ready.samples.rows.len(), cleaning.cleaned.kept.len());
    summary.fact("method", job.method.clone());
    summary.fact("samples", all.to_string());
    summary.fact("kept", format!("{kept} ({:.1} %)", 100.0 * kept as f64 / all as f64));
    summary.fact("dropped", cleaning.cleaned.dropped.len().to_string());
    if let Some((_, band)) = ready.filled.absent.first() {
        let number = ready.filled.absent.len();
        summary
            .fact("without a series", format!("{number} with no value of a band such as {band} at any date"));
    }
    if let Some(error) = cleaning.forest_error {
        summary.fact("forest out of bag", format!("{:.1} % of labels contradicted", 100.0 * error));
    }
    summary.fact("series", format!("{} dates of {}", ready.table.days.len(), ready.table.bands.join(", ")));
    let classes = &cleaning.cleaned.classes;
    let minor = classes.iter().filter(|class| class.clusters.first().is_some_and(|first| first.share < 0.5));
    let minor: Vec<&str> = minor.map(|class| class.name.as_str()).collect();
    if !minor.is_empty() {
        summary.fact("no majority", format!("the largest cluster is under half of {}", minor.join(", ")));
    }
    for class in classes {
        let clusters: Vec<String> =
            class.clusters.iter().map(|cluster| format!("{:.0} %", 100.0 * cluster.share)).collect();
        let clusters = match clusters.len() {
            0 => String::new(),
            1 => ", one cluster".to_owned(),
            number => format!(", {number} clusters of {}", clusters.join(", ")),
        };
        summary.fact(&class.name, format!("{} of {} kept{clusters}", class.kept, class.samples));
    }
    summary
}
