//! Distances and relaxed scores against scipy, on values written by `vectors/make_edge_scores.py`.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use ecotone_core::{Resolution, Shape2d, Window};
use ecotone_metrics::{EdgeScores, Haloed, IGNORE, distance_transform};

const SCORES: &str = include_str!("vectors/edge_scores.csv");
const SHAPE: Shape2d = Shape2d::new(30, 40);

fn values(measure: &str) -> &'static str {
    SCORES.lines().find_map(|line| line.split_once(',').filter(|(name, _)| *name == measure)).unwrap().1
}

fn numbers(measure: &str) -> Vec<f64> {
    values(measure).split(' ').map(|number| number.parse().unwrap()).collect()
}

fn mask(measure: &str) -> Vec<u8> {
    values(measure).bytes().map(|digit| digit - b'0').collect()
}

fn resolution() -> Resolution {
    Resolution::new(20.0, 10.0).unwrap()
}

/// A window of a mask with its halo, left out beyond the edge.
fn cut(mask: &[u8], window: Window, halo: usize) -> Vec<u8> {
    let padded = window.pad(halo);
    let pixel = |row: i64, col: i64| match Window::whole(SHAPE).contains(Window::new(row, col, 1, 1)) {
        true => mask[row as usize * SHAPE.cols + col as usize],
        false => IGNORE,
    };
    (padded.row..padded.row_end())
        .flat_map(|row| (padded.col..padded.col_end()).map(move |col| pixel(row, col)))
        .collect()
}

#[test]
fn distances_agree_with_scipy() {
    let marked: Vec<bool> = mask("reference").iter().map(|pixel| *pixel == 1).collect();
    let found = distance_transform(&marked, SHAPE, resolution()).unwrap();
    let expected = numbers("distances");
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() < 1e-12, "{found} for {expected}");
    }
}

#[test]
fn scores_by_blocks_agree_with_scipy_on_the_whole() {
    let (map, reference) = (mask("map"), mask("reference"));
    for buffer in [0.0, 10.0, 20.0, 45.0] {
        let mut scores = EdgeScores::new(1, buffer, resolution()).unwrap();
        for window in [Window::new(0, 0, 17, 40), Window::new(17, 13, 13, 27), Window::new(17, 0, 13, 13)] {
            let halo = scores.halo();
            let frame = Haloed::around(window.shape(), halo);
            scores.add(&cut(&map, window, halo), &cut(&reference, window, halo), frame).unwrap();
        }
        let expected = numbers(&format!("buffer {buffer}"));
        assert!((scores.precision().unwrap() - expected[0]).abs() < 1e-12, "{scores:?} for {expected:?}");
        assert!((scores.recall().unwrap() - expected[1]).abs() < 1e-12, "{scores:?} for {expected:?}");
    }
}
