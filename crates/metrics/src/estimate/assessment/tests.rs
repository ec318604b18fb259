//! Published examples to the printed digits, bad input, and identities.

use super::*;
use crate::Interval;

/// Olofsson et al. 2014, RSE 148:42-57, Table 8, as encoded in hagc/mapaccuracy (MIT).
const OLOFSSON: [u64; 16] = [66, 0, 5, 4, 0, 55, 8, 12, 1, 0, 153, 11, 2, 1, 9, 313];
const PIXELS: [f64; 4] = [200_000.0, 150_000.0, 3_200_000.0, 6_450_000.0];

fn olofsson(estimator: Estimator) -> Assessment {
    let counts = ConfusionMatrix::from_counts(4, OLOFSSON.to_vec()).unwrap();
    Assessment::from_matrix(&counts, &Strata::new(&PIXELS).unwrap(), estimator).unwrap()
}

#[track_caller]
fn check(estimate: Option<Estimate>, value: f64, error: f64, precision: f64) {
    let estimate = estimate.unwrap();
    assert!((estimate.value / value - 1.0).abs() < precision, "{estimate:?} is not {value}");
    let found = estimate.standard_error.unwrap();
    assert!((found / error - 1.0).abs() < precision, "{estimate:?} has not the error {error}");
}

/// Recomputed in double precision from the paper's formulas by another implementation.
#[test]
fn olofssons_example_to_the_last_digits() {
    let found = olofsson(Estimator::Stratified);
    let close = 1e-12;
    check(found.overall_accuracy(), 0.946_511_888_111_888_1, 0.009_430_417_215_588_913, close);
    for (class, (value, error)) in [
        (0.88, 0.037_776_011_264_121_404),
        (0.733_333_333_333_333_3, 0.051_406_640_063_737_324),
        (0.927_272_727_272_727_2, 0.020_278_249_871_704_97),
        (0.963_076_923_076_923, 0.010_476_275_860_543_293),
    ]
    .into_iter()
    .enumerate()
    {
        check(found.users_accuracy(class), value, error, close);
    }
    for (class, (value, error)) in [
        (0.748_661_404_830_841_2, 0.108_831_557_645_544_88),
        (0.847_156_398_104_265_4, 0.129_800_184_040_437_4),
        (0.934_508_908_579_692_6, 0.017_512_460_544_189_316),
        (0.961_608_992_831_455_6, 0.009_368_130_347_771_422),
    ]
    .into_iter()
    .enumerate()
    {
        check(found.producers_accuracy(class), value, error, close);
    }
    for (class, (value, error)) in [
        (235_086.247_086_247_1, 34_907.224_410_811_636),
        (129_846.153_846_153_84, 21_291.530_756_257_678),
        (3_175_221.445_221_444_8, 87_924.242_053_223_26),
        (6_459_846.153_846_155, 92_299.639_185_064_97),
    ]
    .into_iter()
    .enumerate()
    {
        check(found.area(class), value, error, close);
        check(found.area_proportion(class), value / 1e7, error / 1e7, close);
    }
    let f1 =
        [0.809_034_995_606_797_6, 0.786_146_234_194_612_4, 0.930_876_755_503_716_7, 0.962_342_398_169_554_6];
    for (class, value) in f1.into_iter().enumerate() {
        assert!((found.f1(class).unwrap().value - value).abs() < close);
    }
    let expected = [
        [0.0176, 0.0, 0.001_333_333_333_333_333_5, 0.001_066_666_666_666_666_7],
        [0.0, 0.011, 0.0016, 0.0024],
        [0.001_939_393_939_393_939_3, 0.0, 0.296_727_272_727_272_73, 0.021_333_333_333_333_333],
        [
            0.003_969_230_769_230_769,
            0.001_984_615_384_615_384_6,
            0.017_861_538_461_538_46,
            0.621_184_615_384_615_4,
        ],
    ];
    let proportions = found.area_proportions().unwrap();
    for (found, expected) in proportions.iter().zip(expected.as_flattened()) {
        assert!((found - expected).abs() < close);
    }
    assert_eq!(found.counts().unwrap().counts(), OLOFSSON);
}

