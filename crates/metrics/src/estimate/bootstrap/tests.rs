//! The bootstrap against the variance formulas.

use crate::{Assessment, ClusterUnit, ConfusionMatrix, Estimate, Estimator, SampleUnit, Strata};

const COUNTS: [u64; 9] = [80, 9, 3, 12, 70, 10, 4, 6, 40];

#[track_caller]
fn check(assessment: &Assessment, statistic: impl Fn(&Assessment) -> Option<Estimate>, tolerance: f64) {
    let estimate = statistic(assessment).unwrap();
    let value = |sample: &Assessment| statistic(sample).map(|estimate| estimate.value);
    let found = assessment.bootstrap(2000, 11, value).unwrap().unwrap();
    let ratio = found.standard_error / estimate.standard_error.unwrap();
    assert!((ratio - 1.0).abs() < tolerance, "{found:?} is not {estimate:?}");
    assert!(found.percentiles.contains(estimate.value));
    assert_eq!(found.replicates, 2000);
}

#[test]
fn formulas_and_bootstrap_agree() {
    let counts = ConfusionMatrix::from_counts(3, COUNTS.to_vec()).unwrap();
    // Near the sample's shares: a post-stratified variance is that of all samples, not of those with these counts.
    let strata = Strata::new(&[40.0, 39.0, 21.0]).unwrap();
    for estimator in [Estimator::Stratified, Estimator::PostStratified, Estimator::Simple] {
        let found = Assessment::from_matrix(&counts, &strata, estimator).unwrap();
        check(&found, Assessment::overall_accuracy, 0.08);
        check(&found, |sample| sample.users_accuracy(1), 0.08);
        check(&found, |sample| sample.producers_accuracy(2), 0.08);
        check(&found, |sample| sample.f1(0), 0.08);
        check(&found, |sample| sample.area(2), 0.08);
    }
}

#[test]
fn clusters_are_resampled_whole() {
    let unit = |i: usize| {
        let reference = usize::from((i / 10).is_multiple_of(3) || i.is_multiple_of(4));
        let weight = if i < 300 { 2.0 } else { 3.0 };
        ClusterUnit { unit: SampleUnit::new(i / 20 % 2, reference), cluster: i as u64 / 10, weight }
    };
    let units: Vec<ClusterUnit> = (0..600).map(unit).collect();
    let found = Assessment::from_clusters(2, &units, &Strata::new(&[1.0]).unwrap()).unwrap();
    check(&found, Assessment::overall_accuracy, 0.08);
    check(&found, |sample| sample.users_accuracy(1), 0.12);
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let counts = ConfusionMatrix::from_counts(3, COUNTS.to_vec()).unwrap();
    let strata = Strata::new(&[60.0, 30.0, 10.0]).unwrap();
    let found = Assessment::from_matrix(&counts, &strata, Estimator::Stratified).unwrap();
    let run = |seed| {
        found.bootstrap(50, seed, |sample| sample.overall_accuracy().map(|oa| oa.value)).unwrap().unwrap()
    };
    assert_eq!(run(3), run(3));
    assert_ne!(run(3), run(4));
}

#[test]
fn what_cannot_be_resampled_is_said() {
    let counts = ConfusionMatrix::from_counts(2, vec![9, 1, 0, 1]).unwrap();
    let strata = Strata::new(&[80.0, 20.0]).unwrap();
    let found = Assessment::from_matrix(&counts, &strata, Estimator::Stratified).unwrap();
    let value = |sample: &Assessment| sample.overall_accuracy().map(|oa| oa.value);
    assert_eq!(found.bootstrap(100, 1, value).unwrap(), None);
    assert!(found.bootstrap(1, 1, value).is_err());
}
