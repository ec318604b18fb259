//! The confusion matrix and the measures of agreement read from it.

use crate::{Error, IGNORE, Result};

/// Counts of map class against reference class, **rows = map, columns = reference**.
///
/// Classes are indices from 0. `p_ij` below is the share of the total in row `i`, column `j`; `p_i+` and `p_+j` are
/// the row's and the column's shares. Every measure lies in 0 to 1 (kappa in -1 to 1) and is `None` where its
/// denominator is zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfusionMatrix {
    classes: usize,
    counts: Vec<u64>,
}

impl ConfusionMatrix {
    /// Without any count.
    pub fn new(classes: usize) -> Self {
        Self { classes, counts: vec![0; classes * classes] }
    }

    /// From counts `[map, reference]`, row by row.
    ///
    /// ```
    /// use ecotone_metrics::ConfusionMatrix;
    ///
    /// let matrix = ConfusionMatrix::from_counts(2, vec![45, 5, 15, 35])?;
    /// assert_eq!(matrix.users_accuracy(0), Some(0.9));
    /// assert_eq!(matrix.producers_accuracy(0), Some(0.75));
    /// # Ok::<(), ecotone_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// When there are not `classes` x `classes` counts.
    pub fn from_counts(classes: usize, counts: Vec<u64>) -> Result<Self> {
        let expected = classes * classes;
        if counts.len() != expected {
            return Err(Error::Counts { classes, expected, found: counts.len() });
        }
        Ok(Self { classes, counts })
    }

    /// Counts one pixel.
    ///
    /// # Errors
    /// When a class index has no row or column.
    pub fn add(&mut self, map: usize, reference: usize) -> Result<()> {
        for (side, index) in [("map", map), ("reference", reference)] {
            if index >= self.classes {
                return Err(Error::Class { side, index, classes: self.classes });
            }
        }
        self.counts[map * self.classes + reference] += 1;
        Ok(())
    }

    /// Counts many pixels; a pair with [`IGNORE`] on either side is left out.
    ///
    /// # Errors
    /// When the two differ in length, or a class index has no row or column; nothing is counted then.
    pub fn add_many(&mut self, map: &[u8], reference: &[u8]) -> Result<()> {
        if map.len() != reference.len() {
            return Err(Error::Unpaired { map: map.len(), reference: reference.len() });
        }
        let mut sum = self.clone();
        for (map, reference) in map.iter().zip(reference) {
            if *map != IGNORE && *reference != IGNORE {
                sum.add(usize::from(*map), usize::from(*reference))?;
            }
        }
        *self = sum;
        Ok(())
    }

