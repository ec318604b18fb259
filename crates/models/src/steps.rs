//! Which dates of a series hold anything, and how a network weighs its per-date results by it.

use burn::tensor::{Device, Tensor, TensorData};
use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// How a map per date becomes one map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Collapse {
    /// Mean over the dates that saw the pixel.
    #[default]
    MaskedMean,
    /// The last date that saw the pixel.
    Last,
    /// A mean with weights that the network learns per pixel, over the dates that saw the pixel.
    Attention,
}

/// Whose observations make a date count for a pixel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ObservedBy {
    /// Those of any pixel of the patch or window, so that what a pixel gets depends on which others are mapped with it:
    /// the rule of models whose card does not say.
    #[default]
    Window,
    /// Its own: a date that did not see the pixel does not count for it.
    Pixel,
}

/// For each sample and time step, whether any pixel was observed, and which.
///
/// A sample without any observed step counts as observed everywhere, and so does a pixel in a mean, so that none is 0/0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepMask {
    samples: usize,
    steps: usize,
    observed: Vec<bool>,
    /// `[sample, step, pixel]`, where some step saw a part of the pixels only.
    pixels: Option<Vec<bool>>,
}

impl StepMask {
    /// A mask from `observed[sample, step]`, the same for all pixels.
    ///
    /// # Errors
    /// [`Error::Length`].
    pub fn new(samples: usize, steps: usize, observed: Vec<bool>) -> Result<Self> {
        if observed.len() != samples * steps {
            return Err(Error::Length {
                what: "step mask",
                shape: vec![samples, steps],
                found: observed.len(),
            });
        }
        Ok(Self { samples, steps, observed, pixels: None })
    }

    /// A mask with every step observed.
    pub fn all(samples: usize, steps: usize) -> Self {
        Self { samples, steps, observed: vec![true; samples * steps], pixels: None }
    }

    /// A mask from `valid[sample, step, row, column]` with `pixels` = rows x columns.
    pub(crate) fn of_valid(samples: usize, steps: usize, pixels: usize, valid: &[bool]) -> Self {
        let planes = || valid.chunks(pixels.max(1));
        let observed = planes().map(|step| step.contains(&true)).collect();
        let parted = planes().any(|step| step.contains(&true) && step.contains(&false));
        Self { samples, steps, observed, pixels: parted.then(|| valid.to_vec()) }
    }

    /// The same where a step counts for all pixels that saw any of them.
    pub(crate) fn by_window(&self) -> Self {
        Self { pixels: None, observed: self.observed.clone(), ..*self }
    }

    /// Number of samples.
    pub fn samples(&self) -> usize {
        self.samples
    }

    /// Number of time steps.
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// 1 where `step` is observed, else 0: `[n, 1, y, x]`, or `[n, 1, 1, 1]` where pixels do not differ; none where all is.
    /// A pixel that no step saw, in a sample that saw others, is observed at none.
    pub(crate) fn observed_at(
        &self,
        step: usize,
        [rows, columns]: [usize; 2],
        device: &Device,
    ) -> Option<Tensor<4>> {
        let (of, [rows, columns]) = match &self.pixels {
            Some(pixels) => (pixels, [rows, columns]),
            None => (&self.observed, [1, 1]),
        };
        let (count, all) = (rows * columns, self.steps * rows * columns);
        let observed = of.chunks(all.max(1)).flat_map(|sample| {
            let nothing = !sample.contains(&true);
            sample[step * count..][..count].iter().map(move |&seen| seen || nothing)
        });
        let values: Vec<f32> = observed.map(|seen| f32::from(u8::from(seen))).collect();
        let data = TensorData::new(values.clone(), [self.samples, 1, rows, columns]);
        values.contains(&0.0).then(|| Tensor::from_data(data, device))
    }

    /// Weights `[sample, step]` over the first `steps` steps that sum to 1 for each sample: equal over
    /// the observed steps, or 1 on the last of them. Attention starts from the equal ones.
    pub(crate) fn weights(&self, collapse: Collapse, steps: usize) -> Vec<f32> {
        let samples = self.observed.chunks(self.steps.max(1));
        samples.flat_map(|observed| shares(collapse, &observed[..steps])).collect()
    }

