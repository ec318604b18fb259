//! Laws of scores of lines.

use super::*;
use crate::ConfusionMatrix;
use ecotone_core::{Shape2d, Window};
use proptest::prelude::*;

const SHAPE: Shape2d = Shape2d::new(8, 10);

fn layers() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(prop_oneof![8 => Just(0u8), 2 => Just(1u8), 1 => Just(IGNORE)], SHAPE.len())
}

/// A window of a layer with its halo, IGNORE beyond it.
fn cut(layer: &[u8], window: Window, halo: usize) -> Vec<u8> {
    let whole = window.pad(halo);
    let at = |row: i64, col: i64| {
        let inside = (0..SHAPE.rows as i64).contains(&row) && (0..SHAPE.cols as i64).contains(&col);
        if inside { layer[row as usize * SHAPE.cols + col as usize] } else { IGNORE }
    };
    (whole.row..whole.row_end())
        .flat_map(|row| (whole.col..whole.col_end()).map(move |col| at(row, col)))
        .collect()
}

fn count(map: &[u8], reference: &[u8], buffer: f64, windows: &[Window]) -> EdgeScores {
    let mut scores = EdgeScores::new(1, buffer, Resolution::new(10.0, 20.0).unwrap()).unwrap();
    let halo = scores.halo();
    for window in windows {
        let frame = Haloed::around(window.shape(), halo);
        scores.add(&cut(map, *window, halo), &cut(reference, *window, halo), frame).unwrap();
    }
    scores
}

proptest! {
    #[test]
    fn a_buffer_of_zero_is_plain(map in layers(), reference in layers()) {
        let scores = count(&map, &reference, 0.0, &[Window::whole(SHAPE)]);
        let mut plain = ConfusionMatrix::new(2);
        plain.add_many(&map, &reference).unwrap();
        prop_assert_eq!(scores.precision(), plain.users_accuracy(1));
        prop_assert_eq!(scores.recall(), plain.producers_accuracy(1));
        prop_assert_eq!((scores.iou(), scores.quality()), (plain.iou(1), plain.iou(1)));
        prop_assert_eq!(scores.f1().is_some(), plain.f1(1).is_some());
        prop_assert!((scores.f1().unwrap_or(0.0) - plain.f1(1).unwrap_or(0.0)).abs() < 1e-12);
    }

    #[test]
    fn blocks_give_the_whole(map in layers(), reference in layers(), buffer in 0.0f64..45.0, row in 1usize..7, col in 1usize..9) {
        let whole = count(&map, &reference, buffer, &[Window::whole(SHAPE)]);
        let (below, right) = (SHAPE.rows - row, SHAPE.cols - col);
        let blocks = [
            Window::new(0, col as i64, row, right),
            Window::new(row as i64, col as i64, below, right),
            Window::new(row as i64, 0, below, col),
            Window::new(0, 0, row, col),
        ];
        prop_assert_eq!(&count(&map, &reference, buffer, &blocks), &whole);
        let mut merged = count(&map, &reference, buffer, &blocks[2..]);
        merged.merge(&count(&map, &reference, buffer, &blocks[..2])).unwrap();
        prop_assert_eq!(merged, whole);
    }

    /// Masking changes no hit of a pixel that counts: the pixels of a mask and those beside it make the whole.
    #[test]
    fn a_mask_and_its_rest_give_the_whole(
        map in layers(), reference in layers(), buffer in 0.0f64..45.0,
        mask in proptest::collection::vec(any::<bool>(), SHAPE.len()),
    ) {
        let masked = |kept: bool| {
            let mut scores = EdgeScores::new(1, buffer, Resolution::new(10.0, 20.0).unwrap()).unwrap();
            let (halo, whole) = (scores.halo(), Window::whole(SHAPE));
            let frame = Haloed::around(SHAPE, halo);
            let mask: Vec<u8> = mask.iter().map(|counts| u8::from(*counts == kept)).collect();
            let mask = cut(&mask, whole, halo);
            let (map, reference) = (cut(&map, whole, halo), cut(&reference, whole, halo));
            scores.add_where(&map, &reference, |place| mask[place] == 1, frame).unwrap();
            scores
        };
        let mut both = masked(true);
        both.merge(&masked(false)).unwrap();
        prop_assert_eq!(both, count(&map, &reference, buffer, &[Window::whole(SHAPE)]));
    }

    #[test]
    fn sides_swap_and_scores_rise_with_the_buffer(map in layers(), reference in layers(), buffer in 0.0f64..40.0) {
        let window = [Window::whole(SHAPE)];
        let (one, other) = (count(&map, &reference, buffer, &window), count(&reference, &map, buffer, &window));
        prop_assert_eq!((one.precision(), one.f1(), one.iou()), (other.recall(), other.f1(), other.iou()));
        let wider = count(&map, &reference, buffer + 10.0, &window);
        prop_assert!(wider.precision() >= one.precision() && wider.quality() >= one.quality());
    }
}

#[test]
fn a_buffer_of_whole_pixels_reaches_them_whatever_the_rounding() {
    for side in [0.1, 0.3, 0.7, 10.0] {
        let mut scores = EdgeScores::new(1, 3.0 * side, Resolution::square(side).unwrap()).unwrap();
        assert_eq!(scores.halo(), 3);
        let frame = Haloed::around(Shape2d::new(1, 1), 3);
        let (mut map, mut reference) = (vec![0; 49], vec![0; 49]);
        (map[24], reference[21]) = (1, 1);
        scores.add(&map, &reference, frame).unwrap();
        assert_eq!(scores.precision(), Some(1.0), "pixels of {side} m");
    }
}

#[test]
fn bad_input_is_named() {
    let square = Resolution::square(10.0).unwrap();
    for buffer in [-1.0, f64::NAN, f64::INFINITY] {
        let message = EdgeScores::new(1, buffer, square).unwrap_err().to_string();
        assert_eq!(message, format!("the buffer is {buffer}, expected 0 or a positive number"));
    }
    assert!(EdgeScores::new(IGNORE, 1.0, square).is_err());
    assert!(EdgeScores::new(1, 1e300, square).is_err());
    let mut scores = EdgeScores::new(1, 25.0, square).unwrap();
    let before = scores.clone();
    assert!(matches!(
        scores.add(&[0; 9], &[0; 9], Haloed::around(Shape2d::new(1, 1), 1)),
        Err(Error::Halo { halo: 2, .. })
    ));
    assert!(scores.add(&[0; 9], &[0; 8], Haloed::around(Shape2d::new(3, 3), 0)).is_err());
    let message = scores.merge(&EdgeScores::new(1, 20.0, square).unwrap()).unwrap_err().to_string();
    assert_eq!(message, "cannot merge accumulators of unlike buffers: 25 and 20");
    assert_eq!(scores, before);
    assert_eq!((scores.precision(), scores.f1(), scores.quality(), scores.iou()), (None, None, None, None));
}
