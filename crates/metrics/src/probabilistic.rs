//! Scores of class probabilities against a reference, counted block by block.

use crate::exact_sum::ExactSum;
use crate::probability::for_each_referenced;
use crate::{Calibration, Error, Levels, Probability, Result};

/// Class probabilities of pixels or samples with a reference, in blocks of any size and order.
///
/// Keeps one [`Calibration`] a class (the class against the rest) and one of the confidence (the highest probability,
/// where the event is that its class is right). Every measure is `None` while nothing was counted.
///
/// The figures describe the pixels counted. Count pixels that took no part in training, validation or temperature
/// scaling; for a whole map, an equal-chance sample of it.
///
/// ```
/// use ecotone_metrics::{Binning, Levels, ProbabilityScores};
///
/// let percents = [90, 60, 20, 255, 10, 40, 80, 255]; // [class, pixel], two classes; the last pixel has no data
/// let mut scores = ProbabilityScores::new(2, Levels::Percents);
/// scores.add(&percents, &[0, 1, 1, 1])?;
///
/// assert_eq!(scores.samples(), 3);
/// assert!((scores.brier().unwrap() - 2.0 * (0.01 + 0.36 + 0.04) / 3.0).abs() < 1e-12);
/// assert_eq!(scores.macro_auc(), Some(1.0));
/// let error = scores.confidence().expected_error(Binning::EqualWidth(10))?;
/// assert!((error.unwrap() - (0.1 + 0.6 + 0.2) / 3.0).abs() < 1e-12);
/// # Ok::<(), ecotone_metrics::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbabilityScores {
    classes: Vec<Calibration>,
    confidence: Calibration,
    log_loss: ExactSum,
}

impl ProbabilityScores {
    /// Without any count.
    pub fn new(classes: usize, levels: Levels) -> Self {
        Self {
            classes: vec![Calibration::new(levels); classes],
            confidence: Calibration::new(levels),
            log_loss: ExactSum::default(),
        }
    }

    /// Counts a block: probabilities `[class, pixel]` and the reference's class indices, one a pixel.
    ///
    /// Left out are pixels whose reference is [`IGNORE`](crate::IGNORE), whatever their probabilities, and pixels with
    /// a percent of 255.
    ///
    /// # Errors
    /// When probabilities are not one a class and pixel, one of them is NaN or outside its range, those of a pixel do
    /// not sum to 1 (within 0.001; percents within one percent a class), or a reference class has none; nothing is
    /// counted then.
    pub fn add<T: Probability>(&mut self, probabilities: &[T], reference: &[u8]) -> Result<()> {
        for_each_referenced(self.classes.len(), probabilities, reference, |_, truth, vector| {
            let mut best = 0;
            for (class, probability) in vector.iter().enumerate() {
                self.classes[class].count(*probability, class == truth);
                if *probability > vector[best] {
                    best = class;
                }
            }
            self.confidence.count(vector[best], best == truth);
            self.log_loss.add(-vector[truth].max(T::LEAST).ln());
        })
    }

    /// Adds the counts of another.
    ///
    /// # Errors
    /// When the two differ in classes or levels.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        if self.classes.len() != other.classes.len() {
            return Err(Error::Classes { expected: self.classes.len(), found: other.classes.len() });
        }
        self.confidence.merge(&other.confidence)?;
        for (mine, theirs) in self.classes.iter_mut().zip(&other.classes) {
            mine.merge(theirs)?;
        }
        self.log_loss.merge(other.log_loss);
        Ok(())
    }

    /// Number of classes.
    pub fn len(&self) -> usize {
        self.classes.len()
    }

    /// True where there are no classes.
    pub fn is_empty(&self) -> bool {
        self.classes.is_empty()
    }

    /// Pixels counted.
    pub fn samples(&self) -> u64 {
        self.confidence.samples()
    }

    /// One class against the rest: its calibration curve, Brier score and AUC.
    pub fn class(&self, class: usize) -> Option<&Calibration> {
        self.classes.get(class)
    }

    /// The highest probability of each pixel, and whether its class was right; the first class where two are highest.
    ///
    /// Its [`expected_error`](Calibration::expected_error) is the calibration error of Guo et al. (2017).
    pub const fn confidence(&self) -> &Calibration {
        &self.confidence
    }

    /// Mean over pixels of `sum_k (p_k - [k is the reference])^2`, 0 (best) to 2 (Brier 1950).
    ///
    /// The sum of the classes' [`Calibration::brier`]; for two classes twice what is called the Brier score there. A
    /// proper score, to be compared only on the same pixels.
    pub fn brier(&self) -> Option<f64> {
        self.classes.iter().map(Calibration::brier).sum()
    }

    /// Mean of `-ln p` of the reference's class, 0 (best) upward (Good 1952; cross entropy).
    ///
    /// A proper score ruled by the few pixels where the network was sure and wrong, label errors among them.
    /// Probabilities below 2.2e-16 (`f64`), 1.2e-7 (`f32`) or 0.5 % (percents) are taken for that.
    pub fn log_loss(&self) -> Option<f64> {
        self.log_loss.mean(self.samples())
    }

    /// Mean [`Calibration::auc`] over the classes that have one, each class alike (Provost & Domingos 2001 weigh them
    /// by how common they are; this does not).
    pub fn macro_auc(&self) -> Option<f64> {
        let areas: Vec<f64> = self.classes.iter().filter_map(Calibration::auc).collect();
        (!areas.is_empty()).then(|| areas.iter().sum::<f64>() / areas.len() as f64)
    }
}

#[cfg(test)]
mod tests;
