//! Laws of the comparison on blocks: what does not differ, what mirrors, and how often intervals hold the truth.

use super::*;
use crate::ConfusionMatrix;
use proptest::prelude::*;

const MEASURES: [BlockMeasure; 6] = [
    BlockMeasure::OverallAccuracy,
    BlockMeasure::MacroF1,
    BlockMeasure::F1(0),
    BlockMeasure::F1(2),
    BlockMeasure::AreaError(0),
    BlockMeasure::AreaError(1),
];

/// Blocks of ten pixels of class 0, so many of them mapped right and the others as class 1.
fn rights(rights: &[u64]) -> BlockCounts {
    let mut counts = BlockCounts::new(3, rights.len());
    for (block, right) in rights.iter().enumerate() {
        counts.add(block, 0, 0, *right).unwrap();
        counts.add(block, 1, 0, 10 - right).unwrap();
    }
    counts
}

/// Cells of blocks: `[block][map * 3 + reference]`.
fn of_cells(cells: &[Vec<u64>]) -> BlockCounts {
    let mut counts = BlockCounts::new(3, cells.len());
    for (block, cells) in cells.iter().enumerate() {
        for (cell, pixels) in cells.iter().enumerate() {
            counts.add(block, cell / 3, cell % 3, *pixels).unwrap();
        }
    }
    counts
}

fn few() -> BlockBootstrap {
    BlockBootstrap { replicates: 200, ..BlockBootstrap::default() }
}

fn cells(blocks: usize) -> impl Strategy<Value = BlockCounts> {
    let cells = prop::collection::vec(prop_oneof![Just(0u64), 0..40u64], 9);
    prop::collection::vec(cells, blocks).prop_map(|cells| of_cells(&cells))
}

fn landscape() -> impl Strategy<Value = Landscape> {
    (1..6usize, 1..3usize, 1..3usize).prop_flat_map(|(blocks, first, second)| {
        let runs = |runs| prop::collection::vec(cells(blocks), runs);
        (runs(first), runs(second)).prop_map(|(first, second)| Landscape { first, second })
    })
}

proptest! {
    #[test]
    fn measures_are_those_of_the_confusion_matrix(counts in prop::collection::vec(0..50u64, 18)) {
        let blocks: Vec<Vec<u64>> = counts.chunks(9).map(<[u64]>::to_vec).collect();
        let sum = (0..9).map(|cell| blocks[0][cell] + blocks[1][cell]).collect();
        let (matrix, blocks) = (ConfusionMatrix::from_counts(3, sum).unwrap(), of_cells(&blocks));
        prop_assert_eq!(blocks.measure(BlockMeasure::OverallAccuracy), matrix.overall_accuracy());
        let there: Vec<f64> = (0..3).filter(|class| matrix.col_sum(*class) > 0).filter_map(|class| matrix.f1(class)).collect();
        let mean = there.iter().sum::<f64>() / there.len() as f64;
        prop_assert_eq!(blocks.measure(BlockMeasure::MacroF1), (!there.is_empty()).then_some(mean));
        for class in 0..3 {
            prop_assert_eq!(blocks.measure(BlockMeasure::F1(class)), matrix.f1(class));
            let (mapped, there) = (matrix.row_sum(class) as f64, matrix.col_sum(class) as f64);
            let error = (there > 0.0).then(|| (mapped - there).abs() / there);
            prop_assert_eq!(blocks.measure(BlockMeasure::AreaError(class)), error);
        }
    }

    #[test]
    fn a_map_does_not_differ_from_itself(map in cells(7)) {
        let same = Landscape { first: vec![map.clone()], second: vec![map] };
        for found in few().compare(&[same], &MEASURES).unwrap() {
            prop_assert!(found.difference.is_none_or(|difference| difference == 0.0));
            prop_assert!(found.interval.is_none_or(|ends| (ends.lower, ends.upper) == (0.0, 0.0)));
        }
    }

    #[test]
    fn swapped_sides_mirror(landscapes in prop::collection::vec(landscape(), 1..4)) {
        let swap = |l: &Landscape| Landscape { first: l.second.clone(), second: l.first.clone() };
        let swapped: Vec<Landscape> = landscapes.iter().map(swap).collect();
        let one = few().compare(&landscapes, &MEASURES).unwrap();
        let other = few().compare(&swapped, &MEASURES).unwrap();
        for (one, other) in one.iter().zip(&other) {
            prop_assert_eq!((one.first, one.second), (other.second, other.first));
            prop_assert_eq!(one.difference, other.difference.map(|difference| -difference));
            let mirrored = other.interval.map(|ends| Interval { lower: -ends.upper, upper: -ends.lower });
            prop_assert_eq!(one.interval, mirrored);
            prop_assert_eq!(one.blocks, other.blocks);
        }
    }
}

