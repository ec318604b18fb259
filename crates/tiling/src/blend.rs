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

/// Windows along one axis of a map.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Axis {
    pub(crate) extent: usize,
    pub(crate) window: usize,
    pub(crate) halo: usize,
}

impl Axis {
    /// Weights of window `index` for each pixel that it reads, 0 outside the map.
    ///
    /// The weights of all windows at a pixel add up to 1. Two axes multiply, so this holds in the plane too.
    pub(crate) fn weights(self, blend: Blend, index: usize) -> Vec<f32> {
        let first = (index * self.window) as i64 - self.halo as i64;
        (0..self.window + 2 * self.halo)
            .map(|offset| {
                let pixel = first + offset as i64;
                if pixel < 0 || pixel >= self.extent as i64 {
                    return 0.0;
                }
                (self.raw(blend, index, pixel as usize) / self.total(blend, pixel as usize)) as f32
            })
            .collect()
    }

    fn raw(self, blend: Blend, index: usize, pixel: usize) -> f64 {
        let side = self.window + 2 * self.halo;
        let Some(offset) = (pixel + self.halo).checked_sub(index * self.window).filter(|o| *o < side) else {
            return 0.0;
        };
        match blend {
            Blend::Crop => f64::from(u8::from(pixel / self.window == index)),
            Blend::Cosine => {
                taper(offset as f64 + 0.5, self.halo) * taper((side - offset) as f64 - 0.5, self.halo)
            }
        }
    }

    fn total(self, blend: Blend, pixel: usize) -> f64 {
        let first = pixel.saturating_sub(self.window + self.halo) / self.window;
        let last = ((pixel + self.halo) / self.window).min((self.extent - 1) / self.window);
        (first..=last).map(|index| self.raw(blend, index, pixel)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn weights_are_a_partition_of_unity(extent in 1usize..120, window in 1usize..40, halo in 0usize..50) {
            let axis = Axis { extent, window, halo };
            for blend in [Blend::Crop, Blend::Cosine] {
                let mut sums = vec![0.0; extent];
                for index in 0..extent.div_ceil(window) {
                    for (offset, weight) in axis.weights(blend, index).into_iter().enumerate() {
                        let pixel = (index * window + offset).wrapping_sub(halo);
                        prop_assert!((0.0..=1.0).contains(&weight));
                        match sums.get_mut(pixel) {
                            Some(sum) => *sum += f64::from(weight),
                            None => prop_assert_eq!(weight, 0.0),
                        }
                    }
                }
                prop_assert!(sums.iter().all(|sum| (sum - 1.0).abs() < 1e-6), "{blend}: {sums:?}");
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
        let weights = Axis { extent: 90, window: 30, halo: 8 }.weights(Blend::Cosine, 1);
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
