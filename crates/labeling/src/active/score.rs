//! How little a forest knows of a place, 0 (sure) to 1.

use ndarray::{Array1, Array2, ArrayView1};

/// Shannon's entropy of class probabilities over the logarithm of `classes`, the number of classes that may occur: 0
/// where one class is certain, 1 where all are equally probable; 0 for a single class.
///
/// ```
/// use ecotone_labeling::entropy;
/// use ndarray::array;
///
/// assert_eq!(entropy(array![0.5f32, 0.5, 0.0].view(), 2), 1.0);
/// assert_eq!(entropy(array![1.0f32, 0.0, 0.0].view(), 2), 0.0);
/// ```
pub fn entropy(probabilities: ArrayView1<'_, f32>, classes: usize) -> f64 {
    if classes < 2 {
        return 0.0;
    }
    (nats(probabilities) / (classes as f64).ln()).clamp(0.0, 1.0)
}

fn nats(probabilities: ArrayView1<'_, f32>) -> f64 {
    let term = |share: &f32| f64::from(*share) * f64::from(*share).ln();
    -probabilities.iter().filter(|share| **share > 0.0).map(term).sum::<f64>()
}

/// By how much the most probable class leads the second (Scheffer et al. 2001), 0 to 1. The smaller, the less is known.
///
/// ```
/// use ecotone_labeling::margin;
/// use ndarray::array;
///
/// assert!((margin(array![0.25f32, 0.625, 0.125].view()) - 0.375).abs() < 1e-9);
/// ```
pub fn margin(probabilities: ArrayView1<'_, f32>) -> f64 {
    let (mut first, mut second) = (0.0f32, 0.0f32);
    for share in probabilities {
        if *share > first {
            (first, second) = (*share, first);
        } else if *share > second {
            second = *share;
        }
    }
    f64::from(first - second).clamp(0.0, 1.0)
}

/// How far the members of a committee disagree, for each of the rows that all have probabilities `[row, class]` of: the
/// entropy of their mean less the mean of their entropies, over the logarithm of `classes` (query by committee, Seung et
/// al. 1992, with the Jensen-Shannon divergence; McCallum and Nigam 1998). 0 where all say the same, however unsure.
///
/// ```
/// use ecotone_labeling::disagreement;
/// use ndarray::array;
///
/// let torn = [array![[1.0f32, 0.0], [0.5, 0.5]], array![[0.0, 1.0], [0.5, 0.5]]];
/// assert_eq!(disagreement(&torn, 2).to_vec(), [1.0, 0.0]);
/// ```
///
/// # Panics
/// When members have other shapes than the first.
pub fn disagreement(members: &[Array2<f32>], classes: usize) -> Array1<f64> {
    let Some(first) = members.first() else { return Array1::zeros(0) };
    let mut mean = Array2::<f32>::zeros(first.dim());
    let mut own = Array1::<f64>::zeros(first.nrows());
    for member in members {
        mean += member;
        own.iter_mut().zip(member.rows()).for_each(|(sum, row)| *sum += entropy(row, classes));
    }
    let count = members.len() as f64;
    mean /= count as f32;
    let apart = |(mean, own): (ArrayView1<'_, f32>, &f64)| (entropy(mean, classes) - own / count).max(0.0);
    mean.rows().into_iter().zip(&own).map(apart).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn certainty_and_ignorance_are_the_ends() {
        assert_eq!(margin(array![1.0f32, 0.0].view()), 1.0);
        assert_eq!(margin(array![0.5f32, 0.5].view()), 0.0);
        assert_eq!(margin(array![1.0f32].view()), 1.0);
        assert_eq!(entropy(array![1.0f32].view(), 1), 0.0);
        assert!((entropy(array![0.25f32, 0.25, 0.25, 0.25].view(), 4) - 1.0).abs() < 1e-9);
        assert!(disagreement(&[], 3).is_empty());
    }
}
