//! Coverage and edge cases of conformal sets.

use super::*;
use crate::IGNORE;
use proptest::prelude::*;

/// Percents `[class, pixel]` of two classes from those of class 0.
fn both(first: &[u8]) -> Vec<u8> {
    first.iter().copied().chain(first.iter().map(|percent| 100 - percent)).collect()
}

fn calibrated(first: &[u8], reference: &[u8], alpha: f64) -> ConformalSets {
    let mut scores = ProbabilityScores::new(2, Levels::Percents);
    scores.add(&both(first), reference).unwrap();
    ConformalSets::new(&scores, alpha).unwrap()
}

proptest! {
    /// The promise itself: over all ways to take one of n + 1 samples as the new one, at least 1 - alpha are covered.
    #[test]
    fn each_class_is_covered_with_the_chance_set(
        percents in proptest::collection::vec(0u8..=100, 1..40),
        alpha in 0.02f64..0.6,
    ) {
        let mut covered = 0;
        for new in 0..percents.len() {
            let mut rest = percents.clone();
            let percent = rest.remove(new);
            let sets = calibrated(&rest, &vec![0; rest.len()], alpha);
            covered += usize::from(sets.contains(0, f64::from(percent) / 100.0));
        }
        prop_assert!(covered as f64 >= (1.0 - alpha) * percents.len() as f64 - 1e-6);
    }

    #[test]
    fn few_samples_put_a_class_in_every_set(samples in 0usize..60, alpha in 0.05f64..0.5) {
        let sets = calibrated(&vec![70; samples], &vec![0; samples], alpha);
        let enough = (samples + 1) as f64 * alpha >= 1.0;
        prop_assert_eq!(sets.classes()[0].least_probability, enough.then_some(0.7));
        prop_assert_eq!(sets.classes()[0].samples, samples as u64);
        prop_assert_eq!(sets.contains(0, 0.0), !enough);
        prop_assert!(sets.contains(1, 0.0));
    }

    #[test]
    fn coverage_of_blocks_merges_to_the_whole(first in proptest::collection::vec(0u8..=100, 2..60), cut in 0usize..60) {
        let reference: Vec<u8> = first.iter().map(|percent| [0, 1, IGNORE][usize::from(percent % 3)]).collect();
        let sets = calibrated(&first, &reference, 0.3);
        let count = |first: &[u8], reference: &[u8]| {
            let mut coverage = ConformalCoverage::new(2);
            coverage.add(&sets, &both(first), reference).unwrap();
            coverage
        };
        let cut = cut.min(first.len());
        let mut merged = count(&first[cut..], &reference[cut..]);
        merged.merge(&count(&first[..cut], &reference[..cut])).unwrap();
        prop_assert_eq!(&merged, &count(&first, &reference));
        // On its own calibration samples each class is covered at least as promised.
        for class in 0..2 {
            prop_assert!(merged.class(class).is_none_or(|share| share >= 0.7 - 1e-9));
        }
        prop_assert_eq!(merged.sizes().iter().sum::<u64>(), merged.samples(0) + merged.samples(1));
    }
}

#[test]
fn sizes_count_the_sets_and_leave_out_no_data() {
    let sets = calibrated(&[60, 60, 60, 30, 30, 30], &[0, 0, 0, 1, 1, 1], 0.5); // from 0.6, from 0.7
    let percents = [60u8, 65, 30, 255, 40, 35, 70, 255];
    assert_eq!(sets.sizes(&percents).unwrap(), [1, 1, 1, IGNORE]);
    assert_eq!(sets.sets(&percents).unwrap(), [true, true, false, false, false, false, true, false]);
    assert_eq!(sets.sizes(&both(&[50])).unwrap(), [0]);
    assert!(!sets.contains(0, f64::NAN) && !sets.contains(2, 1.0));
}

#[test]
fn bad_input_is_named() {
    let scores = ProbabilityScores::new(2, Levels::Fine);
    for alpha in [0.0, 1.0, -0.1, f64::NAN] {
        let message = ConformalSets::new(&scores, alpha).unwrap_err().to_string();
        assert_eq!(message, format!("alpha is {alpha}, expected between 0 and 1, such as 0.1"));
    }
    let sets = ConformalSets::new(&scores, 0.1).unwrap();
    assert!(sets.sizes(&[0.5, 0.5, 0.5]).is_err());
    assert!(sets.sizes(&[f32::NAN, 0.5]).is_err());
    assert!(sets.sets(&[150u8, 50]).is_err());
    let mut coverage = ConformalCoverage::new(3);
    assert!(coverage.add(&sets, &[0.5, 0.5], &[0]).is_err());
    assert!(coverage.merge(&ConformalCoverage::new(2)).is_err());
    assert_eq!((coverage.overall(), coverage.mean_size(), coverage.class(9)), (None, None, None));
    let none = ConformalSets::new(&ProbabilityScores::new(0, Levels::Fine), 0.1).unwrap();
    assert_eq!(none.sizes::<f64>(&[]).unwrap(), []);
    assert!(none.sizes(&[0.5]).is_err());
}
