//! Coverage and edge cases of conformal sets.

use super::*;
use crate::IGNORE;
use proptest::prelude::*;

/// Percents `[class, pixel]` of two classes from those of class 0.
fn both(first: &[u8]) -> Vec<u8> {
    first.iter().copied().chain(first.iter().map(|percent| 100 - percent)).collect()
}

/// Each sample is a block of its own.
fn calibrated(first: &[u8], reference: &[u8], alpha: f64) -> ConformalSets {
    let blocks: Vec<u64> = (0..first.len() as u64).collect();
    in_blocks(first, reference, &blocks, alpha, 1)
}

fn in_blocks(first: &[u8], reference: &[u8], blocks: &[u64], alpha: f64, seed: u64) -> ConformalSets {
    let mut scores = ConformalScores::new(2, Levels::Percents);
    scores.add(&both(first), reference, blocks).unwrap();
    ConformalSets::new(&scores, alpha, seed).unwrap()
}

proptest! {
    /// The promise itself: over all ways to take one of n + 1 blocks as the new one, at least 1 - alpha are covered.
    #[test]
    fn each_class_is_covered_with_the_chance_set(
        percents in proptest::collection::vec(0u8..=100, 1..40),
        alpha in 0.02f64..0.6,
    ) {
        let mut covered = 0;
        for new in 0..percents.len() {
            let mut rest = percents.clone();
            let percent = rest.remove(new);
            let sets = calibrated(&rest, &vec![0; rest.len()], alpha);
            covered += usize::from(sets.contains(0, f64::from(percent) / 100.0));
        }
        prop_assert!(covered as f64 >= (1.0 - alpha) * percents.len() as f64 - 1e-6);
    }

    /// However many pixels they have.
    #[test]
    fn few_blocks_put_a_class_in_every_set(blocks in 0u64..60, each in 1usize..5, alpha in 0.02f64..0.5) {
        let numbers: Vec<u64> = (0..blocks).flat_map(|block| vec![block; each]).collect();
        let samples = numbers.len();
        let sets = in_blocks(&vec![70; samples], &vec![0; samples], &numbers, alpha, 1);
        let enough = (blocks + 1) as f64 * alpha >= 1.0;
        prop_assert_eq!(blocks >= sets.blocks_needed(), enough);
        prop_assert_eq!(sets.classes()[0].least_probability, enough.then_some(0.7));
        prop_assert_eq!((sets.classes()[0].blocks, sets.classes()[0].samples), (blocks, samples as u64));
        prop_assert_eq!(sets.contains(0, 0.0), !enough);
        prop_assert!(sets.contains(1, 0.0));
    }

    /// Neither the order of pixels nor the windows that they came in decide what is drawn.
    #[test]
    fn windows_calibrate_alike(first in proptest::collection::vec(0u8..=100, 2..60), cut in 0usize..60, seed in 0u64..9) {
        let reference: Vec<u8> = first.iter().map(|percent| [0, 1, IGNORE][usize::from(percent % 3)]).collect();
        let blocks: Vec<u64> = first.iter().map(|percent| u64::from(percent % 7)).collect();
        let mut scores = ConformalScores::new(2, Levels::Percents);
        let cut = cut.min(first.len());
        for range in [cut..first.len(), 0..cut] {
            scores.add(&both(&first[range.clone()]), &reference[range.clone()], &blocks[range]).unwrap();
        }
        let sets = ConformalSets::new(&scores, 0.3, seed).unwrap();
        prop_assert_eq!(&sets, &in_blocks(&first, &reference, &blocks, 0.3, seed));
        let kept = ConformalSets::new(&scores.only(|block| block < 3), 0.3, seed).unwrap();
        let none: Vec<u8> = (0..first.len()).map(|i| if blocks[i] < 3 { reference[i] } else { IGNORE }).collect();
        prop_assert_eq!(kept, in_blocks(&first, &none, &blocks, 0.3, seed));
    }

    #[test]
    fn coverage_of_windows_merges_to_the_whole(first in proptest::collection::vec(0u8..=100, 2..60), cut in 0usize..60) {
        let reference: Vec<u8> = first.iter().map(|percent| [0, 1, IGNORE][usize::from(percent % 3)]).collect();
        let blocks: Vec<u64> = (0..first.len() as u64).collect();
        let sets = calibrated(&first, &reference, 0.3);
        let count = |first: &[u8], reference: &[u8], blocks: &[u64]| {
            let mut coverage = ConformalCoverage::new(2);
            coverage.add(&sets, &both(first), reference, blocks).unwrap();
            coverage
        };
        let cut = cut.min(first.len());
        let mut merged = count(&first[cut..], &reference[cut..], &blocks[cut..]);
        merged.merge(&count(&first[..cut], &reference[..cut], &blocks[..cut])).unwrap();
        prop_assert_eq!(&merged, &count(&first, &reference, &blocks));
        // On its own calibration samples each class is covered at least as promised.
        for class in 0..2 {
            prop_assert!(merged.class(class).is_none_or(|share| share >= 0.7 - 1e-9));
        }
        prop_assert_eq!(merged.sizes().iter().sum::<u64>(), merged.samples(0) + merged.samples(1));
    }
}

