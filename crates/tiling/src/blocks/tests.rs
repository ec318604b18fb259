//! Laws of spatial-block splits.

mod by_fields;

use super::*;
use proptest::prelude::*;

const FRACTIONS: Fractions = Fractions { train: 0.6, validation: 0.2, test: 0.2 };

fn config(block: usize, gap: usize, seed: u64) -> SplitConfig {
    SplitConfig { block, gap, fractions: FRACTIONS, seed }
}

/// Smallest number of pixels between pixels of different parts, in the larger direction.
fn smallest_gap(split: &BlockSplit) -> Option<usize> {
    let Shape2d { rows, cols } = split.shape();
    let pixels: Vec<(usize, usize, Part)> = (0..rows * cols)
        .map(|i| (i / cols, i % cols, split.part_at(i / cols, i % cols)))
        .filter(|(_, _, part)| *part != Part::Unused)
        .collect();
    let mut least = None;
    for (i, a) in pixels.iter().enumerate() {
        for b in pixels[i + 1..].iter().filter(|b| b.2 != a.2) {
            let between = a.0.abs_diff(b.0).max(a.1.abs_diff(b.1)) - 1;
            least = Some(least.map_or(between, |least: usize| least.min(between)));
        }
    }
    least
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn parts_keep_their_distance(
        rows in 1usize..36, cols in 1usize..36, block in 1usize..14, gap in 0usize..6, seed in any::<u64>(),
    ) {
        let split = BlockSplit::new(Shape2d::new(rows, cols), &config(block, gap, seed)).unwrap();
        prop_assert!(smallest_gap(&split).is_none_or(|least| least >= gap));
        // Test blocks are whole, and no pixel has the part of another block.
        for (window, part) in split.blocks() {
            for y in window.row..window.row_end() {
                for x in window.col..window.col_end() {
                    let found = split.part_at(y as usize, x as usize);
                    prop_assert!(found == part || (found == Part::Unused && part != Part::Test));
                }
            }
        }
    }

    #[test]
    fn fractions_hold_to_a_block(
        blocks in 4usize..12, train in 0.2..0.8f64, seed in any::<u64>(),
    ) {
        let rest = (1.0 - train) / 2.0;
        let fractions = Fractions { train, validation: rest, test: 1.0 - train - rest };
        let config = SplitConfig { block: 5, gap: 0, fractions, seed };
        let split = BlockSplit::new(Shape2d::new(blocks * 5, blocks * 5), &config).unwrap();
        let one = 1.0 / (blocks * blocks) as f64;
        for (part, wanted) in Part::USED.into_iter().zip([train, rest, rest]) {
            prop_assert!((split.share(part) - wanted).abs() <= one + 1e-9, "{part}: {}", split.share(part));
        }
    }

    #[test]
    fn a_class_in_three_blocks_reaches_every_part(
        labels in proptest::collection::vec(prop_oneof![6 => Just(0u8), 2 => Just(1u8), 1 => 2u8..5, 1 => Just(255u8)], 100),
        seed in any::<u64>(),
    ) {
        // One label a block, so that no class has to share its blocks.
        let split = BlockSplit::stratified(Shape2d::new(10, 10), &config(1, 0, seed), 5, &labels).unwrap();
        for class in 0..5u8 {
            let blocks = labels.iter().filter(|label| **label == class).count();
            let missing = split.missing_classes().iter().filter(|m| m.class == usize::from(class)).count();
            prop_assert_eq!(missing, if blocks == 0 { 0 } else { 3usize.saturating_sub(blocks) });
        }
        let unlabelled = labels.iter().filter(|label| **label == 255).count();
        prop_assert_eq!(split.pixels(Part::Unused), unlabelled);
    }

    #[test]
    fn one_seed_gives_one_split(seed in any::<u64>()) {
        let split = |seed| BlockSplit::new(Shape2d::new(40, 40), &config(4, 1, seed)).unwrap();
        prop_assert_eq!(split(seed), split(seed));
        prop_assert_ne!(split(seed), split(seed.wrapping_add(1)));
    }
}

#[test]
fn a_class_in_one_block_is_learnt_and_its_lack_reported() {
    let mut labels = vec![0; 40 * 40];
    labels[0] = 1;
    let split = BlockSplit::stratified(Shape2d::new(40, 40), &config(10, 0, 3), 3, &labels).unwrap();
    assert_eq!(split.part_at(0, 0), Part::Train);
    let missing = |part| MissingClass { class: 1, part };
    assert_eq!(split.missing_classes(), [missing(Part::Validation), missing(Part::Test)]);
}

