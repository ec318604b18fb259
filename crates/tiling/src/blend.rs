//! How much each of several overlapping windows says about a pixel.

use crate::{Error, Result};
use std::f64::consts::FRAC_PI_4;
use std::fmt;
use std::str::FromStr;

/// How the predictions of neighbouring windows are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Blend {
    /// Each pixel comes from its own window; the halo is read and thrown away.
    Crop,
    /// Across the overlap of two windows the weight passes from one to the other as a squared cosine, so that no
    /// seam shows.
    #[default]
    Cosine,
}

impl fmt::Display for Blend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Crop => "crop",
            Self::Cosine => "cosine",
        })
    }
}

impl FromStr for Blend {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "crop" => Ok(Self::Crop),
            "cosine" => Ok(Self::Cosine),
            other => Err(Error::Blend { found: other.to_owned() }),
        }
    }
}

/// The cosine taper: from 0 at the outer edge of what a window reads to 1 at `2 halo` inside, `sin^2(pi d / 4 halo)`
/// (half a Hann window).
///
/// `depth` is the distance to that edge in pixels. Two neighbours overlap by twice the halo, where their tapers add up
/// to 1.
///
/// ```
/// use ecotone_tiling::taper;
///
/// assert!((taper(8.0, 8) - 0.5).abs() < 1e-15); // on the border of the two windows
/// assert_eq!(taper(40.0, 8), 1.0);
/// assert!((taper(3.5, 8) + taper(16.0 - 3.5, 8) - 1.0).abs() < 1e-15);
/// ```
pub fn taper(depth: f64, halo: usize) -> f64 {
    let ramp = 2.0 * halo as f64;
    if depth >= ramp { 1.0 } else { (FRAC_PI_4 * depth.max(0.0) / halo as f64).sin().powi(2) }
}

/// Weights along one axis of a window for each pixel that it reads, from the first pixel of its halo to the last.
///
/// Every window of the lattice has the same ones, at a map's edge too: what a pixel gets depends on its place on the lattice
/// alone. The weights of all windows at a pixel add up to 1. Two axes multiply, so this holds in the plane too.
pub(crate) fn weights(blend: Blend, window: usize, halo: usize) -> Vec<f32> {
    let side = window + 2 * halo;
    let raw = |offset: usize| match blend {
        Blend::Crop => f64::from(u8::from((halo..halo + window).contains(&offset))),
        Blend::Cosine => taper(offset as f64 + 0.5, halo) * taper((side - offset) as f64 - 0.5, halo),
    };
    // The windows at a pixel see it at offsets that are whole windows apart.
    let total = |offset: usize| (offset % window..side).step_by(window).map(raw).sum::<f64>();
    (0..side).map(|offset| (raw(offset) / total(offset)) as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn weights_are_a_partition_of_unity(window in 1usize..40, halo in 0usize..50) {
            for blend in [Blend::Crop, Blend::Cosine] {
                let weights = weights(blend, window, halo);
                prop_assert_eq!(weights.len(), window + 2 * halo);
                prop_assert!(weights.iter().all(|weight| (0.0..=1.0).contains(weight)));
                let sum = |pixel: usize| weights.iter().skip(pixel).step_by(window).map(|w| f64::from(*w)).sum::<f64>();
                prop_assert!((0..window).all(|pixel| (sum(pixel) - 1.0).abs() < 1e-6), "{blend}: {weights:?}");
            }
        }

        #[test]
        fn tapers_of_two_neighbours_add_up_to_one(halo in 1usize..60, depth in 0.0..1.0f64) {
            let depth = depth * 2.0 * halo as f64;
            prop_assert!((taper(depth, halo) + taper(2.0 * halo as f64 - depth, halo) - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn the_weight_falls_monotonically_towards_the_edge() {
        let weights = weights(Blend::Cosine, 30, 8);
        assert!(weights[..16].windows(2).all(|pair| pair[0] < pair[1]));
        assert!(weights[16..30].iter().all(|weight| (*weight - 1.0).abs() < 1e-7));
    }

    #[test]
    fn words_for_a_blend() {
        for blend in [Blend::Crop, Blend::Cosine] {
            assert_eq!(blend.to_string().parse::<Blend>(), Ok(blend));
        }
        let message = "feather".parse::<Blend>().unwrap_err().to_string();
        assert_eq!(message, "no way to blend is called `feather`; expected `crop` or `cosine`");
    }
}