/// Landscapes whose blocks, and runs, differ from the mean by known amounts; the difference of the sides is 0.
fn world(random: &mut ChaCha8Rng, landscapes: usize, blocks: usize, runs: usize) -> Vec<Landscape> {
    let mut draw = |most: i64| random.random_range(-most..=most);
    (0..landscapes)
        .map(|_| {
            let own: Vec<i64> = (0..blocks).map(|_| 5 + draw(2)).collect();
            let mut side = || -> Vec<BlockCounts> {
                let run = |_| {
                    let shift = draw(1) * i64::from(runs > 1);
                    rights(&own.iter().map(|right| (right + shift + draw(2)) as u64).collect::<Vec<_>>())
                };
                (0..runs).map(run).collect()
            };
            Landscape { first: side(), second: side() }
        })
        .collect()
}

/// Share of so many worlds whose interval holds the true difference, 0.
fn coverage(landscapes: usize, blocks: usize, runs: usize) -> f64 {
    const WORLDS: usize = 400;
    let mut random = ChaCha8Rng::seed_from_u64(7);
    let held = (0..WORLDS).filter(|_| {
        let world = world(&mut random, landscapes, blocks, runs);
        let found = few().compare(&world, &[BlockMeasure::OverallAccuracy]).unwrap()[0];
        found.interval.unwrap().contains(0.0)
    });
    held.count() as f64 / WORLDS as f64
}

/// 95 % and 3 standard errors of 400 worlds, 0.033; few blocks and percentiles of 200 replicates take two points.
#[track_caller]
fn covers(landscapes: usize, blocks: usize, runs: usize, most: f64) {
    let share = coverage(landscapes, blocks, runs);
    assert!((0.90..=most).contains(&share), "{landscapes} landscapes, {runs} runs: {share}");
}

#[test]
fn blocks_alone_are_covered_as_promised() {
    covers(1, 30, 1, 0.985);
}

#[test]
fn seeds_and_landscapes_are_covered_at_least_as_promised() {
    covers(1, 30, 3, 1.0);
    covers(4, 12, 1, 1.0);
}

#[test]
fn the_width_is_that_of_the_mean_of_blocks() {
    // Differences of accuracy a block: 0 and 0.4 in turns, so that their standard deviation is known.
    let first: Vec<u64> = (0..60).map(|block| if block % 2 == 0 { 5 } else { 9 }).collect();
    let landscape = Landscape { first: vec![rights(&first)], second: vec![rights(&[5; 60])] };
    let bootstrap = BlockBootstrap { replicates: 4000, ..BlockBootstrap::default() };
    let found = bootstrap.compare(&[landscape], &[BlockMeasure::OverallAccuracy]).unwrap()[0];
    let deviation = (60.0 * 0.2f64.powi(2) / 59.0).sqrt();
    let (ends, wanted) = (found.interval.unwrap(), 2.0 * 1.96 * deviation / 60f64.sqrt());
    let width = ends.upper - ends.lower;
    assert!((width / wanted - 1.0).abs() < 0.06, "{width} against {wanted}");
    assert!((found.difference.unwrap() - 0.2).abs() < 1e-12 && found.blocks == 60);
}

#[test]
fn noise_of_training_widens_what_one_training_shows() {
    let [low, high] = [rights(&[4; 30]), rights(&[8; 30])];
    let one = Landscape { first: vec![high.clone()], second: vec![rights(&[5; 30])] };
    let two = Landscape { first: vec![low, high], second: vec![rights(&[5; 30])] };
    let width = |landscape: Landscape| {
        let found = few().compare(&[landscape], &[BlockMeasure::OverallAccuracy]).unwrap()[0];
        found.interval.map(|ends| ends.upper - ends.lower).unwrap()
    };
    assert_eq!(width(one), 0.0, "each block says the same");
    assert!((width(two) - 0.4).abs() < 1e-12, "either training may have been the only one");
}

