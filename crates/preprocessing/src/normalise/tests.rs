//! Laws of normalisation.

use super::*;
use proptest::prelude::*;

const CHANNELS: usize = 3;
const PIXELS: usize = 5;

fn cubes() -> impl Strategy<Value = Vec<(Vec<f32>, Vec<bool>)>> {
    let cube = (1usize..6).prop_flat_map(|steps| {
        (
            proptest::collection::vec(-50.0..50.0f32, steps * CHANNELS * PIXELS),
            proptest::collection::vec(any::<bool>(), steps * PIXELS),
        )
    });
    proptest::collection::vec(cube, 1..5)
}

/// Usable values of a channel.
fn usable(cubes: &[(Vec<f32>, Vec<bool>)], channel: usize) -> Vec<f64> {
    let mut seen = Vec::new();
    for (values, usable) in cubes {
        for (i, _) in usable.iter().enumerate().filter(|(_, usable)| **usable) {
            let (step, pixel) = (i / PIXELS, i % PIXELS);
            seen.push(f64::from(values[(step * CHANNELS + channel) * PIXELS + pixel]));
        }
    }
    seen
}

fn moments(values: &[f64]) -> (f64, f64) {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    (mean, (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / values.len() as f64).sqrt())
}

proptest! {
    #[test]
    fn normalised_values_have_mean_0_and_deviation_1(mut cubes in cubes()) {
        let mut learner = NormalisationLearner::new(CHANNELS);
        for (values, usable) in &cubes {
            learner.add(values, usable, PIXELS).unwrap();
        }
        let count = usable(&cubes, 0).len();
        let Ok(normalisation) = learner.finish() else {
            prop_assert_eq!(count, 0);
            return Ok(());
        };
        for channel in 0..CHANNELS {
            let (mean, std) = moments(&usable(&cubes, channel));
            prop_assert!((f64::from(normalisation.mean()[channel]) - mean).abs() < 1e-4);
            prop_assert!((f64::from(normalisation.std()[channel]) - std.max(1e-4)).abs() < 1e-4);
        }
        for (values, usable) in &mut cubes {
            normalisation.apply(values, usable, PIXELS).unwrap();
            for (i, _) in usable.iter().enumerate().filter(|(_, usable)| !**usable) {
                for channel in 0..CHANNELS {
                    prop_assert_eq!(values[(i / PIXELS * CHANNELS + channel) * PIXELS + i % PIXELS], 0.0);
                }
            }
        }
        if count > 1 {
            for channel in 0..CHANNELS {
                let (mean, std) = moments(&usable(&cubes, channel));
                prop_assert!(mean.abs() < 1e-3 && (std - 1.0).abs() < 1e-3, "{mean} {std}");
            }
        }
    }

    #[test]
    fn learning_apart_and_merging_is_the_same(cubes in cubes()) {
        let learn = |cubes: &[(Vec<f32>, Vec<bool>)]| {
            let mut learner = NormalisationLearner::new(CHANNELS);
            cubes.iter().for_each(|(values, usable)| learner.add(values, usable, PIXELS).unwrap());
            learner
        };
        let (left, right) = cubes.split_at(cubes.len() / 2);
        let mut merged = learn(left);
        merged.merge(&learn(right)).unwrap();
        for (a, b) in merged.channels.iter().zip(&learn(&cubes).channels) {
            prop_assert_eq!(a.count, b.count);
            prop_assert!((a.mean - b.mean).abs() < 1e-9 && (a.squares - b.squares).abs() < 1e-6);
        }
    }
}

#[test]
fn invalid_pixels_may_hold_anything_but_valid_ones_must_be_finite() {
    let mut learner = NormalisationLearner::new(1);
    learner.add(&[1.0, f32::NAN, 3.0], &[true, false, true], 3).unwrap();
    assert_eq!(learner.finish().unwrap().mean(), [2.0]);
    for bad in [f32::NAN, f32::INFINITY] {
        assert!(matches!(learner.add(&[bad], &[true], 1), Err(Error::NotFinite { channel: 0 })));
        assert!(learner.finish().unwrap().apply(&mut [bad], &[true], 1).is_err());
    }
    assert_eq!(learner.finish().unwrap().mean(), [2.0]);
    let mut values = [f32::NAN, 2.0];
    learner.finish().unwrap().apply(&mut values, &[false, true], 1).unwrap();
    assert_eq!(values, [0.0, 0.0]);
}

#[test]
fn a_constant_channel_is_not_divided_by_zero() {
    let mut learner = NormalisationLearner::new(1);
    learner.add(&[7.0; 4], &[true; 4], 4).unwrap();
    assert_eq!(learner.finish().unwrap().std(), [1e-4]);
    assert!(matches!(NormalisationLearner::new(2).finish(), Err(Error::NothingToLearn)));
}

#[test]
fn sizes_must_go_together() {
    let mut learner = NormalisationLearner::new(2);
    assert!(learner.add(&[0.0; 7], &[true; 4], 2).is_err());
    assert!(learner.add(&[0.0; 8], &[true; 4], 3).is_err());
    assert!(learner.merge(&NormalisationLearner::new(3)).is_err());
    assert!(Normalisation::new(vec![0.0], vec![0.0]).is_err());
    assert!(Normalisation::new(vec![f32::NAN], vec![1.0]).is_err());
    assert!(Normalisation::new(vec![0.0, 0.0], vec![1.0]).is_err());
}
