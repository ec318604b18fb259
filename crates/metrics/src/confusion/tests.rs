//! Identities and edge cases of the confusion matrix.

use super::*;
use proptest::prelude::*;

fn matrices() -> impl Strategy<Value = ConfusionMatrix> {
    (1usize..7).prop_flat_map(|classes| {
        proptest::collection::vec(prop_oneof![Just(0u64), 0u64..5000], classes * classes)
            .prop_map(move |counts| ConfusionMatrix::from_counts(classes, counts).unwrap())
    })
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-12
}

proptest! {
    #[test]
    fn iou_and_f1_say_the_same(matrix in matrices()) {
        for class in 0..matrix.classes() {
            prop_assert_eq!(matrix.f1(class).is_some(), matrix.iou(class).is_some());
            if let (Some(f1), Some(iou)) = (matrix.f1(class), matrix.iou(class)) {
                prop_assert!(near(iou, f1 / (2.0 - f1)));
            }
        }
    }

    #[test]
    fn f1_is_the_harmonic_mean(matrix in matrices()) {
        for class in 0..matrix.classes() {
            let (users, producers) = (matrix.users_accuracy(class), matrix.producers_accuracy(class));
            if let (Some(u), Some(p)) = (users, producers) && u + p > 0.0 {
                prop_assert!(near(matrix.f1(class).unwrap(), 2.0 * u * p / (u + p)));
            }
        }
    }

    #[test]
    fn overall_accuracy_is_the_weighted_mean_of_either_side(matrix in matrices()) {
        let Some(overall) = matrix.overall_accuracy() else { return Ok(()) };
        let total = matrix.total() as f64;
        let side = |accuracy: &dyn Fn(usize) -> Option<f64>, pixels: &dyn Fn(usize) -> u64| -> f64 {
            (0..matrix.classes()).map(|i| accuracy(i).unwrap_or(0.0) * pixels(i) as f64 / total).sum()
        };
        prop_assert!(near(overall, side(&|i| matrix.users_accuracy(i), &|i| matrix.row_sum(i))));
        prop_assert!(near(overall, side(&|i| matrix.producers_accuracy(i), &|i| matrix.col_sum(i))));
    }

    #[test]
    fn measures_stay_in_range(matrix in matrices()) {
        let shares = [matrix.overall_accuracy(), matrix.macro_f1(), matrix.mean_iou(), matrix.majority_share()];
        prop_assert!(shares.into_iter().flatten().all(|share| (0.0..=1.0).contains(&share)));
        prop_assert!(matrix.kappa().is_none_or(|kappa| (-1.0..=1.0).contains(&kappa)));
    }

    #[test]
    fn merging_is_commutative_and_counts_everything(
        pairs in proptest::collection::vec((0u8..5, 0u8..5), 0..300), cut in 0usize..300,
    ) {
        let count = |pairs: &[(u8, u8)]| {
            let (map, reference): (Vec<u8>, Vec<u8>) = pairs.iter().copied().unzip();
            let mut matrix = ConfusionMatrix::new(5);
            matrix.add_many(&map, &reference).unwrap();
            matrix
        };
        let (left, right) = pairs.split_at(cut.min(pairs.len()));
        let (mut ab, mut ba) = (count(left), count(right));
        ab.merge(&count(right)).unwrap();
        ba.merge(&count(left)).unwrap();
        prop_assert_eq!(&ab, &ba);
        prop_assert_eq!(ab, count(&pairs));
    }

    #[test]
    fn swapping_map_and_reference_swaps_the_accuracies(matrix in matrices()) {
        let n = matrix.classes();
        let turned = (0..n * n).map(|i| matrix.count(i % n, i / n)).collect();
        let turned = ConfusionMatrix::from_counts(n, turned).unwrap();
        for class in 0..n {
            prop_assert_eq!(matrix.users_accuracy(class), turned.producers_accuracy(class));
            prop_assert_eq!(matrix.f1(class), turned.f1(class));
        }
        prop_assert_eq!(matrix.overall_accuracy(), turned.overall_accuracy());
    }
}

#[test]
fn a_class_that_is_never_mapped_counts_as_zero() {
    let matrix = ConfusionMatrix::from_counts(3, vec![8, 2, 0, 0, 0, 0, 0, 0, 0]).unwrap();
    assert_eq!(matrix.f1(1), Some(0.0));
    assert_eq!(matrix.f1(2), None);
    assert_eq!(matrix.macro_f1(), Some(16.0 / 18.0 / 2.0));
}

#[test]
fn nothing_counted_has_no_accuracy() {
    for matrix in [ConfusionMatrix::new(0), ConfusionMatrix::new(4)] {
        assert_eq!(matrix.overall_accuracy(), None);
        assert_eq!(matrix.kappa(), None);
        assert_eq!(matrix.macro_f1(), None);
        assert_eq!(matrix.majority_share(), None);
    }
    assert_eq!(ConfusionMatrix::from_counts(2, vec![9, 0, 0, 0]).unwrap().kappa(), None);
}

#[test]
fn bad_counts_say_what_is_wrong_and_count_nothing() {
    let mut matrix = ConfusionMatrix::new(3);
    let message = matrix.add_many(&[0, 1, 3], &[0, 1, 1]).unwrap_err().to_string();
    assert_eq!(message, "class index 3 of the map is outside a confusion matrix of 3 classes");
    assert!(matrix.add_many(&[0], &[0, 1]).is_err());
    assert!(matrix.add(0, 3).is_err());
    assert!(matrix.merge(&ConfusionMatrix::new(2)).is_err());
    assert!(ConfusionMatrix::from_counts(2, vec![1, 2, 3]).is_err());
    assert_eq!(matrix.total(), 0);
}

/// A class without validation pixels does not decide between epochs.
#[test]
fn a_class_that_the_reference_lacks_costs_no_more_than_its_pixels() {
    let whole = ConfusionMatrix::from_counts(3, vec![50, 0, 0, 0, 50, 0, 0, 0, 0]).unwrap();
    let moved = ConfusionMatrix::from_counts(3, vec![50, 0, 0, 0, 49, 0, 0, 1, 0]).unwrap();
    assert_eq!((whole.macro_f1(), whole.reference_macro_f1()), (Some(1.0), Some(1.0)));
    let (reported, chosen) = (moved.macro_f1().unwrap(), moved.reference_macro_f1().unwrap());
    assert!((reported - 0.6632996633).abs() < 1e-9, "{reported}");
    assert!((chosen - (1.0 + 98.0 / 99.0) / 2.0).abs() < 1e-12, "{chosen}");
    // A class of the reference that is never mapped still counts.
    let missed = ConfusionMatrix::from_counts(2, vec![6, 4, 0, 0]).unwrap();
    assert_eq!(missed.reference_macro_f1(), missed.macro_f1());
    assert_eq!(ConfusionMatrix::new(2).reference_macro_f1(), None);
}
