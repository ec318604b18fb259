//! What a network says of the test pixels before any filter, and what that is worth under the natural and the drawn prior.

use super::job::Prepared;
use crate::Result;
use crate::recipe::PriorKind;
use ecotone_assessment::BINS;
use ecotone_core::{AreaGrid, Legend, Window};
use ecotone_curation::UNLABELLED;
use ecotone_jobs::{RunFolder, percent, write_json};
use ecotone_metrics::{Calibration, ConfusionMatrix, Levels};
use ecotone_tiling::Part;
use serde_json::json;

/// What the network says of each pixel of a part of the split that some label knows.
pub(crate) struct Said {
    /// The prior of the map.
    prior: PriorKind,
    /// What makes its probabilities those of the other prior, one a class.
    factors: Vec<f64>,
    /// The first of the layers that are scored.
    first: usize,
    /// Of a plane over the areas.
    wanted: Vec<bool>,
    pixels: Vec<PixelSaid>,
    /// `[pixel, class]`, of which 65535 is 1.
    probabilities: Vec<u16>,
}

/// The likeliest class of a pixel under the prior of the map and under the other.
struct PixelSaid {
    place: usize,
    mapped: u8,
    other: u8,
}

impl Said {
    /// Nothing yet, of the pixels of a part; rows will have so many layers before those that are scored.
    pub(super) fn of(part: Part, prepared: &Prepared, layers: usize, bias: &[f64], prior: PriorKind) -> Self {
        let year = prepared.first();
        let known = |place: usize| {
            let truth = year.truth.as_ref().map_or(UNLABELLED, |truth| truth[place]);
            year.labels.indices[place] != UNLABELLED || truth != UNLABELLED
        };
        let codes = prepared.split.codes().iter().enumerate();
        let sign = if prior == PriorKind::Natural { -1.0 } else { 1.0 };
        Self {
            prior,
            factors: bias.iter().map(|bias| (sign * bias).exp()).collect(),
            first: layers,
            wanted: codes.map(|(place, code)| *code == part.code() && known(place)).collect(),
            pixels: Vec::new(),
            probabilities: Vec::new(),
        }
    }

    /// What makes the map's probabilities those of the other prior, one a class.
    pub(super) fn factors(&self) -> &[f64] {
        &self.factors
    }

    /// Takes rows of the map, `[layer, y, x]` over a window of the grid.
    pub(super) fn hear(&mut self, areas: &AreaGrid, rows: Window, layers: &[u8]) {
        let size = rows.shape().len();
        for (number, area) in areas.areas().iter().enumerate() {
            let Some(part) = area.intersection(rows) else { continue };
            let start = areas.part(number).start;
            for row in part.row..part.row_end() {
                let first = start + (row - area.row) as usize * area.cols + (part.col - area.col) as usize;
                let pixel = (row - rows.row) as usize * rows.cols + (part.col - rows.col) as usize;
                (0..part.cols).for_each(|col| self.hear_pixel(first + col, pixel + col, size, layers));
            }
        }
    }

    fn hear_pixel(&mut self, place: usize, pixel: usize, size: usize, layers: &[u8]) {
        let (first, classes) = (self.first, self.factors.len());
        let layer = |number: usize| layers[(first + number) * size + pixel];
        let (mapped, other) = (layer(0), layer(1));
        if !self.wanted[place] || mapped == UNLABELLED {
            return;
        }
        let share = |class: usize| u16::from_be_bytes([layer(2 + class), layer(2 + classes + class)]);
        self.probabilities.extend((0..classes).map(share));
        self.pixels.push(PixelSaid { place, mapped, other });
    }
}

/// Sums of the probabilities of a class over the test pixels, and its pixels.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct ClassSum {
    /// Under the drawn prior.
    pub(crate) before: f64,
    /// Under the natural one.
    pub(crate) after: f64,
    pub(crate) pixels: u64,
}

/// What the network's probabilities on the test pixels are worth.
pub(crate) struct PriorScores {
    /// The prior of the map.
    pub(crate) mapped: PriorKind,
    /// Highest probability of each pixel, and whether its class is right.
    pub(crate) confidence: Calibration,
    /// The same of each class's probability.
    classes: Vec<Calibration>,
    pub(crate) sums: Vec<ClassSum>,
    /// Of the likeliest class under each prior, before any filter, against the labels.
    pub(crate) confusions: [(PriorKind, ConfusionMatrix); 2],
}

