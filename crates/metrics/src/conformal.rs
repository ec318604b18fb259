//! Conformal prediction sets: classes that hold the true one with a chance that is set beforehand, for each class.

use crate::probability::{for_each, for_each_referenced};
use crate::{Error, Levels, Probability, ProbabilityScores, Result};

/// A probability per class from which on the class is in a pixel's set, found on calibration samples.
///
/// Split conformal prediction with one threshold a class (label-conditional, "Mondrian": Vovk, Gammerman & Shafer
/// 2005, chapter 4; Vovk 2012) and the score `1 - p` of the class (least ambiguous sets: Sadinle, Lei & Wasserman
/// 2019), because its sets are the smallest on average. A class of `n` calibration samples is in the set when its
/// probability, rounded up to a [level](Levels), is at least the `ceil((n + 1)(1 - alpha))`-th largest among them.
///
/// What holds: a new pixel **of each class** has its class in its set with a chance of at least `1 - alpha`, whatever
/// the network. What it rests on: the calibration samples of the class and the new pixel are exchangeable, so neither
/// trained the network nor come from another region, year or sampling scheme; neighbours of calibration samples flatter.
/// It is an average over pixels of a class, no promise for one pixel. Sets may be empty (the pixel is like no class)
/// and, with poor networks, large; they are no accuracy of the map.
///
/// ```
/// use ecotone_metrics::{ConformalSets, Levels, ProbabilityScores};
///
/// // Nine samples of class 0, of percents 50 to 90; one of class 1.
/// let first = [50, 55, 60, 65, 70, 75, 80, 85, 90, 40];
/// let percents: Vec<u8> = first.iter().copied().chain(first.iter().map(|p| 100 - p)).collect();
/// let mut calibration = ProbabilityScores::new(2, Levels::Percents);
/// calibration.add(&percents, &[0, 0, 0, 0, 0, 0, 0, 0, 0, 1])?;
///
/// let sets = ConformalSets::new(&calibration, 0.2)?;
/// assert_eq!(sets.classes()[0].least_probability, Some(0.55)); // the 8th largest of 9
/// assert_eq!(sets.classes()[1].least_probability, None); // too few samples: always in the set
/// assert_eq!(sets.sizes(&[60u8, 50, 40, 50])?, [2, 1]);
/// # Ok::<(), ecotone_metrics::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ConformalSets {
    levels: Levels,
    alpha: f64,
    classes: Vec<ConformalClass>,
    /// The lowest level in the set, by class.
    lowest: Vec<usize>,
}

/// What calibration said about one class.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ConformalClass {
    /// Calibration samples of the class.
    pub samples: u64,
    /// The class is in a set from this probability on, 0 to 1; `None` where the samples were fewer than
    /// `1 / alpha - 1`: the class is then in every set, as nothing less would keep the promise.
    pub least_probability: Option<f64>,
}

impl ConformalSets {
    /// From the probabilities of calibration samples, and the share `alpha` of each class that sets may miss.
    ///
    /// # Errors
    /// When `alpha` is not between 0 and 1.
    pub fn new(calibration: &ProbabilityScores, alpha: f64) -> Result<Self> {
        if !(alpha > 0.0 && alpha < 1.0) {
            return Err(Error::Range {
                what: "alpha",
                value: alpha,
                expected: "between 0 and 1, such as 0.1",
            });
        }
        let levels = calibration.confidence().levels();
        let (mut classes, mut lowest) = (vec![], vec![]);
        for class in (0..calibration.len()).filter_map(|class| calibration.class(class)) {
            let samples = class.events();
            // ceil((n + 1)(1 - alpha)); rounding of the product must not make it smaller.
            let rank = samples + 1 - ((samples + 1) as f64 * alpha + 1e-9).floor() as u64;
            let mut above = 0;
            let level =
                (0..=levels.highest()).rev().zip(class.events_by_level().rev()).find(|(_, events)| {
                    above += events;
                    above >= rank
                });
            let level = level.map(|(level, _)| level);
            lowest.push(level.unwrap_or(0));
            let least_probability = level.map(|level| level as f64 / levels.highest() as f64);
            classes.push(ConformalClass { samples, least_probability });
        }
        Ok(Self { levels, alpha, classes, lowest })
    }

    /// The share of each class that sets may miss.
    pub const fn alpha(&self) -> f64 {
        self.alpha
    }

    /// What calibration said, by class index.
    pub fn classes(&self) -> &[ConformalClass] {
        &self.classes
    }

    /// Whether a class is in the set of a pixel that has it with this probability; never for NaN or an unknown class.
    pub fn contains(&self, class: usize, probability: f64) -> bool {
        !probability.is_nan()
            && self.lowest.get(class).is_some_and(|lowest| self.levels.of(probability) >= *lowest)
    }

    /// The sets of a block: probabilities `[class, pixel]` in, whether the class is in the pixel's set `[class, pixel]`
    /// out; a pixel without data has no class.
    ///
    /// # Errors
    /// When probabilities are not one a class and pixel, one of them is NaN or outside its range, or those of a pixel
    /// do not sum to 1.
    pub fn sets<T: Probability>(&self, probabilities: &[T]) -> Result<Vec<bool>> {
        let pixels = self.pixels(probabilities.len());
        let mut sets = vec![false; probabilities.len()];
        for_each(
            self.classes.len(),
            probabilities,
            pixels,
            |_| false,
            |pixel, vector| {
                for (class, probability) in vector.iter().enumerate() {
                    sets[class * pixels + pixel] = self.contains(class, *probability);
                }
            },
        )?;
        Ok(sets)
    }

