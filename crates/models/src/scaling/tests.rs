//! What is fitted to scores whose shares of the classes are known, and what to few or none.

use super::*;
use proptest::prelude::*;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const NATURAL: [f64; 3] = [0.8, 0.15, 0.05];
const DRAWN: [f64; 3] = [0.3, 0.3, 0.4];
/// Where the classes lie; each is a normal cloud of deviation 1 around its place.
const PLACES: [[f64; 2]; 3] = [[0.0, 0.0], [1.5, 0.5], [0.5, 2.0]];

fn shares(natural: &[f64], drawn: &[f64]) -> ClassShares {
    ClassShares::new(natural.to_vec(), drawn.to_vec()).unwrap()
}

fn normal(random: &mut impl Rng) -> f64 {
    (0..12).map(|_| random.random_range(0.0..1.0)).sum::<f64>() - 6.0
}

/// Pixels of the ground and what the best network of a training under `trained` says of them, told `sharper` times.
fn pixels(seed: u64, count: usize, trained: [f64; 3], sharper: f64) -> LabelledScores {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut found = LabelledScores::new(3);
    for _ in 0..count {
        let mut rest = random.random_range(0.0..1.0);
        let class = NATURAL.iter().position(|share| {
            rest -= share;
            rest < 0.0
        });
        let class = class.unwrap_or(0);
        let at: [f64; 2] = std::array::from_fn(|axis| PLACES[class][axis] + normal(&mut random));
        let score = |k: usize| {
            let squared: f64 = (0..2).map(|axis| (at[axis] - PLACES[k][axis]).powi(2)).sum();
            (sharper * (trained[k].ln() - squared / 2.0)) as f32
        };
        found.add(&[score(0), score(1), score(2)], &[class as u8]).unwrap();
    }
    found
}

/// For each class the sum of its probabilities, that of their variances, and its pixels.
fn sums(scores: &LabelledScores, temperature: f64, bias: &[f64]) -> Vec<[f64; 3]> {
    let mut sums = vec![[0.0; 3]; scores.classes()];
    for (row, target) in scores.pixels() {
        let logits: Vec<f64> =
            row.iter().zip(bias).map(|(score, bias)| f64::from(*score) / temperature + bias).collect();
        let highest = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let all: f64 = logits.iter().map(|logit| (logit - highest).exp()).sum();
        for (sum, logit) in sums.iter_mut().zip(&logits) {
            let share = (logit - highest).exp() / all;
            sum[0] += share;
            sum[1] += share * (1.0 - share);
        }
        sums[target][2] += 1.0;
    }
    sums
}

#[test]
fn a_shifted_prior_is_taken_back() {
    for sharper in [1.0, 3.0] {
        let scaling = Scaling::fit(&pixels(1, 20_000, DRAWN, sharper), &shares(&NATURAL, &DRAWN)).unwrap();
        let temperature = scaling.temperature().get();
        assert!((temperature / sharper - 1.0).abs() < 0.05, "{sharper}: {temperature}");
        let expected = shares(&NATURAL, &DRAWN).bias();
        for class in 1..3 {
            let apart = |bias: &[f64]| bias[class] - bias[0];
            assert!((apart(scaling.bias()) - apart(&expected)).abs() < 0.15, "{:?}", scaling.bias());
        }
        // On ground that nothing was fitted to.
        let others = pixels(2, 20_000, DRAWN, sharper);
        let after = sums(&others, temperature, scaling.bias());
        let before = sums(&others, temperature, &[0.0; 3]);
        for ([sum, variance, pixels], [drawn, ..]) in after.into_iter().zip(before) {
            assert!((sum - pixels).abs() < 4.0 * variance.sqrt(), "{sum} {pixels}");
            assert!(
                (drawn - pixels).abs() > 10.0 * variance.sqrt(),
                "nothing to take back: {drawn} {pixels}"
            );
        }
        // The bias of the shares alone does it, too, for a network that is as sure as it should be.
        if sharper == 1.0 {
            for [sum, variance, pixels] in sums(&others, 1.0, &expected) {
                assert!((sum - pixels).abs() < 4.0 * variance.sqrt(), "{sum} {pixels}");
            }
        }
    }
}

