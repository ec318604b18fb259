//! Which dates of a series hold anything, and how a network weighs its per-date results by it.

use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// How a map per date becomes one map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Collapse {
    /// Mean over the dates that are not empty.
    #[default]
    MaskedMean,
    /// The last date that is not empty.
    Last,
    /// A mean with weights that the network learns per pixel, over the dates that are not empty.
    Attention,
}

/// For each sample and time step, whether any pixel was observed.
///
/// A sample without any observed step counts as observed everywhere, so that no mean is 0/0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepMask {
    samples: usize,
    steps: usize,
    observed: Vec<bool>,
}

impl StepMask {
    /// A mask from `observed[sample, step]`.
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
        Ok(Self { samples, steps, observed })
    }

    /// A mask with every step observed.
    pub fn all(samples: usize, steps: usize) -> Self {
        Self { samples, steps, observed: vec![true; samples * steps] }
    }

    /// A mask from `valid[sample, step, row, column]` with `pixels` = rows x columns.
    pub(crate) fn of_valid(samples: usize, steps: usize, pixels: usize, valid: &[bool]) -> Self {
        let observed = valid.chunks(pixels.max(1)).map(|step| step.contains(&true)).collect();
        Self { samples, steps, observed }
    }

    /// Number of samples.
    pub fn samples(&self) -> usize {
        self.samples
    }

    /// Number of time steps.
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// Which samples have anything at `step`.
    pub(crate) fn observed_at(&self, step: usize) -> Vec<bool> {
        let samples = self.observed.chunks(self.steps.max(1));
        samples.map(|steps| steps[step] || !steps.contains(&true)).collect()
    }

    /// Weights `[sample, step]` over the first `steps` steps that sum to 1 for each sample: equal over
    /// the observed steps, or 1 on the last of them. Attention starts from the equal ones.
    pub(crate) fn weights(&self, collapse: Collapse, steps: usize) -> Vec<f32> {
        let mut weights = Vec::with_capacity(self.samples * steps);
        for sample in 0..self.samples {
            let observed = &self.observed[sample * self.steps..][..steps];
            let count = observed.iter().filter(|&&seen| seen).count();
            let counts = |step: usize| count == 0 || observed[step];
            let last = (0..steps).rev().find(|&step| counts(step));
            weights.extend((0..steps).map(|step| match collapse {
                Collapse::Last => f32::from(u8::from(Some(step) == last)),
                Collapse::MaskedMean | Collapse::Attention if !counts(step) => 0.0,
                Collapse::MaskedMean | Collapse::Attention if count == 0 => 1.0 / steps as f32,
                Collapse::MaskedMean | Collapse::Attention => 1.0 / count as f32,
            }));
        }
        weights
    }
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
        assert_eq!(mask, StepMask::new(1, 2, vec![false, true]).unwrap());
        assert!(StepMask::new(2, 2, vec![true; 3]).is_err());
    }
}
