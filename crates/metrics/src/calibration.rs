//! Forecasts of one event by level: calibration curve, calibration error, Brier score and AUC.

use crate::auc::area_of_levels;
use crate::exact_sum::ExactSum;
use crate::{Error, Levels, Probability, Result};

/// How levels are put together in bins; bins without any forecast do not occur.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binning {
    /// Each level by itself: for [`Levels::Percents`] each percent.
    EachLevel,
    /// So many bins of equal width; a probability on an edge belongs to the lower bin, 0 to the first. Edges between
    /// levels lie on the one below.
    EqualWidth(usize),
    /// At most so many bins of about equally many forecasts; equal levels stay together.
    EqualMass(usize),
}

/// Forecasts of one event and how often it happened, counted by level, in any order.
///
/// Sums are kept in fixed point, so that neither order nor grouping of the forecasts changes a digit. Every measure
/// is `None` while nothing was counted. They describe the pixels that were counted: they are estimates for a map only
/// where those are an equal-chance sample that took no part in training.
///
/// ```
/// use ecotone_metrics::{Binning, Calibration, Levels};
///
/// let mut rain = Calibration::new(Levels::Percents);
/// for (probability, rained) in [(0.2, false), (0.2, false), (0.8, true), (0.8, false)] {
///     rain.add(probability, rained)?;
/// }
/// let curve = rain.curve(Binning::EqualWidth(2))?;
/// assert_eq!((curve[1].samples, curve[1].mean_probability, curve[1].observed_share), (2, 0.8, 0.5));
/// assert!((rain.expected_error(Binning::EqualWidth(2))?.unwrap() - 0.25).abs() < 1e-12);
/// assert_eq!(rain.auc(), Some(5.0 / 6.0));
/// # Ok::<(), ecotone_metrics::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calibration {
    levels: Levels,
    counts: Vec<Level>,
    squared: ExactSum,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Level {
    samples: u64,
    events: u64,
    probability: ExactSum,
}

/// One point of a calibration curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CalibrationBin {
    /// Where it begins, 0 to 1: the edge of a bin of equal width, else its lowest level.
    pub lower: f64,
    /// Where it ends, 0 to 1: the edge of a bin of equal width, else its highest level.
    pub upper: f64,
    /// Forecasts in it, at least 1.
    pub samples: u64,
    /// Their mean, 0 to 1.
    pub mean_probability: f64,
    /// Share of them where the event happened, 0 to 1.
    pub observed_share: f64,
}

/// The parts of a Brier score: `reliability - resolution + uncertainty + within_bins` (Murphy 1973).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BrierParts {
    /// Mean squared distance of the calibration curve from the diagonal, 0 (calibrated) to 1.
    pub reliability: f64,
    /// Variance of the observed shares among bins, 0 (forecasts tell nothing) to `uncertainty`.
    pub resolution: f64,
    /// Variance of the event, 0 to 0.25; no forecast changes it.
    pub uncertainty: f64,
    /// What bins hide, variance less twice the covariance within them (Stephenson, Coelho & Jolliffe 2008); 0 but for
    /// rounding where each bin holds one probability, as percents with [`Binning::EachLevel`] do.
    pub within_bins: f64,
}

impl Calibration {
    /// Without any forecast.
    pub fn new(levels: Levels) -> Self {
        let counts = vec![Level::default(); levels.highest() + 1];
        Self { levels, counts, squared: ExactSum::default() }
    }

    /// Counts one forecast and whether the event happened.
    ///
    /// # Errors
    /// When the probability is not from 0 to 1.
    pub fn add(&mut self, probability: f64, event: bool) -> Result<()> {
        if probability.read().is_err() {
            let (what, expected) = ("the probability of an event", "0 to 1");
            return Err(Error::Range { what, value: probability, expected });
        }
        self.count(probability, event);
        Ok(())
    }

    /// The same for a probability that was checked.
    pub(crate) fn count(&mut self, probability: f64, event: bool) {
        let level = &mut self.counts[self.levels.of(probability)];
        level.samples += 1;
        level.events += u64::from(event);
        level.probability.add(probability);
        let miss = probability - f64::from(u8::from(event));
        self.squared.add(miss * miss);
    }

