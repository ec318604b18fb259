//! Forests come back as they were, and nothing else comes back.

use super::*;
use linfa::DatasetBase;
use linfa::traits::Fit;
use ndarray::{Array1, Array2};

fn forest() -> RandomForest {
    let records = Array2::from_shape_fn((60, 3), |(row, feature)| ((row * 7 + feature * 5) % 23) as f32);
    let labels = Array1::from_shape_fn(60, |row| row * row % 3);
    RandomForest::params().trees(5).min_samples_leaf(3).fit(&DatasetBase::new(records, labels)).unwrap()
}

#[test]
fn a_forest_comes_back_from_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.forest");
    let forest = forest();
    forest.save(&path).unwrap();
    forest.save(&path).unwrap();
    assert_eq!(RandomForest::load(&path).unwrap(), forest);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn what_was_changed_or_cut_is_refused() {
    let bytes = forest().to_bytes();
    for place in (0..bytes.len()).step_by(7) {
        let mut changed = bytes.clone();
        changed[place] ^= 4;
        assert!(RandomForest::from_bytes(&changed).is_err(), "byte {place}");
        assert!(RandomForest::from_bytes(&bytes[..place]).is_err(), "first {place} bytes");
    }
    let mut newer = bytes.clone();
    newer[MAGIC.len()] = 2;
    let error = RandomForest::from_bytes(&newer).unwrap_err();
    assert_eq!(error.to_string(), "the forest is of version 2 of its format, this program reads 1");
    assert!(matches!(RandomForest::from_bytes(b"II*\0"), Err(Error::NotAForest)));
}

/// A checksum is no proof of sense: whoever writes such files with another program may be wrong.
#[test]
fn nonsense_with_a_good_checksum_is_refused() {
    let change: [fn(&mut RandomForest); 6] = [
        |forest| forest.trees[0].nodes[0].child = 0,
        |forest| forest.trees[0].nodes[0].child = u32::MAX,
        |forest| forest.trees[0].nodes[0].feature = 3,
        |forest| forest.trees[0].nodes[0].threshold = f32::NAN,
        |forest| *forest.trees[0].leaves.last_mut().unwrap() = 4000,
        |forest| forest.trees.clear(),
    ];
    for (number, change) in change.into_iter().enumerate() {
        let mut forest = forest();
        change(&mut forest);
        let found = RandomForest::from_bytes(&forest.to_bytes());
        assert!(matches!(found, Err(Error::DamagedForest)), "change {number}: {found:?}");
    }
}

#[test]
fn paths_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("missing.forest");
    let error = RandomForest::load(&path).unwrap_err();
    assert!(error.to_string().starts_with("reading ") && error.to_string().ends_with("missing.forest"));
    std::fs::write(&path, "no forest").unwrap();
    let error = RandomForest::load(&path).unwrap_err();
    assert!(error.to_string().starts_with("loading the forest "), "{error}");
    assert!(forest().save(folder.path().join("no/a.forest")).is_err());
}
