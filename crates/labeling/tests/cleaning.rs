//! Cleaning: values of other implementations, reasons, and what holds for every cleaning.

use ecotone_labeling::{
    ClusterCleaning, ClusterCount, ConfidentJoint, Error, RandomForest, Reason, Scaling, silhouette,
};
use linfa::DatasetBase;
use linfa::traits::Fit;
use ndarray::{Array1, Array2, Axis, array};
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Deserialize;

/// What `reference/make_cleaning.py` writes.
#[derive(Deserialize)]
struct Reference {
    rows: Vec<[f64; 3]>,
    clusters: Vec<usize>,
    silhouette: f64,
    labels: Vec<usize>,
    probabilities: Vec<[f32; 3]>,
    thresholds: Vec<f64>,
    counts: Vec<[u64; 3]>,
    joint: Vec<[f64; 3]>,
    issues: Vec<usize>,
}

fn reference() -> Reference {
    serde_json::from_str(include_str!("reference/cleaning.json")).expect("the values")
}

fn names(count: usize) -> Vec<String> {
    (0..count).map(|class| format!("class {class}")).collect()
}

#[test]
fn silhouettes_are_those_of_scikit_learn() {
    let Reference { rows, clusters, silhouette: expected, .. } = reference();
    let found = silhouette(Array2::from(rows).view(), &clusters).unwrap();
    assert!((found - expected).abs() < 1e-12, "{found} {expected}");
    assert_eq!(silhouette(array![[1.0], [2.0]].view(), &[0, 0]), None);
    assert_eq!(silhouette(array![[1.0], [1.0]].view(), &[0, 1]), Some(0.0));
}

#[test]
fn the_confident_joint_is_that_of_cleanlab() {
    let reference = reference();
    let probabilities = Array2::from(reference.probabilities);
    let joint = ConfidentJoint::new(probabilities.view(), &reference.labels, 3).unwrap();
    for (found, expected) in joint.thresholds().iter().zip(reference.thresholds) {
        assert!((found.unwrap() - expected).abs() < 1e-7);
    }
    assert_eq!(joint.counts(), Array2::from(reference.counts));
    // cleanlab rounds to whole samples before it divides by their number; the paper does not.
    let rounding = 0.5 / reference.labels.len() as f64 + 1e-9;
    let differences = joint.joint() - Array2::from(reference.joint);
    assert!(differences.iter().all(|difference| difference.abs() <= rounding), "{differences}");
    let cleaned = joint.clean(&names(3)).unwrap();
    assert_eq!(cleaned.dropped.iter().map(|dropped| dropped.row).collect::<Vec<_>>(), reference.issues);
    for dropped in &cleaned.dropped {
        let Reason::LooksLike { class, probability, own } = dropped.reason else { panic!("{dropped:?}") };
        assert_eq!(
            (probability, own),
            (probabilities[[dropped.row, class]], probabilities[[dropped.row, dropped.class]])
        );
    }
}

/// Two classes of two features around their centres, the first tenth of each with the look of the other.
fn mislabelled(rows: usize, seed: u64) -> (Array2<f64>, Vec<usize>) {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let labels: Vec<usize> = (0..rows).map(|row| row % 2).collect();
    let features = Array2::from_shape_fn((rows, 6), |(row, _)| {
        let looks = if row < rows / 10 { 1 - labels[row] } else { labels[row] };
        looks as f64 + random.random_range(-0.2..0.2)
    });
    (features, labels)
}

#[test]
fn wrong_labels_are_found_by_clusters_and_by_confidence() {
    let (features, labels) = mislabelled(400, 1);
    let wrong: Vec<usize> = (0..40).collect();
    let rows =
        |cleaned: &ecotone_labeling::Cleaned| cleaned.dropped.iter().map(|d| d.row).collect::<Vec<_>>();
    let clusters = ClusterCleaning::default().clean(&features, &labels, &names(2)).unwrap();
    assert_eq!(rows(&clusters), wrong);
    assert_eq!(clusters.kept, (40..400).collect::<Vec<_>>());
    let class = &clusters.classes[1];
    assert_eq!((class.samples, class.kept, class.clusters[1].samples), (200, 180, 20));
    assert!(class.silhouette.unwrap() > 0.7);
    assert_eq!(clusters.dropped[0].reason.to_string(), "in cluster 1, which holds 10.0 % of its class");

    let samples = DatasetBase::new(features, Array1::from_vec(labels.clone()));
    let forest = RandomForest::params().min_samples_leaf(5).out_of_bag(true).fit(&samples).unwrap();
    let joint = ConfidentJoint::out_of_bag(forest.out_of_bag().unwrap(), &labels).unwrap();
    let confident = joint.clean(&names(2)).unwrap();
    assert!(rows(&confident).iter().all(|row| wrong.contains(row)) && confident.dropped.len() > 34);
    assert!(
        matches!(confident.dropped[0].reason, Reason::LooksLike { class: 1, probability, .. } if probability > 0.5)
    );
    assert!((joint.joint()[[0, 1]] - 0.05).abs() < 0.01);

    // One after the other: nothing is left for the second to find.
    let kept: Vec<usize> = clusters.kept.iter().map(|row| labels[*row]).collect();
    let again = samples.records.select(Axis(0), &clusters.kept);
    let second = ClusterCleaning { clusters: ClusterCount::Given(2), ..ClusterCleaning::default() }
        .clean(&again, &kept, &names(2))
        .unwrap();
    let dropped = second.dropped.len();
    let both = clusters.clone().then(second);
    assert_eq!((both.kept.len(), both.dropped.len()), (360 - dropped, 40 + dropped));
    assert!(both.dropped.is_sorted_by_key(|dropped| dropped.row));
    assert!(both.dropped.iter().all(|dropped| labels[dropped.row] == dropped.class));
}

