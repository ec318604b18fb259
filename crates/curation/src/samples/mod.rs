//! Labelled samples with their series: drawn from the recipe's labels, or taken from a file of points or polygons.

mod ground;
mod picked;
mod points;
mod write;

use super::at_pixels::at_pixels;
use super::pixels::PixelSeries;
use crate::labels::LabelFiles;
use crate::survey::Survey;
use crate::{Error, Result};
use chrono::Datelike;
use ecotone_core::{Legend, Timeline};
use ecotone_cubes::Site;
use ecotone_io::{VectorLayer, read_point_records};
use ecotone_jobs::Error as JobError;
use ecotone_jobs::{Failure, Progress, Resources, Summary, fresh};
use ground::{Ground, Labelled};
use picked::{Picked, Wanted};
use points::{LeftOut, Reading};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

/// Samples that are drawn where no number is asked for.
const COUNT: usize = 10_000;
/// The attribute of classes where neither job nor recipe names one.
const ATTRIBUTE: &str = "code";

/// Samples to write.
#[derive(Debug, Clone)]
pub struct SamplesJob {
    /// Says the scenes, the grid, the labels and their legend.
    pub survey: Survey,
    /// Points (CSV with `x,y` on the map's grid or `lon,lat`, or vector) or polygons; `None`: the recipe's labels.
    pub from: Option<PathBuf>,
    /// The layer of that file, where several hold features.
    pub layer: Option<String>,
    /// The column or attribute of the class; `None`: that of the recipe, else `code`.
    pub attribute: Option<String>,
    /// How many; `None`: 10 000 of the recipe's labels, all of a file.
    pub count: Option<usize>,
    /// `balanced`, as many of each class, or `map`, in the shares that classes have among the labels.
    pub shares: String,
    /// Least distance of two samples, in metres; 0 for any.
    pub distance: f64,
    /// Whether samples of different classes may lie closer.
    pub per_class: bool,
    /// Whether the series are read.
    pub series: bool,
    /// Decides every draw.
    pub seed: u64,
    /// The table: .csv, .gpkg or .geojson.
    pub out: PathBuf,
    /// Replace it where it exists.
    pub replace: bool,
}

/// Writes samples: id, place, code, group, year, and of each step and channel of the recipe's series a feature such as
/// `B04@2021-06-01`, empty where nothing was seen.
///
/// A drawn sample is a pixel: its place is the centre. Pixels of a polygon have its id as their group. The year of a sample
/// without one is that of the middle of the series. Samples off the map's grid, never seen, of another year than the
/// series, or in one pixel with a sample of another class are left out and told; scenes that fail are listed.
///
/// Memory is bounded by a window of the labels or the series and the samples themselves, whatever the number of labelled
/// pixels.
///
/// # Errors
/// When the labels cannot be read, hold a code that the legend lacks or no class at all, no scene fits, or no sample is
/// left.
pub fn label_samples(job: &SamplesJob, resources: &Resources, progress: &dyn Progress) -> Result<Summary> {
    let balanced = match job.shares.as_str() {
        "balanced" => true,
        "map" => false,
        other => return Err(JobError::word("--shares", other, &["balanced", "map"]).into()),
    };
    let count = if job.from.is_none() { job.count.or(Some(COUNT)) } else { job.count };
    let SamplesJob { distance, per_class, seed, .. } = *job;
    let wanted = Wanted { count, balanced, distance, per_class, seed }.checked()?;
    write::check_name(&job.out)?;
    let inputs: Vec<PathBuf> = job.survey.files.iter().cloned().chain(job.from.clone()).collect();
    fresh(&[&job.out], job.replace, &inputs)?;
    resources.apply()?;
    let ground = Prepared::of(job, resources, progress)?;
    let (picked, mut left_out) = ground.pick(job, &wanted, progress)?;
    let (picked, failures) = match &ground.series {
        None => (picked, Vec::new()),
        Some(series) => {
            let found = at_pixels(series, &picked.pixels, progress)?;
            let (picked, unseen) = picked.with_features(series.names(), found.features);
            left_out.extend("never seen by any scene", unseen);
            (picked, found.failures)
        }
    };
    if picked.pixels.is_empty() {
        return Err(Error::AllLeftOut { reasons: left_out.lines().join("; ") });
    }
    write::write(&job.out, &picked)?;
    Ok(summary(job, &ground, &picked, &left_out, failures))
}

/// The ground that samples lie on.
struct Prepared {
    files: LabelFiles,
    legend: Legend,
    site: Site,
    series: Option<PixelSeries>,
    /// The years of the series and the one in its middle; `None` where it is not known when it begins.
    years: Option<(RangeInclusive<i32>, i32)>,
}

