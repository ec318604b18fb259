//! Temperature scaling: one number that makes a network's probabilities mean what they say.

use std::ops::Range;

use ecotone_metrics::{Binning, Calibration, Levels};

use crate::{Error, IGNORE, Result};

/// The least and the highest temperature that is looked for.
pub(crate) const RANGE: [f64; 2] = [0.01, 100.0];
/// Bins of the expected calibration error, as many as in its publication.
const BINS: usize = 15;

/// Class scores of labelled pixels, to fit a temperature to and to judge it by.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelledScores {
    classes: usize,
    /// `[pixel, class]`.
    scores: Vec<f32>,
    targets: Vec<u8>,
}

impl LabelledScores {
    /// None yet.
    pub fn new(classes: usize) -> Self {
        Self { classes, scores: Vec::new(), targets: Vec::new() }
    }

    /// Adds the pixels of `scores` `[class, pixel]` (before softmax) whose target is not [`IGNORE`].
    ///
    /// # Errors
    /// [`Error::Length`]; [`Error::UnknownClass`].
    pub fn add(&mut self, scores: &[f32], targets: &[u8]) -> Result<()> {
        let (classes, pixels) = (self.classes, targets.len());
        if scores.len() != classes * pixels {
            return Err(Error::Length { what: "scores", shape: vec![classes, pixels], found: scores.len() });
        }
        if let Some(&found) = targets.iter().find(|&&t| t != IGNORE && usize::from(t) >= classes) {
            return Err(Error::UnknownClass { found, classes });
        }
        for (pixel, &target) in targets.iter().enumerate().filter(|(_, target)| **target != IGNORE) {
            self.scores.extend((0..classes).map(|class| scores[class * pixels + pixel]));
            self.targets.push(target);
        }
        Ok(())
    }

    /// Number of pixels.
    pub fn len(&self) -> usize {
        self.targets.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.targets.is_empty()
    }

    /// Expected calibration error (Guo et al. 2017, equation 3) of scores over a temperature with a bias a class: how far
    /// the probability of the class chosen is from the share of pixels where it is right, 0 to 1, in the mean over 15 bins of
    /// equal width. None without pixels.
    ///
    /// # Errors
    /// [`Error::Score`] for scores that are not finite.
    pub(crate) fn error_with(&self, temperature: Temperature, bias: &[f64]) -> Result<Option<f64>> {
        let mut calibration = Calibration::new(Levels::Fine);
        let score = |source| Error::Score { source };
        for (row, target) in self.pixels() {
            let logit = |class: usize| f64::from(row[class]) / temperature.0 + bias[class];
            let (best, highest) = (1..row.len()).fold((0, logit(0)), |best, class| {
                let logit = logit(class);
                if logit > best.1 { (class, logit) } else { best }
            });
            let sum: f64 = (0..row.len()).map(|class| (logit(class) - highest).exp()).sum();
            calibration.add(1.0 / sum, best == target).map_err(score)?;
        }
        calibration.expected_error(Binning::EqualWidth(BINS)).map_err(score)
    }

    /// Number of classes.
    pub(crate) const fn classes(&self) -> usize {
        self.classes
    }

    pub(crate) fn pixels(&self) -> impl Iterator<Item = (&[f32], usize)> {
        self.scores.chunks(self.classes.max(1)).zip(self.targets.iter().map(|&target| usize::from(target)))
    }

    /// The same pixels with scores over a temperature, and a bias a class added, rounded as a map's are.
    pub(crate) fn scaled(&self, temperature: Temperature, bias: &[f64]) -> Self {
        let (by, bias) = (temperature.0 as f32, bias.iter().map(|bias| *bias as f32).collect::<Vec<_>>());
        let rows = self.pixels().flat_map(|(row, _)| row.iter().zip(&bias));
        let scores = rows.map(|(score, bias)| score / by + bias).collect();
        Self { scores, classes: self.classes, targets: self.targets.clone() }
    }

    /// Scores `[class, pixel]` and targets of some pixels, in the order in which they were added.
    pub(crate) fn part(&self, pixels: Range<usize>) -> (Vec<f32>, &[u8]) {
        let rows = &self.scores[pixels.start * self.classes..pixels.end * self.classes];
        let of = |class| rows.iter().skip(class).step_by(self.classes).copied();
        ((0..self.classes).flat_map(of).collect(), &self.targets[pixels])
    }

    /// How fast the negative log-likelihood of all pixels grows with the factor of the scores.
    fn slope(&self, factor: f64) -> f64 {
        let slopes = self.pixels().map(|(row, target)| {
            let highest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let (mut weight, mut mean) = (0.0, 0.0);
            for &score in row {
                // Shifted, which does not change the slope.
                let score = f64::from(score) - f64::from(highest);
                let share = (factor * score).exp();
                weight += share;
                mean += share * score;
            }
            mean / weight - (f64::from(row[target]) - f64::from(highest))
        });
        slopes.sum()
    }
}

/// What class scores are divided by before softmax (Guo et al. 2017, section 4.2). It changes no class chosen;
/// above 1 it makes a network less sure of itself.
///
/// ```
/// use ecotone_models::{LabelledScores, Temperature};
///
/// // Sure of class 0 by e^4 to 1, but right in three pixels of four only.
/// let mut scores = LabelledScores::new(2);
/// scores.add(&[4.0, 4.0, 4.0, 4.0, 0.0, 0.0, 0.0, 0.0], &[0, 0, 0, 1])?;
/// let temperature = Temperature::fit(&scores)?;
/// assert!((temperature.get() - 4.0 / 3f64.ln()).abs() < 1e-6);
/// # Ok::<(), ecotone_models::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Temperature(f64);

