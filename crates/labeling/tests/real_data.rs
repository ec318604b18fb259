//! Forests on published samples, where `ECOTONE_REAL_DATA` points to them.

use ecotone_labeling::RandomForest;
use linfa::DatasetBase;
use linfa::traits::Fit;
use ndarray::{Array1, Array2, Axis};
use std::path::{Path, PathBuf};

/// Accuracy of scikit-learn 1.9.1's forests of 300 trees on the same folds, by `benches/peers/forest.py --tables`.
const SCIKIT_LEARN: [(&str, f64); 8] = [
    ("central", 0.8341),
    ("eastern", 0.8508),
    ("indian_ocean", 0.8593),
    ("northern", 0.8610),
    ("sahel", 0.8357),
    ("south_eastern", 0.7692),
    ("southern", 0.7919),
    ("western", 0.7719),
];

fn table(path: &Path) -> (Array2<f32>, Array1<usize>) {
    let text = std::fs::read_to_string(path).expect("a table");
    let rows: Vec<Vec<f32>> = text
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split_whitespace().map(|field| field.parse().expect("a number")).collect())
        .collect();
    let records =
        Array2::from_shape_fn((rows.len(), rows[0].len() - 1), |(row, feature)| rows[row][feature + 1]);
    (records, rows.iter().map(|row| row[0] as usize).collect())
}

#[test]
fn crop_masks_are_as_accurate_as_scikit_learn_makes_them() {
    let Some(folder) = std::env::var_os("ECOTONE_REAL_DATA").map(PathBuf::from) else {
        println!("skipped: ECOTONE_REAL_DATA is unset");
        return;
    };
    let folder = folder.join("deafrica-cropmask-samples");
    let mut differences = vec![];
    for (region, expected) in SCIKIT_LEARN {
        let (records, labels) = table(&folder.join(format!("{region}_training_data.txt")));
        let mut accuracy = 0.0;
        for fold in 0..5 {
            let (held, learnt): (Vec<usize>, _) = (0..labels.len()).partition(|row| row % 5 == fold);
            let part = |rows: &[usize]| (records.select(Axis(0), rows), labels.select(Axis(0), rows));
            let (train, test) = (part(&learnt), part(&held));
            let params = RandomForest::params().trees(300).seed(fold as u64);
            let found = params.fit(&DatasetBase::new(train.0, train.1)).unwrap().classify(&test.0).unwrap();
            let right = found.iter().zip(&test.1).filter(|(found, class)| found == class).count();
            accuracy += right as f64 / held.len() as f64 / 5.0;
        }
        println!("{region}: {accuracy:.4}, scikit-learn {expected:.4}");
        // Another seed moves a table of two thousand samples by half a point on either side.
        assert!((accuracy - expected).abs() < 0.015, "{region}: {accuracy} {expected}");
        differences.push(accuracy - expected);
    }
    let mean = differences.iter().sum::<f64>() / differences.len() as f64;
    assert!(mean.abs() < 0.005, "{mean}");
}
