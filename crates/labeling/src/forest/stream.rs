//! Classifying more records than memory holds, chunk by chunk.

use super::model::RandomForest;
use crate::Result;
use linfa::Float;
use ndarray::{Array1, Array2, ArrayBase, Data, Ix2};

/// A chunk of records, classified.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassifiedChunk {
    /// Where the chunk's first record stands among all records.
    pub first_row: usize,
    /// Class probabilities, `[row, class]`.
    pub probabilities: Array2<f32>,
}

impl ClassifiedChunk {
    /// The most probable class of each record; the lowest of those that are equally probable.
    pub fn classes(&self) -> Array1<usize> {
        let best = |row: ndarray::ArrayView1<'_, f32>| {
            (1..row.len()).fold(0, |best, class| if row[class] > row[best] { class } else { best })
        };
        self.probabilities.rows().into_iter().map(best).collect()
    }
}

impl RandomForest {
    /// Classifies chunks of records, `[row, feature]`, one after another as they come. A chunk may have any number of
    /// rows, and how records are cut into chunks changes nothing. One chunk is held at a time.
    ///
    /// Each item is an error where [`probabilities`](Self::probabilities) has one; rows are counted over all chunks.
    ///
    /// ```
    /// # use ecotone_labeling::RandomForest;
    /// # use linfa::{DatasetBase, traits::Fit};
    /// # use ndarray::{Array1, Array2, Axis};
    /// let records = Array2::from_shape_fn((100, 3), |(row, feature)| (row * (feature + 1) % 7) as f32);
    /// let labels = Array1::from_shape_fn(100, |row| row % 7 / 4);
    /// let forest = RandomForest::params().trees(10).fit(&DatasetBase::new(records.clone(), labels))?;
    ///
    /// let mut rows = 0;
    /// for chunk in forest.classify_chunks(records.axis_chunks_iter(Axis(0), 32)) {
    ///     let chunk = chunk?;
    ///     assert_eq!(chunk.first_row, rows);
    ///     rows += chunk.classes().len();
    /// }
    /// assert_eq!(rows, 100);
    /// # Ok::<(), ecotone_labeling::Error>(())
    /// ```
    pub fn classify_chunks<F: Float, D: Data<Elem = F>>(
        &self,
        chunks: impl IntoIterator<Item = ArrayBase<D, Ix2>>,
    ) -> impl Iterator<Item = Result<ClassifiedChunk>> {
        let mut rows = 0;
        chunks.into_iter().map(move |chunk| {
            let first_row = rows;
            rows += chunk.nrows();
            let probabilities = self.probabilities_from(chunk.view(), first_row)?;
            Ok(ClassifiedChunk { first_row, probabilities })
        })
    }
}