/// The half widths of the intervals as printed: agcopenhaver/PyMapAccuracy, tests/test_olofsson.py.
#[test]
fn olofssons_intervals_as_printed() {
    #[track_caller]
    fn half(estimate: Option<Estimate>, expected: f64, digit: f64) {
        let estimate = estimate.unwrap();
        let found = (estimate.upper.unwrap() - estimate.lower.unwrap()) / 2.0;
        assert!((found - expected).abs() <= digit, "{found} is not {expected}");
    }
    let counts = ConfusionMatrix::from_counts(4, OLOFSSON.to_vec()).unwrap();
    let hectares = Strata::new(&PIXELS.map(|pixels| pixels * 0.09)).unwrap();
    let found = Assessment::from_matrix(&counts, &hectares, Estimator::Stratified).unwrap();
    half(found.overall_accuracy(), 0.01848328, 5e-9);
    let users = [0.07403962, 0.10075516, 0.03974464, 0.02053312];
    let producers = [0.21330593, 0.25440369, 0.03432379, 0.0183612];
    let areas = [(21157.76, 6157.521), (11686.15, 3755.757), (285769.9, 15509.55), (581386.2, 16281.36)];
    for class in 0..4 {
        half(found.users_accuracy(class), users[class], 5e-9);
        half(found.producers_accuracy(class), producers[class], 5e-8);
        half(found.area(class), areas[class].1, 5e-3);
        assert!((found.area(class).unwrap().value - areas[class].0).abs() <= 0.06);
    }
}

/// Stehman 2014, IJRS 35:4923-4939, numerical example: `(map, reference)` of ten units in each stratum A to D.
fn stehman() -> Assessment {
    let drawn = [
        "AA AA AA AA AA AC AB BA BB BC",
        "AA BB BB BB BB BB BA BA BB BB",
        "BC BC CC CC CC CD CD CB BB BA",
        "DD DD DD DD DD DD DD DC DC DB",
    ];
    let class = |letter: u8| usize::from(letter - b'A');
    let unit = |stratum, pair: &str| {
        SampleUnit::new(class(pair.as_bytes()[0]), class(pair.as_bytes()[1])).in_stratum(stratum)
    };
    let units: Vec<SampleUnit> = drawn
        .iter()
        .enumerate()
        .flat_map(|(stratum, pairs)| pairs.split(' ').map(move |pair| unit(stratum, pair)))
        .collect();
    let pixels = [40_000_u32, 30_000, 20_000, 10_000];
    let strata = Strata::new(&pixels.map(f64::from)).unwrap().with_units(&pixels.map(u64::from)).unwrap();
    Assessment::new(4, &units, &strata, Estimator::Stratified).unwrap()
}

#[test]
fn stehmans_example_as_printed() {
    let found = stehman();
    let (a, b, c) = (0, 1, 2);
    check(found.overall_accuracy(), 0.63, 0.08464219, 1e-7);
    check(found.area_proportion(a), 0.35, 0.0822478, 1e-6);
    check(found.area_proportion(c), 0.2, 0.06427977, 1e-7);
    check(found.users_accuracy(b), 0.5744681, 0.1247822, 1e-6);
    check(found.producers_accuracy(b), 0.7941176, 0.1165479, 1e-6);
    assert!((found.area_proportions().unwrap()[b * 4 + c] - 0.08).abs() < 1e-12);
}

#[test]
fn a_class_that_the_map_lacks_has_no_users_accuracy_but_an_area() {
    // The map shows classes 0 and 1; the reference knows class 2, too.
    let units: Vec<SampleUnit> = [(0, 0, 8), (0, 2, 2), (1, 1, 9), (1, 2, 1)]
        .into_iter()
        .flat_map(|(map, reference, n)| vec![SampleUnit::new(map, reference).in_stratum(map); n])
        .collect();
    let strata = Strata::new(&[60.0, 40.0, 0.0]).unwrap();
    let found = Assessment::new(3, &units, &strata, Estimator::Stratified).unwrap();
    assert_eq!(found.users_accuracy(2), None);
    assert_eq!(found.producers_accuracy(2).unwrap().value, 0.0);
    assert_eq!(found.f1(2).unwrap().value, 0.0);
    let area = found.area(2).unwrap();
    assert!((area.value - 16.0).abs() < 1e-12 && area.standard_error.unwrap() > 0.0);
    // Never seen anywhere: nothing but a bound on its area.
    let found = Assessment::new(4, &units, &strata, Estimator::Stratified).unwrap();
    assert_eq!((found.producers_accuracy(3), found.f1(3)), (None, None));
    let wilson = found.area(3).unwrap().wilson.unwrap();
    assert!(wilson.lower == 0.0 && wilson.upper > 10.0, "{wilson:?}");
}

