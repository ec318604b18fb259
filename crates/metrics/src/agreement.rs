//! How far two maps of the same place agree, as a whole and class by class.

use crate::{ConfusionMatrix, Disagreement, Error, Result};

/// What is said about two maps, read from the matrix of their classes (rows = first map, columns = second).
///
/// Agreement is consistency, not accuracy: two maps may agree and both be wrong. Every share lies in 0 to 1 (kappa
/// in -1 to 1) and is `None` where its denominator is zero.
#[derive(Debug, Clone, PartialEq)]
pub struct PairAgreement {
    /// Pixels with a class in both maps.
    pub pixels: u64,
    /// Share of them with the same class in both, `sum p_ii`.
    pub overall_agreement: Option<f64>,
    /// Cohen's kappa, see [`ConfusionMatrix::kappa`].
    ///
    /// With its caveat: it compares with maps drawn at random, which nobody would make, depends on how common the
    /// classes are, and says little that overall agreement does not (Pontius & Millones 2011; Olofsson et al. 2014
    /// advise against it). It is here so that older papers can be compared with; rank no maps by it.
    pub kappa: Option<f64>,
    /// Quantity, allocation, exchange and shift.
    pub disagreement: Option<Disagreement>,
    /// One line a class, by class index.
    pub classes: Vec<ClassAgreement>,
}

/// One class in two maps.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassAgreement {
    /// Class index.
    pub class: usize,
    /// Pixels of the class in the first map.
    pub first_pixels: u64,
    /// Pixels of the class in the second map.
    pub second_pixels: u64,
    /// Pixels of the class in both.
    pub both_pixels: u64,
    /// `2 both / (first + second)`, the same whichever map is first (Dice 1945).
    pub agreement: Option<f64>,
    /// `both / (first + second - both)`, the same whichever map is first (Jaccard 1912).
    pub iou: Option<f64>,
    /// Share of the first map's class that the second has too: what was kept.
    pub share_of_first: Option<f64>,
    /// Share of the second map's class that the first has too: what was there before.
    pub share_of_second: Option<f64>,
    /// Its parts of disagreement, as shares of all pixels.
    pub disagreement: Option<Disagreement>,
}

impl PairAgreement {
    /// Read from the matrix of two maps.
    ///
    /// ```
    /// use ecotone_metrics::{ConfusionMatrix, PairAgreement};
    ///
    /// let (first, second) = ([0, 0, 1, 1, 255], [0, 1, 1, 1, 0]);
    /// let mut matrix = ConfusionMatrix::new(2);
    /// matrix.add_many(&first, &second)?; // any number of windows, in any order
    ///
    /// let pair = PairAgreement::of(&matrix);
    /// assert_eq!((pair.pixels, pair.overall_agreement), (4, Some(0.75)));
    /// assert_eq!(pair.classes[1].agreement, Some(0.8));
    /// assert_eq!(pair.classes[0].share_of_first, Some(0.5));
    /// # Ok::<(), ecotone_metrics::Error>(())
    /// ```
    pub fn of(matrix: &ConfusionMatrix) -> Self {
        let class = |class| ClassAgreement {
            class,
            first_pixels: matrix.row_sum(class),
            second_pixels: matrix.col_sum(class),
            both_pixels: matrix.count(class, class),
            agreement: matrix.f1(class),
            iou: matrix.iou(class),
            share_of_first: matrix.users_accuracy(class),
            share_of_second: matrix.producers_accuracy(class),
            disagreement: matrix.class_disagreement(class),
        };
        Self {
            pixels: matrix.total(),
            overall_agreement: matrix.overall_accuracy(),
            kappa: matrix.kappa(),
            disagreement: matrix.disagreement(),
            classes: (0..matrix.classes()).map(class).collect(),
        }
    }
}

impl ConfusionMatrix {
    /// The counts as areas, `[first, second]` row by row, in the unit of `pixel_area`.
    ///
    /// These are mapped areas of an equal-area grid: counted pixels, biased by every error of either map. For the
    /// area of a class or of a change with an interval, use a probability sample (Olofsson et al. 2014).
    ///
    /// ```
    /// use ecotone_metrics::ConfusionMatrix;
    ///
    /// let matrix = ConfusionMatrix::from_counts(2, vec![40, 10, 0, 50])?;
    /// assert_eq!(matrix.areas(0.04)?, [1.6, 0.4, 0.0, 2.0]); // hectares, pixels of 20 m
    /// # Ok::<(), ecotone_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// When the area of a pixel is not a positive finite number.
    pub fn areas(&self, pixel_area: f64) -> Result<Vec<f64>> {
        check_pixel_area(pixel_area)?;
        Ok(self.counts().iter().map(|count| *count as f64 * pixel_area).collect())
    }
}

pub(crate) fn check_pixel_area(value: f64) -> Result<()> {
    if value.is_finite() && value > 0.0 {
        return Ok(());
    }
    Err(Error::Range { what: "the area of a pixel", value, expected: "a positive number" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn agreement_does_not_know_which_map_is_first(pairs in proptest::collection::vec((0u8..4, 0u8..4), 1..80)) {
            let (first, second): (Vec<u8>, Vec<u8>) = pairs.into_iter().unzip();
            let of = |first: &[u8], second: &[u8]| {
                let mut matrix = ConfusionMatrix::new(4);
                matrix.add_many(first, second).unwrap();
                PairAgreement::of(&matrix)
            };
            let (one, other) = (of(&first, &second), of(&second, &first));
            prop_assert_eq!(one.overall_agreement, other.overall_agreement);
            prop_assert_eq!(one.disagreement, other.disagreement);
            for (one, other) in one.classes.iter().zip(&other.classes) {
                prop_assert_eq!((one.agreement, one.iou), (other.agreement, other.iou));
                prop_assert_eq!(one.share_of_first, other.share_of_second);
                prop_assert_eq!(one.disagreement, other.disagreement);
            }
        }
    }

    #[test]
    fn an_area_is_positive() {
        for area in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            let message = ConfusionMatrix::new(1).areas(area).unwrap_err().to_string();
            assert_eq!(message, format!("the area of a pixel is {area}, expected a positive number"));
        }
    }
}