#[test]
fn a_gap_that_swallows_a_class_is_reported() {
    // Class 1 fills the last row of every block: with a gap as wide as the block nothing of training is left.
    let labels: Vec<u8> = (0..900).map(|i| u8::from(i / 30 % 10 == 9)).collect();
    let split = BlockSplit::stratified(Shape2d::new(30, 30), &config(10, 30, 3), 2, &labels).unwrap();
    assert_eq!(split.pixels(Part::Train), 0);
    assert!(split.missing_classes().contains(&MissingClass { class: 1, part: Part::Train }));
}

#[test]
fn a_part_without_a_share_gets_nothing_and_lacks_nothing() {
    let fractions = Fractions { train: 0.7, validation: 0.3, test: 0.0 };
    let config = SplitConfig { block: 4, gap: 1, fractions, seed: 1 };
    let split = BlockSplit::new(Shape2d::new(20, 20), &config).unwrap();
    assert_eq!(split.pixels(Part::Test), 0);
    assert_eq!(split.missing_classes(), []);
}

#[test]
fn the_summary_names_every_part() {
    let split = BlockSplit::new(Shape2d::new(20, 20), &config(10, 0, 1)).unwrap();
    assert_eq!(
        split.to_string(),
        "blocks of 10 px, gap 0 px: training 2 blocks, 200 px (50 %); validation 1 blocks, 100 px (25 %); \
         test 1 blocks, 100 px (25 %); unused 0 px"
    );
}

#[test]
fn bad_splits_say_what_is_wrong() {
    let shape = Shape2d::new(4, 4);
    let fractions = Fractions { train: 0.9, validation: 0.2, test: 0.2 };
    let wrong = |config: &SplitConfig, labels: &[u8]| {
        BlockSplit::stratified(shape, config, 2, labels).unwrap_err().to_string()
    };
    assert!(wrong(&SplitConfig { fractions, ..config(2, 0, 1) }, &[0; 16]).contains("0.9 training"));
    assert!(wrong(&config(0, 0, 1), &[0; 16]).starts_with("block of 0 pixels"));
    assert!(wrong(&config(2, 0, 1), &[0; 15]).ends_with("needs 16 labels, found 15"));
    assert!(wrong(&config(2, 0, 1), &[2; 16]).starts_with("label 2 is no class index"));
    let nan = Fractions { train: f64::NAN, validation: 0.5, test: 0.5 };
    assert!(wrong(&SplitConfig { fractions: nan, ..config(2, 0, 1) }, &[0; 16]).contains("NaN"));
}

#[test]
fn a_map_without_pixels_has_nothing_to_split() {
    let split = BlockSplit::new(Shape2d::new(0, 5), &config(2, 1, 1)).unwrap();
    assert_eq!(split.codes(), [0u8; 0]);
    assert!(split.units().is_empty());
}

#[test]
fn rare_classes_of_a_landscape_are_shared_out() {
    // Stands of 24 px with classes from common (0) to rare (5).
    let stand = |y: usize, x: usize| ((y / 24 * 37 + x / 24 * 101) as f32 * 0.618).fract();
    let class =
        |value: f32| [0.45, 0.75, 0.88, 0.95, 0.985].iter().filter(|edge| value >= **edge).count() as u8;
    let labels: Vec<u8> = (0..512 * 512).map(|i| class(stand(i / 512, i % 512))).collect();
    for seed in 0..10 {
        let split = BlockSplit::stratified(Shape2d::new(512, 512), &config(64, 2, seed), 6, &labels).unwrap();
        assert_eq!(split.missing_classes(), []);
        for class in 0..6 {
            let mine =
                || labels.iter().zip(split.codes()).filter(|(label, code)| **label == class && **code > 0);
            for (part, wanted) in Part::USED.into_iter().zip([0.6, 0.2, 0.2]) {
                let share =
                    mine().filter(|(_, code)| **code == part.code()).count() as f64 / mine().count() as f64;
                assert!((share - wanted).abs() < 0.15, "class {class}: {share} {part}");
            }
        }
    }
}