#[test]
fn one_unit_in_a_stratum_leaves_the_variance_open() {
    let counts = ConfusionMatrix::from_counts(2, vec![9, 1, 0, 1]).unwrap();
    let strata = Strata::new(&[80.0, 20.0]).unwrap();
    for estimator in [Estimator::Stratified, Estimator::PostStratified] {
        let found = Assessment::from_matrix(&counts, &strata, estimator).unwrap();
        let overall = found.overall_accuracy().unwrap();
        assert!((overall.value - 0.92).abs() < 1e-12);
        let open = (overall.standard_error, overall.lower, overall.upper, overall.wilson);
        assert_eq!(open, (None, None, None, None));
        assert_eq!(found.producers_accuracy(0).unwrap().standard_error, None);
        assert_eq!(found.users_accuracy(1).unwrap().standard_error, None);
        // The first class's does not depend on the second stratum.
        assert!(found.users_accuracy(0).unwrap().standard_error.is_some());
    }
    let census = strata.with_units(&[80, 1]).unwrap();
    let found = Assessment::from_matrix(&counts, &census, Estimator::Stratified).unwrap();
    assert!(found.overall_accuracy().unwrap().standard_error.is_some(), "the stratum is known in full");
}

#[test]
fn an_estimate_of_1_has_a_wilson_interval() {
    let counts = ConfusionMatrix::from_counts(2, vec![10, 0, 5, 15]).unwrap();
    let found =
        Assessment::from_matrix(&counts, &Strata::new(&[1.0, 1.0]).unwrap(), Estimator::Stratified).unwrap();
    let users = found.users_accuracy(0).unwrap();
    assert_eq!((users.value, users.standard_error, users.lower), (1.0, Some(0.0), Some(1.0)));
    let Interval { lower, upper } = users.wilson.unwrap();
    assert!((lower - 0.722_467).abs() < 1e-6 && upper == 1.0);
}

#[test]
fn what_cannot_be_estimated_is_named() {
    let counts = ConfusionMatrix::from_counts(2, vec![9, 1, 0, 0]).unwrap();
    let from = |sizes: &[f64]| {
        Assessment::from_matrix(&counts, &Strata::new(sizes).unwrap(), Estimator::Stratified).map(|_| ())
    };
    assert_eq!(from(&[8.0, 2.0]), Err(Error::EmptyStratum { stratum: 1, size: 2.0 }));
    assert_eq!(from(&[8.0, 0.0]), Ok(()));
    assert_eq!(from(&[0.0, 2.0]), Err(Error::NoArea { stratum: 0, units: 10 }));
    assert_eq!(from(&[8.0, 2.0, 3.0]), Err(Error::Strata { expected: 2, found: 3 }));

    let one = Strata::new(&[1.0]).unwrap();
    let new = |units: &[SampleUnit], strata: &Strata| {
        Assessment::new(2, units, strata, Estimator::Simple).map(|_| ())
    };
    assert_eq!(new(&[], &one), Err(Error::EmptySample));
    let class = |side, index| Err(Error::Class { side, index, classes: 2 });
    assert_eq!(new(&[SampleUnit::new(2, 0)], &one), class("map", 2));
    assert_eq!(new(&[SampleUnit::new(0, 7)], &one), class("reference", 7));
    let outside = [SampleUnit::new(0, 0).in_stratum(1)];
    assert_eq!(new(&outside, &one), Err(Error::Stratum { stratum: 1, strata: 1 }));
    let few = one.with_units(&[1]).unwrap();
    let more = [SampleUnit::new(0, 0); 2];
    assert_eq!(new(&more, &few), Err(Error::TooManyUnits { stratum: 0, available: 1, asked: 2 }));

    let both = [more[0], more[1].in_stratum(1)];
    let nowhere = Assessment::new(2, &both, &Strata::new(&[0.0, 1.0]).unwrap(), Estimator::Stratified);
    assert_eq!(nowhere.map(|_| ()), Err(Error::NoArea { stratum: 0, units: 1 }));
    assert!(olofsson(Estimator::Simple).with_confidence(95.0).is_err());
}

#[test]
fn weights_that_are_none_are_named() {
    let unit = |weight| ClusterUnit { unit: SampleUnit::new(0, 0), cluster: 1, weight };
    for weight in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let found = Assessment::from_clusters(1, &[unit(1.0), unit(weight)], &Strata::new(&[1.0]).unwrap());
        assert!(matches!(found, Err(Error::Weight { unit: 1, .. })), "{weight}");
    }
    let alone = Assessment::from_clusters(1, &[unit(1.0)], &Strata::new(&[1.0]).unwrap()).unwrap();
    assert_eq!(alone.overall_accuracy().unwrap().standard_error, None);
}

