//! Laws of drawing: what is reached, what is never read, and how often each class is seen.

use super::super::fixtures::*;
use super::*;
use ecotone_core::{AreaGrid, Cube, Shape2d};
use ecotone_tiling::{BlockSplit, Fractions, SplitConfig};
use proptest::prelude::*;

/// Areas, their series, labels and split, to draw from.
struct Land {
    cubes: Vec<Cube<f32>>,
    labels: Vec<u8>,
    split: BlockSplit,
}

impl Land {
    fn new(areas: impl Into<AreaGrid>, block: usize, gap: usize, seed: u64) -> Self {
        let areas = areas.into();
        let cubes = areas.areas().iter().map(|area| cube_of(area.shape())).collect();
        Self { cubes, labels: labels(&areas), split: split(areas, block, gap, seed) }
    }

    fn ground(&self) -> Ground<'_> {
        let cubes = self.cubes.iter().map(|cube| vec![cube]).collect();
        Ground::new(cubes, vec![&self.labels], &self.split)
    }

    fn patches(&self, side: usize, per_epoch: usize, rare_share: f64) -> TrainingPatches<'_> {
        TrainingPatches::new(self.ground(), 3, side, per_epoch, rare_share, 7).unwrap()
    }

    /// The times that each labelled training pixel is in a patch, and whether it lies `margin` within its area.
    fn times(&self, side: usize, rare_share: f64, margin: usize) -> Vec<f64> {
        let areas = self.split.areas();
        let inner = |place: &usize| {
            let area = (0..areas.areas().len()).find(|area| areas.part(*area).contains(place)).unwrap();
            let window = areas.areas()[area];
            let at = place - areas.part(area).start;
            let (row, col) = (at / window.cols, at % window.cols);
            row.min(col) >= margin && row + margin < window.rows && col + margin < window.cols
        };
        let times = self.patches(side, 1, rare_share).in_patches(0);
        let train = |place: &usize| self.split.codes()[*place] == Part::Train.code();
        (0..areas.len()).filter(train).filter(inner).map(|place| times[place]).collect()
    }
}

/// `(sum w)^2 / (n sum w^2)`, and the share of those below a fifth of the mean.
fn evenness(times: &[f64]) -> (f64, f64) {
    let (n, sum) = (times.len() as f64, times.iter().sum::<f64>());
    let squares: f64 = times.iter().map(|times| times * times).sum();
    let seldom = times.iter().filter(|times| **times < 0.2 * sum / n).count();
    (sum * sum / (n * squares), seldom as f64 / n)
}

