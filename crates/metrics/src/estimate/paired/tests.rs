//! Differences of two maps: against the single maps, the textbook, and the bootstrap.

use super::*;
use crate::Error;

fn units(n: usize) -> Vec<PairedUnit> {
    let unit = |i: usize| PairedUnit {
        stratum: i % 2,
        first: (i + usize::from(i.is_multiple_of(7))) % 2,
        second: (i + usize::from(i.is_multiple_of(4))) % 2,
        reference: (i + usize::from(i.is_multiple_of(9))) % 2,
    };
    (0..n).map(unit).collect()
}

fn paired(estimator: Estimator) -> Paired {
    Paired::new(2, &units(200), &Strata::new(&[49.0, 51.0]).unwrap(), estimator).unwrap()
}

#[test]
fn differences_are_those_of_the_single_maps() {
    let both = paired(Estimator::Stratified);
    let (first, second) = (both.first().unwrap(), both.second().unwrap());
    let value = |estimate: Option<Estimate>| estimate.unwrap().value;
    let overall = value(first.overall_accuracy()) - value(second.overall_accuracy());
    assert!((value(both.overall_accuracy_difference()) - overall).abs() < 1e-12);
    let ratio = value(first.overall_accuracy()) / value(second.overall_accuracy());
    assert!((value(both.overall_accuracy_ratio()) - ratio).abs() < 1e-12);
    for class in 0..2 {
        let users = value(first.users_accuracy(class)) - value(second.users_accuracy(class));
        assert!((value(both.users_accuracy_difference(class)) - users).abs() < 1e-12);
        let producers = value(first.producers_accuracy(class)) - value(second.producers_accuracy(class));
        assert!((value(both.producers_accuracy_difference(class)) - producers).abs() < 1e-12);
    }
}

#[test]
fn a_simple_samples_difference_has_its_textbook_error() {
    // Of n = 200, b only first right, c only second: variance ((b + c)/n - ((b - c)/n)²) / (n - 1).
    let both = paired(Estimator::Simple);
    let McNemar { only_first, only_second, .. } = both.mcnemar();
    let (b, c, n) = (only_first as f64, only_second as f64, 200.0);
    let found = both.overall_accuracy_difference().unwrap();
    assert!((found.value - (b - c) / n).abs() < 1e-12);
    let variance = ((b + c) / n - ((b - c) / n).powi(2)) / (n - 1.0);
    assert!((found.standard_error.unwrap() - variance.sqrt()).abs() < 1e-12);
    assert_eq!(found.wilson, None);
}

#[test]
fn the_bootstrap_agrees() {
    for estimator in [Estimator::Stratified, Estimator::PostStratified, Estimator::Simple] {
        let both = paired(estimator);
        let statistics: [fn(&Paired) -> Option<Estimate>; 3] = [
            Paired::overall_accuracy_ratio,
            |sample| sample.users_accuracy_difference(1),
            |sample| sample.producers_accuracy_difference(0),
        ];
        for statistic in statistics {
            let error = statistic(&both).unwrap().standard_error.unwrap();
            let value = |sample: &Paired| statistic(sample).map(|estimate| estimate.value);
            let found = both.bootstrap(1000, 5, value).unwrap().unwrap();
            assert!((found.standard_error / error - 1.0).abs() < 0.1, "{found:?} against {error}");
        }
    }
}

#[test]
fn a_map_compared_with_itself_differs_by_nothing() {
    let same: Vec<PairedUnit> =
        units(50).iter().map(|unit| PairedUnit { second: unit.first, ..*unit }).collect();
    let both = Paired::new(2, &same, &Strata::new(&[1.0, 1.0]).unwrap(), Estimator::Stratified).unwrap();
    let found = both.overall_accuracy_difference().unwrap();
    assert_eq!((found.value, found.standard_error), (0.0, Some(0.0)));
    assert_eq!(both.mcnemar().exact_p_value, 1.0);
}

#[test]
fn what_has_no_denominator_is_none_and_bad_input_is_named() {
    let never = PairedUnit { first: 0, second: 1, reference: 0, stratum: 0 };
    let strata = Strata::new(&[1.0]).unwrap();
    let both = Paired::new(3, &[never; 5], &strata, Estimator::Simple).unwrap();
    assert_eq!(both.overall_accuracy_ratio(), None, "the second map is never right");
    assert_eq!(both.users_accuracy_difference(0), None, "the second map never shows it");
    assert_eq!(both.producers_accuracy_difference(2), None, "the reference never has it");
    let bad = PairedUnit { second: 3, ..never };
    let found = Paired::new(3, &[bad], &strata, Estimator::Simple).map(|_| ());
    assert_eq!(found, Err(Error::Class { side: "map", index: 3, classes: 3 }));
    assert!(Paired::new(3, &[], &strata, Estimator::Simple).is_err());
}
