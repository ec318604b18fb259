//! Laws of splits that keep fields whole.

use super::*;
use crate::shared::Shared;
use std::collections::BTreeMap;

/// Labels in rectangles of random sides, a few without a label.
fn patchwork(shape: Shape2d, tall: usize, wide: usize, seed: u64) -> Vec<u8> {
    let class = |row: usize, col: usize| {
        let mixed = ((row / tall) as u64 * 0x9e37_79b9) ^ ((col / wide) as u64 * 0x85eb_ca6b) ^ seed;
        match (mixed.wrapping_mul(0xff51_afd7_ed55_8ccd) >> 33) % 9 {
            8 => 255,
            class => (class % 4) as u8,
        }
    };
    (0..shape.len()).map(|at| class(at / shape.cols, at % shape.cols)).collect()
}

/// Parts that each field of at most `most` labelled pixels has pixels of.
fn sides(split: &BlockSplit, labels: &[u8], fields: &Fields, most: usize) -> BTreeMap<u32, Vec<u8>> {
    let mut pixels: BTreeMap<u32, Vec<u8>> = BTreeMap::new();
    for ((code, label), number) in split.codes().iter().zip(labels).zip(fields.numbers()) {
        if *label != 255 && *number != 0 {
            pixels.entry(*number).or_default().push(*code);
        }
    }
    pixels.retain(|_, codes| codes.len() <= most);
    for codes in pixels.values_mut() {
        codes.retain(|code| *code != Part::Unused.code());
        codes.sort_unstable();
        codes.dedup();
    }
    pixels
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_field_of_at_most_a_block_has_two_parts(
        rows in 8usize..34, cols in 8usize..34, block in 3usize..12, gap in 0usize..4,
        tall in 1usize..9, wide in 1usize..9, folds in 3usize..5, seed in any::<u64>(),
    ) {
        let shape = Shape2d::new(rows, cols);
        let labels = patchwork(shape, tall, wide, seed);
        let fields = Fields::components(&shape.into(), &labels).unwrap();
        let round = FoldConfig { block, gap, folds, fold: 1, seed };
        for split in [
            BlockSplit::stratified_by_fields(shape, &config(block, gap, seed), 4, &labels, &fields).unwrap(),
            BlockSplit::fold_by_fields(shape, &round, 4, &labels, &fields).unwrap(),
        ] {
            for (field, parts) in sides(&split, &labels, &fields, block * block) {
                prop_assert!(parts.len() <= 1, "field {field} has {parts:?}");
            }
            prop_assert!(smallest_gap(&split).is_none_or(|least| least >= gap));
            // A field has one unit, which holds a pixel of it and gives it its part; other pixels have their block.
            let (units, blocks) = (split.units(), split.blocks().collect::<Vec<_>>());
            let across = cols.div_ceil(block);
            let own = |at: usize| (at / cols / block * across + at % cols / block) as u32;
            for at in 0..labels.len() {
                let number = fields.numbers()[at];
                let mine: Vec<usize> =
                    (0..labels.len()).filter(|other| number > 0 && fields.numbers()[*other] == number).collect();
                if mine.is_empty() || mine.len() > block * block {
                    prop_assert_eq!(units[at], own(at));
                    continue;
                }
                prop_assert!(mine.iter().all(|other| units[*other] == units[at]));
                prop_assert!(mine.iter().any(|other| own(*other) == units[at]));
                let (code, part) = (split.codes()[at], blocks[units[at] as usize].1);
                prop_assert!(code == part.code() || code == Part::Unused.code());
            }
            let shared = Shared::of(&split, &labels, &fields).unwrap();
            prop_assert!(shared.is_none_or(|shared| shared.in_training_fields == 0.0));
            prop_assert!(shared.is_none_or(|shared| gap == 0 || shared.touching_training == 0.0));
        }
    }

    #[test]
    fn areas_keep_their_fields_as_the_whole_map_does(
        corners in proptest::collection::vec((0i64..40, 0i64..40, 5usize..25, 5usize..25), 1..4),
        block in 3usize..12, gap in 0usize..4, side in 1usize..8, seed in any::<u64>(),
    ) {
        let shape = Shape2d::new(65, 65);
        let windows = corners.into_iter().map(|(r, c, h, w)| Window::new(r, c, h, w)).collect();
        let areas = AreaGrid::new(shape, windows).unwrap();
        let every = patchwork(shape, side, side + 1, seed);
        let mut whole = vec![255; shape.len()];
        areas.pixels().for_each(|(row, col)| whole[row * shape.cols + col] = every[row * shape.cols + col]);
        let own: Vec<u8> = areas.pixels().map(|(row, col)| whole[row * shape.cols + col]).collect();
        prop_assume!(own.iter().any(|label| *label != 255));
        let split = |ground: AreaGrid, labels: &[u8]| {
            let fields = Fields::components(&ground, labels).unwrap();
            BlockSplit::stratified_by_fields(ground, &config(block, gap, seed), 4, labels, &fields).unwrap()
        };
        let (in_map, in_areas) = (split(shape.into(), &whole), split(areas.clone(), &own));
        for ((row, col), code) in areas.pixels().zip(in_areas.codes()) {
            prop_assert_eq!(in_map.part_at(row, col).code(), *code);
        }
        prop_assert_eq!(in_map.missing_classes(), in_areas.missing_classes());
    }

    #[test]
    fn over_all_rounds_each_labelled_pixel_tests_once(
        block in 3usize..10, tall in 1usize..9, wide in 1usize..9, folds in 3usize..6, seed in any::<u64>(),
    ) {
        let shape = Shape2d::new(40, 36);
        let labels = patchwork(shape, tall, wide, seed);
        let fields = Fields::components(&shape.into(), &labels).unwrap();
        let round = |fold| {
            let config = FoldConfig { block, gap: 2, folds, fold, seed };
            BlockSplit::fold_by_fields(shape, &config, 4, &labels, &fields).unwrap()
        };
        let rounds: Vec<BlockSplit> = (0..folds).map(round).collect();
        prop_assert_eq!(&rounds[0], &round(0), "one seed, one deal");
        for (pixel, _) in labels.iter().enumerate().filter(|(_, label)| **label != 255) {
            let tests = rounds.iter().filter(|round| round.codes()[pixel] == Part::Test.code()).count();
            prop_assert_eq!(tests, 1);
        }
    }
}