#[test]
fn over_all_rounds_each_block_tests_once_and_validates_once() {
    let shape = Shape2d::new(40, 60);
    let labels: Vec<u8> =
        (0..shape.len()).map(|i| if i % 7 == 0 { 255 } else { (i / 60 / 13) as u8 }).collect();
    let round = |fold| {
        let config = FoldConfig { block: 5, gap: 0, folds: 5, fold, seed: 3 };
        BlockSplit::fold(shape, &config, 4, &labels).unwrap()
    };
    let rounds: Vec<BlockSplit> = (0..5).map(round).collect();
    for pixel in 0..shape.len() {
        let parts: Vec<u8> = rounds.iter().map(|round| round.codes()[pixel]).collect();
        for (part, times) in [(Part::Test, 1), (Part::Validation, 1), (Part::Train, 3)] {
            assert_eq!(parts.iter().filter(|code| **code == part.code()).count(), times);
        }
    }
    let tested: Vec<usize> = rounds.iter().map(|round| round.pixels(Part::Test)).collect();
    assert!(tested.iter().all(|pixels| (400..=560).contains(pixels)), "{tested:?}");
    for (folds, fold) in [(2, 0), (5, 5)] {
        let config = FoldConfig { block: 5, gap: 0, folds, fold, seed: 3 };
        let error = BlockSplit::fold(shape, &config, 4, &labels).unwrap_err().to_string();
        assert!(error.contains(&format!("fold {fold} of {folds}")), "{error}");
    }
}

/// Areas on a grid, and labels of the whole grid and of the areas alone; between the areas nothing is known.
fn labelled(shape: Shape2d, areas: &AreaGrid) -> (Vec<u8>, Vec<u8>) {
    let mut whole = vec![255; shape.len()];
    for (row, col) in areas.pixels() {
        whole[row * shape.cols + col] = if (row * 7 + col) % 11 == 0 { 255 } else { (row / 5 % 3) as u8 };
    }
    let grid = AreaGrid::from(shape);
    let of_areas = areas.areas().iter().flat_map(|area| grid.cut(&whole, *area).unwrap()).collect();
    (whole, of_areas)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn areas_are_split_as_they_are_in_the_whole_map(
        corners in proptest::collection::vec((0i64..60, 0i64..60, 8usize..25, 8usize..25), 1..4),
        block in 3usize..12, gap in 0usize..4, seed in any::<u64>(),
    ) {
        let shape = Shape2d::new(85, 85);
        let windows = corners.into_iter().map(|(r, c, h, w)| Window::new(r, c, h, w)).collect();
        let areas = AreaGrid::new(shape, windows).unwrap();
        let (all, own) = labelled(shape, &areas);
        let grid = AreaGrid::from(shape);
        let fold = FoldConfig { block, gap, folds: 3, fold: 1, seed };
        let pairs = [
            (BlockSplit::stratified(shape, &config(block, gap, seed), 3, &all).unwrap(),
             BlockSplit::stratified(areas.clone(), &config(block, gap, seed), 3, &own).unwrap()),
            (BlockSplit::fold(shape, &fold, 3, &all).unwrap(),
             BlockSplit::fold(areas.clone(), &fold, 3, &own).unwrap()),
        ];
        for (whole, split) in &pairs {
            prop_assert_eq!(split.codes().len(), areas.len());
            for (area, codes) in areas.parts(split.codes()) {
                prop_assert_eq!(codes, grid.cut(whole.codes(), area).unwrap());
            }
            prop_assert!(split.blocks().eq(whole.blocks()));
            prop_assert_eq!(split.missing_classes(), whole.missing_classes());
            let units = whole.units();
            for (area, own) in areas.parts(&split.units()) {
                prop_assert_eq!(own, grid.cut(&units, area).unwrap());
            }
        }
    }
}

#[test]
fn a_grid_of_more_pixels_than_32_bits_count_holds_its_areas_alone() {
    // 500 km of pixels of 5 m.
    let shape = Shape2d::new(100_000, 100_000);
    let (first, last) = (Window::new(0, 0, 96, 96), Window::new(99_904, 99_904, 96, 96));
    let areas = AreaGrid::new(shape, vec![first, last]).unwrap();
    let labels: Vec<u8> = (0..areas.len()).map(|place| (place / 96 / 32 % 2) as u8).collect();
    let split = BlockSplit::stratified(areas.clone(), &config(32, 2, 5), 2, &labels).unwrap();
    assert_eq!(split.codes().len(), 2 * 96 * 96);
    let used: usize = Part::USED.into_iter().map(|part| split.pixels(part)).sum();
    assert!(used > 96 * 96 && split.part_at(50_000, 50_000) == Part::Unused);
    let far = &split.codes()[96 * 96..];
    assert!(far.contains(&Part::Train.code()), "the far area is learnt from");
    let kept: Vec<bool> = (0..areas.len()).map(|place| place >= 96 * 96).collect();
    assert_eq!(split.only(&kept).part_at(4, 4), Part::Unused);
}
