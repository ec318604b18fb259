//! Places that stand for the others: none of them far, in features, from one that was chosen.

use ndarray::{Array2, ArrayView1};

/// Chooses `count` rows of `candidates`, `[row, feature]`, in turn: each time that which lies farthest from all that are
/// chosen and from the `known` ones, `[row, feature]` (the greedy k-centre of core-set selection; Sener and Savarese
/// 2018, algorithm 1). Of those equally far the first; nothing known and nothing chosen: the first row. Fewer where
/// there are fewer.
///
/// ```
/// use ecotone_labeling::core_set;
/// use ndarray::array;
///
/// let candidates = array![[0.0f32], [0.1], [5.0], [5.1], [9.0]];
/// assert_eq!(core_set(&candidates, &array![[0.0f32]], 2), [4, 2]);
/// ```
///
/// # Panics
/// When candidates and known ones have other numbers of features.
pub fn core_set(candidates: &Array2<f32>, known: &Array2<f32>, count: usize) -> Vec<usize> {
    let square = |a: ArrayView1<'_, f32>, b: ArrayView1<'_, f32>| -> f64 {
        a.iter().zip(b).map(|(a, b)| f64::from(a - b).powi(2)).sum()
    };
    assert!(known.nrows() == 0 || known.ncols() == candidates.ncols(), "the same features");
    let nearest =
        |row| known.rows().into_iter().map(|other| square(row, other)).fold(f64::INFINITY, f64::min);
    let mut far: Vec<f64> = candidates.rows().into_iter().map(nearest).collect();
    let mut chosen = Vec::new();
    while chosen.len() < count.min(candidates.nrows()) {
        let farthest = (1..far.len()).fold(0, |best, row| if far[row] > far[best] { row } else { best });
        chosen.push(farthest);
        for (row, far) in far.iter_mut().enumerate() {
            *far = far.min(square(candidates.row(row), candidates.row(farthest)));
        }
        // Below every other, so that copies of it are taken last.
        far[farthest] = f64::NEG_INFINITY;
    }
    chosen
}

/// Both tables with each feature less its mean over the candidates, by its standard deviation; constant features
/// become 0.
pub fn standardised(candidates: &Array2<f32>, known: &Array2<f32>) -> (Array2<f32>, Array2<f32>) {
    let (mut ours, mut theirs) = (candidates.clone(), known.clone());
    for feature in 0..candidates.ncols() {
        let column = candidates.column(feature).mapv(f64::from);
        let (mean, deviation) = (column.mean().unwrap_or(0.0), column.std(0.0));
        let scaled = |value: f32| match deviation > 0.0 {
            true => ((f64::from(value) - mean) / deviation) as f32,
            false => 0.0,
        };
        ours.column_mut(feature).mapv_inplace(scaled);
        theirs.column_mut(feature).mapv_inplace(scaled);
    }
    (ours, theirs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn all_are_chosen_once_and_copies_last() {
        let candidates = array![[1.0f32], [1.0], [3.0]];
        assert_eq!(core_set(&candidates, &Array2::zeros((0, 1)), 9), [0, 2, 1]);
        assert!(core_set(&candidates, &Array2::zeros((0, 1)), 0).is_empty());
    }

    #[test]
    fn features_count_alike_once_standardised() {
        let (ours, theirs) = standardised(&array![[0.0f32, 5.0], [200.0, 5.0]], &array![[100.0f32, 9.0]]);
        assert_eq!(ours, array![[-1.0f32, 0.0], [1.0, 0.0]]);
        assert_eq!(theirs, array![[0.0f32, 0.0]]);
    }
}
