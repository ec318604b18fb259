//! Class probabilities against the reference: proper scores, calibration, and conformal sets on data of their own.

use super::job::{AssessJob, ProbabilityJob};
use super::points::Points;
use super::probability_blocks::{Blocks, Halves};
use super::probability_pass::{Pass, Percents, Reference};
use super::{Class, Classes, Design};
use crate::{Error, Result};
use ecotone_core::Legend;
use ecotone_io::{RasterDataset, write_csv};
use ecotone_jobs::{Codes, Mask, Progress, RunFolder, write_json};
use ecotone_metrics::{
    Binning, Calibration, CalibrationBin, ConformalCoverage, ConformalScores, ConformalSets, Levels,
    ProbabilityScores,
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
    /// Calibration blocks that hold the class, and its samples there.
    pub(crate) calibration_blocks: u64,
    pub(crate) calibration_samples: u64,
    /// From which probability on the class is in a set; `null`: too few blocks, it is in all.
    pub(crate) least_probability: Option<f64>,
    pub(crate) scored_blocks: u64,
    pub(crate) scored_samples: u64,
    /// Mean over the scored blocks of the share of the class's samples whose set holds it.
    pub(crate) coverage: Option<f64>,
}

/// The sets over all classes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Conformal {
    pub(crate) alpha: f64,
    /// What calibrates or is scored as a whole: blocks, clusters or points.
    pub(crate) unit: &'static str,
    pub(crate) split: String,
    /// Blocks that a class must have among those that calibrate to be left out of any set.
    pub(crate) blocks_needed: u64,
    pub(crate) calibration_blocks: usize,
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
        Some(points) => Reference::Points { points, clustered: job.design == Some(Design::Cluster) },
        None => Reference::Raster {
            codes: Codes::open(&job.reference, legend, &job.ignore)?,
            mask: job.mask.as_ref().map(Mask::open).transpose()?,
            blocks: Blocks::of(job, asked.block, &grid)?,
        },
    };
    let pass = Pass { percents: &percents, grid: &grid, legend, reference: &reference, seed: asked.seed };
    let mut scores = ProbabilityScores::new(legend.len(), Levels::Percents);
    let mut found = ConformalScores::new(legend.len(), Levels::Percents);
    pass.samples("probabilities", None, progress, |values, truth, blocks| {
        scores.add(values, truth)?;
        Ok(found.add(values, &reference.whole(truth, blocks), blocks)?)
    })
    .map_err(|error| named(error, &asked.path))?;
    if scores.samples() == 0 {
        let (path, reference) = (asked.path.clone(), job.reference.clone());
        return Err(Error::NoProbability { path, reference });
    }
    let halves = pass.halves(&found)?;
    let sets = ConformalSets::new(&found.only(|block| halves.has(block)), asked.alpha, asked.seed)?;
    let mut coverage = ConformalCoverage::new(legend.len());
    pass.samples("conformal sets", Some(&halves), progress, |values, truth, blocks| {
        Ok(coverage.add(&sets, values, &reference.whole(truth, blocks), blocks)?)
    })?;
    pass.write_sizes(&sets, &folder.file("set_sizes.tif"), progress)
        .map_err(|error| named(error, &asked.path))?;
    let conformal = Conformal::of(&sets, &coverage, &halves, &reference, asked.seed);
    figures(&Classes::of_legend(legend), &scores, &sets, &coverage, conformal)
}

fn figures(
    classes: &Classes,
    all: &ProbabilityScores,
    sets: &ConformalSets,
    coverage: &ConformalCoverage,
    conformal: Conformal,
) -> Result<ProbabilityFigures> {
    let class = |(index, class): (usize, &Class)| -> Result<ClassProbability> {
        let (one, set) = (all.class(index), sets.classes().get(index));
        Ok(ClassProbability {
            code: class.json_code(),
            class: class.name.clone(),
            samples: one.map_or(0, Calibration::events),
            brier: one.and_then(Calibration::brier),
            auc: one.and_then(Calibration::auc),
            expected_calibration_error: one.map_or(Ok(None), |one| one.expected_error(BINS))?,
            calibration_blocks: set.map_or(0, |set| set.blocks),
            calibration_samples: set.map_or(0, |set| set.samples),
            least_probability: set.and_then(|set| set.least_probability),
            scored_blocks: coverage.blocks(index),
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
        conformal,
        curves: curves.map(|curve| curve.curve(BINS)).collect::<std::result::Result<_, _>>()?,
    })
}

impl Conformal {
    fn of(
        sets: &ConformalSets,
        coverage: &ConformalCoverage,
        halves: &Halves,
        reference: &Reference<'_>,
        seed: u64,
    ) -> Self {
        Self {
            alpha: sets.alpha(),
            unit: reference.unit(),
            split: reference.split(seed),
            blocks_needed: sets.blocks_needed(),
            calibration_blocks: halves.len(),
            calibration_samples: sets.classes().iter().map(|class| class.samples).sum(),
            scored_samples: coverage.sizes().iter().sum(),
            coverage: coverage.overall(),
            mean_size: coverage.mean_size(),
            sizes: coverage.sizes().to_vec(),
        }
    }
}

/// What was wrong with the values, with the file that holds them.
fn named(error: Error, path: &Path) -> Error {
    match error {
        Error::Metrics(source) => Error::Percents { path: path.to_owned(), source },
        other => other,
    }
}

impl ProbabilityFigures {
    /// The classes that stand in every set for want of blocks to calibrate on, with how many they had; `None`: no class.
    pub(super) fn in_every_set(&self) -> Option<String> {
        let (needed, unit) = (self.conformal.blocks_needed, self.conformal.unit);
        let few = self.classes.iter().filter(|class| class.least_probability.is_none());
        let told: Vec<String> = few
            .map(|class| format!("{} ({} of {needed} {unit})", class.class, class.calibration_blocks))
            .collect();
        (!told.is_empty()).then(|| told.join(", "))
    }

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
        let header = "code,class,calibration_blocks,blocks_needed,calibration_samples,least_probability,scored_blocks,\
                      scored_samples,coverage";
        let header: Vec<&str> = header.split(',').collect();
        let rows = self.classes.iter().map(|class| {
            (
                plain(&class.code),
                class.class.as_str(),
                class.calibration_blocks,
                self.conformal.blocks_needed,
                class.calibration_samples,
                text(class.least_probability),
                class.scored_blocks,
                class.scored_samples,
                text(class.coverage),
            )
        });
        Ok(write_csv(folder.file("conformal.csv"), &header, rows)?)
    }
}
