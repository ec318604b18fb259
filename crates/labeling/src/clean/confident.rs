//! Labels that confident predictions contradict: confident learning (Northcutt, Jiang and Chuang 2021, JAIR 70).

use super::outcome::{Cleaned, Reason, check_labels};
use crate::{Error, OutOfBag, Result};
use ndarray::{Array2, ArrayView2};

/// How often samples labelled as one class confidently look like another: **rows = label, columns = what they look like**.
///
/// A sample looks like class j where its probability of j is at least the mean probability of j among samples labelled j;
/// like the most probable one where this holds for several classes, and like none where it holds for no class. The
/// probabilities must come from models that did not learn from the sample: out of bag, or by cross-validation.
///
/// ```
/// use ecotone_labeling::{ConfidentJoint, Reason};
/// use ndarray::array;
///
/// let probabilities = array![[0.9f32, 0.1], [0.8, 0.2], [0.1, 0.9], [0.2, 0.8], [0.3, 0.7]];
/// let joint = ConfidentJoint::new(probabilities.view(), &[0, 0, 0, 1, 1], 2)?;
/// assert_eq!(joint.counts(), array![[2, 1], [0, 1]]);
/// let cleaned = joint.clean(&["forest".to_owned(), "water".to_owned()])?;
/// assert_eq!(cleaned.dropped[0].reason, Reason::LooksLike { class: 1, probability: 0.9, own: 0.1 });
/// # Ok::<(), ecotone_labeling::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ConfidentJoint {
    labels: Vec<usize>,
    looks: Vec<Option<Look>>,
    thresholds: Vec<Option<f64>>,
    counts: Array2<u64>,
}

/// What a sample looks like.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Look {
    class: usize,
    probability: f32,
    own: f32,
}

/// Keeps samples that are all as probable from missing their own mean.
const ROUNDING: f64 = 1e-6;

impl ConfidentJoint {
    /// From class probabilities `[sample, class]`, 0 to 1, and class indices.
    ///
    /// # Errors
    /// A probability outside 0 to 1, or labels that do not go with the probabilities.
    pub fn new(probabilities: ArrayView2<'_, f32>, labels: &[usize], classes: usize) -> Result<Self> {
        Self::of_seen(probabilities, labels, classes, |_| true)
    }

    /// From what a forest makes of samples out of the bag. Samples that all trees learnt from look like nothing.
    ///
    /// # Errors
    /// Labels that do not go with the forest's samples and classes.
    pub fn out_of_bag(out: &OutOfBag, labels: &[usize]) -> Result<Self> {
        let classes = out.probabilities().ncols();
        Self::of_seen(out.probabilities().view(), labels, classes, |row| out.trees()[row] > 0)
    }

    fn of_seen(
        probabilities: ArrayView2<'_, f32>,
        labels: &[usize],
        classes: usize,
        seen: impl Fn(usize) -> bool,
    ) -> Result<Self> {
        check_labels(probabilities.nrows(), labels, classes)?;
        if probabilities.ncols() != classes {
            return Err(Error::ProbabilityClasses { classes, found: probabilities.ncols() });
        }
        let wrong = probabilities.indexed_iter().find(|(_, value)| !(0.0..=1.0).contains(*value));
        if let Some(((row, class), &value)) = wrong {
            return Err(Error::Probability { row, class, value });
        }
        let mut sums = vec![(0.0, 0u64); classes];
        for (row, &class) in labels.iter().enumerate().filter(|(row, _)| seen(*row)) {
            let (sum, count) = &mut sums[class];
            *sum += f64::from(probabilities[[row, class]]);
            *count += 1;
        }
        let thresholds: Vec<Option<f64>> =
            sums.iter().map(|(sum, count)| (*count > 0).then(|| sum / *count as f64)).collect();
        let look = |row: usize| {
            let of = |class: usize| probabilities[[row, class]];
            let confident = |class: &usize| {
                thresholds[*class].is_some_and(|least| f64::from(of(*class)) >= least - ROUNDING)
            };
            let best = |best: usize, class: usize| if of(class) > of(best) { class } else { best };
            let class = (0..classes).filter(confident).reduce(best)?;
            Some(Look { class, probability: of(class), own: of(labels[row]) })
        };
        let looks: Vec<_> = (0..labels.len()).map(|row| seen(row).then(|| look(row)).flatten()).collect();
        let mut counts = Array2::zeros((classes, classes));
        for (&label, look) in labels.iter().zip(&looks) {
            if let Some(look) = look {
                counts[[label, look.class]] += 1;
            }
        }
        Ok(Self { labels: labels.to_vec(), looks, thresholds, counts })
    }

    /// Mean probability of each class among the samples labelled so; `None` for a class without samples.
    pub fn thresholds(&self) -> &[Option<f64>] {
        &self.thresholds
    }

    /// Samples by label (rows) and what they look like (columns).
    pub fn counts(&self) -> &Array2<u64> {
        &self.counts
    }

    /// The joint distribution of labels (rows) and true classes (columns): rows of the counts scaled to the number of
    /// samples so labelled, all of it scaled to sum to 1 (equation 3 of the paper). A label whose samples look like
    /// nothing is taken to be right.
    pub fn joint(&self) -> Array2<f64> {
        let mut joint = self.counts.mapv(|count| count as f64);
        let mut labelled = vec![0u64; self.counts.nrows()];
        self.labels.iter().for_each(|class| labelled[*class] += 1);
        for (class, mut row) in joint.rows_mut().into_iter().enumerate() {
            let sum = row.sum();
            if sum > 0.0 {
                row *= labelled[class] as f64 / sum;
            } else {
                row[class] = labelled[class] as f64;
            }
        }
        joint / (self.labels.len().max(1) as f64)
    }

    /// Drops the samples that look like another class than their label's, which `names` names.
    ///
    /// # Errors
    /// Names that are not one a class, or a class of which nothing is left.
    pub fn clean(&self, names: &[String]) -> Result<Cleaned> {
        if names.len() != self.counts.nrows() {
            return Err(Error::ProbabilityClasses { classes: names.len(), found: self.counts.nrows() });
        }
        let reason = |(label, look): (&usize, &Option<Look>)| {
            let Look { class, probability, own } = look.filter(|look| look.class != *label)?;
            Some(Reason::LooksLike { class, probability, own })
        };
        Cleaned::new(&self.labels, names, self.labels.iter().zip(&self.looks).map(reason).collect())
    }
}