fn is_held(part: Part) -> bool {
    [Part::Validation, Part::Test].contains(&part)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Issue 16: whatever blocks, gap and patch are, no training pixel is left out.
    #[test]
    fn every_training_pixel_is_reached(
        rows in 24usize..60, cols in 24usize..60, block in 4usize..20, gap in 0usize..3, side in 2usize..24,
        rare_share in 0.0..1.0f64, seed in 0u64..99,
    ) {
        let land = Land::new(Shape2d::new(rows, cols), block, gap, seed);
        prop_assume!(land.split.pixels(Part::Train) > 0);
        prop_assert!(land.times(side, rare_share, 0).iter().all(|times| *times > 0.0));
        let unreached = crate::patches::unreached(&land.split, [land.labels.as_slice()], side);
        prop_assert_eq!((unreached.pixels, unreached.share), (0, Some(0.0)));
    }

    #[test]
    fn no_held_out_value_or_label_reaches_a_patch(
        block in 4usize..20, gap in 0usize..3, side in 2usize..20, seed in 0u64..99,
    ) {
        let shape = Shape2d::new(48, 40);
        let (before, mut after) = (Land::new(shape, block, gap, seed), Land::new(shape, block, gap, seed));
        let near_held = |row: usize, col: usize| {
            let window = Window::new(row as i64, col as i64, 1, 1).pad(gap);
            pixels(window).any(|pixel| is_held(part_at(&before.split, pixel)))
        };
        for place in 0..shape.len() {
            if near_held(place / shape.cols, place % shape.cols) {
                after.labels[place] = (after.labels[place] + 1) % 3;
                (0..STEPS).for_each(|step| after.cubes[0].data_mut()[step * shape.len() + place] = -1e9);
            }
        }
        let (before, after) = (before.patches(side, 12, 0.5), after.patches(side, 12, 0.5));
        for id in before.draw(0) {
            prop_assert_eq!(before.patch(id, 3).unwrap(), after.patch(id, 3).unwrap());
        }
    }

    #[test]
    fn a_patch_is_its_ground_with_what_is_not_open_as_if_never_seen(
        block in 4usize..20, gap in 0usize..3, side in 2usize..20, seed in 0u64..99,
    ) {
        let shape = Shape2d::new(48, 40);
        let land = Land::new(shape, block, gap, seed);
        let source = land.patches(side, 12, 0.5);
        for id in source.draw(0) {
            let (patch, window) = (source.patch(id, 1).unwrap(), source.window(id, 1));
            prop_assert!(Window::whole(shape).contains(window));
            prop_assert!(patch.target.iter().any(|label| *label != UNLABELLED), "it holds the pixel that was drawn");
            for (i, (row, col)) in pixels(window).enumerate() {
                let (place, size) = (row as usize * shape.cols + col as usize, window.shape().len());
                let seen = source.open[place];
                for step in 0..STEPS {
                    let value = if seen { (step * shape.len() + place + 1) as f32 } else { 0.0 };
                    prop_assert_eq!(patch.values[step * size + i], value);
                    prop_assert_eq!(patch.valid[step * size + i], seen);
                }
                let train = land.split.codes()[place] == Part::Train.code();
                prop_assert_eq!(patch.target[i], if train { land.labels[place] } else { UNLABELLED });
            }
        }
    }

    /// What is computed of the draw is what comes of it.
    #[test]
    fn drawn_shares_are_those_of_many_patches(
        block in 4usize..14, gap in 0usize..2, side in 2usize..14, rare_share in 0.0..1.0f64, seed in 0u64..99,
    ) {
        let land = Land::new(Shape2d::new(40, 36), block, gap, seed);
        let source = land.patches(side, 6000, rare_share);
        let mut counts = [0.0; 3];
        for id in source.draw(0) {
            for label in source.patch(id, 0).unwrap().target {
                if label != UNLABELLED {
                    counts[usize::from(label)] += 1.0;
                }
            }
        }
        let all: f64 = counts.iter().sum();
        let drawn = source.drawn_shares();
        prop_assert!((drawn.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        for (count, share) in counts.iter().zip(&drawn) {
            prop_assert!((count / all - share).abs() < 0.03, "{counts:?} {drawn:?}");
        }
        let natural = source.natural_shares(&[&land.labels]);
        prop_assert!((natural.iter().sum::<f64>() - 1.0).abs() < 1e-9);
    }
}

/// The settings of faults-science A5: block and patch of the recipes, and how evenly training pixels were seen before:
/// effective shares of .29 to .73, and 12 to 55 % of the pixels less than a fifth as often as the mean.
#[test]
fn training_pixels_are_seen_about_evenly_whatever_the_block() {
    #[track_caller]
    fn check(map: usize, block: usize, side: usize, gap: usize, at_least: f64) {
        for seed in 0..3 {
            let land = Land::new(Shape2d::new(map, map), block, gap, seed);
            let (inner, seldom) = evenness(&land.times(side, 0.0, side));
            assert!(inner > at_least && seldom == 0.0, "{inner} {seldom} with seed {seed}");
            let (whole, _) = evenness(&land.times(side, 0.0, 0));
            assert!(whole > at_least - 0.1, "{whole} with the edges");
        }
    }
    check(256, 32, 32, 0, 0.8);
    check(256, 32, 32, 4, 0.8);
    check(512, 64, 64, 0, 0.8);
    check(512, 64, 32, 0, 0.9);
    check(64, 8, 8, 0, 0.8);
    check(64, 8, 8, 1, 0.8);
    check(112, 16, 16, 0, 0.8);
    check(768, 96, 64, 0, 0.85);
}

/// A block alone among held-out ones, a gap around it, smaller than a patch: no patch fitted before.
#[test]
fn a_lone_block_with_a_gap_is_learnt_from() {
    let shape = Shape2d::new(30, 30);
    let labels: Vec<u8> = (0..shape.len()).map(|_| 0).collect();
    let mut land = (0..200).map(|seed| {
        let fractions = Fractions { train: 0.12, validation: 0.4, test: 0.48 };
        let config = SplitConfig { block: 10, gap: 2, fractions, seed };
        BlockSplit::stratified(shape, &config, 1, &labels).unwrap()
    });
    let split = land.find(|split| split.part_at(15, 15) == Part::Train).unwrap();
    // Six pixels a side are left of it, half a patch.
    assert_eq!(split.pixels(Part::Train), 36);
    let cube = cube_of(shape);
    let ground = Ground::new(vec![vec![&cube]], vec![&labels], &split);
    let source = TrainingPatches::new(ground, 1, 12, 50, 0.0, 1).unwrap();
    for id in source.draw(0) {
        let patch = source.patch(id, 0).unwrap();
        assert_eq!((patch.rows, patch.cols), (12, 12));
        let seen = patch.valid[..144].iter().filter(|seen| **seen).count();
        assert_eq!(seen, patch.target.iter().filter(|label| **label == 0).count());
        assert!(seen > 0);
    }
}

#[test]
fn the_rare_class_is_found_and_epochs_differ() {
    let mut land = Land::new(Shape2d::new(50, 50), 10, 1, 3);
    land.labels.fill(0);
    let rare = land.split.codes().iter().position(|code| *code == Part::Train.code()).unwrap();
    land.labels[rare] = 1;
    let source = land.patches(8, 100, 0.8);
    let with_rare = |id: &usize| source.patch(*id, 0).unwrap().target.contains(&1);
    let found = source.draw(0).iter().filter(|id| with_rare(id)).count();
    assert!((25..60).contains(&found), "a share of .4 is drawn around it: {found}");
    assert_eq!(source.patch(5, 2).unwrap(), source.patch(5, 2).unwrap());
    assert_ne!(source.window(0, 0), source.window(0, 1));
    assert_eq!(source.drawn_shares()[2], 0.0);
}

/// Areas beside and below each other are drawn from as their pixels are many; what is smaller than a patch is not.
#[test]
fn areas_are_drawn_from_by_their_pixels() {
    let windows = vec![
        Window::new(0, 0, 40, 40),
        Window::new(7, 60, 50, 40),
        Window::new(80, 20, 30, 60),
        Window::new(70, 0, 7, 9),
    ];
    let areas = AreaGrid::new(Shape2d::new(120, 110), windows).unwrap();
    let land = Land::new(areas.clone(), 10, 1, 11);
    let source = land.patches(8, 3000, 0.0);
    let mut seen = [0usize; 4];
    for id in source.draw(0) {
        let window = source.window(id, 0);
        let area = areas.area_of(window).expect("a patch lies in an area");
        seen[area] += 1;
    }
    let small = areas.areas().iter().position(|area| area.rows == 7).unwrap();
    let train: Vec<usize> = (0..4)
        .map(|area| land.split.codes()[areas.part(area)].iter().filter(|code| **code == 1).count())
        .collect();
    let unreached = crate::patches::unreached(&land.split, [land.labels.as_slice()], 8);
    assert_eq!(unreached.pixels as usize, train[small]);
    assert_eq!(seen[small], 0);
    let reached: usize = train.iter().sum::<usize>() - train[small];
    for area in (0..4).filter(|area| *area != small) {
        let expected = 3000.0 * train[area] as f64 / reached as f64;
        assert!((seen[area] as f64 - expected).abs() < 150.0, "{seen:?} of {train:?}");
    }
}

#[test]
fn years_without_labels_are_left_out_and_nothing_to_draw_is_none() {
    let land = Land::new(Shape2d::new(30, 30), 10, 0, 1);
    let (other, nothing) = (cube_of(Shape2d::new(30, 30)), vec![UNLABELLED; 900]);
    let ground = |labels| Ground::new(vec![vec![&land.cubes[0], &other]], labels, &land.split);
    let patches = |labels| TrainingPatches::new(ground(labels), 3, 8, 10, 0.5, 1);
    let source = patches(vec![&nothing, &land.labels]).unwrap();
    assert!(source.draw(0).into_iter().all(|id| source.turn(id) == 1));
    assert_eq!(patches(vec![&land.labels, &land.labels]).unwrap().turns, [0, 1]);
    assert!(patches(vec![&nothing, &nothing]).is_none());
    assert!(TrainingPatches::new(ground(vec![&land.labels, &nothing]), 3, 31, 10, 0.5, 1).is_none());
}

#[test]
fn beyond_32_bits_a_pixel_is_still_its_own() {
    // 10^10 pixels, and a rare class in the last corner.
    let shape = Shape2d::new(100_000, 100_000);
    let far = Window::new(99_950, 99_950, 50, 50);
    let areas = AreaGrid::new(shape, vec![Window::new(0, 0, 50, 50), far]).unwrap();
    let labels: Vec<u8> = (0..areas.len()).map(|place| u8::from(place >= 2500)).collect();
    let fractions = Fractions { train: 1.0, validation: 0.0, test: 0.0 };
    let config = SplitConfig { block: 50, gap: 0, fractions, seed: 1 };
    let split = BlockSplit::stratified(areas.clone(), &config, 2, &labels).unwrap();
    let cube = cube_of(Shape2d::new(50, 50));
    let ground = Ground::new(vec![vec![&cube], vec![&cube]], vec![&labels], &split);
    let source = TrainingPatches::new(ground, 2, 8, 40, 1.0, 3).unwrap();
    let listed: usize = source.by_class[0].iter().map(Vec::len).sum();
    assert_eq!((source.open.len(), listed), (areas.len(), areas.len()), "as long as the areas have pixels");
    let windows: Vec<Window> = source.draw(0).into_iter().map(|id| source.window(id, 0)).collect();
    let there = windows.iter().filter(|window| far.contains(**window)).count();
    assert!((8..32).contains(&there), "each class is as likely: {there} of 40");
    for (id, window) in windows.iter().enumerate() {
        let class = u8::from(far.contains(*window));
        assert!(source.patch(id, 0).unwrap().target.iter().all(|label| *label == class));
    }
}

#[test]
fn what_patches_are_made_of_changes_with_labels_split_and_scenes() {
    let (land, mut other) =
        (Land::new(Shape2d::new(30, 30), 10, 0, 1), Land::new(Shape2d::new(30, 30), 10, 0, 1));
    let changed = |land: &Land, scenes: &str| -> Vec<&'static str> {
        let base = Land::new(Shape2d::new(30, 30), 10, 0, 1);
        let (base, now) = (base.patches(8, 1, 0.5), land.patches(8, 1, 0.5).of_scenes(scenes.to_owned()));
        let pairs = base.made_of().into_iter().zip(now.made_of()).map(|(a, b)| (a.0, a.1 == b.1));
        pairs.filter(|(_, same)| !same).map(|(name, _)| name).collect()
    };
    assert!(changed(&land, "").is_empty());
    assert_eq!(changed(&land, "S2A"), ["set of scenes"]);
    other.labels[17] ^= 1;
    assert_eq!(changed(&other, ""), ["set of labels"]);
    assert_eq!(changed(&Land::new(Shape2d::new(30, 30), 10, 0, 2), ""), ["split into blocks"]);
}

/// Where no date saw a pixel the map shows nothing, and a batch has no label: it is neither drawn nor counted.
#[test]
fn what_no_date_saw_is_neither_drawn_nor_counted() {
    let shape = Shape2d::new(40, 40);
    let mut land = Land::new(shape, 10, 1, 3);
    let unseen = |place: usize| land.labels[place] == 2 || place % 40 < 12;
    let valid = (0..STEPS * shape.len()).map(|i| i >= shape.len() && !unseen(i % shape.len())).collect();
    let (geobox, timeline, bands, values, _) = cube_of(shape).into_parts();
    land.cubes = vec![Cube::new(geobox, timeline, bands, values, valid).unwrap()];
    let source = land.patches(8, 200, 0.5);
    let (drawn, natural) = (source.drawn_shares(), source.natural_shares(&[&land.labels]));
    assert_eq!((drawn[2], natural[2], source.by_class[0].len()), (0.0, 0.0, 2));
    let mut pools = source.by_class[0].iter().flatten();
    assert!(pools.all(|pixel| pixel.col >= 12));
    assert!(source.draw(0).into_iter().all(|id| !source.patch(id, 0).unwrap().target.contains(&2)));
    let seen = source.ground.seen_labels();
    let kept = |place: &usize| seen[0][*place] != UNLABELLED;
    assert_eq!((0..shape.len()).filter(kept).count(), (0..shape.len()).filter(|at| !unseen(*at)).count());
}

/// Issue 16: a cleaning confirms some classes more easily than others, and the ground does not change by that.
#[test]
fn natural_shares_are_those_of_the_labels_as_they_came() {
    let mut land = Land::new(Shape2d::new(40, 40), 10, 1, 3);
    let came = land.labels.clone();
    let drop = |(place, label): (usize, &mut u8)| {
        if *label == 0 && place % 3 > 0 {
            *label = UNLABELLED;
        }
    };
    land.labels.iter_mut().enumerate().for_each(drop);
    let source = land.patches(8, 10, 0.0);
    let train = |place: &usize| land.split.codes()[*place] == Part::Train.code();
    let all = (0..came.len()).filter(train).count() as f64;
    for (class, share) in source.natural_shares(&[&came]).into_iter().enumerate() {
        let pixels = (0..came.len()).filter(train).filter(|place| usize::from(came[*place]) == class).count();
        assert!((share - pixels as f64 / all).abs() < 1e-12, "{class}: {share}");
    }
    assert!(source.natural_shares(&[&land.labels])[0] < source.natural_shares(&[&came])[0] - 0.1);
}
