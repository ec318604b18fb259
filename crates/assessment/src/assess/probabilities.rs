//! Class probabilities against the reference: proper scores, calibration, and conformal sets on data of their own.

use super::job::{AssessJob, ProbabilityJob};
use super::points::Points;
use super::probability_pass::{Blocks, Half, Pass, Percents, Reference};
use super::{Class, Classes};
use crate::{Error, Result};
use ecotone_core::Legend;
use ecotone_io::{RasterDataset, write_csv};
use ecotone_jobs::{Codes, Mask, Progress, RunFolder, write_json};
use ecotone_metrics::{
    Binning, Calibration, CalibrationBin, ConformalCoverage, ConformalSets, Levels, ProbabilityScores,
};
use serde::Serialize;
use serde_json::Value;
use std::path::Path;

/// The bins of calibration curves and their error.
const BINS: Binning = Binning::EqualWidth(10);

/// What was found; serialised, the content of probability_scores.json.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct ProbabilityFigures {
    /// Pixels or points with a reference and probabilities.
    pub(crate) samples: u64,
    pub(crate) brier: Option<f64>,
    pub(crate) log_loss: Option<f64>,
    pub(crate) macro_auc: Option<f64>,
    /// Of the highest probability, in ten bins of equal width.
    pub(crate) expected_calibration_error: Option<f64>,
    pub(crate) classes: Vec<ClassProbability>,
    pub(crate) conformal: Conformal,
    /// The calibration curve of the confidence, then that of each class.
    #[serde(skip)]
    pub(crate) curves: Vec<Vec<CalibrationBin>>,
}

/// One class against the rest.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct ClassProbability {
    pub(crate) code: Value,
    pub(crate) class: String,
    /// Samples whose reference is the class.
    pub(crate) samples: u64,
    pub(crate) brier: Option<f64>,
    pub(crate) auc: Option<f64>,
    pub(crate) expected_calibration_error: Option<f64>,
    pub(crate) calibration_samples: u64,
    /// From which probability on the class is in a set; `null`: too few samples, it is in all.
    pub(crate) least_probability: Option<f64>,
    pub(crate) scored_samples: u64,
    /// Share of the scored samples of the class whose set holds it.
    pub(crate) coverage: Option<f64>,
}

/// The sets over all classes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Conformal {
    pub(crate) alpha: f64,
    pub(crate) split: String,
    pub(crate) calibration_samples: u64,
    pub(crate) scored_samples: u64,
    pub(crate) coverage: Option<f64>,
    pub(crate) mean_size: Option<f64>,
    /// Scored samples by the number of classes in their set, from 0.
    pub(crate) sizes: Vec<u64>,
}

/// Scores the probabilities of a job and writes set_sizes.tif. Memory is bounded by a window.
///
/// # Errors
/// When the raster is not one of percents, a band a class in the legend's order, or shares no pixel with the reference.
pub(super) fn probability_figures(
    job: &AssessJob,
    asked: &ProbabilityJob,
    legend: &Legend,
    points: Option<&Points>,
    folder: &RunFolder,
    progress: &dyn Progress,
) -> Result<ProbabilityFigures> {
    let percents = Percents::open(&asked.path, legend)?;
    let grid = RasterDataset::open_unplaced(&job.map)?.geobox().clone();
    let reference = match points {
        Some(points) => Reference::Points(points),
        None => Reference::Raster {
            codes: Codes::open(&job.reference, legend, &job.ignore)?,
            mask: job.mask.as_ref().map(Mask::open).transpose()?,
            blocks: Blocks::new(grid.shape(), asked.seed)?,
        },
    };
    let pass = Pass { percents: &percents, grid: &grid, legend, reference: &reference, seed: asked.seed };
    let empty = || ProbabilityScores::new(legend.len(), Levels::Percents);
    let (mut calibration, mut scoring) = (empty(), empty());
    pass.samples("probabilities", progress, |half, values, truth| match half {
        Half::Calibration => Ok(calibration.add(values, truth)?),
        Half::Scoring => Ok(scoring.add(values, truth)?),
    })
    .map_err(|error| named(error, &asked.path))?;
    if calibration.samples() == 0 || scoring.samples() == 0 {
        let (path, reference) = (asked.path.clone(), job.reference.clone());
        let samples = calibration.samples() + scoring.samples();
        return Err(Error::NoProbability { path, reference, samples });
    }
    let sets = ConformalSets::new(&calibration, asked.alpha)?;
    let mut coverage = ConformalCoverage::new(legend.len());
    pass.samples("conformal sets", progress, |half, values, truth| match half {
        Half::Calibration => Ok(()),
        Half::Scoring => Ok(coverage.add(&sets, values, truth)?),
    })?;
    pass.write_sizes(&sets, &folder.file("set_sizes.tif"), progress)
        .map_err(|error| named(error, &asked.path))?;
    let split = match &reference {
        Reference::Points(_) => format!("half of the points of each class, drawn with seed {}", asked.seed),
        Reference::Raster { blocks, .. } => {
            format!("half of the blocks of {0} x {0} pixels, drawn with seed {1}", blocks.side, asked.seed)
        }
    };
    figures(&Classes::of_legend(legend), calibration, &scoring, &sets, &coverage, split)
}