#[test]
fn a_class_of_one_kind_is_kept_whole() {
    let mut random = ChaCha8Rng::seed_from_u64(3);
    let features = Array2::from_shape_fn((300, 8), |_| random.random_range(-1.0..1.0));
    let cleaned = ClusterCleaning::default().clean(&features, &[0; 300], &names(1)).unwrap();
    assert_eq!(cleaned.kept.len(), 300);
    assert!(cleaned.classes[0].silhouette.unwrap() < 0.25);
}

#[test]
fn poor_classes_are_cleaned_soundly() {
    let cleaning = ClusterCleaning::default();
    let alike = Array2::from_elem((9, 2), 0.5f32);
    assert_eq!(cleaning.clean(&alike, &[0, 0, 0, 0, 0, 1, 1, 2, 2], &names(3)).unwrap().kept.len(), 9);
    let given = ClusterCleaning { clusters: ClusterCount::Given(5), ..cleaning };
    let few = given.clean(&array![[1.0f32], [2.0], [2.0]], &[0, 0, 0], &names(1)).unwrap();
    assert_eq!((few.kept, few.classes[0].clusters.len()), (vec![1, 2], 2));

    let error = cleaning.clean(&alike, &[0, 0, 0, 0, 0, 2, 2, 2, 2], &names(3)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "no sample of class `class 1` is left of 0: nothing can be learnt about it"
    );
    let mut holed = alike.clone();
    holed[[4, 1]] = f32::NAN;
    assert!(matches!(
        cleaning.clean(&holed, &[0; 9], &names(1)),
        Err(Error::NotFinite { row: 4, column: 1, .. })
    ));
    assert!(matches!(cleaning.clean(&alike, &[0; 8], &names(1)), Err(Error::Unpaired { .. })));
    assert!(matches!(cleaning.clean(&alike, &[1; 9], &names(1)), Err(Error::Class { row: 0, .. })));
    let none = ClusterCleaning { runs: 0, ..cleaning };
    assert_eq!(
        none.clean(&alike, &[0; 9], &names(1)).unwrap_err().to_string(),
        "runs is 0, expected 1 or more"
    );

    // All that is labelled 1 looks more like 0, where the samples of 0 are unsure of themselves.
    let probabilities = array![[0.5f32, 0.5], [0.6, 0.4], [0.8, 0.2], [0.9, 0.1]];
    let joint = ConfidentJoint::new(probabilities.view(), &[0, 0, 1, 1], 2).unwrap();
    let error = joint.clean(&names(2)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "no sample of class `class 1` is left of 2: nothing can be learnt about it"
    );
    let wrong = ConfidentJoint::new(array![[1.5f32, 0.0]].view(), &[0], 2).unwrap_err();
    assert_eq!(wrong.to_string(), "the probability of class 0 in row 0 is 1.5, expected 0 to 1");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn threads_and_units_change_nothing(seed in 0u64..1000, rows in 20usize..120) {
        let (features, labels) = mislabelled(rows, seed);
        let clean = |threads, features: &Array2<f64>| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let cleaning = ClusterCleaning { seed, ..ClusterCleaning::default() };
            pool.install(|| cleaning.clean(features, &labels, &names(2)).unwrap())
        };
        let found = clean(1, &features);
        prop_assert_eq!(&found, &clean(4, &features));
        // A power of two: scaling by it rounds nothing.
        prop_assert_eq!(&found, &clean(2, &(&features * 1024.0)));
        prop_assert_eq!(found.kept.len() + found.dropped.len(), rows);
        for class in &found.classes {
            prop_assert_eq!(class.kept, class.clusters[0].samples);
            prop_assert!(class.clusters.is_sorted_by(|a, b| a.samples >= b.samples));
        }
    }

    #[test]
    fn unscaled_clusters_follow_the_widest_feature(seed in 0u64..1000) {
        let (mut features, labels) = mislabelled(60, seed);
        features.column_mut(0).iter_mut().enumerate().for_each(|(row, value)| *value = (row % 4 / 2 * 1000) as f64);
        let two = ClusterCleaning { scaling: Scaling::None, clusters: ClusterCount::Given(2), ..ClusterCleaning::default() };
        let found = two.clean(&features, &labels, &names(2)).unwrap();
        prop_assert!(found.dropped.iter().all(|dropped| dropped.row % 4 / 2 == found.dropped[0].row % 4 / 2 || dropped.class != found.dropped[0].class));
    }
}