#[test]
fn post_stratification_adds_its_second_term() {
    // Cochran 1977, section 5A.9, by hand: n = 20, W = (0.8, 0.2), 12 of 14 and 4 of 6 right.
    let counts = ConfusionMatrix::from_counts(2, vec![12, 2, 2, 4]).unwrap();
    let found = Assessment::from_matrix(
        &counts,
        &Strata::from_proportions(&[0.8, 0.2]).unwrap(),
        Estimator::PostStratified,
    )
    .unwrap();
    let (s1, s2) = (12.0 * 2.0 / 14.0 / 13.0, 4.0 * 2.0 / 6.0 / 5.0);
    let variance: f64 = (0.8 * s1 + 0.2 * s2) / 20.0 + (0.2 * s1 + 0.8 * s2) / 400.0;
    check(found.overall_accuracy(), 0.8 * 12.0 / 14.0 + 0.2 * 4.0 / 6.0, variance.sqrt(), 1e-12);
}

#[test]
fn a_simple_sample_has_its_textbook_variance_and_correction() {
    let units = [[SampleUnit::new(0, 0); 30].as_slice(), &[SampleUnit::new(0, 1); 10]].concat();
    let strata = Strata::new(&[100.0]).unwrap();
    let found = Assessment::new(2, &units, &strata, Estimator::Simple).unwrap();
    let variance: f64 = 0.75 * 0.25 / 39.0;
    check(found.overall_accuracy(), 0.75, variance.sqrt(), 1e-12);
    let found = Assessment::new(2, &units, &strata.with_units(&[100]).unwrap(), Estimator::Simple).unwrap();
    check(found.overall_accuracy(), 0.75, (0.6 * variance).sqrt(), 1e-12);
}

#[test]
fn clusters_of_one_unit_and_equal_weight_are_a_simple_sample() {
    let units: Vec<SampleUnit> = (0..40).map(|i| SampleUnit::new(i % 3, (i * i + i / 5) % 3)).collect();
    let strata = Strata::new(&[500.0]).unwrap();
    let single = Assessment::new(3, &units, &strata, Estimator::Simple).unwrap();
    let clusters: Vec<ClusterUnit> =
        (0..).zip(&units).map(|(cluster, unit)| ClusterUnit { unit: *unit, cluster, weight: 12.5 }).collect();
    let clustered = Assessment::from_clusters(3, &clusters, &strata).unwrap();
    for class in 0..2 {
        let expected = single.producers_accuracy(class).unwrap();
        check(clustered.producers_accuracy(class), expected.value, expected.standard_error.unwrap(), 1e-12);
    }
    assert_eq!(clustered.counts().unwrap(), single.counts().unwrap());
    let half = |found: Assessment| found.overall_accuracy().unwrap().upper.unwrap();
    assert!(half(clustered) > half(single), "Student's quantile is the wider one");
}

#[test]
fn regions_add_up_and_know_their_size() {
    let units: Vec<SampleUnit> = (0..60)
        .map(|i| SampleUnit::new(i % 2, usize::from(i % 7 < 3)).in_stratum(i % 2).in_region(i % 3))
        .collect();
    let strata = Strata::new(&[30.0, 70.0]).unwrap();
    let found = Assessment::new(2, &units, &strata, Estimator::Stratified).unwrap();
    let sum: f64 = (0..3).map(|region| found.in_region(region, None).area(1).unwrap().value).sum();
    assert!((sum - found.area(1).unwrap().value).abs() < 1e-12);
    let known = found.in_region(2, Some(25.0));
    let sum: f64 = (0..2).map(|class| known.area(class).unwrap().value).sum();
    assert!((sum - 25.0).abs() < 1e-12);
    assert_eq!(known.counts().unwrap().total(), 20);
    assert_eq!(found.in_region(9, None).overall_accuracy(), None);
    assert_eq!(found.in_region(9, None).area_proportions(), None);
}

#[test]
fn kappa_of_proportional_areas_is_that_of_the_counts() {
    let counts = ConfusionMatrix::from_counts(4, OLOFSSON.to_vec()).unwrap();
    let rows: Vec<f64> = (0..4).map(|class| counts.row_sum(class) as f64).collect();
    let found =
        Assessment::from_matrix(&counts, &Strata::new(&rows).unwrap(), Estimator::Stratified).unwrap();
    assert!((found.kappa().unwrap() - counts.kappa().unwrap()).abs() < 1e-12);
}
