//! Trees and forests against scikit-learn's, by the values that `reference/make_trees.py` writes.

use ecotone_labeling::{ClassWeights, Criterion, MaxFeatures, RandomForest};
use linfa::DatasetBase;
use linfa::traits::Fit;
use ndarray::{Array1, Array2, s};
use serde::Deserialize;
use std::path::Path;

#[derive(Deserialize)]
struct Reference {
    trees: Vec<Tree>,
    forest: Forest,
}

#[derive(Deserialize)]
struct Tree {
    criterion: String,
    balanced: bool,
    nodes: usize,
    importance: Vec<f64>,
    probabilities: Vec<f32>,
}

#[derive(Deserialize)]
struct Forest {
    out_of_bag_error: f64,
    importance: Vec<f64>,
}

fn reference() -> (DatasetBase<Array2<f32>, Array1<usize>>, Reference) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference");
    let table = std::fs::read_to_string(folder.join("trees.csv")).expect("the table");
    let rows: Vec<Vec<f32>> = table
        .lines()
        .map(|line| line.split(',').map(|field| field.parse().expect("a number")).collect())
        .collect();
    let features = rows[0].len() - 1;
    let records = Array2::from_shape_fn((rows.len(), features), |(row, feature)| rows[row][feature + 1]);
    let labels = rows.iter().map(|row| row[0] as usize).collect();
    let values = std::fs::read_to_string(folder.join("trees.json")).expect("the values");
    (DatasetBase::new(records, labels), serde_json::from_str(&values).expect("JSON"))
}

#[test]
fn single_trees_are_the_same() {
    let (samples, reference) = reference();
    for tree in reference.trees {
        let criterion = if tree.criterion == "gini" { Criterion::Gini } else { Criterion::Entropy };
        let weights = if tree.balanced { ClassWeights::Balanced } else { ClassWeights::None };
        let params = RandomForest::params().trees(1).bootstrap(false).max_features(MaxFeatures::All);
        let params = params.criterion(criterion).class_weights(weights).max_depth(4).min_samples_leaf(15);
        let grown = params.fit(&samples).unwrap();
        assert_eq!(grown.nodes(), tree.nodes, "{} {}", tree.criterion, tree.balanced);
        for (found, expected) in grown.impurity_importance().iter().zip(&tree.importance) {
            assert!((found - expected).abs() < 1e-9, "{found} {expected}");
        }
        let found = grown.probabilities(&samples.records().slice(s![..40, ..])).unwrap();
        for (found, expected) in found.iter().zip(&tree.probabilities) {
            assert!((found - expected).abs() < 1e-6, "{found} {expected}");
        }
    }
}

#[test]
fn forests_are_as_good_and_find_the_same_features() {
    let (samples, Reference { forest, .. }) = reference();
    let grown = RandomForest::params().trees(500).out_of_bag(true).fit(&samples).unwrap();
    let error = grown.out_of_bag().unwrap().error().unwrap();
    assert!((error - forest.out_of_bag_error).abs() < 0.02, "{error} {}", forest.out_of_bag_error);
    for (found, expected) in grown.impurity_importance().iter().zip(&forest.importance) {
        assert!((found - expected).abs() < 0.02, "{found} {expected}");
    }
}
