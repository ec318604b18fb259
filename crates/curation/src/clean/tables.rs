//! kept.csv, dropped.csv and clean.json.

use super::job::CleanJob;
use super::method::{Cleaning, words};
use super::prepared::Prepared;
use crate::Result;
use ecotone_core::ClassIndex;
use ecotone_io::write_csv;
use ecotone_jobs::{RunFolder, write_json};
use ecotone_labeling::{Coordinates, Reason, Sample};
use serde::Serialize;

/// A sample that is dropped.
pub(super) struct DroppedSample {
    /// Its row in the table of samples.
    pub(super) row: usize,
    /// Why, in words.
    pub(super) reason: String,
    /// Number of its cluster within its class.
    pub(super) cluster: Option<usize>,
    /// Code of the class that it looks like.
    pub(super) suggested: Option<u8>,
}

#[derive(Serialize)]
struct CleanJson<'a> {
    version: &'static str,
    samples: usize,
    kept: usize,
    dropped: usize,
    without_series: usize,
    method: &'a str,
    clusters: &'a str,
    scale: &'a str,
    seed: u64,
    dates: usize,
    indices: Vec<String>,
    out_of_bag_error: Option<f64>,
    classes: Vec<ClassJson>,
}

#[derive(Serialize)]
struct ClassJson {
    code: u8,
    class: String,
    samples: usize,
    without_series: usize,
    kept: usize,
    clusters: Vec<ClusterJson>,
    silhouette: Option<f64>,
    looks_like: Vec<LooksJson>,
}

#[derive(Serialize)]
struct ClusterJson {
    samples: usize,
    share: f64,
}

#[derive(Serialize)]
struct LooksJson {
    code: u8,
    samples: u64,
}

/// Dropped samples, in the order of the table.
pub(super) fn dropped(ready: &Prepared, cleaning: &Cleaning) -> Vec<DroppedSample> {
    let cleaned = cleaning.cleaned.dropped.iter().map(|dropped| {
        let suggested = match &dropped.reason {
            Reason::LooksLike { class, .. } => Some(ready.code(*class)),
            _ => None,
        };
        DroppedSample {
            row: ready.filled.rows[dropped.row],
            reason: words(&dropped.reason, dropped.class, &ready.names),
            cluster: cleaning.cluster.as_ref().map(|clusters| clusters[dropped.row]),
            suggested,
        }
    });
    let absent = ready.filled.absent.iter().map(|(row, band)| DroppedSample {
        row: *row,
        reason: format!("has no value of {band} at any date"),
        cluster: None,
        suggested: None,
    });
    let mut all: Vec<DroppedSample> = cleaned.chain(absent).collect();
    all.sort_by_key(|dropped| dropped.row);
    all
}

/// Writes kept.csv and dropped.csv.
pub(super) fn write_samples(
    folder: &RunFolder,
    ready: &Prepared,
    cleaning: &Cleaning,
    dropped: &[DroppedSample],
) -> Result<()> {
    let kept: Vec<usize> = cleaning.cleaned.kept.iter().map(|row| ready.filled.rows[*row]).collect();
    ready.samples.select(&kept).write_csv(folder.file("kept.csv"))?;
    let place = match ready.samples.coordinates {
        Coordinates::LonLat => ["lon", "lat"],
        Coordinates::Projected(_) => ["x", "y"],
    };
    let fixed = ["id", place[0], place[1], "code", "group", "year", "reason", "cluster", "suggested_code"];
    let features = ready.samples.features.iter().map(String::as_str);
    let header: Vec<&str> = fixed.into_iter().chain(features).collect();
    let rows = dropped.iter().map(|dropped| {
        let Sample { id, place, code, group, year, features } = &ready.samples.rows[dropped.row];
        let text = |value: Option<String>| value.unwrap_or_default();
        let mut cells = vec![
            id.clone(),
            place.x.to_string(),
            place.y.to_string(),
            code.0.to_string(),
            text(group.clone()),
            text(year.map(|year| year.to_string())),
            dropped.reason.clone(),
            text(dropped.cluster.map(|cluster| cluster.to_string())),
            text(dropped.suggested.map(|code| code.to_string())),
        ];
        cells.extend(features.iter().map(|v| if v.is_nan() { String::new() } else { v.to_string() }));
        cells
    });
    Ok(write_csv(folder.file("dropped.csv"), &header, rows)?)
}

/// Writes clean.json.
pub(super) fn write_report(
    folder: &RunFolder,
    job: &CleanJob,
    ready: &Prepared,
    cleaning: &Cleaning,
) -> Result<()> {
    let class = |(place, outcome): (usize, &ecotone_labeling::ClassOutcome)| {
        let code = ready.code(place);
        let absent = ready.filled.absent.iter();
        let without_series = absent.filter(|(row, _)| ready.samples.rows[*row].code.0 == code).count();
        let looks = cleaning.looks.iter().flat_map(|looks| looks.row(place).to_vec().into_iter().enumerate());
        let clusters = outcome.clusters.iter();
        ClassJson {
            code,
            class: outcome.name.clone(),
            samples: outcome.samples + without_series,
            without_series,
            kept: outcome.kept,
            clusters: clusters.map(|c| ClusterJson { samples: c.samples, share: c.share }).collect(),
            silhouette: outcome.silhouette,
            looks_like: looks
                .filter(|(_, samples)| *samples > 0)
                .map(|(other, samples)| LooksJson { code: ready.code(other), samples })
                .collect(),
        }
    };
    let cleaned = &cleaning.cleaned;
    let json = CleanJson {
        version: env!("CARGO_PKG_VERSION"),
        samples: ready.samples.rows.len(),
        kept: cleaned.kept.len(),
        dropped: cleaned.dropped.len(),
        without_series: ready.filled.absent.len(),
        method: &job.method,
        clusters: &job.clusters,
        scale: &job.scaling,
        seed: job.seed,
        dates: ready.table.days.len(),
        indices: ready.indices.iter().map(ToString::to_string).collect(),
        out_of_bag_error: cleaning.forest_error,
        classes: cleaned.classes.iter().enumerate().map(class).collect(),
    };
    Ok(write_json(&folder.file("clean.json"), &json)?)
}

impl Prepared {
    /// The code of a class that has samples.
    pub(super) fn code(&self, class: usize) -> u8 {
        self.legend.code_of(ClassIndex(self.present[class])).map_or(0, |code| code.0)
    }
}
