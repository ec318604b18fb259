//! Rules say what they mean, and are those of another implementation where that is certain.

use ecotone_labeling::{Error, RuleConfig, Rules};
use linfa::DatasetBase;
use linfa::traits::{Fit, Predict};
use linfa_trees::DecisionTree;
use ndarray::{Array1, Array2};
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

fn samples(rows: usize, classes: usize, seed: u64) -> (Array2<f32>, Array1<usize>) {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let labels = Array1::from_shape_fn(rows, |_| random.random_range(0..classes));
    let records = Array2::from_shape_fn((rows, 3), |(row, feature)| {
        random.random_range(0.0..1.0) + labels[row] as f32 * 0.3 * feature as f32
    });
    (records, labels)
}

fn names(stem: &str, count: usize) -> Vec<String> {
    (0..count).map(|number| format!("{stem}{number}")).collect()
}

/// linfa's trees follow the order of a hash map where classes are three or more; two classes add up the same either way.
#[test]
fn two_classes_are_told_apart_as_linfa_does() {
    for seed in 0..20 {
        let (records, labels) = samples(301, 2, seed);
        let config = RuleConfig { max_depth: 3, min_samples: 8, ..RuleConfig::default() };
        let rules = Rules::learn(&records, &labels, &config, &names("f", 3), &names("c", 2)).unwrap();
        let params = DecisionTree::params().max_depth(Some(3)).min_weight_split(16.0).min_weight_leaf(8.0);
        let dataset = DatasetBase::new(records.clone(), labels.clone());
        let theirs: Array1<usize> =
            params.min_impurity_decrease(1e-6).fit(&dataset).unwrap().predict(&records);
        for (record, theirs) in records.rows().into_iter().zip(theirs) {
            let rule = rules.rules().iter().find(|rule| rule.holds(&record.to_vec())).unwrap();
            assert!(rule.class_index == theirs || (rule.purity - 0.5).abs() < 1e-9, "seed {seed}: {rule}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn each_sample_meets_one_rule_and_counts_are_right(seed in 0u64..1000, rows in 1usize..300, depth in 0usize..5) {
        let (records, labels) = samples(rows, 4, seed);
        let config = RuleConfig { max_depth: depth, min_samples: 3, ..RuleConfig::default() };
        let rules = Rules::learn(&records, &labels, &config, &names("f", 3), &names("c", 4)).unwrap();
        let mut counts = vec![(0, 0); rules.rules().len()];
        for (record, label) in records.rows().into_iter().zip(&labels) {
            let met: Vec<usize> =
                (0..counts.len()).filter(|rule| rules.rules()[*rule].holds(&record.to_vec())).collect();
            prop_assert_eq!(met.len(), 1);
            counts[met[0]].0 += 1;
            counts[met[0]].1 += usize::from(rules.rules()[met[0]].class_index == *label);
        }
        for (rule, (samples, right)) in rules.rules().iter().zip(&counts) {
            prop_assert_eq!(rule.samples, *samples);
            prop_assert!((rule.purity - *right as f64 / *samples as f64).abs() < 1e-12);
            prop_assert!(rule.conditions.len() <= depth);
        }
        let right: usize = counts.iter().map(|(_, right)| right).sum();
        prop_assert!((rules.accuracy() - right as f64 / rows as f64).abs() < 1e-12);
    }
}

#[test]
fn conditions_on_one_feature_are_joined() {
    let records = Array2::from_shape_fn((30, 1), |(row, _)| row as f32 / 100.0);
    let labels = Array1::from_shape_fn(30, |row| usize::from((10..20).contains(&row)));
    let classes = ["soil".to_owned(), "maize".to_owned()];
    let rules =
        Rules::learn(&records, &labels, &RuleConfig::default(), &["NDVI".to_owned()], &classes).unwrap();
    let expected = "NDVI <= 0.09: soil (10, 100.0 %)\n0.09 < NDVI <= 0.19: maize (10, 100.0 %)\nNDVI > 0.19: soil (10, 100.0 %)\n";
    let text = rules.to_string();
    let mut found: Vec<&str> = text.lines().collect();
    let mut wanted: Vec<&str> = expected.lines().collect();
    found.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(found, wanted);
}

#[test]
fn names_are_counted_and_one_class_is_one_rule() {
    let (records, labels) = samples(10, 1, 1);
    let config = RuleConfig::default();
    let error = Rules::learn(&records, &labels, &config, &names("f", 2), &names("c", 1)).unwrap_err();
    assert!(matches!(error, Error::FeatureNames { features: 3, found: 2 }));
    let rules = Rules::learn(&records, &labels, &config, &names("f", 3), &names("c", 1)).unwrap();
    assert_eq!(rules.to_string(), "always: c0 (10, 100.0 %)\n");
}