/// Issue 16: the drawn prior's map adds no bias, so that a temperature fitted beside one is not its own.
#[test]
fn at_a_temperature_that_is_given_the_biases_are_the_likeliest() {
    let (scores, shares) = (pixels(6, 3_000, [0.1, 0.1, 0.8], 3.0), shares(&NATURAL, &[0.1, 0.1, 0.8]));
    let free = Scaling::fit(&scores, &shares).unwrap();
    let same = Scaling::at(free.temperature(), &scores, &shares).unwrap();
    for (same, free) in same.bias().iter().zip(free.bias()) {
        assert!((same - free).abs() < 1e-6, "{same} {free}");
    }
    let other = Temperature::of_factor(0.2);
    let held = Scaling::at(other, &scores, &shares).unwrap();
    assert_eq!(held.temperature(), other);
    for [sum, _, pixels] in sums(&scores, other.get(), held.bias()) {
        assert!((sum / pixels - 1.0).abs() < 0.03, "{sum} {pixels}");
    }
}

#[test]
fn scores_that_tell_nothing_get_the_bias_of_the_shares() {
    let mut scores = LabelledScores::new(2);
    scores.add(&[0.0; 2000], &[[0; 9].as_slice(), &[1]].concat().repeat(100)).unwrap();
    let shares = shares(&[0.9, 0.1], &[0.5, 0.5]);
    let scaling = Scaling::fit(&scores, &shares).unwrap();
    assert!((scaling.bias()[1] - scaling.bias()[0] - (1f64 / 9.0).ln()).abs() < 1e-6);
}

#[test]
fn probabilities_sum_up_to_the_pixels_that_they_were_fitted_to() {
    // Labels that scores of two sharp networks hardly tell.
    let (scores, shares) = (pixels(3, 3_000, [0.1, 0.1, 0.8], 4.0), shares(&NATURAL, &[0.1, 0.1, 0.8]));
    let free = Scaling::fit_within(&scores, &shares, 1e6, None).unwrap();
    for [sum, _, pixels] in sums(&scores, free.temperature().get(), free.bias()) {
        assert!((sum - pixels).abs() < 1e-5, "{sum} {pixels}");
    }
    let held = Scaling::fit(&scores, &shares).unwrap();
    let held_sums = sums(&scores, held.temperature().get(), held.bias());
    // What the prior holds back is what it says: the distance to its middle, up to the shift of all.
    let rest = held_sums.iter().zip(held.bias()).zip(shares.bias());
    let rest: Vec<f64> =
        rest.map(|(([sum, _, pixels], bias), middle)| sum - pixels + bias - middle).collect();
    for [sum, _, pixels] in held_sums {
        assert!((sum / pixels - 1.0).abs() < 0.03, "{sum} {pixels}");
    }
    assert!(rest.iter().all(|rest_of| (rest_of - rest[0]).abs() < 1e-5), "{rest:?}");
}

#[test]
fn where_nothing_was_drawn_the_temperature_is_what_it_always_was() {
    let scores = pixels(4, 5_000, NATURAL, 2.5);
    let alone = Temperature::fit(&scores).unwrap();
    let scaling = Scaling::fit(&scores, &shares(&NATURAL, &NATURAL)).unwrap();
    assert_eq!((scaling.temperature(), scaling.bias()), (alone, &[0.0; 3][..]));
    // And nearly so where a bias is looked for in vain.
    let looked = Scaling::fit(&scores, &shares(&NATURAL, &[0.78, 0.16, 0.06])).unwrap();
    assert!((looked.temperature().get() / alone.get() - 1.0).abs() < 0.05);
    assert!(looked.bias().iter().all(|bias| bias.abs() < 0.3), "{:?}", looked.bias());
}

#[test]
fn classes_that_validation_or_training_lack_keep_the_bias_of_their_shares() {
    let all = pixels(5, 4_000, DRAWN, 1.0);
    let mut scores = LabelledScores::new(5);
    let add = |scores: &mut LabelledScores, row: &[f32], target: usize| {
        // The fourth class was learnt, but is nowhere in the validation; the fifth was never drawn.
        let row = [row, &[-1.0, -9.0]].concat();
        scores.add(&row, &[target as u8]).unwrap();
    };
    all.pixels().for_each(|(row, target)| add(&mut scores, row, target));
    let shares = shares(&[0.8, 0.15, 0.04, 0.01, 0.0], &[0.3, 0.3, 0.3, 0.1, 0.0]);
    let scaling = Scaling::fit(&scores, &shares).unwrap();
    let (bias, by_shares) = (scaling.bias(), shares.bias());
    assert_eq!((bias[3], bias[4]), (by_shares[3], 0.0));
    let mut counts = [0.0; 3];
    all.pixels().for_each(|(_, target)| counts[target] += 1.0);
    let shift: f64 = (0..3).map(|class| counts[class] / 4_000.0 * (bias[class] - by_shares[class])).sum();
    assert!(shift.abs() < 1e-9, "others stand to them as the shares say: {shift}");
    // Targets of the class that was never drawn change nothing.
    add(&mut scores, &[0.0; 3], 4);
    assert_eq!(Scaling::fit(&scores, &shares).unwrap(), scaling);
}