fn figures(
    classes: &Classes,
    calibration: ProbabilityScores,
    scoring: &ProbabilityScores,
    sets: &ConformalSets,
    coverage: &ConformalCoverage,
    split: String,
) -> Result<ProbabilityFigures> {
    let calibrated = calibration.samples();
    let mut all = calibration;
    all.merge(scoring)?;
    let class = |(index, class): (usize, &Class)| -> Result<ClassProbability> {
        let (one, set) = (all.class(index), sets.classes().get(index));
        Ok(ClassProbability {
            code: class.json_code(),
            class: class.name.clone(),
            samples: one.map_or(0, Calibration::events),
            brier: one.and_then(Calibration::brier),
            auc: one.and_then(Calibration::auc),
            expected_calibration_error: one.map_or(Ok(None), |one| one.expected_error(BINS))?,
            calibration_samples: set.map_or(0, |set| set.samples),
            least_probability: set.and_then(|set| set.least_probability),
            scored_samples: coverage.samples(index),
            coverage: coverage.class(index),
        })
    };
    let curves = std::iter::once(all.confidence()).chain((0..classes.len()).filter_map(|i| all.class(i)));
    Ok(ProbabilityFigures {
        samples: all.samples(),
        brier: all.brier(),
        log_loss: all.log_loss(),
        macro_auc: all.macro_auc(),
        expected_calibration_error: all.confidence().expected_error(BINS)?,
        classes: classes.iter().enumerate().map(class).collect::<Result<_>>()?,
        conformal: Conformal {
            alpha: sets.alpha(),
            split,
            calibration_samples: calibrated,
            scored_samples: scoring.samples(),
            coverage: coverage.overall(),
            mean_size: coverage.mean_size(),
            sizes: coverage.sizes().to_vec(),
        },
        curves: curves.map(|curve| curve.curve(BINS)).collect::<std::result::Result<_, _>>()?,
    })
}

/// What was wrong with the values, with the file that holds them.
fn named(error: Error, path: &Path) -> Error {
    match error {
        Error::Metrics(source) => Error::Percents { path: path.to_owned(), source },
        other => other,
    }
}

impl ProbabilityFigures {
    /// Writes probability_scores.json, reliability.csv and conformal.csv.
    pub(super) fn write(&self, folder: &RunFolder) -> Result<()> {
        write_json(&folder.file("probability_scores.json"), self)?;
        let text = |value: Option<f64>| value.map_or(String::new(), |value| value.to_string());
        let plain = |code: &Value| code.as_str().map_or_else(|| code.to_string(), str::to_owned);
        let names = std::iter::once((String::new(), "confidence"))
            .chain(self.classes.iter().map(|class| (plain(&class.code), class.class.as_str())));
        let bins = names.zip(&self.curves).flat_map(|((code, class), curve)| {
            curve.iter().map(move |bin| {
                (
                    code.clone(),
                    class,
                    bin.lower,
                    bin.upper,
                    bin.samples,
                    bin.mean_probability,
                    bin.observed_share,
                )
            })
        });
        let header = ["code", "class", "lower", "upper", "samples", "mean_probability", "observed_share"];
        write_csv(folder.file("reliability.csv"), &header, bins)?;
        let header =
            ["code", "class", "calibration_samples", "least_probability", "scored_samples", "coverage"];
        let rows = self.classes.iter().map(|class| {
            let (least, coverage) = (text(class.least_probability), text(class.coverage));
            let (calibrated, scored) = (class.calibration_samples, class.scored_samples);
            (plain(&class.code), class.class.as_str(), calibrated, least, scored, coverage)
        });
        Ok(write_csv(folder.file("conformal.csv"), &header, rows)?)
    }
}