#[test]
fn a_block_of_many_pixels_is_one_draw() {
    // Three blocks of 1, 2 and 300 pixels: whatever the seed, each gives one of its own levels.
    let first: Vec<u8> = [vec![90], vec![80, 80], vec![20; 300]].concat();
    let blocks: Vec<u64> = [vec![1], vec![2; 2], vec![3; 300]].concat();
    for seed in 0..20 {
        let sets = in_blocks(&first, &vec![0; first.len()], &blocks, 0.5, seed);
        assert_eq!(sets.classes()[0].least_probability, Some(0.8), "the second of three");
    }
    // And evenly: of a block half at .20 and half at .80, about half of the seeds draw either.
    let halves = |seed| in_blocks(&[20, 80], &[0, 0], &[5, 5], 0.5, seed).classes()[0].least_probability;
    let low = (0..1000).filter(|seed| halves(*seed) == Some(0.2)).count();
    assert!((450..550).contains(&low), "{low} of 1000");
}

#[test]
fn a_block_counts_for_coverage_as_any_other() {
    let sets = calibrated(&[50, 60, 70], &[0, 0, 0], 0.5); // from 0.6
    let mut coverage = ConformalCoverage::new(2);
    coverage.add(&sets, &both(&[90, 90, 90, 10]), &[0; 4], &[1, 1, 1, 2]).unwrap();
    assert_eq!((coverage.class(0), coverage.overall()), (Some(0.5), Some(0.5)));
    assert_eq!(
        (coverage.blocks(0), coverage.samples(0), coverage.blocks(1), coverage.blocks(7)),
        (2, 4, 0, 0)
    );
}

#[test]
fn sizes_count_the_sets_and_leave_out_no_data() {
    let sets = calibrated(&[60, 60, 60, 30, 30, 30], &[0, 0, 0, 1, 1, 1], 0.5); // from 0.6, from 0.7
    let percents = [60u8, 65, 30, 255, 40, 35, 70, 255];
    assert_eq!(sets.sizes(&percents).unwrap(), [1, 1, 1, IGNORE]);
    assert_eq!(sets.sets(&percents).unwrap(), [true, true, false, false, false, false, true, false]);
    assert_eq!(sets.sizes(&both(&[50])).unwrap(), [0]);
    assert!(!sets.contains(0, f64::NAN) && !sets.contains(2, 1.0));
}

#[test]
fn bad_input_is_named() {
    let mut scores = ConformalScores::new(2, Levels::Fine);
    let message = scores.add(&[0.5, 0.5], &[0], &[1, 2]).unwrap_err().to_string();
    assert_eq!(message, "1 reference labels need the numbers of as many blocks, found 2");
    assert!(scores.blocks().is_empty());
    for alpha in [0.0, 1.0, -0.1, f64::NAN] {
        let message = ConformalSets::new(&scores, alpha, 1).unwrap_err().to_string();
        assert_eq!(message, format!("alpha is {alpha}, expected between 0 and 1, such as 0.1"));
    }
    let sets = ConformalSets::new(&scores, 0.1, 1).unwrap();
    assert_eq!(sets.blocks_needed(), 9);
    assert!(sets.sizes(&[0.5, 0.5, 0.5]).is_err());
    assert!(sets.sizes(&[f32::NAN, 0.5]).is_err());
    assert!(sets.sets(&[150u8, 50]).is_err());
    let mut coverage = ConformalCoverage::new(3);
    assert!(coverage.add(&sets, &[0.5, 0.5], &[0], &[0]).is_err());
    assert!(coverage.merge(&ConformalCoverage::new(2)).is_err());
    assert_eq!((coverage.overall(), coverage.mean_size(), coverage.class(9)), (None, None, None));
    let none = ConformalSets::new(&ConformalScores::new(0, Levels::Fine), 0.1, 1).unwrap();
    assert_eq!(none.sizes::<f64>(&[]).unwrap(), []);
    assert!(none.sizes(&[0.5]).is_err());
}