    /// Adds the counts of another matrix.
    ///
    /// # Errors
    /// When the two have different numbers of classes.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        self.merge_times(other, 1)
    }

    /// Adds the counts of another matrix so many times: pixels weighed by their area, in whole parts of it.
    ///
    /// # Errors
    /// When the two have different numbers of classes.
    pub fn merge_times(&mut self, other: &Self, times: u64) -> Result<()> {
        if self.classes != other.classes {
            return Err(Error::Classes { expected: self.classes, found: other.classes });
        }
        for (mine, theirs) in self.counts.iter_mut().zip(&other.counts) {
            *mine += theirs * times;
        }
        Ok(())
    }

    /// Number of classes.
    pub const fn classes(&self) -> usize {
        self.classes
    }

    /// All counts, `[map, reference]`, row by row.
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// Pixels mapped as `map` where the reference says `reference`; 0 for a class that the matrix does not have.
    pub fn count(&self, map: usize, reference: usize) -> u64 {
        if map < self.classes && reference < self.classes {
            self.counts[map * self.classes + reference]
        } else {
            0
        }
    }

    /// All pixels counted.
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Pixels mapped as a class.
    pub fn row_sum(&self, class: usize) -> u64 {
        (0..self.classes).map(|reference| self.count(class, reference)).sum()
    }

    /// Pixels of a class in the reference.
    pub fn col_sum(&self, class: usize) -> u64 {
        (0..self.classes).map(|map| self.count(map, class)).sum()
    }

    /// Share of the pixels mapped as a class that are it, `p_ii / p_i+`; also *precision* (Congalton 1991).
    pub fn users_accuracy(&self, class: usize) -> Option<f64> {
        ratio(self.count(class, class), self.row_sum(class))
    }

    /// Share of the pixels of a class that are mapped as it, `p_ii / p_+i`; also *recall* (Congalton 1991).
    pub fn producers_accuracy(&self, class: usize) -> Option<f64> {
        ratio(self.count(class, class), self.col_sum(class))
    }

    /// Harmonic mean of user's and producer's accuracy, `2 p_ii / (p_i+ + p_+i)` (van Rijsbergen 1979, `1 - E` at
    /// equal weights).
    ///
    /// 0 where the class occurs on one side only; `None` where it occurs on neither.
    pub fn f1(&self, class: usize) -> Option<f64> {
        ratio(2 * self.count(class, class), self.row_sum(class) + self.col_sum(class))
    }

    /// Intersection over union, `p_ii / (p_i+ + p_+i - p_ii)` (Jaccard 1912).
    pub fn iou(&self, class: usize) -> Option<f64> {
        let both = self.count(class, class);
        ratio(both, self.row_sum(class) + self.col_sum(class) - both)
    }

    /// Share of all pixels where map and reference agree, `sum p_ii` (Congalton 1991).
    pub fn overall_accuracy(&self) -> Option<f64> {
        ratio((0..self.classes).map(|class| self.count(class, class)).sum(), self.total())
    }

    /// Agreement beyond chance, `(p_o - p_e) / (1 - p_e)` with `p_e = sum p_i+ p_+i` (Cohen 1960).
    ///
    /// ```
    /// # use ecotone_metrics::ConfusionMatrix;
    /// let matrix = ConfusionMatrix::from_counts(2, vec![45, 5, 15, 35])?;
    /// assert!((matrix.kappa().unwrap() - 0.6).abs() < 1e-12); // 0.8 observed, 0.5 by chance
    /// # Ok::<(), ecotone_metrics::Error>(())
    /// ```
    ///
    /// `None` also where map and reference hold one and the same class only: chance agreement is complete then.
    pub fn kappa(&self) -> Option<f64> {
        let total = self.total() as f64;
        let observed = self.overall_accuracy()?;
        let by_chance = |class| self.row_sum(class) as f64 / total * (self.col_sum(class) as f64 / total);
        let expected: f64 = (0..self.classes).map(by_chance).sum();
        (expected < 1.0).then(|| (observed - expected) / (1.0 - expected))
    }

    /// Mean [`f1`](Self::f1) over the classes that occur in the map or in the reference.
    ///
    /// A class of the reference that is never mapped counts as 0, and so does one that is only mapped.
    ///
    /// ```
    /// # use ecotone_metrics::ConfusionMatrix;
    /// // The second class is never mapped, the third does not occur.
    /// let matrix = ConfusionMatrix::from_counts(3, vec![6, 4, 0, 0, 0, 0, 0, 0, 0])?;
    /// assert_eq!(matrix.macro_f1(), Some((0.75 + 0.0) / 2.0));
    /// # Ok::<(), ecotone_metrics::Error>(())
    /// ```
    pub fn macro_f1(&self) -> Option<f64> {
        self.mean_of_classes(Self::f1)
    }

    /// Mean [`f1`](Self::f1) over the classes that the reference has; `None` where it has none.
    ///
    /// Unlike [`macro_f1`](Self::macro_f1) a class that is only mapped is no term of the mean: a pixel of it counts as what
    /// its true class missed. To choose between maps by, where the reference lacks classes that the map may rightly have
    /// elsewhere: there, one pixel of such a class would cost a whole share of the mean.
    ///
    /// ```
    /// # use ecotone_metrics::ConfusionMatrix;
    /// // The third class is not in the reference.
    /// let matrix = ConfusionMatrix::from_counts(3, vec![50, 0, 0, 0, 49, 0, 0, 1, 0])?;
    /// let (chosen, reported) = (matrix.reference_macro_f1().unwrap(), matrix.macro_f1().unwrap());
    /// assert!(chosen > 0.99 && reported < 0.67);
    /// # Ok::<(), ecotone_metrics::Error>(())
    /// ```
    pub fn reference_macro_f1(&self) -> Option<f64> {
        self.mean_of_classes(|matrix, class| (matrix.col_sum(class) > 0).then(|| matrix.f1(class)).flatten())
    }

    /// Mean [`iou`](Self::iou) over the classes that occur in the map or in the reference, counted as in
    /// [`macro_f1`](Self::macro_f1).
    pub fn mean_iou(&self) -> Option<f64> {
        self.mean_of_classes(Self::iou)
    }

    /// Share of the largest class of the reference: the overall accuracy of a map that shows nothing else.
    pub fn majority_share(&self) -> Option<f64> {
        ratio((0..self.classes).map(|class| self.col_sum(class)).max().unwrap_or(0), self.total())
    }

    fn mean_of_classes(&self, measure: impl Fn(&Self, usize) -> Option<f64>) -> Option<f64> {
        let values: Vec<f64> = (0..self.classes).filter_map(|class| measure(self, class)).collect();
        (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
    }
}

fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

#[cfg(test)]
mod tests;
