//! The table of scores, one line a class.

use crate::{ConfusionMatrix, Error, Result};
use ecotone_core::{ClassCode, Legend};

/// One class's line in an accuracy table.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassScores {
    /// Its code on disk.
    pub code: ClassCode,
    /// Its name.
    pub class: String,
    /// See [`ConfusionMatrix::users_accuracy`].
    pub users_accuracy: Option<f64>,
    /// See [`ConfusionMatrix::producers_accuracy`].
    pub producers_accuracy: Option<f64>,
    /// See [`ConfusionMatrix::f1`].
    pub f1: Option<f64>,
    /// See [`ConfusionMatrix::iou`].
    pub iou: Option<f64>,
    /// Pixels mapped as the class.
    pub map_pixels: u64,
    /// Pixels of the class in the reference.
    pub reference_pixels: u64,
}

impl ClassScores {
    /// The lines of a matrix whose indices are those of the legend, in the legend's order.
    ///
    /// # Errors
    /// When the matrix and the legend have different numbers of classes.
    pub fn table(matrix: &ConfusionMatrix, legend: &Legend) -> Result<Vec<Self>> {
        if matrix.classes() != legend.len() {
            return Err(Error::Classes { expected: matrix.classes(), found: legend.len() });
        }
        let line = |(index, entry): (usize, &ecotone_core::LegendEntry)| Self {
            code: entry.code,
            class: entry.name.clone(),
            users_accuracy: matrix.users_accuracy(index),
            producers_accuracy: matrix.producers_accuracy(index),
            f1: matrix.f1(index),
            iou: matrix.iou(index),
            map_pixels: matrix.row_sum(index),
            reference_pixels: matrix.col_sum(index),
        };
        Ok(legend.entries().iter().enumerate().map(line).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_follow_the_legend() {
        let legend =
            Legend::from_csv("code,name,color\n7,tree,#00ff00\n2,water,#0000ff\n".as_bytes()).unwrap();
        let matrix = ConfusionMatrix::from_counts(2, vec![3, 1, 0, 0]).unwrap();
        let table = ClassScores::table(&matrix, &legend).unwrap();
        assert_eq!((table[0].code, table[0].class.as_str()), (ClassCode(7), "tree"));
        assert_eq!((table[0].map_pixels, table[0].reference_pixels), (4, 3));
        assert_eq!((table[0].users_accuracy, table[0].iou), (Some(0.75), Some(0.75)));
        assert_eq!((table[1].users_accuracy, table[1].producers_accuracy), (None, Some(0.0)));
        assert!(ClassScores::table(&ConfusionMatrix::new(3), &legend).is_err());
    }
}