#[test]
fn landscapes_count_alike_and_those_without_the_class_not() {
    let of = |first: &[u64], second: &[u64]| Landscape {
        first: vec![rights(first)],
        second: vec![rights(second)],
    };
    let empty = Landscape { first: vec![BlockCounts::new(3, 2)], second: vec![BlockCounts::new(3, 2)] };
    let all = [of(&[10; 40], &[5; 40]), of(&[7; 2], &[6; 2]), empty];
    let found = few().compare(&all, &[BlockMeasure::OverallAccuracy, BlockMeasure::F1(2)]).unwrap();
    assert_eq!(found[0].first, Some((1.0 + 0.7) / 2.0));
    assert_eq!(found[0].blocks, 42);
    assert_eq!((found[1].difference, found[1].interval, found[1].blocks), (None, None, 0));
}

#[test]
fn one_block_has_no_interval_and_what_does_not_fit_is_refused() {
    let one = Landscape { first: vec![rights(&[9])], second: vec![rights(&[2])] };
    let found = few().compare(&[one], &[BlockMeasure::OverallAccuracy]).unwrap()[0];
    assert!((found.difference.unwrap() - 0.7).abs() < 1e-12 && found.interval.is_none());
    let unlike = Landscape { first: vec![rights(&[9])], second: vec![rights(&[2, 3])] };
    assert!(few().compare(&[unlike], &MEASURES).is_err());
    let nobody = Landscape { first: vec![rights(&[9])], second: vec![] };
    assert!(few().compare(&[nobody], &MEASURES).is_err() && few().compare(&[], &MEASURES).is_err());
    assert!(
        BlockCounts::new(2, 1).add(1, 0, 0, 1).is_err() && BlockCounts::new(2, 1).add(0, 2, 0, 1).is_err()
    );
}

/// Eleven blocks of ten pixels of class 0 and one of class 1; of the eleven so many pixels are mapped as class 1.
fn one_of_twelve(false_alarms: u64) -> BlockCounts {
    let mut counts = BlockCounts::new(3, 12);
    for block in 0..11 {
        counts.add(block, 0, 0, 10 - false_alarms).unwrap();
        counts.add(block, 1, 0, false_alarms).unwrap();
    }
    counts.add(11, 1, 1, 10).unwrap();
    counts
}

#[test]
fn a_class_whose_reference_is_in_one_block_has_no_interval_of_its_area() {
    let landscape = Landscape { first: vec![one_of_twelve(1)], second: vec![one_of_twelve(3)] };
    let found = few().compare(&[landscape], &[BlockMeasure::AreaError(1), BlockMeasure::F1(1)]).unwrap();
    assert!((found[0].difference.unwrap() + 2.2).abs() < 1e-12);
    assert_eq!((found[0].blocks, found[0].interval), (1, None));
    assert_eq!(found[1].blocks, 12);
}

#[test]
fn macro_f1_is_of_the_classes_of_the_reference_for_both_sides() {
    // The second map says class 2, which nobody's reference has, for a pixel of each block.
    let wrong = |class: usize| {
        let mut counts = BlockCounts::new(3, 12);
        for block in 0..12 {
            counts.add(block, 0, 0, 9).unwrap();
            counts.add(block, class, 0, 1).unwrap();
            counts.add(block, 1, 1, 10).unwrap();
        }
        counts
    };
    let landscape = Landscape { first: vec![wrong(2)], second: vec![wrong(2)] };
    let found = few().compare(&[landscape], &[BlockMeasure::MacroF1]).unwrap()[0];
    assert_eq!(found.first, Some((18.0 / 19.0 + 1.0) / 2.0));
    // In replicates without the block of class 1 the first map has none of it and the second some: it is no class there.
    let landscape = Landscape { first: vec![one_of_twelve(0)], second: vec![one_of_twelve(1)] };
    let found = few().compare(&[landscape], &[BlockMeasure::MacroF1]).unwrap()[0];
    // With it the difference is 1 - (.9473 + 20 / 31) / 2 or so, without 1 - .9473.
    let ends = found.interval.unwrap();
    assert!(ends.lower > 0.05 && ends.upper < 0.5, "{ends:?}");
}

#[test]
fn counts_beyond_64_bits_are_refused() {
    let mut counts = BlockCounts::new(2, 2);
    counts.add(0, 0, 0, u64::MAX).unwrap();
    assert_eq!(counts.add(0, 0, 0, 1), Err(Error::TooManyPixels { block: 0 }));
    counts.add(1, 0, 0, u64::MAX).unwrap();
    assert!(counts.measure(BlockMeasure::F1(0)).is_some(), "no sum panics");
}