impl PriorScores {
    /// Classes are held against the labels, probabilities against what is best known; both are planes of class indices over
    /// the areas.
    pub(super) fn of(said: &Said, labels: &[u8], best_known: &[u8]) -> Result<Self> {
        let classes = said.factors.len();
        let (mapped, other) = match said.prior {
            PriorKind::Natural => (PriorKind::Natural, PriorKind::Drawn),
            PriorKind::Drawn => (PriorKind::Drawn, PriorKind::Natural),
        };
        let confusion = |of: &dyn Fn(&PixelSaid) -> u8| {
            let map: Vec<u8> = said.pixels.iter().map(of).collect();
            let reference: Vec<u8> = said.pixels.iter().map(|pixel| labels[pixel.place]).collect();
            let mut matrix = ConfusionMatrix::new(classes);
            matrix.add_many(&map, &reference)?;
            Ok::<_, crate::Error>(matrix)
        };
        let mut scores = Self {
            mapped,
            confidence: Calibration::new(Levels::Percents),
            classes: vec![Calibration::new(Levels::Percents); classes],
            sums: vec![ClassSum::default(); classes],
            confusions: [
                (mapped, confusion(&|pixel| pixel.mapped)?),
                (other, confusion(&|pixel| pixel.other)?),
            ],
        };
        for (pixel, shares) in said.pixels.iter().zip(said.probabilities.chunks(classes.max(1))) {
            if best_known[pixel.place] != UNLABELLED {
                scores.add(said, pixel, shares, best_known[pixel.place])?;
            }
        }
        Ok(scores)
    }

    fn add(&mut self, said: &Said, pixel: &PixelSaid, shares: &[u16], truth: u8) -> Result<()> {
        let whole: f64 = shares.iter().map(|share| f64::from(*share)).sum();
        let others = shares.iter().zip(&said.factors).map(|(share, factor)| f64::from(*share) * factor);
        let other: Vec<f64> = others.collect();
        let other_whole: f64 = other.iter().sum();
        for (class, share) in shares.iter().enumerate() {
            let (mapped, other) = (f64::from(*share) / whole, other[class] / other_whole);
            let sum = &mut self.sums[class];
            let (before, after) =
                if said.prior == PriorKind::Natural { (other, mapped) } else { (mapped, other) };
            sum.before += before;
            sum.after += after;
            self.classes[class].add(in_percents(*share), class == usize::from(truth))?;
        }
        self.sums[usize::from(truth)].pixels += 1;
        let highest = shares[usize::from(pixel.mapped)];
        Ok(self.confidence.add(in_percents(highest), pixel.mapped == truth)?)
    }

    /// Whether there is anything that the natural prior takes back.
    pub(crate) fn differ(&self) -> bool {
        self.sums.iter().any(|sum| sum.before != sum.after)
    }

    /// Writes calibration.json: whether the probabilities on the test pixels are what they say, and the classes of both priors.
    pub(super) fn write(&self, folder: &RunFolder, legend: &Legend) -> Result<()> {
        let bins = |calibration: &Calibration| {
            let bin = |bin: &ecotone_metrics::CalibrationBin| {
                json!({
                    "from": bin.lower,
                    "to": bin.upper,
                    "pixels": bin.samples,
                    "mean_confidence": bin.mean_probability,
                    "accuracy": bin.observed_share,
                })
            };
            Ok::<_, crate::Error>(calibration.curve(BINS)?.iter().map(bin).collect::<Vec<_>>())
        };
        let codes = || legend.entries().iter().map(|entry| entry.code.0);
        let sums = codes().zip(&self.sums).map(|(code, sum)| {
            json!({"code": code, "before": sum.before, "after": sum.after, "pixels": sum.pixels})
        });
        let classes = codes().zip(&self.classes).map(|(code, class)| {
            Ok(json!({
                "code": code,
                "expected_calibration_error": class.expected_error(BINS)?,
                "bins": bins(class)?,
            }))
        });
        let priors = self.confusions.iter().map(|(prior, matrix)| {
            json!({
                "prior": prior.name(),
                "mapped": *prior == self.mapped,
                "overall_accuracy": matrix.overall_accuracy(),
                "macro_f1": matrix.macro_f1(),
                "area_error": area_error(matrix),
            })
        });
        let all = json!({
            "pixels": self.confidence.samples(),
            "expected_calibration_error": self.confidence.expected_error(BINS)?,
            "bins": bins(&self.confidence)?,
            "class_sums": sums.collect::<Vec<_>>(),
            "classes": classes.collect::<Result<Vec<_>>>()?,
            "priors": priors.collect::<Vec<_>>(),
        });
        Ok(write_json(&folder.file("calibration.json"), &all)?)
    }
}

/// A probability of which 65535 is 1 as confidence.tif has it.
fn in_percents(share: u16) -> f64 {
    f64::from(percent(f32::from(share) / f32::from(u16::MAX))) / 100.0
}

/// The share of the pixels that a map gives to wrong classes in sum: half the sum over the classes of how far the mapped share
/// is from that of the reference, which is the quantity disagreement of Pontius & Millones (2011).
pub(crate) fn area_error(matrix: &ConfusionMatrix) -> Option<f64> {
    matrix.disagreement().map(|parts| parts.quantity)
}