impl Temperature {
    /// Scores as they are.
    pub const ONE: Self = Self(1.0);

    /// The temperature from 0.01 to 100 with the highest likelihood of the targets. The likelihood has one
    /// peak; halving the range on the side where it lies finds the same number for the same scores.
    ///
    /// # Errors
    /// [`Error::NoLabelledPixel`] without pixels.
    pub fn fit(scores: &LabelledScores) -> Result<Self> {
        if scores.is_empty() {
            return Err(Error::NoLabelledPixel { what: "the scores to fit a temperature to".to_owned() });
        }
        let [mut low, mut high] = RANGE;
        while high / low > 1.0 + 1e-9 {
            let middle = (low * high).sqrt();
            // In the factor 1 / temperature, the negative log-likelihood is convex.
            match scores.slope(1.0 / middle) > 0.0 {
                true => low = middle,
                false => high = middle,
            }
        }
        Ok(Self((low * high).sqrt()))
    }

    /// Of a factor that scores are multiplied by.
    pub(crate) fn of_factor(factor: f64) -> Self {
        Self(1.0 / factor)
    }

    /// The number, above 0.
    pub fn get(self) -> f64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    /// Pixels whose labels are drawn by the probabilities of their scores, the scores told `sharper` times.
    fn drawn(seed: u64, pixels: usize, sharper: f32) -> LabelledScores {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut found = LabelledScores::new(3);
        for _ in 0..pixels {
            let scores: [f32; 3] = std::array::from_fn(|_| random.random_range(-2.0..2.0));
            let sum: f32 = scores.iter().map(|score| score.exp()).sum();
            let mut rest = random.random_range(0.0..sum);
            let target = scores.iter().position(|score| {
                rest -= score.exp();
                rest < 0.0
            });
            found.add(&scores.map(|score| score * sharper), &[target.unwrap_or(2) as u8]).unwrap();
        }
        found
    }

    #[test]
    fn a_network_too_sure_of_itself_is_cooled_to_the_truth() {
        for sharper in [0.5, 1.0, 4.0] {
            let scores = drawn(1, 20_000, sharper);
            let temperature = Temperature::fit(&scores).unwrap();
            let miss = temperature.get() / f64::from(sharper) - 1.0;
            assert!(miss.abs() < 0.05, "{sharper}: {temperature:?}");
            let before = scores.error_with(Temperature::ONE, &[0.0; 3]).unwrap().unwrap();
            let after = scores.error_with(temperature, &[0.0; 3]).unwrap().unwrap();
            assert!(after < 0.02 && (sharper == 1.0 || before > 5.0 * after), "{sharper}: {before} {after}");
        }
    }

    #[test]
    fn scores_that_are_always_right_or_say_nothing_stay_in_range() {
        let mut right = LabelledScores::new(2);
        right.add(&[1.0, 0.0, 0.0, 1.0], &[0, 1]).unwrap();
        assert!((Temperature::fit(&right).unwrap().get() - RANGE[0]).abs() < 1e-6);
        let mut wrong = LabelledScores::new(2);
        wrong.add(&[1.0, 0.0, 0.0, 1.0], &[1, 0]).unwrap();
        assert!((Temperature::fit(&wrong).unwrap().get() / RANGE[1] - 1.0).abs() < 1e-6);
        let mut flat = LabelledScores::new(2);
        flat.add(&[1.0, 1.0], &[1]).unwrap();
        let temperature = Temperature::fit(&flat).unwrap().get();
        assert!((RANGE[0]..=RANGE[1]).contains(&temperature), "{temperature}");
    }

    #[test]
    fn pixels_without_label_and_what_does_not_fit() {
        let mut scores = LabelledScores::new(2);
        scores.add(&[1.0, f32::NAN, 0.0, f32::NAN], &[0, IGNORE]).unwrap();
        assert_eq!(scores.len(), 1);
        assert!(matches!(scores.add(&[1.0], &[0]), Err(Error::Length { found: 1, .. })));
        assert!(matches!(scores.add(&[1.0, 2.0], &[2]), Err(Error::UnknownClass { found: 2, .. })));
        let empty = LabelledScores::new(2);
        assert!(matches!(Temperature::fit(&empty), Err(Error::NoLabelledPixel { .. })));
        assert_eq!(empty.error_with(Temperature::ONE, &[0.0; 2]).unwrap(), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn no_other_temperature_is_likelier(
            pixels in prop::collection::vec((prop::array::uniform3(-4f32..4.0), 0u8..3), 1..12),
            other in 0.02f64..50.0,
        ) {
            let mut scores = LabelledScores::new(3);
            for (row, target) in &pixels {
                scores.add(row, &[*target]).unwrap();
            }
            let loss = |temperature: f64| -> f64 {
                pixels.iter().map(|(row, target)| {
                    let row = row.map(|score| f64::from(score) / temperature);
                    let highest = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                    let sum: f64 = row.iter().map(|score| (score - highest).exp()).sum();
                    sum.ln() + highest - row[usize::from(*target)]
                }).sum()
            };
            let fitted = Temperature::fit(&scores).unwrap();
            prop_assert_eq!(fitted, Temperature::fit(&scores).unwrap());
            prop_assert!(loss(fitted.get()) <= loss(other) + 1e-9);
        }
    }
}