#[test]
fn few_pixels_of_a_class_move_it_little() {
    // Two classes told apart with certainty but for one pixel, of the third, that looks like the second.
    let mut scores = LabelledScores::new(3);
    for pixel in 0..400 {
        let row = if pixel % 2 == 0 { [9.0, 0.0, 0.0] } else { [0.0, 9.0, 0.0] };
        scores.add(&row, &[(pixel % 2) as u8]).unwrap();
    }
    scores.add(&[0.0, 9.0, 0.0], &[2]).unwrap();
    let shares = shares(&[0.45, 0.45, 0.1], &[0.3, 0.3, 0.4]);
    let by_shares = shares.bias();
    let moved = |spread: f64| {
        let found = Scaling::fit_within(&scores, &shares, spread, None).unwrap();
        (found.bias()[2] - found.bias()[0]) - (by_shares[2] - by_shares[0])
    };
    assert!(moved(SPREAD) > 0.0 && moved(SPREAD) < 1.5, "{}", moved(SPREAD));
    assert!(moved(1e3) > 10.0, "nothing that the prior had to hold: {}", moved(1e3));
    // One class alone tells of none.
    let mut one = LabelledScores::new(3);
    one.add(&[1.0, 0.0, 0.0], &[0]).unwrap();
    let found = Scaling::fit(&one, &shares).unwrap();
    assert_eq!((found.bias(), found.temperature()), (&by_shares[..], Temperature::fit(&one).unwrap()));
}

#[test]
fn what_does_not_fit_is_refused() {
    let scores = LabelledScores::new(3);
    assert!(matches!(
        Scaling::fit(&scores, &shares(&[1.0; 2], &[1.0, 2.0])),
        Err(Error::Length { found: 2, .. })
    ));
    let fit = Scaling::fit(&scores, &shares(&NATURAL, &DRAWN));
    assert!(matches!(fit, Err(Error::NoLabelledPixel { .. })));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_other_scaling_is_likelier(
        pixels in prop::collection::vec((prop::array::uniform3(-4f32..4.0), 0u8..3), 1..14),
        temperature in 0.02f64..50.0,
        other in prop::array::uniform3(-3f64..3.0),
    ) {
        let mut scores = LabelledScores::new(3);
        for (row, target) in &pixels {
            scores.add(row, &[*target]).unwrap();
        }
        let shares = shares(&NATURAL, &DRAWN);
        let found = Scaling::fit(&scores, &shares).unwrap();
        prop_assert_eq!(&found, &Scaling::fit(&scores, &shares).unwrap());
        prop_assert!(found.bias().iter().all(|bias| bias.is_finite()));
        let present: Vec<usize> = (0..3).filter(|k| pixels.iter().any(|(_, t)| usize::from(*t) == *k)).collect();
        prop_assume!(present.len() > 1);
        let middle: Vec<f64> = present.iter().map(|k| shares.bias()[*k]).collect();
        let loss = Loss { scores: &scores, classes: &present, center: &middle, weight: 1.0 };
        let of = |temperature: f64, bias: &[f64]| {
            // The likelihood does not know of a shift of all; the prior likes the one without any.
            let bias: Vec<f64> = present.iter().map(|k| bias[*k]).collect();
            let moved = bias.iter().zip(&middle).map(|(b, m)| b - m).sum::<f64>() / bias.len() as f64;
            let place = std::iter::once(1.0 / temperature).chain(bias.iter().map(|b| b - moved));
            loss.slope(&place.collect::<Vec<_>>()).value
        };
        let (here, there) = (of(found.temperature().get(), found.bias()), of(temperature, &other));
        prop_assert!(here <= there + 1e-9, "{} {}", here, there);
    }
}
