//! The tables of a comparison of map and reference.

use crate::Result;
use crate::assess::PointCounts;
use ecotone_core::Legend;
use ecotone_jobs::{Error as JobError, RunFolder, write_json};
use ecotone_metrics::{Binning, Calibration, ClassScores, ConfusionMatrix};
use serde::Serialize;
use serde_json::{Map, Value};

/// Writes confusion.csv: counts under their codes, rows = map, columns = reference.
pub fn write_confusion(folder: &RunFolder, codes: &[String], matrix: &ConfusionMatrix) -> Result<()> {
    let header: Vec<String> =
        std::iter::once("map\\reference".to_owned()).chain(codes.iter().cloned()).collect();
    let rows = codes.iter().enumerate().map(|(map, code)| {
        let counts = (0..codes.len()).map(|reference| matrix.count(map, reference).to_string());
        std::iter::once(code.clone()).chain(counts).collect::<Vec<String>>()
    });
    Ok(ecotone_io::write_csv(folder.file("confusion.csv"), &header, rows)?)
}

/// Writes confusion.csv, metrics.csv and metrics.json, with what became of the points where points were counted.
pub fn write_tables(
    folder: &RunFolder,
    legend: &Legend,
    matrix: &ConfusionMatrix,
    points: Option<&PointCounts>,
) -> Result<()> {
    let scores = ClassScores::table(matrix, legend)?;
    let codes: Vec<String> = legend.entries().iter().map(|entry| entry.code.0.to_string()).collect();
    write_confusion(folder, &codes, matrix)?;

    let header = "code,class,users_accuracy,producers_accuracy,f1,iou,map_pixels,reference_pixels";
    let header: Vec<String> = header.split(',').map(str::to_owned).collect();
    let rows = scores.iter().map(|line| {
        let text = |value: Option<f64>| value.map_or(String::new(), |value| format!("{value:.6}"));
        vec![
            line.code.0.to_string(),
            line.class.clone(),
            text(line.users_accuracy),
            text(line.producers_accuracy),
            text(line.f1),
            text(line.iou),
            line.map_pixels.to_string(),
            line.reference_pixels.to_string(),
        ]
    });
    ecotone_io::write_csv(folder.file("metrics.csv"), &header, rows)?;
    let metrics = Metrics { points, ..Metrics::new(matrix, &scores) };
    Ok(write_json(&folder.file("metrics.json"), &metrics)?)
}

/// Adds a figure to the metrics.json that [`write_tables`] has written.
///
/// # Errors
/// When there is none, or it cannot be read or written.
pub fn add_to_metrics(folder: &RunFolder, name: &str, figure: &impl Serialize) -> Result<()> {
    let path = folder.file("metrics.json");
    let json = |act| {
        let path = path.clone();
        move |source| JobError::Json { act, path, source }
    };
    let read = std::fs::read_to_string(&path);
    let text = read.map_err(|source| JobError::ReadFile { what: "metrics", path: path.clone(), source })?;
    let mut metrics: Map<String, Value> = serde_json::from_str(&text).map_err(json("reading"))?;
    metrics.insert(name.to_owned(), serde_json::to_value(figure).map_err(json("writing"))?);
    Ok(write_json(&path, &metrics)?)
}

/// What map and labels are worth where the ground is known better than by the labels.
#[derive(Debug, Clone)]
pub struct AgainstTruth {
    /// Rows = map, columns = truth.
    pub map: ConfusionMatrix,
    /// Rows = labels, columns = truth.
    pub labels: ConfusionMatrix,
}

impl AgainstTruth {
    /// Writes truth.json.
    pub fn write(&self, folder: &RunFolder, legend: &Legend) -> Result<()> {
        let (map, labels) =
            (ClassScores::table(&self.map, legend)?, ClassScores::table(&self.labels, legend)?);
        let both = serde_json::json!({
            "map": Metrics::new(&self.map, &map),
            "labels": Metrics::new(&self.labels, &labels),
        });
        Ok(write_json(&folder.file("truth.json"), &both)?)
    }
}

/// How wide the bins of a calibration curve are.
pub const BINS: Binning = Binning::EqualWidth(10);

/// Writes calibration.json: whether the confidence of the map on the test pixels is what it says.
pub fn write_calibration(folder: &RunFolder, confidence: &Calibration) -> Result<()> {
    let bins: Vec<_> = confidence
        .curve(BINS)?
        .iter()
        .map(|bin| {
            serde_json::json!({
                "from": bin.lower,
                "to": bin.upper,
                "pixels": bin.samples,
                "mean_confidence": bin.mean_probability,
                "accuracy": bin.observed_share,
            })
        })
        .collect();
    let all = serde_json::json!({
        "pixels": confidence.samples(),
        "expected_calibration_error": confidence.expected_error(BINS)?,
        "bins": bins,
    });
    Ok(write_json(&folder.file("calibration.json"), &all)?)
}

/// metrics.json: `null` where a measure has no denominator.
#[derive(Serialize)]
struct Metrics<'a> {
    overall_accuracy: Option<f64>,
    kappa: Option<f64>,
    macro_f1: Option<f64>,
    mean_iou: Option<f64>,
    majority_share: Option<f64>,
    pixels: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    points: Option<&'a PointCounts>,
    classes: Vec<ClassMetrics<'a>>,
}

#[derive(Serialize)]
struct ClassMetrics<'a> {
    code: u8,
    class: &'a str,
    users_accuracy: Option<f64>,
    producers_accuracy: Option<f64>,
    f1: Option<f64>,
    iou: Option<f64>,
    map_pixels: u64,
    reference_pixels: u64,
}

impl<'a> Metrics<'a> {
    fn new(matrix: &ConfusionMatrix, scores: &'a [ClassScores]) -> Self {
        let class = |line: &'a ClassScores| ClassMetrics {
            code: line.code.0,
            class: &line.class,
            users_accuracy: line.users_accuracy,
            producers_accuracy: line.producers_accuracy,
            f1: line.f1,
            iou: line.iou,
            map_pixels: line.map_pixels,
            reference_pixels: line.reference_pixels,
        };
        Self {
            overall_accuracy: matrix.overall_accuracy(),
            kappa: matrix.kappa(),
            macro_f1: matrix.macro_f1(),
            mean_iou: matrix.mean_iou(),
            majority_share: matrix.majority_share(),
            pixels: matrix.total(),
            points: None,
            classes: scores.iter().map(class).collect(),
        }
    }
}

/// A share as people read it.
pub fn share(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.3}"))
}
