//! What holds for every forest.

use ecotone_labeling::{ClassWeights, Criterion, Error, ForestParams, MaxFeatures, RandomForest};
use linfa::DatasetBase;
use linfa::traits::{Fit, Predict};
use ndarray::{Array1, Array2, Axis, array};
use proptest::prelude::*;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

type Samples = DatasetBase<Array2<f32>, Array1<usize>>;

/// Classes that overlap, with features of few values (ties) and many.
fn samples(rows: usize, features: usize, classes: usize, seed: u64) -> Samples {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let labels = Array1::from_shape_fn(rows, |_| random.random_range(0..classes));
    let records = Array2::from_shape_fn((rows, features), |(row, feature)| {
        let value: f32 = random.random_range(0.0..2.0) + labels[row] as f32 * (feature % 3) as f32 * 0.4;
        if feature % 2 == 0 { (value * 4.0).round() / 4.0 } else { value }
    });
    DatasetBase::new(records, labels)
}

/// Nothing but the samples decides such a tree.
fn certain() -> ForestParams {
    RandomForest::params().trees(3).bootstrap(false)
}

fn pick(samples: &Samples, rows: &[usize]) -> Samples {
    DatasetBase::new(samples.records.select(Axis(0), rows), samples.targets.select(Axis(0), rows))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn threads_change_nothing(seed in 0u64..1000, rows in 2usize..300, entropy: bool) {
        let samples = samples(rows, 5, 3, seed);
        let criterion = if entropy { Criterion::Entropy } else { Criterion::Gini };
        let params = RandomForest::params().trees(9).criterion(criterion).seed(seed).permutation_importance(true);
        let grow = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let forest = params.fit(&samples).unwrap();
                let probabilities = forest.probabilities(&samples.records).unwrap();
                (forest, probabilities)
            })
        };
        let one = grow(1);
        prop_assert!(one == grow(2) && one == grow(5));
    }

    #[test]
    fn the_order_of_samples_changes_nothing(seed in 0u64..1000, rows in 2usize..200) {
        let samples = samples(rows, 4, 3, seed);
        let mut order: Vec<usize> = (0..rows).collect();
        order.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
        let params = certain().classes(3).seed(seed);
        prop_assert_eq!(params.fit(&samples).unwrap(), params.fit(&pick(&samples, &order)).unwrap());
    }

    #[test]
    fn a_weight_of_two_is_the_sample_twice(seed in 0u64..1000, rows in 2usize..150) {
        let samples = samples(rows, 4, 3, seed);
        let twice: Vec<usize> = (0..rows).chain((0..rows).filter(|row| row % 3 == 0)).collect();
        let weights = Array1::from_shape_fn(rows, |row| if row % 3 == 0 { 2.0 } else { 1.0 });
        let params = certain().classes(3).seed(seed);
        let weighted = params.fit(&samples.clone().with_weights(weights)).unwrap();
        prop_assert_eq!(weighted, params.fit(&pick(&samples, &twice)).unwrap());
    }

    #[test]
    fn a_class_weight_of_two_is_the_class_twice(seed in 0u64..1000, rows in 2usize..150) {
        let samples = samples(rows, 4, 3, seed);
        let twice: Vec<usize> = (0..rows).chain((0..rows).filter(|row| samples.targets[*row] == 1)).collect();
        let params = certain().classes(3).seed(seed);
        let weighted = params.clone().class_weights(ClassWeights::Given(vec![1.0, 2.0, 1.0])).fit(&samples).unwrap();
        prop_assert_eq!(weighted, params.fit(&pick(&samples, &twice)).unwrap());
    }

    #[test]
    fn a_weight_of_zero_is_no_sample(seed in 0u64..1000, rows in 4usize..150) {
        let samples = samples(rows, 4, 3, seed);
        let kept: Vec<usize> = (0..rows).filter(|row| row % 4 != 1).collect();
        let weights = Array1::from_shape_fn(rows, |row| f32::from(row % 4 != 1));
        let params = RandomForest::params().trees(5).classes(3).seed(seed);
        let weighted = params.fit(&samples.clone().with_weights(weights)).unwrap();
        prop_assert_eq!(weighted, params.fit(&pick(&samples, &kept)).unwrap());
    }

    #[test]
    fn full_trees_know_their_samples_and_bytes_keep_forests(seed in 0u64..1000, rows in 1usize..200) {
        let mut samples = samples(rows, 3, 4, seed);
        samples.records.column_mut(1).iter_mut().enumerate().for_each(|(row, value)| *value = row as f32);
        let forest = certain().criterion(Criterion::Entropy).fit(&samples).unwrap();
        prop_assert_eq!(&forest.predict(&samples), &samples.targets);
        prop_assert_eq!(RandomForest::from_bytes(&forest.to_bytes()).unwrap(), forest);
    }

    #[test]
    fn cuts_between_chunks_change_nothing(seed in 0u64..1000, rows in 1usize..3000, chunk in 1usize..2000) {
        let samples = samples(rows, 3, 3, seed);
        let forest = RandomForest::params().trees(4).min_samples_leaf(5).fit(&samples).unwrap();
        let whole = forest.probabilities(&samples.records).unwrap();
        prop_assert!(whole.rows().into_iter().all(|row| (row.sum() - 1.0).abs() < 1e-5));
        let chunks = forest.classify_chunks(samples.records.axis_chunks_iter(Axis(0), chunk));
        let chunks: Vec<_> = chunks.map(|chunk| chunk.unwrap()).collect();
        let views: Vec<_> = chunks.iter().map(|chunk| chunk.probabilities.view()).collect();
        prop_assert_eq!(ndarray::concatenate(Axis(0), &views).unwrap(), whole);
        let classes: Vec<usize> = chunks.iter().flat_map(|chunk| chunk.classes()).collect();
        prop_assert_eq!(classes, forest.classify(&samples.records).unwrap().to_vec());
    }
}

