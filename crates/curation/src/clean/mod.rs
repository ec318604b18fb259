//! Samples without those that are probably labelled wrongly, and a page that shows what was dropped and why.

mod cleaning_page;
mod clusters;
mod method;
mod page;
mod series;
mod tables;

pub(crate) use series::{INDICES, SOIL_MOST};

use super::at_pixels::{Pixel, at_pixels};
use super::pixels::PixelSeries;
use crate::survey::Survey;
use crate::{Error, Result};
use cleaning_page::cleaning_page;
use ecotone_core::{Crs, Legend, XY};
use ecotone_jobs::{Command, Existing, Failure, Progress, Resources, RunFolder, Summary, read_legend};
use ecotone_labeling::{Coordinates, Samples};
use ecotone_preprocessing::BoundIndex;
use method::{Cleaning, Method};
use ndarray::Array2;
use series::{Filled, SeriesTable};
use std::path::PathBuf;

/// A cleaning.
#[derive(Debug, Clone)]
pub struct CleanJob {
    /// CSV with `x,y` or `lon,lat`, `code`, and features such as `B04@2021-06-01`.
    pub samples: PathBuf,
    /// `code,name,color`.
    pub legend: PathBuf,
    /// Where the series come from; `None`: from the features.
    pub series: Option<Survey>,
    /// clusters, confident or both.
    pub method: String,
    /// Clusters of each class, or auto.
    pub clusters: String,
    /// none or standard.
    pub scaling: String,
    /// The system of `x,y`; `None`: that of the recipe's grid, which matters only where series are read.
    pub crs: Option<String>,
    /// Decides every draw.
    pub seed: u64,
    /// The folder for the results.
    pub out: PathBuf,
    /// What to do where the folder holds a run already.
    pub existing: Existing,
}

/// All that the cleaning starts from.
struct Prepared {
    samples: Samples,
    legend: Legend,
    /// The legend's indices of the classes that have samples with a series.
    present: Vec<usize>,
    /// Their names.
    names: Vec<String>,
    /// Class of each sample with a series, as a place among those.
    labels: Vec<usize>,
    table: SeriesTable,
    /// None where bands are missing and no clusters are looked for.
    indices: Vec<BoundIndex>,
    filled: Filled,
    /// `[sample, index x date]`; of the filled series where there are no indices.
    features: Array2<f32>,
    feature_names: Vec<String>,
}

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
    let folder = RunFolder::claim(Command::Clean, &job.out, job.existing, &job.files()?)?;
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

impl CleanJob {
    /// What it reads; addresses and boxes of coordinates are among it.
    fn files(&self) -> Result<Vec<PathBuf>> {
        let mut files = vec![self.samples.clone(), self.legend.clone()];
        files.extend(self.series.iter().flat_map(|survey| survey.files.iter().cloned()));
        Ok(files)
    }
}

/// The samples with their series, and the scenes that failed.
fn read(job: &CleanJob, resources: &Resources, progress: &dyn Progress) -> Result<(Samples, Vec<Failure>)> {
    let crs = job.crs.as_deref().map(str::parse::<Crs>).transpose()?;
    let Some(survey) = &job.series else {
        // Without a recipe the places are copied and not looked at, so that any system stands for theirs.
        let crs = crs.unwrap_or_else(|| Crs::epsg(3857));
        let samples = Samples::read_csv(&job.samples, Some(&crs))?;
        return match samples.rows.is_empty() {
            true => Err(Error::Empty { path: job.samples.clone() }.into()),
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
        return Err(Error::Empty { path: job.samples.clone() }.into());
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

impl Prepared {
    fn of(job: &CleanJob, method: Method, samples: Samples, legend: Legend) -> Result<Self> {
        let all = samples.labels(&legend)?;
        let table = SeriesTable::of(&samples.features, &job.samples)?;
        let indices = match (table.indices(), method.clusters) {
            (Ok(indices), _) => indices,
            (Err(error), true) => return Err(error),
            (Err(_), false) => Vec::new(),
        };
        let bands = match method.confident {
            true => (0..table.bands.len()).collect(),
            false => table.needed(&indices),
        };
        let filled = table.filled(&samples, &bands);
        if filled.rows.is_empty() {
            let reasons = match filled.absent.first() {
                Some((_, band)) => format!("{} have no value of {band} at any date", filled.absent.len()),
                None => "there is none".to_owned(),
            };
            return Err(Error::AllLeftOut { reasons }.into());
        }
        let mut present: Vec<usize> = filled.rows.iter().map(|row| all[*row]).collect();
        present.sort_unstable();
        present.dedup();
        let place = |row: &usize| present.partition_point(|class| *class < all[*row]);
        let labels = filled.rows.iter().map(place).collect();
        let names = present.iter().map(|class| legend.entries()[*class].name.clone()).collect();
        let (features, feature_names) = match indices.is_empty() {
            true => {
                let named = bands.iter().map(|band| table.bands[*band].as_str());
                (filled.values.clone(), table.names(named))
            }
            false => (
                table.evaluate(&indices, &bands, &filled.values)?,
                table.names(indices.iter().map(BoundIndex::name)),
            ),
        };
        Ok(Self { samples, legend, present, names, labels, table, indices, filled, features, feature_names })
    }
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
