//! The area under the receiver operating characteristic.

use crate::{Error, Result};

/// Chance that a positive scores above a negative, ties for half: the area under the ROC curve, 0 to 1.
///
/// For a sample that fits in memory, exact for any scores (Mann & Whitney 1947; Hanley & McNeil 1982); maps go into
/// [`Calibration`](crate::Calibration). `None` without a positive or without a negative.
///
/// It says how well scores *rank* at all thresholds. It says nothing about calibration nor about the map drawn at one
/// threshold, and looks good for rare classes whose map is bad: see user's accuracy there.
///
/// ```
/// use ecotone_metrics::area_under_curve;
///
/// let area = area_under_curve(&[0.1, 0.4, 0.4, 0.8], &[false, false, true, true])?;
/// assert_eq!(area, Some(0.875));
/// # Ok::<(), ecotone_metrics::Error>(())
/// ```
///
/// # Errors
/// When the two differ in length, or a score is NaN.
pub fn area_under_curve(scores: &[f64], positive: &[bool]) -> Result<Option<f64>> {
    if scores.len() != positive.len() {
        return Err(Error::Unpaired { map: scores.len(), reference: positive.len() });
    }
    if scores.iter().any(|score| score.is_nan()) {
        return Err(Error::Range { what: "a score", value: f64::NAN, expected: "a number" });
    }
    let mut ranked: Vec<(f64, bool)> = scores.iter().copied().zip(positive.iter().copied()).collect();
    ranked.sort_by(|a, b| a.0.total_cmp(&b.0));
    // Equal scores share a level; -0 and 0 are equal.
    let levels = ranked.chunk_by(|a, b| a.0 == b.0).map(|level| {
        let positives = level.iter().filter(|(_, positive)| *positive).count() as u64;
        (positives, level.len() as u64 - positives)
    });
    Ok(area_of_levels(levels))
}

/// The same from counts of positives and negatives by level, lowest first.
pub(crate) fn area_of_levels(levels: impl Iterator<Item = (u64, u64)>) -> Option<f64> {
    let (mut below, mut positives, mut twice_won) = (0u128, 0u128, 0u128);
    for (positive, negative) in levels {
        let (positive, negative) = (u128::from(positive), u128::from(negative));
        twice_won += positive * (2 * below + negative);
        below += negative;
        positives += positive;
    }
    (positives * below > 0).then(|| twice_won as f64 / (2 * positives * below) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_is_the_share_of_pairs_won(sample in proptest::collection::vec((0u8..9, any::<bool>()), 0..40)) {
            let (scores, positive): (Vec<f64>, Vec<bool>) = sample.iter().map(|(s, p)| (f64::from(*s), *p)).unzip();
            let of = |wanted: bool| sample.iter().filter(move |(_, positive)| *positive == wanted).map(|(score, _)| *score);
            let won: f64 = of(true).flat_map(|p| of(false).map(move |n| match p.cmp(&n) {
                std::cmp::Ordering::Greater => 1.0,
                std::cmp::Ordering::Equal => 0.5,
                std::cmp::Ordering::Less => 0.0,
            })).sum();
            let pairs = of(true).count() * of(false).count();
            let area = area_under_curve(&scores, &positive).unwrap();
            prop_assert_eq!(area, (pairs > 0).then(|| won / pairs as f64));
        }
    }

    #[test]
    fn bad_scores_are_named() {
        assert!(area_under_curve(&[0.5], &[]).is_err());
        let message = area_under_curve(&[f64::NAN], &[true]).unwrap_err().to_string();
        assert_eq!(message, "a score is NaN, expected a number");
        assert_eq!(area_under_curve(&[-0.0, 0.0], &[true, false]), Ok(Some(0.5)));
    }
}
