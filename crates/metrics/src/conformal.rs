//! Conformal prediction sets: classes that hold the true one with a chance that is set beforehand, for each class.

mod coverage;
mod scores;

pub use coverage::ConformalCoverage;
pub use scores::ConformalScores;

use crate::probability::for_each;
use crate::{Error, Levels, Probability, Result};

/// A probability per class from which on the class is in a pixel's set, found on calibration blocks.
///
/// Split conformal prediction with one threshold a class (label-conditional, "Mondrian": Vovk, Gammerman & Shafer
/// 2005, chapter 4; Vovk 2012) and the score `1 - p` of the class (least ambiguous sets: Sadinle, Lei & Wasserman
/// 2019), because its sets are the smallest on average. Pixels of one block of ground are alike, so that a block is one
/// draw, however many pixels it has: of each block that holds the class **one** of its pixels is drawn, evenly, and the
/// class is in the set when its probability, rounded up to a [level](Levels), is at least the
/// `ceil((k + 1)(1 - alpha))`-th largest of the `k` blocks' (single subsampling: Dunn, Wasserman & Ramdas 2023, JASA
/// 118:2491-2502).
///
/// What holds: in a new block that has the class, a pixel of the class, drawn evenly, has it in its set with a chance of
/// at least `1 - alpha` (and, but for equal probabilities, less than `1 - alpha + 1 / (k + 1)`), whatever the network and
/// however alike the pixels of a block are. Proof: the `k` drawn pixels and the one of the new block are `k + 1` draws,
/// one from each of `k + 1` exchangeable blocks, so that they are exchangeable themselves, and the new one is as likely
/// to have any rank among them. A rank over all pixels promises too much: with a block effect 1.5 times the noise and
/// 10 blocks it holds 88 % for 90. The weighted quantile over all pixels of Lee, Barber & Willett (2023,
/// arXiv:2306.06342) needs no draw, but holds 97 % there, by a threshold close to the least probability that any
/// calibration pixel has.
///
/// What it rests on: the calibration blocks and the new one are exchangeable, so none of them trained the network or
/// comes from another region, year or sampling scheme, and blocks are larger than what makes neighbours alike. It is
/// an average over blocks, no promise for one pixel. Sets may be empty (the pixel is like no class) and, with poor
/// networks, large; they are no accuracy of the map.
///
/// ```
/// use ecotone_metrics::{ConformalScores, ConformalSets, Levels};
///
/// // Nine samples of class 0, of percents 50 to 90, and one of class 1; each is a block of its own.
/// let first = [50, 55, 60, 65, 70, 75, 80, 85, 90, 40];
/// let percents: Vec<u8> = first.iter().copied().chain(first.iter().map(|p| 100 - p)).collect();
/// let blocks: Vec<u64> = (0..10).collect();
/// let mut calibration = ConformalScores::new(2, Levels::Percents);
/// calibration.add(&percents, &[0, 0, 0, 0, 0, 0, 0, 0, 0, 1], &blocks)?;
///
/// let sets = ConformalSets::new(&calibration, 0.2, 1)?;
/// assert_eq!(sets.classes()[0].least_probability, Some(0.55)); // the 8th largest of 9
/// assert_eq!(sets.blocks_needed(), 4);
/// assert_eq!(sets.classes()[1].least_probability, None); // one block is too few: always in the set
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
    /// Calibration blocks that hold the class.
    pub blocks: u64,
    /// Calibration samples of the class, in all of its blocks.
    pub samples: u64,
    /// The class is in a set from this probability on, 0 to 1; `None` where it had fewer blocks than
    /// [`blocks_needed`](ConformalSets::blocks_needed): the class is then in every set, as nothing less would keep the
    /// promise.
    pub least_probability: Option<f64>,
}

impl ConformalSets {
    /// From the probabilities of calibration samples, the share `alpha` of each class that sets may miss, and the seed
    /// that draws a sample of each block.
    ///
    /// # Errors
    /// When `alpha` is not between 0 and 1.
    pub fn new(calibration: &ConformalScores, alpha: f64, seed: u64) -> Result<Self> {
        if !(alpha > 0.0 && alpha < 1.0) {
            return Err(Error::Range {
                what: "alpha",
                value: alpha,
                expected: "between 0 and 1, such as 0.1",
            });
        }
        let levels = calibration.levels();
        let (mut classes, mut lowest) = (vec![], vec![]);
        for class in 0..calibration.classes() {
            let drawn = calibration.one_a_block(class, seed);
            let blocks = drawn.len() as u64;
            let level = at_rank(drawn, alpha);
            lowest.push(level.unwrap_or(0));
            let least_probability = level.map(|level| level as f64 / levels.highest() as f64);
            let samples = calibration.samples(class);
            classes.push(ConformalClass { blocks, samples, least_probability });
        }
        Ok(Self { levels, alpha, classes, lowest })
    }

    /// The share of each class that sets may miss.
    pub const fn alpha(&self) -> f64 {
        self.alpha
    }

    /// Calibration blocks that a class needs at this `alpha`, the least `k` with `(k + 1) alpha >= 1`.
    pub fn blocks_needed(&self) -> u64 {
        ((1.0 - ROUNDING) / self.alpha).ceil() as u64 - 1
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

    /// The sets of a window: probabilities `[class, pixel]` in, whether the class is in the pixel's set `[class, pixel]`
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

/// What is forgiven where a product of counts and `alpha` is a whole number.
const ROUNDING: f64 = 1e-9;

/// The `ceil((k + 1)(1 - alpha))`-th largest of `k` levels, `None` where that is more than `k`.
fn at_rank(mut drawn: Vec<usize>, alpha: f64) -> Option<usize> {
    drawn.sort_unstable();
    let missed = ((drawn.len() + 1) as f64 * alpha + ROUNDING).floor() as usize;
    drawn.get(missed.checked_sub(1)?).copied()
}

#[cfg(test)]
mod tests;
