//! What a forest loses on samples given here when a feature's values are shuffled among them.

use super::bootstrap;
use super::importance::{Importance, SHUFFLES};
use super::model::RandomForest;
use crate::{Error, Result};
use linfa::Float;
use ndarray::{Array2, ArrayBase, ArrayView1, Data, Ix1, Ix2};
use rand::seq::SliceRandom;

impl RandomForest {
    /// The importance of each feature for the forest's accuracy on samples given here, `[sample, feature]` with class
    /// indices: mean and deviation over so many shuffles.
    ///
    /// # Errors
    /// As [`classify`](Self::classify), labels that are not one a sample, no sample, or no repeat.
    pub fn permutation_importance<F: Float>(
        &self,
        records: &ArrayBase<impl Data<Elem = F>, Ix2>,
        labels: &ArrayBase<impl Data<Elem = usize>, Ix1>,
        repeats: usize,
        seed: u64,
    ) -> Result<Vec<Importance>> {
        if labels.len() != records.nrows() {
            let (samples, found) = (records.nrows(), labels.len());
            return Err(Error::Unpaired { what: "labels", samples, found });
        }
        if records.is_empty() {
            return Err(Error::NoSamples);
        }
        if repeats == 0 {
            return Err(Error::Parameter { name: "repeats", value: 0.0, expected: "1 or more" });
        }
        let whole = self.accuracy(&records.to_owned(), labels.view())?;
        let one = |feature| {
            let mut random = bootstrap::stream(seed ^ SHUFFLES, feature);
            let mut shuffled: Array2<F> = records.to_owned();
            let mut column = records.column(feature).to_vec();
            let losses = (0..repeats).map(|_| {
                column.shuffle(&mut random);
                shuffled.column_mut(feature).iter_mut().zip(&column).for_each(|(to, from)| *to = *from);
                Ok(whole - self.accuracy(&shuffled, labels.view())?)
            });
            Ok(Importance::of(&losses.collect::<Result<Vec<_>>>()?))
        };
        (0..self.features).map(one).collect()
    }

    fn accuracy<F: Float>(&self, records: &Array2<F>, labels: ArrayView1<'_, usize>) -> Result<f64> {
        let found = self.classify(records)?;
        let right = found.iter().zip(labels).filter(|(found, label)| found == label).count();
        Ok(right as f64 / found.len() as f64)
    }
}