    /// The same weights for each pixel, of the dates that saw it: `[sample, step, pixel]`; none where pixels do not differ.
    /// A pixel that none of these steps saw takes all alike, or those of `shown` `[sample, step]`.
    pub(crate) fn pixel_weights(
        &self,
        collapse: Collapse,
        steps: usize,
        count: usize,
        shown: Option<&[bool]>,
    ) -> Option<Vec<f32>> {
        let pixels = self.pixels.as_ref()?;
        let mut weights = vec![0.0; self.samples * steps * count];
        let mut seen = vec![false; steps];
        for sample in 0..self.samples {
            let (from, to) = (sample * self.steps * count, sample * steps * count);
            for pixel in 0..count {
                for (step, seen) in seen.iter_mut().enumerate() {
                    *seen = pixels[from + step * count + pixel];
                }
                if let Some(shown) = shown.filter(|_| !seen.contains(&true)) {
                    seen.copy_from_slice(&shown[sample * self.steps..][..steps]);
                }
                for (step, share) in shares(collapse, &seen).enumerate() {
                    weights[to + step * count + pixel] = share;
                }
            }
        }
        Some(weights)
    }

    /// The weights for a series `[n, channel, step, y, x]` of the first `steps` steps: `[n, 1, step, y, x]`, or
    /// `[n, 1, step, 1, 1]` where pixels do not differ. A pixel that none of them saw takes all alike.
    pub(crate) fn of_series(
        &self,
        collapse: Collapse,
        [steps, rows, columns]: [usize; 3],
        device: &Device,
    ) -> Tensor<5> {
        let data = match self.pixel_weights(collapse, steps, rows * columns, None) {
            Some(weights) => TensorData::new(weights, [self.samples, 1, steps, rows, columns]),
            None => TensorData::new(self.weights(collapse, steps), [self.samples, 1, steps, 1, 1]),
        };
        Tensor::from_data(data, device)
    }

    /// Which dates `[sample, step]` a network of one date is shown: those that saw anything, or all of a sample without any.
    pub(crate) fn shown(&self) -> Vec<bool> {
        self.weights(Collapse::MaskedMean, self.steps).into_iter().map(|weight| weight > 0.0).collect()
    }

    /// Whether the date at `place` of `[sample, step]` saw the `pixel`th of `pixels`.
    pub(crate) fn sees(&self, place: usize, pixel: usize, pixels: usize) -> bool {
        self.pixels.as_ref().is_none_or(|seen| seen[place * pixels + pixel])
    }
}

/// The weights of steps of which some are observed.
fn shares(collapse: Collapse, observed: &[bool]) -> impl Iterator<Item = f32> + use<'_> {
    let count = observed.iter().filter(|&&seen| seen).count();
    let counts = move |step: usize| count == 0 || observed[step];
    let last = (0..observed.len()).rev().find(|&step| counts(step));
    (0..observed.len()).map(move |step| match collapse {
        Collapse::Last => f32::from(u8::from(Some(step) == last)),
        Collapse::MaskedMean | Collapse::Attention if !counts(step) => 0.0,
        Collapse::MaskedMean | Collapse::Attention if count == 0 => 1.0 / observed.len() as f32,
        Collapse::MaskedMean | Collapse::Attention => 1.0 / count as f32,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(observed: &[bool], collapse: Collapse, expected: &[f32]) {
        let mask = StepMask::new(1, observed.len(), observed.to_vec()).unwrap();
        assert_eq!(mask.weights(collapse, expected.len()), expected);
    }

    #[test]
    fn weights_follow_the_observed_steps() {
        check(&[true, false, true, false], Collapse::MaskedMean, &[0.5, 0.0, 0.5, 0.0]);
        check(&[true, false, true, false], Collapse::Last, &[0.0, 0.0, 1.0, 0.0]);
        check(&[false, false], Collapse::MaskedMean, &[0.5, 0.5]);
        check(&[false, false], Collapse::Last, &[0.0, 1.0]);
        // Steps past the crop are not looked at.
        check(&[true, false, true], Collapse::Last, &[1.0, 0.0]);
    }

    #[test]
    fn a_step_counts_when_any_pixel_is_valid() {
        let mask = StepMask::of_valid(1, 2, 3, &[false, false, false, false, true, false]);
        assert_eq!(mask.by_window(), StepMask::new(1, 2, vec![false, true]).unwrap());
        // Only where a step saw a part of the pixels do these differ.
        assert_ne!(mask, mask.by_window());
        let whole = StepMask::of_valid(1, 2, 3, &[false, false, false, true, true, true]);
        assert_eq!(whole, whole.by_window());
        assert!(StepMask::new(2, 2, vec![true; 3]).is_err());
    }
}
