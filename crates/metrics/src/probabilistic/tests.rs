//! Laws of scores of class probabilities.

use super::*;
use crate::{Binning, IGNORE};
use proptest::prelude::*;

const CLASSES: usize = 3;

/// Probabilities of three classes and a reference, pixel by pixel.
fn pixels() -> impl Strategy<Value = Vec<([f64; CLASSES], u8)>> {
    let vector = (0.0f64..1.0, 0.0f64..1.0).prop_map(|(a, b)| [a.min(b), (a - b).abs(), 1.0 - a.max(b)]);
    proptest::collection::vec((vector, prop_oneof![6 => 0u8..3, 1 => Just(IGNORE)]), 0..50)
}

fn block(pixels: &[([f64; CLASSES], u8)]) -> (Vec<f64>, Vec<u8>) {
    let data = (0..CLASSES).flat_map(|class| pixels.iter().map(move |pixel| pixel.0[class])).collect();
    (data, pixels.iter().map(|pixel| pixel.1).collect())
}

fn count(pixels: &[([f64; CLASSES], u8)]) -> ProbabilityScores {
    let (data, reference) = block(pixels);
    let mut scores = ProbabilityScores::new(CLASSES, Levels::Fine);
    scores.add(&data, &reference).unwrap();
    scores
}

proptest! {
    #[test]
    fn blocks_merge_to_the_whole_in_any_order(pixels in pixels(), cut in 0usize..50) {
        let whole = count(&pixels);
        let (left, right) = pixels.split_at(cut.min(pixels.len()));
        let mut merged = count(right);
        merged.merge(&count(left)).unwrap();
        prop_assert_eq!(&merged, &whole);
        let turned: Vec<_> = pixels.iter().rev().copied().collect();
        prop_assert_eq!(count(&turned), whole);
    }

    #[test]
    fn measures_are_what_their_definitions_say(pixels in pixels()) {
        let scores = count(&pixels);
        let used: Vec<_> = pixels.iter().filter(|pixel| pixel.1 != IGNORE).collect();
        prop_assert_eq!(scores.samples(), used.len() as u64);
        if used.is_empty() {
            prop_assert_eq!((scores.brier(), scores.log_loss(), scores.macro_auc()), (None, None, None));
            return Ok(());
        }
        let mean = |term: &dyn Fn(&[f64; CLASSES], usize) -> f64| {
            used.iter().map(|(vector, truth)| term(vector, usize::from(*truth))).sum::<f64>() / used.len() as f64
        };
        let log_loss = mean(&|vector, truth| -vector[truth].max(f64::EPSILON).ln());
        prop_assert!((scores.log_loss().unwrap() - log_loss).abs() < 1e-12);
        let square = |class: usize, vector: &[f64; CLASSES], truth| (vector[class] - f64::from(u8::from(class == truth))).powi(2);
        let brier = mean(&|vector, truth| (0..CLASSES).map(|class| square(class, vector, truth)).sum());
        prop_assert!((scores.brier().unwrap() - brier).abs() < 1e-12);
        let confidence = scores.confidence().curve(Binning::EqualWidth(1)).unwrap();
        let best = mean(&|vector, _| vector.iter().copied().fold(0.0, f64::max));
        prop_assert!((confidence[0].mean_probability - best).abs() < 1e-12);
    }
}

#[test]
fn bad_blocks_count_nothing() {
    let mut scores = ProbabilityScores::new(2, Levels::Percents);
    let before = scores.clone();
    assert!(scores.add(&[0.5, f64::NAN, 0.5, 0.5], &[0, 0]).is_err());
    assert!(scores.add(&[0.5, 0.4, 0.5, 0.5], &[0, 0]).is_err());
    assert!(scores.add(&[0.5, 0.5], &[2]).is_err());
    assert!(scores.add(&[0.5, 0.5], &[0, 1]).is_err());
    assert!(scores.merge(&ProbabilityScores::new(3, Levels::Percents)).is_err());
    assert!(scores.merge(&ProbabilityScores::new(2, Levels::Fine)).is_err());
    assert_eq!(scores, before);
}

#[test]
fn a_percent_of_nothing_is_taken_for_half_a_percent() {
    let mut scores = ProbabilityScores::new(2, Levels::Percents);
    scores.add(&[0u8, 100], &[0]).unwrap();
    assert!((scores.log_loss().unwrap() - 200f64.ln()).abs() < 1e-12);
    let mut scores = ProbabilityScores::new(2, Levels::Fine);
    scores.add(&[0f32, 1.0], &[0]).unwrap();
    assert!((scores.log_loss().unwrap() + f64::from(f32::EPSILON).ln()).abs() < 1e-12);
}
