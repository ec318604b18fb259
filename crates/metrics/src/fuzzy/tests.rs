//! Laws of agreement within a tolerance.

use super::*;
use crate::ConfusionMatrix;
use ecotone_core::{Shape2d, Window};
use proptest::prelude::*;

const SHAPE: Shape2d = Shape2d::new(9, 11);

fn maps() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(prop_oneof![8 => 0u8..3, 1 => Just(IGNORE)], SHAPE.len())
}

/// A window of a map with its halo, IGNORE beyond the map.
fn cut(map: &[u8], window: Window, halo: usize) -> (Vec<u8>, Haloed) {
    let whole = window.pad(halo);
    let at = |row: i64, col: i64| {
        let inside = (0..SHAPE.rows as i64).contains(&row) && (0..SHAPE.cols as i64).contains(&col);
        if inside { map[row as usize * SHAPE.cols + col as usize] } else { IGNORE }
    };
    let pixels = (whole.row..whole.row_end())
        .flat_map(|row| (whole.col..whole.col_end()).map(move |col| at(row, col)));
    (pixels.collect(), Haloed::around(window.shape(), halo))
}

fn count(first: &[u8], second: &[u8], tolerance: usize, windows: &[Window]) -> FuzzyAgreement {
    let mut fuzzy = FuzzyAgreement::new(3, tolerance);
    for window in windows {
        let ((first, frame), (second, _)) = (cut(first, *window, tolerance), cut(second, *window, tolerance));
        fuzzy.add(&first, &second, frame).unwrap();
    }
    fuzzy
}

fn whole() -> [Window; 1] {
    [Window::whole(SHAPE)]
}

proptest! {
    #[test]
    fn a_tolerance_of_zero_is_plain(first in maps(), second in maps()) {
        let fuzzy = count(&first, &second, 0, &whole());
        let mut plain = ConfusionMatrix::new(3);
        plain.add_many(&first, &second).unwrap();
        prop_assert_eq!(fuzzy.overall(), plain.overall_accuracy());
        for class in 0..3 {
            prop_assert_eq!(fuzzy.class(class), plain.f1(class));
            prop_assert_eq!(fuzzy.share_of_first(class), plain.users_accuracy(class));
            prop_assert_eq!(fuzzy.share_of_second(class), plain.producers_accuracy(class));
        }
    }

    #[test]
    fn blocks_give_the_whole(first in maps(), second in maps(), tolerance in 0usize..4, row in 1usize..8, col in 1usize..10) {
        let expected = count(&first, &second, tolerance, &whole());
        let (below, right) = (SHAPE.rows - row, SHAPE.cols - col);
        let blocks = [
            Window::new(row as i64, col as i64, below, right),
            Window::new(0, 0, row, col),
            Window::new(row as i64, 0, below, col),
            Window::new(0, col as i64, row, right),
        ];
        prop_assert_eq!(&count(&first, &second, tolerance, &blocks), &expected);
        let mut merged = count(&first, &second, tolerance, &blocks[..1]);
        merged.merge(&count(&first, &second, tolerance, &blocks[1..])).unwrap();
        prop_assert_eq!(&merged, &expected);
    }

    #[test]
    fn agreement_is_symmetric_and_grows_with_the_tolerance(first in maps(), second in maps(), tolerance in 0usize..3) {
        let one = count(&first, &second, tolerance, &whole());
        let other = count(&second, &first, tolerance, &whole());
        prop_assert_eq!(one.overall(), other.overall());
        prop_assert_eq!(one.class(1), other.class(1));
        prop_assert!(count(&first, &second, tolerance + 1, &whole()).overall() >= one.overall());
    }

    #[test]
    fn a_class_is_near_when_it_lies_within_the_circle(first in maps(), second in maps(), tolerance in 0usize..4) {
        let near = |map: &[u8], place: usize, class: u8| map.iter().enumerate().any(|(other, found)| {
            let rows = (other / SHAPE.cols).abs_diff(place / SHAPE.cols);
            let cols = (other % SHAPE.cols).abs_diff(place % SHAPE.cols);
            *found == class && rows * rows + cols * cols <= tolerance * tolerance
        });
        let agrees = |place: &usize| near(&second, *place, first[*place]) && near(&first, *place, second[*place]);
        let valid = (0..SHAPE.len()).filter(|place| first[*place] != IGNORE && second[*place] != IGNORE);
        let fuzzy = count(&first, &second, tolerance, &whole());
        prop_assert_eq!(fuzzy.agreeing, valid.filter(agrees).count() as u64);
    }
}

#[test]
fn bad_arrays_say_what_is_wrong_and_count_nothing() {
    let mut fuzzy = FuzzyAgreement::new(2, 1);
    let frame = Haloed::around(Shape2d::new(1, 1), 1);
    assert!(fuzzy.add(&[0; 8], &[0; 9], frame).is_err());
    assert!(fuzzy.add(&[0; 9], &[2; 9], frame).is_err());
    let bare = Haloed::around(Shape2d::new(3, 3), 0);
    assert!(matches!(fuzzy.add(&[0; 9], &[0; 9], bare), Err(Error::Halo { halo: 1, .. })));
    assert!(fuzzy.merge(&FuzzyAgreement::new(2, 2)).is_err());
    assert!(fuzzy.merge(&FuzzyAgreement::new(3, 1)).is_err());
    assert_eq!(fuzzy, FuzzyAgreement::new(2, 1));
    assert_eq!((fuzzy.overall(), fuzzy.class(0), fuzzy.class(7)), (None, None, None));
}
