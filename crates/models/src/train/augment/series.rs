//! Changes of the dates and values of a patch: shifted in time, some dates hidden, channels off by a little.
//!
//! A date that is hidden or shifted in from outside is as one that was never observed: `valid` is false and all
//! its values are 0. This holds in a filled series, too, where a date that was not observed may hold values
//! between its neighbours': the network then meets a gap that the filling would have closed.

use rand::{Rng, RngExt};

use super::Patch;

/// Shifts the series by whole steps, evenly from `-most..=most`; the target stays. A shift that would leave no
/// observed date is none.
pub(super) fn shift(patch: Patch, most: usize, random: &mut impl Rng) -> Patch {
    // More than all steps is out of sight in any case.
    let most = most.min(patch.steps);
    if most == 0 {
        return patch;
    }
    // The shift and `most`: never below 0.
    let drawn = random.random_range(0..=2 * most);
    let from = |step: usize| (step + most).checked_sub(drawn).filter(|&from| from < patch.steps);
    let [values, valid] = plane_lengths(&patch);
    if !(0..patch.steps).filter_map(from).any(|date| patch.valid[date * valid..][..valid].contains(&true)) {
        return patch;
    }
    Patch {
        values: moved(&patch.values, patch.steps, values, from),
        valid: moved(&patch.valid, patch.steps, valid, from),
        ..patch
    }
}

/// Hides each observed date (one with a valid pixel) with probability `share`; where that would be all of them,
/// one stays, each as likely as any other.
pub(super) fn hide(mut patch: Patch, share: f64, random: &mut impl Rng) -> Patch {
    let [values, valid] = plane_lengths(&patch);
    let observed: Vec<usize> =
        (0..patch.steps).filter(|date| patch.valid[date * valid..][..valid].contains(&true)).collect();
    if share == 0.0 || observed.is_empty() {
        return patch;
    }
    let mut hidden: Vec<bool> = observed.iter().map(|_| random.random_bool(share)).collect();
    if hidden.iter().all(|&hidden| hidden) {
        hidden[random.random_range(0..observed.len())] = false;
    }
    for (date, _) in observed.into_iter().zip(hidden).filter(|(_, hidden)| *hidden) {
        patch.values[date * values..][..values].fill(0.0);
        patch.valid[date * valid..][..valid].fill(false);
    }
    patch
}

/// Gives each channel a gain and an offset of its own, the same for all dates and pixels, as
/// `value (1 + gain) + offset`: both normal, around 0, with this standard `deviation` (in normalised units).
/// Values that are not observed stay.
pub(super) fn disturb(mut patch: Patch, deviation: f64, random: &mut impl Rng) -> Patch {
    if deviation == 0.0 {
        return patch;
    }
    let changes: Vec<[f32; 2]> =
        (0..patch.channels).map(|_| normal_pair(random).map(|normal| (normal * deviation) as f32)).collect();
    let pixels = patch.rows * patch.cols;
    for (place, plane) in patch.values.chunks_mut(pixels).enumerate() {
        let (date, [gain, offset]) = (place / patch.channels, changes[place % patch.channels]);
        for (value, valid) in plane.iter_mut().zip(&patch.valid[date * pixels..]) {
            if *valid {
                *value = *value * (1.0 + gain) + offset;
            }
        }
    }
    patch
}

/// How many values and how many valid flags a date has.
fn plane_lengths(patch: &Patch) -> [usize; 2] {
    let pixels = patch.rows * patch.cols;
    [patch.channels * pixels, pixels]
}

/// Dates of `length` items taken from elsewhere in `items`; the default where there is nowhere.
fn moved<T: Copy + Default>(
    items: &[T],
    steps: usize,
    length: usize,
    from: impl Fn(usize) -> Option<usize>,
) -> Vec<T> {
    let mut moved = vec![T::default(); items.len()];
    for step in 0..steps {
        if let Some(date) = from(step) {
            moved[step * length..][..length].copy_from_slice(&items[date * length..][..length]);
        }
    }
    moved
}