#[test]
fn limits_are_kept() {
    let samples = samples(400, 4, 3, 1);
    let nodes = |params: ForestParams| params.trees(1).bootstrap(false).fit(&samples).unwrap().nodes();
    assert_eq!(nodes(RandomForest::params().max_depth(0)), 1);
    assert_eq!(nodes(RandomForest::params().max_depth(1)), 3);
    assert_eq!(nodes(RandomForest::params().min_samples_leaf(201)), 1);
    assert_eq!(nodes(RandomForest::params().min_samples_split(401)), 1);
    assert_eq!(nodes(RandomForest::params().min_samples_leaf(200).max_features(MaxFeatures::All)), 3);
}

#[test]
fn poor_samples_give_sound_forests() {
    // Nothing to tell apart by: the shares of the classes.
    let alike = DatasetBase::new(Array2::from_elem((6, 2), 0.5f32), array![0usize, 1, 1, 1, 2, 2]);
    let forest = certain().fit(&alike).unwrap();
    let found = forest.probabilities(&array![[9.0f32, -9.0]]).unwrap();
    assert!(found.iter().zip([1.0 / 6.0, 0.5, 1.0 / 3.0]).all(|(a, b)| (a - b).abs() < 1e-6), "{found}");
    assert!(forest.impurity_importance().iter().all(|share| *share == 0.0));

    // One class, of three that there are elsewhere.
    let one = DatasetBase::new(array![[1.0f32], [2.0]], array![1usize, 1]);
    let forest = RandomForest::params().classes(3).out_of_bag(true).fit(&one).unwrap();
    assert_eq!(forest.probabilities(&array![[5.0f32]]).unwrap(), array![[0.0, 1.0, 0.0]]);
    assert_eq!(forest.out_of_bag().unwrap().error(), Some(0.0));

    // One sample a class, and one sample at all: that one is in every bag.
    let each = DatasetBase::new(array![[1.0f32], [2.0], [3.0]], array![0usize, 1, 2]);
    assert_eq!(RandomForest::params().fit(&each).unwrap().predict(&each), array![0, 1, 2]);
    let single = DatasetBase::new(array![[1.0f32]], array![0usize]);
    let forest = RandomForest::params().permutation_importance(true).fit(&single).unwrap();
    let out = forest.out_of_bag().unwrap();
    assert_eq!((out.error(), out.trees()), (None, [0u32].as_slice()));
}

#[test]
fn more_rows_than_sixteen_bits_count() {
    let many = samples(70_000, 3, 3, 5);
    let forest = RandomForest::params().trees(2).bootstrap(false).max_depth(6).fit(&many).unwrap();
    let few = pick(&many, &(0..60_000).collect::<Vec<_>>());
    let other = RandomForest::params().trees(2).bootstrap(false).max_depth(6).fit(&few).unwrap();
    let right = |forest: &RandomForest| {
        forest.predict(&many).iter().zip(&many.targets).filter(|(found, class)| found == class).count()
    };
    assert!(right(&forest).abs_diff(right(&other)) < 1000 && right(&forest) > 40_000);
}