    /// Adds the forecasts of another.
    ///
    /// # Errors
    /// When the two have different levels.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        if self.levels != other.levels {
            let (expected, found) = (self.levels.highest() as f64, other.levels.highest() as f64);
            return Err(Error::Unlike { what: "levels", expected, found });
        }
        for (mine, theirs) in self.counts.iter_mut().zip(&other.counts) {
            mine.samples += theirs.samples;
            mine.events += theirs.events;
            mine.probability.merge(theirs.probability);
        }
        self.squared.merge(other.squared);
        Ok(())
    }

    /// Its levels.
    pub const fn levels(&self) -> Levels {
        self.levels
    }

    /// Forecasts counted.
    pub fn samples(&self) -> u64 {
        self.counts.iter().map(|level| level.samples).sum()
    }

    /// Forecasts whose event happened.
    pub fn events(&self) -> u64 {
        self.counts.iter().map(|level| level.events).sum()
    }

    /// Mean squared distance of forecast and event, 0 (best) to 1 (Brier 1950, for one event).
    ///
    /// A proper score: it rewards calibrated and sharp forecasts together. Compare it only on the same pixels, as it
    /// depends on how common the event is.
    pub fn brier(&self) -> Option<f64> {
        self.squared.mean(self.samples())
    }

    /// The parts of the Brier score by bins.
    ///
    /// With few forecasts a bin, reliability and resolution both come out too large.
    ///
    /// ```
    /// # use ecotone_metrics::{Binning, Calibration, Levels};
    /// # let mut rain = Calibration::new(Levels::Percents);
    /// # for (probability, rained) in [(0.2, false), (0.2, false), (0.8, true), (0.8, false)] {
    /// #     rain.add(probability, rained)?;
    /// # }
    /// let parts = rain.brier_parts(Binning::EachLevel)?.unwrap();
    /// let sum = parts.reliability - parts.resolution + parts.uncertainty;
    /// assert!((sum - rain.brier().unwrap()).abs() < 1e-12);
    /// # Ok::<(), ecotone_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// When no bins are asked for.
    pub fn brier_parts(&self, binning: Binning) -> Result<Option<BrierParts>> {
        let curve = self.curve(binning)?;
        let Some(brier) = self.brier() else { return Ok(None) };
        let all = self.samples() as f64;
        let base = self.events() as f64 / all;
        let mean = |part: &dyn Fn(&CalibrationBin) -> f64| {
            curve.iter().map(|bin| bin.samples as f64 / all * part(bin)).sum::<f64>()
        };
        let reliability = mean(&|bin| (bin.mean_probability - bin.observed_share).powi(2));
        let resolution = mean(&|bin| (bin.observed_share - base).powi(2));
        let uncertainty = base * (1.0 - base);
        let within_bins = brier - (reliability - resolution + uncertainty);
        Ok(Some(BrierParts { reliability, resolution, uncertainty, within_bins }))
    }

    /// Observed share against mean probability, bin by bin, lowest first (reliability diagram; Wilks 2011, chapter 8).
    ///
    /// Show `samples` with it: a point of a few forecasts wanders far off the diagonal by chance.
    ///
    /// # Errors
    /// When no bins are asked for.
    pub fn curve(&self, binning: Binning) -> Result<Vec<CalibrationBin>> {
        let bin_of = self.bins(binning)?;
        let highest = self.levels.highest() as f64;
        let held: Vec<usize> =
            (0..self.counts.len()).filter(|level| self.counts[*level].samples > 0).collect();
        let bin = |levels: &[usize]| {
            let mut sum = Level::default();
            for level in levels.iter().map(|level| &self.counts[*level]) {
                sum.samples += level.samples;
                sum.events += level.events;
                sum.probability.merge(level.probability);
            }
            let (first, last) = (levels[0], levels[levels.len() - 1]);
            let (lower, upper) = match binning {
                Binning::EqualWidth(bins) => {
                    (bin_of[first] as f64 / bins as f64, (bin_of[first] + 1) as f64 / bins as f64)
                }
                _ => (first as f64 / highest, last as f64 / highest),
            };
            let samples = sum.samples as f64;
            CalibrationBin {
                lower,
                upper,
                samples: sum.samples,
                mean_probability: sum.probability.value() / samples,
                observed_share: sum.events as f64 / samples,
            }
        };
        Ok(held.chunk_by(|a, b| bin_of[*a] == bin_of[*b]).map(bin).collect())
    }

    /// The bin of each level.
    fn bins(&self, binning: Binning) -> Result<Vec<usize>> {
        let (highest, samples) = (self.levels.highest(), self.samples());
        if matches!(binning, Binning::EqualWidth(0) | Binning::EqualMass(0)) {
            return Err(Error::Range { what: "the number of bins", value: 0.0, expected: "1 or more" });
        }
        let width = |bins: usize, level: usize| (level as u128 * bins as u128).div_ceil(highest as u128);
        Ok((0..=highest)
            .scan(0, |below, level| {
                let bin = match binning {
                    Binning::EachLevel => level,
                    Binning::EqualWidth(bins) => width(bins, level).saturating_sub(1) as usize,
                    Binning::EqualMass(bins) => quantiles_below(*below, samples, bins),
                };
                *below += self.counts[level].samples;
                Some(bin)
            })
            .collect())
    }

    /// Mean distance of the calibration curve from the diagonal, weighted by forecasts, 0 to 1: the expected
    /// calibration error (Naeini, Cooper & Hauskrecht 2015; Guo et al. 2017).
    ///
    /// It depends on the bins, is 0 for a forecast that always tells the base rate, and comes out too large with few
    /// forecasts a bin. Give the binning with it, and a proper score ([`brier`](Self::brier)) beside it.
    ///
    /// # Errors
    /// When no bins are asked for.
    pub fn expected_error(&self, binning: Binning) -> Result<Option<f64>> {
        let curve = self.curve(binning)?;
        let all = self.samples() as f64;
        Ok((!curve.is_empty()).then(|| curve.iter().map(|bin| bin.samples as f64 / all * bin.gap()).sum()))
    }

    /// Largest distance of the calibration curve from the diagonal, 0 to 1 (same sources as
    /// [`expected_error`](Self::expected_error)); with thin bins it is mostly chance.
    ///
    /// # Errors
    /// When no bins are asked for.
    pub fn maximum_error(&self, binning: Binning) -> Result<Option<f64>> {
        Ok(self.curve(binning)?.iter().map(CalibrationBin::gap).reduce(f64::max))
    }

    /// Chance that a forecast whose event happened is above one whose event did not, see
    /// [`area_under_curve`](crate::area_under_curve).
    ///
    /// Forecasts of one level are ties: exact for percents; for [`Levels::Fine`] off by at most half the share of
    /// pairs within one ten-thousandth, where a rare class that a network hardly ever expects may crowd.
    pub fn auc(&self) -> Option<f64> {
        area_of_levels(self.counts.iter().map(|level| (level.events, level.samples - level.events)))
    }
}

impl CalibrationBin {
    fn gap(&self) -> f64 {
        (self.mean_probability - self.observed_share).abs()
    }
}

/// Of the inner quantiles of so many bins, how many lie below a level with `below` forecasts beneath it.
///
/// Quantile `k` is forecast number `(samples - 1) k / bins`, rounded down, in order from 0: the edges that
/// interpolation would give separate the same levels.
fn quantiles_below(below: u64, samples: u64, bins: usize) -> usize {
    let (bins, last) = (bins as u128, u128::from(samples.saturating_sub(1)));
    // Quantiles k = 1..bins with floor(last k / bins) < below, that is last k < below bins.
    let reached = if last == 0 { bins } else { (u128::from(below) * bins).div_ceil(last) };
    if below == 0 { 0 } else { (reached.min(bins) - 1) as usize }
}

#[cfg(test)]
mod tests;