/// Two independent standard normal numbers (Box & Muller 1958).
fn normal_pair(random: &mut impl Rng) -> [f64; 2] {
    // From (0, 1], so that the logarithm is finite.
    let radius = (-2.0 * (1.0 - random.random::<f64>()).ln()).sqrt();
    let (sine, cosine) = (std::f64::consts::TAU * random.random::<f64>()).sin_cos();
    [radius * cosine, radius * sine]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use crate::Augment;

    /// A patch of 2 channels and 2 x 2 pixels; `filled` leaves values where nothing is valid.
    fn patch(valid: Vec<bool>, filled: bool) -> Patch {
        let steps = valid.len() / 4;
        let value = |place: usize| {
            let seen = valid[place / 8 * 4 + place % 4];
            if seen || filled { place as f32 / 10.0 + 1.0 } else { 0.0 }
        };
        let values = (0..steps * 8).map(value).collect();
        Patch { steps, channels: 2, rows: 2, cols: 2, values, valid, target: vec![0, 1, 255, 0] }
    }

    fn dates(patch: &Patch) -> Vec<bool> {
        patch.valid.chunks(4).map(|date| date.contains(&true)).collect()
    }

    fn random(seed: u64) -> ChaCha8Rng {
        ChaCha8Rng::seed_from_u64(seed)
    }

    #[test]
    fn a_shift_reaches_every_step_and_fills_with_unseen() {
        let whole = patch(vec![true; 12], false);
        let mut counts = [0; 3];
        for seed in 0..300 {
            let seen = shift(whole.clone(), 1, &mut random(seed));
            let expected = [
                (whole.values[8..].to_vec(), vec![true, true, false]),
                (whole.values.clone(), vec![true; 3]),
                (whole.values[..16].to_vec(), vec![false, true, true]),
            ];
            let found = expected.iter().position(|(_, valid)| *valid == dates(&seen)).unwrap();
            let kept: Vec<f32> = seen
                .values
                .chunks(8)
                .zip(dates(&seen))
                .filter(|(_, v)| *v)
                .flat_map(|(d, _)| d.to_vec())
                .collect();
            assert_eq!(kept, expected[found].0);
            let gone = seen.values.chunks(8).zip(dates(&seen)).filter(|(_, valid)| !valid);
            assert!(gone.into_iter().all(|(date, _)| date == [0.0; 8]));
            counts[found] += 1;
        }
        assert!(counts.iter().all(|count| (70..130).contains(count)), "{counts:?}");
        let last = patch([[false; 4], [true; 4]].concat(), false);
        for seed in 0..40 {
            let seen = shift(last.clone(), usize::MAX, &mut random(seed));
            let back = dates(&seen) == [true, false];
            assert!(back || seen == last, "a shift out of sight is none");
        }
    }

    #[test]
    fn as_many_dates_are_hidden_as_asked_for() {
        let whole = patch(vec![true; 80], false);
        let hidden: usize = (0..200)
            .map(|seed| {
                dates(&hide(whole.clone(), 0.3, &mut random(seed))).iter().filter(|seen| !**seen).count()
            })
            .sum();
        assert!((1100..1300).contains(&hidden), "{hidden} of 4000");
        let mut seen = hide(patch(vec![true; 8], false), 0.999_999, &mut random(1));
        assert_eq!(dates(&seen).iter().filter(|seen| **seen).count(), 1);
        seen.valid.fill(false);
        assert_eq!(hide(seen.clone(), 0.5, &mut random(1)), seen, "nothing observed, nothing hidden");
    }

    #[test]
    fn noise_is_of_the_channel_and_has_its_deviation() {
        let whole = patch(vec![true; 12], false);
        let mut changes = Vec::new();
        for seed in 0..1000 {
            let seen = disturb(whole.clone(), 0.1, &mut random(seed));
            for channel in 0..2 {
                let at = |place: usize| (whole.values[place], seen.values[place]);
                let ((x0, y0), (x1, y1)) = (at(channel * 4), at(channel * 4 + 3));
                let slope = (y1 - y0) / (x1 - x0);
                let offset = y0 - slope * x0;
                for date in 0..3 {
                    let (x, y) = at((date * 2 + channel) * 4 + 2);
                    assert!((x * slope + offset - y).abs() < 1e-3, "{x} {y}");
                }
                changes.extend([slope - 1.0, offset]);
            }
        }
        let mean = changes.iter().sum::<f32>() / 4000.0;
        let deviation = (changes.iter().map(|change| change * change).sum::<f32>() / 4000.0).sqrt();
        assert!(mean.abs() < 0.01 && (deviation - 0.1).abs() < 0.01, "{mean} {deviation}");
    }

    proptest! {
        #[test]
        fn a_view_keeps_the_laws(
            valid in proptest::collection::vec(any::<bool>(), 1..12),
            filled in any::<bool>(),
            temporal_shift in 0usize..4,
            date_dropout in prop_oneof![Just(0.0), 0.0..1.0],
            band_noise in prop_oneof![Just(0.0), 0.0..2.0],
            place in 0usize..1000,
        ) {
            let valid: Vec<bool> = valid.iter().flat_map(|&date| [date, false, date, date]).collect();
            let before = patch(valid, filled);
            let still = Augment { flips: false, rotations: false, ..Augment::default() };
            let augment = Augment { temporal_shift, date_dropout, band_noise, ..still };
            let after = augment.apply(before.clone(), 3, 7, place);
            prop_assert_eq!(&after, &augment.apply(before.clone(), 3, 7, place));
            prop_assert_eq!(still.apply(before.clone(), 3, 7, place), before.clone());
            prop_assert!(after.check().is_ok(), "shape and finite values");
            prop_assert_eq!(&after.target, &before.target);
            let count = |patch: &Patch| dates(patch).iter().filter(|seen| **seen).count();
            prop_assert!(count(&after) <= count(&before));
            prop_assert_eq!(count(&after) > 0, count(&before) > 0);
            if temporal_shift == 0 {
                prop_assert!(after.valid.iter().zip(&before.valid).all(|(now, then)| !now || *then));
            }
            if !filled {
                let seen = |place: usize| after.valid[place / 8 * 4 + place % 4];
                prop_assert!(after.values.iter().enumerate().all(|(place, v)| seen(place) || *v == 0.0));
            }
        }
    }
}