    /// Number of classes in each pixel's set, for a map of set sizes: 0 to 254, [`IGNORE`](crate::IGNORE) without data.
    ///
    /// 1 is a clear pixel, more an ambiguous one, 0 one that is like no class of the calibration samples.
    ///
    /// # Errors
    /// As [`sets`](Self::sets).
    pub fn sizes<T: Probability>(&self, probabilities: &[T]) -> Result<Vec<u8>> {
        let pixels = self.pixels(probabilities.len());
        let mut sizes = vec![crate::IGNORE; pixels];
        for_each(
            self.classes.len(),
            probabilities,
            pixels,
            |_| false,
            |pixel, vector| {
                sizes[pixel] = u8::try_from(self.size(vector)).unwrap_or(254).min(254);
            },
        )?;
        Ok(sizes)
    }

    fn size(&self, vector: &[f64]) -> usize {
        vector.iter().enumerate().filter(|(class, probability)| self.contains(*class, **probability)).count()
    }

    fn pixels(&self, values: usize) -> usize {
        values.checked_div(self.classes.len()).unwrap_or(0)
    }
}

/// How often sets held the reference's class, on samples that calibrated nothing; block by block in any order.
///
/// Coverage well below `1 - alpha` says that these samples are not like the calibration samples.
///
/// ```
/// # use ecotone_metrics::{ConformalCoverage, ConformalSets, Levels, ProbabilityScores};
/// # let mut calibration = ProbabilityScores::new(2, Levels::Fine);
/// # calibration.add(&[0.6, 0.4, 0.4, 0.6], &[0, 1])?;
/// let sets = ConformalSets::new(&calibration, 0.5)?; // least probability 0.6 of either class
/// let mut coverage = ConformalCoverage::new(2);
/// coverage.add(&sets, &[0.7, 0.5, 0.1, 0.3, 0.5, 0.9], &[0, 0, 1])?; // [class, pixel]
/// assert_eq!((coverage.class(0), coverage.class(1)), (Some(0.5), Some(1.0)));
/// assert_eq!(coverage.sizes(), [1, 2, 0]); // one empty set, two with one class
/// # Ok::<(), ecotone_metrics::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConformalCoverage {
    samples: Vec<u64>,
    covered: Vec<u64>,
    sizes: Vec<u64>,
}

impl ConformalCoverage {
    /// Without any count.
    pub fn new(classes: usize) -> Self {
        Self { samples: vec![0; classes], covered: vec![0; classes], sizes: vec![0; classes + 1] }
    }

    /// Counts a block, as [`ProbabilityScores::add`] takes it.
    ///
    /// # Errors
    /// When the sets are of another number of classes, or as [`ProbabilityScores::add`]; nothing is counted then.
    pub fn add<T: Probability>(
        &mut self,
        sets: &ConformalSets,
        probabilities: &[T],
        reference: &[u8],
    ) -> Result<()> {
        let classes = self.samples.len();
        if sets.classes.len() != classes {
            return Err(Error::Classes { expected: classes, found: sets.classes.len() });
        }
        for_each_referenced(classes, probabilities, reference, |truth, vector| {
            self.samples[truth] += 1;
            self.covered[truth] += u64::from(sets.contains(truth, vector[truth]));
            self.sizes[sets.size(vector)] += 1;
        })
    }

    /// Adds the counts of another.
    ///
    /// # Errors
    /// When the two differ in classes.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        if self.samples.len() != other.samples.len() {
            return Err(Error::Classes { expected: self.samples.len(), found: other.samples.len() });
        }
        let mine = self.samples.iter_mut().chain(&mut self.covered).chain(&mut self.sizes);
        for (mine, theirs) in mine.zip(other.samples.iter().chain(&other.covered).chain(&other.sizes)) {
            *mine += theirs;
        }
        Ok(())
    }

    /// Samples of a class; 0 for one that there is not.
    pub fn samples(&self, class: usize) -> u64 {
        self.samples.get(class).copied().unwrap_or(0)
    }

    /// Share of the samples of a class whose set holds it, 0 to 1.
    pub fn class(&self, class: usize) -> Option<f64> {
        let (samples, covered) = (self.samples(class), self.covered.get(class)?);
        (samples > 0).then(|| *covered as f64 / samples as f64)
    }

    /// Share of all samples whose set holds their class, 0 to 1.
    pub fn overall(&self) -> Option<f64> {
        let samples: u64 = self.samples.iter().sum();
        (samples > 0).then(|| self.covered.iter().sum::<u64>() as f64 / samples as f64)
    }

    /// Samples by the number of classes in their set, from 0.
    pub fn sizes(&self) -> &[u64] {
        &self.sizes
    }

    /// Mean number of classes in a set; at equal coverage the smaller the better.
    pub fn mean_size(&self) -> Option<f64> {
        let samples: u64 = self.samples.iter().sum();
        let all: u128 = (0u128..).zip(&self.sizes).map(|(size, samples)| size * u128::from(*samples)).sum();
        (samples > 0).then(|| all as f64 / samples as f64)
    }
}

#[cfg(test)]
mod tests;