impl Prepared {
    fn of(job: &SamplesJob, resources: &Resources, progress: &dyn Progress) -> Result<Self> {
        let (survey, files) = (&job.survey, job.survey.labels.clone());
        let legend = files.legend()?;
        // A raster has a grid of its own; for polygons the scenes say it.
        if !job.series && (files.polygons().is_none() || !survey.series.grid.is_auto()) {
            let site = survey.site(&[])?;
            let first = survey.series.sources.first().filter(|_| survey.series.start.is_some());
            let years = first.map(|source| Ok::<_, Error>(years(&source.timeline()?))).transpose()?;
            return Ok(Self { files, legend, site, series: None, years });
        }
        let series = PixelSeries::plan(survey, resources, progress)?;
        let series = series.absent_as(f32::NAN);
        let (site, years) = (series.series().site().clone(), years(&series.series().spec().timeline()?));
        Ok(Self { files, legend, site, series: job.series.then_some(series), years: Some(years) })
    }

    /// The samples as wanted, without features.
    fn pick(&self, job: &SamplesJob, wanted: &Wanted, progress: &dyn Progress) -> Result<(Picked, LeftOut)> {
        let survey = &job.survey;
        let own = Some(survey.attribute.as_str()).filter(|own| !own.is_empty());
        let attribute = job.attribute.as_deref().or(own).unwrap_or(ATTRIBUTE);
        let draw = |labelled: Labelled<'_>| {
            let ground = Ground { labelled, site: &self.site, legend: &self.legend, ignore: &survey.ignore };
            let year = self.years.as_ref().map(|years| years.1);
            Ok((ground.draw(wanted, year, progress)?, LeftOut::default()))
        };
        let Some(from) = &job.from else {
            return match self.files.polygons() {
                Some((layer, _)) => draw(Labelled::Polygons { layer, attribute }),
                None => draw(Labelled::Raster(&self.files)),
            };
        };
        let layer = &VectorLayer::named(from, job.layer.as_deref());
        let path = layer.path();
        let points = read_point_records(layer, self.site.geobox().crs())?;
        match (points.has_points(), is_table(path)) {
            (false, true) => return Err(Error::Empty { path: path.to_owned() }),
            (false, false) => return draw(Labelled::Polygons { layer, attribute }),
            (true, _) => {}
        }
        let reading = Reading {
            path,
            attribute,
            site: &self.site,
            legend: &self.legend,
            ignore: &survey.ignore,
            years: self.years.clone(),
        };
        let (picked, left_out) = reading.samples(points)?;
        let mut population = vec![0; self.legend.len()];
        picked.classes.iter().for_each(|class| population[*class] += 1);
        // None of none can be shared out.
        let picked = if picked.classes.is_empty() { picked } else { picked.narrowed(&population, wanted)? };
        Ok((picked, left_out))
    }
}

/// The years that a series touches, and the one in its middle.
fn years(timeline: &Timeline) -> (RangeInclusive<i32>, i32) {
    let (first, end) = (timeline.step_start(0), timeline.end());
    let middle = first + (end - first) / 2;
    let last = end.pred_opt().unwrap_or(end);
    (first.year()..=last.year(), middle.year())
}

fn is_table(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv"))
}

fn summary(
    job: &SamplesJob,
    ground: &Prepared,
    picked: &Picked,
    left_out: &LeftOut,
    failures: Vec<Failure>,
) -> Summary {
    let mut summary = Summary { failures, ..Summary::default() };
    summary.fact("samples", picked.pixels.len().to_string());
    summary.fact("by class", picked.by_class(&ground.legend));
    let short = picked.short(&ground.legend);
    if !short.is_empty() {
        summary.fact("fewer than asked for", short);
    }
    if picked.thinned > 0 {
        summary.fact("thinned", format!("{} lay within {} m of another", picked.thinned, job.distance));
    }
    for line in left_out.lines() {
        summary.fact("left out", line);
    }
    if let Some(series) = &ground.series {
        let names = series.names();
        let (first, last) = (names.first().map_or("", |n| n), names.last().map_or("", |n| n));
        summary.fact("features", format!("{}, {first} to {last}", names.len()));
    }
    summary.fact("crs", ground.site.geobox().crs().to_string());
    summary.fact("file", job.out.display().to_string());
    summary
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_is_of_the_year_in_its_middle() {
        let of = |start: &str, steps| years(&Timeline::new(start.parse().unwrap(), 30, steps).unwrap());
        assert_eq!(of("2021-01-01", 12), (2021..=2021, 2021));
        assert_eq!(of("2021-08-01", 12), (2021..=2022, 2022));
        assert_eq!(of("2020-12-20", 1), (2020..=2021, 2021));
    }
}
