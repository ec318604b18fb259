//! The tables of a comparison of map and reference.

use crate::Result;
use crate::assess::PointCounts;
use ecotone_core::Legend;
use ecotone_jobs::{RunFolder, write_json};
use ecotone_metrics::{Binning, ClassScores, ConfusionMatrix};
use serde::Serialize;

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

/// How well the test pixels of a training were held out, for metrics.json; shares from 0 to 1, `None` where there is none.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct HeldOut {
    /// Share of test pixels in a field, no larger than a block, that has training pixels, too.
    pub test_pixels_in_training_fields: Option<f64>,
    /// Share of test pixels with a training pixel among their eight neighbours.
    pub test_pixels_touching_training: Option<f64>,
    /// Labelled training pixels that no patch can hold.
    pub unreached_training_pixels: Unreached,
}

/// Labelled training pixels that no patch can hold.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Unreached {
    /// How many, all years together.
    pub pixels: u64,
    /// Their share of all labelled training pixels, 0 to 1; none where there is no such pixel.
    pub share: Option<f64>,
}

/// Writes confusion.csv, metrics.csv and metrics.json, with what became of the points where points were counted, and, of a
/// training, how well its test pixels were held out.
pub fn write_tables(
    folder: &RunFolder,
    legend: &Legend,
    matrix: &ConfusionMatrix,
    points: Option<&PointCounts>,
    held_out: Option<&HeldOut>,
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
    let metrics = Metrics { points, held_out, ..Metrics::new(matrix, &scores) };
    Ok(write_json(&folder.file("metrics.json"), &metrics)?)
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
    #[serde(flatten)]
    held_out: Option<&'a HeldOut>,
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
            held_out: None,
            classes: scores.iter().map(class).collect(),
        }
    }
}

/// A share as people read it.
pub fn share(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.3}"))
}