#[test]
fn classes_keep_their_shares_where_fields_stay_whole() {
    let shape = Shape2d::new(256, 256);
    for seed in 0..6 {
        let labels = patchwork(shape, 6, 9, seed);
        let fields = Fields::components(&shape.into(), &labels).unwrap();
        let split =
            BlockSplit::stratified_by_fields(shape, &config(16, 0, seed), 4, &labels, &fields).unwrap();
        for class in 0..4 {
            let mine = || labels.iter().zip(split.codes()).filter(|(label, _)| **label == class);
            for (part, wanted) in Part::USED.into_iter().zip([0.6, 0.2, 0.2]) {
                let held = mine().filter(|(_, code)| **code == part.code()).count();
                let share = held as f64 / mine().count() as f64;
                assert!((share - wanted).abs() < 0.1, "seed {seed}, class {class}: {share} {part}");
            }
        }
    }
}

#[test]
fn a_field_over_a_border_has_one_number() {
    // Two blocks of 4 x 4; class 1 lies four columns wide over their border, three of them in the second.
    let shape = Shape2d::new(4, 8);
    let labels: Vec<u8> = (0..32).map(|at| u8::from((3..7).contains(&(at % 8)))).collect();
    let fields = Fields::components(&shape.into(), &labels).unwrap();
    let split = BlockSplit::stratified_by_fields(shape, &config(4, 0, 1), 2, &labels, &fields).unwrap();
    assert_eq!(split.units()[..8], [0, 0, 0, 1, 1, 1, 1, 1]);
    let cut = BlockSplit::stratified(shape, &config(4, 0, 1), 2, &labels).unwrap();
    assert_eq!(cut.units()[..8], [0, 0, 0, 0, 1, 1, 1, 1]);
}

#[test]
fn blocks_beyond_32_bits_are_refused() {
    let areas = AreaGrid::new(Shape2d::new(100_000, 100_000), vec![Window::new(0, 0, 1, 1)]).unwrap();
    let error = BlockSplit::stratified(areas, &config(1, 0, 1), 1, &[0]).unwrap_err();
    assert_eq!(error, Error::TooManyBlocks { blocks: 10_000_000_000, block: 1 });
}

#[test]
fn what_is_larger_than_a_block_is_cut_at_the_borders_of_blocks() {
    let shape = Shape2d::new(40, 40);
    let labels = vec![0; shape.len()];
    let fields = Fields::components(&shape.into(), &labels).unwrap();
    let config = config(10, 2, 5);
    let by_fields = BlockSplit::stratified_by_fields(shape, &config, 1, &labels, &fields).unwrap();
    assert_eq!(by_fields, BlockSplit::stratified(shape, &config, 1, &labels).unwrap());
}

#[test]
fn a_split_without_labels_uses_nothing() {
    let shape = Shape2d::new(12, 12);
    let labels = vec![255; shape.len()];
    let fields = Fields::components(&shape.into(), &labels).unwrap();
    let split = BlockSplit::stratified_by_fields(shape, &config(4, 1, 1), 3, &labels, &fields).unwrap();
    assert!(split.codes().iter().all(|code| *code == Part::Unused.code()));
    assert_eq!(Shared::of(&split, &labels, &fields).unwrap(), None);
}

#[test]
fn fields_of_other_ground_are_refused() {
    let other = Fields::components(&Shape2d::new(3, 3).into(), &[0; 9]).unwrap();
    let shape = Shape2d::new(4, 4);
    let error = BlockSplit::stratified_by_fields(shape, &config(2, 0, 1), 1, &[0; 16], &other).unwrap_err();
    assert_eq!(error, Error::Fields { expected: 16, found: 9 });
    let many = Fields::numbered(&shape.into(), vec![17; 16]).unwrap_err();
    assert_eq!(many, Error::Field { number: 17, pixels: 16 });
}
