//! Where two maps differ: in how much there is of a class, or in where it lies.

use crate::ConfusionMatrix;

/// The parts of disagreement, each a share of all pixels, 0 to 1.
///
/// `quantity + allocation` is all disagreement and `exchange + shift` all allocation disagreement, for the whole and
/// for each class; the parts of the classes sum to twice those of the whole, as each pixel that differs concerns two
/// classes.
///
/// They say *how* two maps differ. They say nothing about which of the two is right, and where one of them is a
/// reference from a sample, only a sample with equal chances makes them estimates of the whole area.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Disagreement {
    /// The classes' amounts differ, `|p_+j - p_j+|` (Pontius & Millones 2011).
    pub quantity: f64,
    /// The amounts agree and the places do not, `2 min(p_j+ - p_jj, p_+j - p_jj)` (same).
    pub allocation: f64,
    /// The part of allocation where two classes swap places, `2 sum_i min(p_ij, p_ji)` (Pontius & Santacruz 2014).
    pub exchange: f64,
    /// The part of allocation that goes round three or more classes (same).
    pub shift: f64,
}

/// Twice each part for the whole, or each part for a class, in pixels.
#[derive(Default, Clone, Copy)]
struct Pixels {
    quantity: u64,
    allocation: u64,
    exchange: u64,
}

impl Pixels {
    fn of_class(matrix: &ConfusionMatrix, class: usize) -> Self {
        let both = matrix.count(class, class);
        let (row, col) = (matrix.row_sum(class), matrix.col_sum(class));
        let swapped = |other: usize| matrix.count(class, other).min(matrix.count(other, class));
        Self {
            quantity: row.abs_diff(col),
            allocation: 2 * (row - both).min(col - both),
            exchange: 2 * (0..matrix.classes()).filter(|other| *other != class).map(swapped).sum::<u64>(),
        }
    }

    fn of_whole(matrix: &ConfusionMatrix) -> Self {
        (0..matrix.classes()).map(|class| Self::of_class(matrix, class)).fold(Self::default(), |sum, part| {
            Self {
                quantity: sum.quantity + part.quantity,
                allocation: sum.allocation + part.allocation,
                exchange: sum.exchange + part.exchange,
            }
        })
    }

    fn share(self, whole: f64) -> Option<Disagreement> {
        (whole > 0.0).then(|| Disagreement {
            quantity: self.quantity as f64 / whole,
            allocation: self.allocation as f64 / whole,
            exchange: self.exchange as f64 / whole,
            shift: (self.allocation - self.exchange) as f64 / whole,
        })
    }
}

impl ConfusionMatrix {
    /// The parts of disagreement between the two sides; `None` where nothing was counted.
    ///
    /// ```
    /// use ecotone_metrics::ConfusionMatrix;
    ///
    /// // 10 pixels more of class 0 on the first side; 5 pixels of it lie where the second has class 1, and back.
    /// let matrix = ConfusionMatrix::from_counts(2, vec![40, 15, 5, 40])?;
    /// let parts = matrix.disagreement().unwrap();
    /// assert_eq!((parts.quantity, parts.allocation), (0.1, 0.1));
    /// assert_eq!((parts.exchange, parts.shift), (0.1, 0.0));
    /// # Ok::<(), ecotone_metrics::Error>(())
    /// ```
    pub fn disagreement(&self) -> Option<Disagreement> {
        Pixels::of_whole(self).share(2.0 * self.total() as f64)
    }

    /// One class's parts of disagreement, as shares of all pixels; `None` where nothing was counted.
    ///
    /// ```
    /// # use ecotone_metrics::ConfusionMatrix;
    /// let matrix = ConfusionMatrix::from_counts(2, vec![40, 15, 5, 40])?;
    /// assert_eq!(matrix.class_disagreement(1).unwrap().quantity, 0.1);
    /// # Ok::<(), ecotone_metrics::Error>(())
    /// ```
    pub fn class_disagreement(&self, class: usize) -> Option<Disagreement> {
        Pixels::of_class(self, class).share(self.total() as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-12
    }

    proptest! {
        #[test]
        fn parts_sum_to_all_disagreement(counts in proptest::collection::vec(0u64..500, 16)) {
            let matrix = ConfusionMatrix::from_counts(4, counts).unwrap();
            let Some(whole) = matrix.disagreement() else { return Ok(()) };
            let agreement = matrix.overall_accuracy().unwrap();
            prop_assert!(near(whole.quantity + whole.allocation, 1.0 - agreement));
            prop_assert!(near(whole.exchange + whole.shift, whole.allocation));
            let classes: Vec<_> = (0..4).map(|class| matrix.class_disagreement(class).unwrap()).collect();
            prop_assert!(near(classes.iter().map(|class| class.quantity).sum::<f64>(), 2.0 * whole.quantity));
            prop_assert!(near(classes.iter().map(|class| class.shift).sum::<f64>(), 2.0 * whole.shift));
            prop_assert!(classes.iter().all(|class| class.shift >= 0.0 && class.exchange >= 0.0));
        }
    }

    #[test]
    fn a_round_of_three_classes_is_all_shift() {
        let matrix = ConfusionMatrix::from_counts(3, vec![10, 5, 0, 0, 10, 5, 5, 0, 10]).unwrap();
        let parts = matrix.disagreement().unwrap();
        assert_eq!((parts.quantity, parts.exchange), (0.0, 0.0));
        assert!(near(parts.shift, 15.0 / 45.0));
    }

    #[test]
    fn nothing_counted_has_no_parts() {
        assert_eq!(ConfusionMatrix::new(3).disagreement(), None);
        assert_eq!(ConfusionMatrix::new(3).class_disagreement(0), None);
    }
}
