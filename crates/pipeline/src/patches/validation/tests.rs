//! Laws of validating in the windows of a map.

use super::super::fixtures::*;
use super::*;
use ecotone_core::{AreaGrid, Cube, Shape2d};
use ecotone_tiling::BlockSplit;
use proptest::prelude::*;

/// Areas, the place of their grid on the lattice, and windows on it.
fn grid(shape: Shape2d, window: usize, halo: usize, at: (i64, i64)) -> WindowGrid {
    WindowGrid::new(shape, window, halo).unwrap().at(at.0, at.1)
}

fn ground<'a>(cubes: &'a [Cube<f32>], labels: Vec<&'a [u8]>, split: &'a BlockSplit) -> Ground<'a> {
    Ground::new(cubes.iter().map(|cube| vec![cube; labels.len()]).collect(), labels, split)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn each_validation_pixel_is_scored_once_in_the_window_of_its_core(
        window in 5usize..30, halo in 0usize..9, row in -40i64..40, col in -40i64..40, block in 4usize..12,
        seed in 0u64..99, single_pixels in any::<bool>(),
    ) {
        let shape = Shape2d::new(70, 60);
        let areas =
            AreaGrid::new(shape, vec![Window::new(0, 0, 30, 26), Window::new(35, 4, 30, 50)]).unwrap();
        let split = split(areas.clone(), block, 1, seed);
        let labels = labels(&areas);
        let cubes: Vec<_> = areas.areas().iter().map(|area| cube_of(area.shape())).collect();
        let grid = grid(shape, window, halo, (row, col));
        let source = ValidationPatches::new(ground(&cubes, vec![&labels], &split), &grid, single_pixels);
        let (mut scored, mut read) = (vec![0; areas.len()], 0);
        for id in source.draw(0) {
            let (_, place) = source.windows[id];
            let patch = source.patch(id, 0).unwrap();
            read += patch.rows * patch.cols;
            let mut targets = patch.target.iter();
            let mut before = 0;
            for (i, (row, col)) in pixels(place.read).enumerate() {
                let known = usize::try_from(row).ok().zip(usize::try_from(col).ok());
                let pixel = known.and_then(|(row, col)| areas.place(row, col));
                let in_core = place.core.contains(Window::new(row, col, 1, 1));
                let expected = pixel.filter(|pixel| in_core && split.codes()[*pixel] == Part::Validation.code());
                if single_pixels && expected.is_none() {
                    continue;
                }
                let at = if single_pixels { before } else { i };
                before += 1;
                prop_assert_eq!(*targets.next().unwrap(), expected.map_or(UNLABELLED, |pixel| labels[pixel]));
                prop_assert_eq!(patch.valid[at], pixel.is_some(), "whatever lies in an area is read");
                let area = pixel.map(|pixel| (0..2).find(|area| areas.part(*area).contains(&pixel)).unwrap());
                let value = area.map_or(0.0, |area| (pixel.unwrap() - areas.part(area).start + 1) as f32);
                prop_assert_eq!(patch.values[at], value);
                if let Some(pixel) = expected {
                    scored[pixel] += 1;
                }
            }
            prop_assert!(targets.next().is_none());
            prop_assert!(patch.target.iter().any(|label| *label != UNLABELLED), "a window is not read for nothing");
        }
        for (scored, code) in scored.iter().zip(split.codes()) {
            prop_assert_eq!(*scored, i32::from(*code == Part::Validation.code()));
        }
        prop_assert_eq!(read, source.pixels());
    }
}

/// The map has nothing there to be judged.
#[test]
fn what_no_scene_saw_is_not_scored() {
    let shape = Shape2d::new(40, 40);
    let (split, labels, whole) = (split(shape, 10, 0, 4), labels(&AreaGrid::from(shape)), cube_of(shape));
    let unseen = |pixel: usize| pixel % 40 < 25 || pixel.is_multiple_of(7);
    // Seen in the second step alone.
    let valid = (0..STEPS * shape.len()).map(|i| i >= shape.len() && !unseen(i % shape.len())).collect();
    let (geobox, timeline, bands, values, _) = whole.into_parts();
    let cubes = [Cube::new(geobox, timeline, bands, values, valid).unwrap()];
    let watched = |pixel: &usize| split.codes()[*pixel] == Part::Validation.code() && !unseen(*pixel);
    let expected = (0..shape.len()).filter(watched).count();
    assert!(expected > 0);
    for single_pixels in [false, true] {
        let grid = grid(shape, 8, 2, (3, 5));
        let source = ValidationPatches::new(ground(&cubes, vec![&labels], &split), &grid, single_pixels);
        let patches = source.draw(0).into_iter().map(|id| source.patch(id, 0).unwrap());
        let scored: Vec<usize> =
            patches.map(|patch| patch.target.iter().filter(|label| **label != UNLABELLED).count()).collect();
        assert_eq!(scored.iter().sum::<usize>(), expected);
        assert!(!scored.contains(&0), "a window is not read for nothing");
    }
}

#[test]
fn years_have_their_own_windows() {
    let shape = Shape2d::new(40, 40);
    let (split, areas) = (split(shape, 10, 0, 4), AreaGrid::from(shape));
    let (labels, cubes) = (labels(&areas), [cube_of(shape)]);
    let mut some = vec![UNLABELLED; shape.len()];
    let one = split.codes().iter().position(|code| *code == Part::Validation.code()).unwrap();
    some[one] = 1;
    let of = |labels: Vec<&[u8]>| {
        let source =
            ValidationPatches::new(ground(&cubes, labels, &split), &grid(shape, 10, 2, (0, 0)), false);
        source.windows.iter().map(|(year, _)| *year).collect::<Vec<_>>()
    };
    let both = of(vec![&labels, &some]);
    let nothing = vec![UNLABELLED; shape.len()];
    assert!(of(vec![&nothing]).is_empty());
    assert_eq!(both.iter().filter(|year| **year == 1).count(), 1);
    assert_eq!(both.iter().filter(|year| **year == 0).count(), of(vec![&labels]).len());
}

#[test]
fn validation_takes_no_longer_than_training() {
    let shape = Shape2d::new(40, 40);
    let (split, labels, cubes) = (split(shape, 10, 0, 4), labels(&AreaGrid::from(shape)), [cube_of(shape)]);
    let source =
        || ValidationPatches::new(ground(&cubes, vec![&labels], &split), &grid(shape, 10, 5, (0, 0)), false);
    let pixels = source().pixels();
    assert_eq!(pixels % 400, 0);
    let every = |trained: usize| source().beside(trained, 9).every();
    assert_eq!(every(pixels), 1);
    assert_eq!(every(pixels.div_ceil(2)), 2);
    assert_eq!(every(pixels - 1), 2);
    assert_eq!(every(1), 9, "once at least");
    let seldom = source().beside(pixels.div_ceil(2), 9);
    assert_eq!((1..=6).filter(|epoch| seldom.is_watched(*epoch)).collect::<Vec<_>>(), [2, 4, 6]);
}
