//! Classifying with a forest.

use super::model::RandomForest;
use super::shares::{BLOCK, largest};
use super::table;
use crate::{Error, Result};
use linfa::Float;
use linfa::traits::PredictInplace;
use ndarray::{Array1, Array2, ArrayBase, ArrayView2, Data, Ix2, s};
use rayon::prelude::*;

impl RandomForest {
    /// The mean class shares of the leaves that each record, `[row, feature]`, ends at: `[row, class]`, 0 to 1, each
    /// row summing to 1.
    ///
    /// # Errors
    /// Another number of features than the forest's, or a value that is not finite in single precision.
    pub fn probabilities<F: Float>(
        &self,
        records: &ArrayBase<impl Data<Elem = F>, Ix2>,
    ) -> Result<Array2<f32>> {
        self.probabilities_from(records.view(), 0)
    }

    /// The most probable class of each record; the lowest of those that are equally probable.
    ///
    /// # Errors
    /// As [`probabilities`](Self::probabilities).
    pub fn classify<F: Float>(&self, records: &ArrayBase<impl Data<Elem = F>, Ix2>) -> Result<Array1<usize>> {
        let trees = self.trees.len() as f64;
        let mut classes = vec![0; records.nrows()];
        self.by_blocks(records.view(), 0, &mut classes, 1, |sums, class| class[0] = largest(sums, trees))?;
        Ok(Array1::from_vec(classes))
    }

    /// As [`probabilities`](Self::probabilities), with rows counted from `first_row` in messages.
    pub(super) fn probabilities_from<F: Float>(
        &self,
        records: ArrayView2<'_, F>,
        first_row: usize,
    ) -> Result<Array2<f32>> {
        let trees = self.trees.len() as f64;
        let mut found = Array2::zeros((records.nrows(), self.classes));
        let shares = |sums: &[f64], row: &mut [f32]| {
            row.iter_mut().zip(sums).for_each(|(share, sum)| *share = (sum / trees) as f32);
        };
        let out = found.as_slice_mut().unwrap_or_default();
        self.by_blocks(records, first_row, out, self.classes, shares)?;
        Ok(found)
    }

    /// Gives `each` the class sums of every record and its `width` values of `out`.
    fn by_blocks<F: Float, O: Send>(
        &self,
        records: ArrayView2<'_, F>,
        first_row: usize,
        out: &mut [O],
        width: usize,
        each: impl Fn(&[f64], &mut [O]) + Sync,
    ) -> Result<()> {
        if records.ncols() != self.features {
            return Err(Error::Features { expected: self.features, found: records.ncols() });
        }
        let block = |(block, out): (usize, &mut [O])| {
            let (start, rows) = (block * BLOCK, out.len() / width);
            let values = table::finite(records.slice(s![start..start + rows, ..]), first_row + start)?;
            let order: Vec<u32> = (0..rows as u32).collect();
            let mut sums = vec![0.0; rows * self.classes];
            for tree in &self.trees {
                tree.add_shares(&values, self.features, &order, self.classes, &mut sums);
            }
            sums.chunks(self.classes).zip(out.chunks_mut(width)).for_each(|(sums, out)| each(sums, out));
            Ok(())
        };
        let blocks: Vec<Result<()>> = out.par_chunks_mut(BLOCK * width).enumerate().map(block).collect();
        // In the order of rows, so that the first wrong value is the one named.
        blocks.into_iter().collect()
    }
}

impl<F: Float, D: Data<Elem = F>> PredictInplace<ArrayBase<D, Ix2>, Array1<usize>> for RandomForest {
    /// The most probable class of each record.
    ///
    /// # Panics
    /// When there is not one target a record, or where [`classify`](Self::classify) has an error: this trait of linfa
    /// leaves no other way to say so.
    fn predict_inplace(&self, records: &ArrayBase<D, Ix2>, targets: &mut Array1<usize>) {
        assert_eq!(records.nrows(), targets.len(), "one target is needed for each record");
        let found = self.classify(records);
        targets.assign(&found.expect("records have the forest's features, all finite"));
    }

    fn default_target(&self, records: &ArrayBase<D, Ix2>) -> Array1<usize> {
        Array1::zeros(records.nrows())
    }
}