#[test]
fn what_is_out_of_the_bag_tells_as_much_as_a_test_set() {
    let (train, test) = (samples(1500, 5, 3, 1), samples(3000, 5, 3, 2));
    let forest = RandomForest::params().permutation_importance(true).fit(&train).unwrap();
    let found = forest.classify(&test.records).unwrap();
    let wrong = found.iter().zip(&test.targets).filter(|(found, class)| found != class).count();
    let out = forest.out_of_bag().unwrap();
    let error = out.error().unwrap();
    assert!((error - wrong as f64 / 3000.0).abs() < 0.03, "{error} {wrong}");
    assert!(out.trees().iter().all(|trees| (15..60).contains(trees)));

    // Features 0 and 3 say nothing about the class; 2 says the most.
    for importance in [
        out.permutation_importance().unwrap(),
        &forest.permutation_importance(&test.records, &test.targets, 3, 1).unwrap(),
    ] {
        let mean: Vec<f64> = importance.iter().map(|importance| importance.mean).collect();
        assert!(
            mean[0].abs() < 0.02 && mean[3].abs() < 0.02 && mean[2] > 0.05 && mean[2] > mean[1],
            "{mean:?}"
        );
    }
}

#[track_caller]
fn refused(samples: &Samples, params: &ForestParams, message: &str) {
    let error = params.fit(samples).expect_err(message);
    assert_eq!(error.to_string(), message);
}

#[test]
fn what_cannot_be_learnt_from_is_named() {
    let good = samples(3000, 3, 2, 1);
    let params = RandomForest::params().trees(2);
    for (value, name) in [(f32::NAN, "NaN"), (f32::INFINITY, "inf"), (f32::NEG_INFINITY, "-inf")] {
        let mut bad = good.clone();
        bad.records[[2500, 2]] = value;
        bad.records[[2600, 0]] = value;
        let message = format!(
            "feature 2 of row 2500 is {name} (both counted from 0); forests take finite numbers only"
        );
        refused(&bad, &params, &message);
        let forest = params.fit(&good).unwrap();
        assert_eq!(forest.probabilities(&bad.records).unwrap_err().to_string(), message);
        let last = forest.classify_chunks(bad.records.axis_chunks_iter(Axis(0), 700)).nth(3).unwrap();
        assert_eq!(last.unwrap_err().to_string(), message);
    }
    let huge = DatasetBase::new(array![[0.0f64], [1e300]], array![0usize, 1]);
    assert!(matches!(params.fit(&huge), Err(Error::NotFinite { row: 1, column: 0, value: 1e300 })));
}

#[test]
fn what_does_not_go_together_is_named() {
    let good = samples(3000, 3, 2, 1);
    let params = RandomForest::params().trees(2);
    let pair = |records: Array2<f32>, labels: Array1<usize>| DatasetBase::new(records, labels);
    refused(&pair(Array2::zeros((0, 2)), array![]), &params, "there is no sample to learn from");
    refused(&pair(Array2::zeros((2, 0)), array![0, 1]), &params, "the samples have no feature");
    refused(
        &pair(Array2::zeros((2, 1)), array![0, 1, 0]),
        &params,
        "2 samples have 3 labels; there must be one each",
    );
    refused(
        &good,
        &params.clone().classes(1),
        &format!(
            "the sample in row {} is of class 1, which is none of 1 classes",
            good.targets.iter().position(|class| *class == 1).unwrap()
        ),
    );
    refused(
        &good,
        &params.clone().class_weights(ClassWeights::Given(vec![1.0])),
        "1 class weights are given for 2 classes",
    );
    refused(
        &good,
        &params.clone().class_weights(ClassWeights::Given(vec![0.0, 0.0])),
        "all samples have the weight 0: there is nothing to learn from",
    );
    refused(
        &good,
        &params.clone().class_weights(ClassWeights::Given(vec![1.0, -1.0])),
        "the weight of class 1 is -1; a weight is finite and not negative",
    );
    refused(&good, &params.clone().min_samples_split(1), "min_samples_split is 1, expected 2 or more");
    refused(
        &good,
        &params.clone().max_features(MaxFeatures::Share(0.0)),
        "max_features is 0, expected a share above 0 and at most 1",
    );
    refused(
        &good,
        &params.clone().bootstrap(false).out_of_bag(true),
        "out-of-bag estimates need bootstrap samples: without them every tree sees every sample",
    );
    refused(
        &good.clone().with_weights(Array1::from_elem(3000, f32::NAN)),
        &params,
        "the weight of the sample in row 0 is NaN; a weight is finite and not negative",
    );
    let forest = params.fit(&good).unwrap();
    assert_eq!(
        forest.classify(&array![[1.0f32]]).unwrap_err().to_string(),
        "the forest learnt from 3 features, found 1"
    );
}
