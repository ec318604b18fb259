//! The scale at which a network sees its channels, learnt on training pixels only and kept with the model.

use crate::error::check_length;
use crate::{Error, Result};

/// A standard deviation smaller than this is taken as this: one digital count of Sentinel-2 in reflectance.
const STD_FLOOR: f64 = 1e-4;

/// Mean and standard deviation of each channel.
///
/// ```
/// use ecotone_preprocessing::NormalisationLearner;
///
/// // One step, one channel, four pixels; two of them are invalid.
/// let mut values = [1.0, 3.0, 1.0, 99.0];
/// let valid = [true, true, false, false];
/// let mut learner = NormalisationLearner::new(1);
/// learner.add(&values, &valid, 4)?;
/// let normalisation = learner.finish()?;
/// assert_eq!(normalisation.mean(), [2.0]);
///
/// normalisation.apply(&mut values, &valid, 4)?;
/// assert_eq!(values, [-1.0, 1.0, 0.0, 0.0]);
/// # Ok::<(), ecotone_preprocessing::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Normalisation {
    mean: Vec<f32>,
    std: Vec<f32>,
}

impl Normalisation {
    /// From means and standard deviations, as stored with a model.
    ///
    /// # Errors
    /// When they are not equally many, one is not finite, or a standard deviation is not positive.
    pub fn new(mean: Vec<f32>, std: Vec<f32>) -> Result<Self> {
        check_length("standard deviations", mean.len(), std.len())?;
        for (channel, (&mean, &std)) in mean.iter().zip(&std).enumerate() {
            if !(mean.is_finite() && std.is_finite() && std > 0.0) {
                return Err(Error::Normalisation { channel, mean, std });
            }
        }
        Ok(Self { mean, std })
    }

    /// Mean of each channel.
    pub fn mean(&self) -> &[f32] {
        &self.mean
    }

    /// Standard deviation of each channel, positive.
    pub fn std(&self) -> &[f32] {
        &self.std
    }

    /// That of some of the channels.
    ///
    /// # Panics
    /// When it has fewer channels.
    pub fn of_channels(&self, channels: std::ops::Range<usize>) -> Self {
        Self { mean: self.mean[channels.clone()].to_vec(), std: self.std[channels].to_vec() }
    }

    /// Normalises values `[time, channel, y, x]` in place: `(value - mean) / std` where `usable` `[time, y, x]`, and 0,
    /// the mean, elsewhere; a layer has `pixels` = y * x of them. See [`Fill::usable`](crate::Fill::usable) for filled series.
    ///
    /// # Errors
    /// When the arrays do not go together, or a usable value is not finite.
    pub fn apply(&self, values: &mut [f32], usable: &[bool], pixels: usize) -> Result<()> {
        check(values, usable, pixels, self.mean.len())?;
        for (place, layer) in values.chunks_exact_mut(pixels.max(1)).enumerate() {
            let (step, channel) = (place / self.mean.len(), place % self.mean.len());
            let (mean, scale) = (self.mean[channel], 1.0 / self.std[channel]);
            let mut finite = true;
            for (value, usable) in layer.iter_mut().zip(&usable[step * pixels..(step + 1) * pixels]) {
                *value = if *usable { (*value - mean) * scale } else { 0.0 };
                finite &= value.is_finite();
            }
            if !finite {
                return Err(Error::NotFinite { channel });
            }
        }
        Ok(())
    }
}

/// Learns a [`Normalisation`] from as many arrays as come, without keeping them.
///
/// Means and variances are updated in double precision (Chan, Golub and LeVeque 1983). Rounding depends on the order
/// of additions: add arrays in a fixed order, and merge in a fixed order, to get the same bits.
#[derive(Debug, Clone, PartialEq)]
pub struct NormalisationLearner {
    channels: Vec<Moments>,
}

#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Moments {
    count: f64,
    mean: f64,
    /// Sum of squared differences from the mean.
    squares: f64,
}

impl Moments {
    fn of(values: impl Iterator<Item = f64> + Clone) -> Self {
        let (count, sum) = values.clone().fold((0.0, 0.0), |(count, sum), value| (count + 1.0, sum + value));
        if count == 0.0 {
            return Self::default();
        }
        let mean = sum / count;
        Self { count, mean, squares: values.map(|value| (value - mean).powi(2)).sum() }
    }

    fn merge(&mut self, other: Self) {
        let count = self.count + other.count;
        if other.count == 0.0 {
            return;
        }
        let apart = other.mean - self.mean;
        self.mean += apart * other.count / count;
        self.squares += other.squares + apart * apart * self.count * other.count / count;
        self.count = count;
    }
}

impl NormalisationLearner {
    /// For so many channels.
    pub fn new(channels: usize) -> Self {
        Self { channels: vec![Moments::default(); channels] }
    }

    /// Learns from values `[time, channel, y, x]` where `usable` `[time, y, x]`: observed pixels of training
    /// blocks. A layer has `pixels` = y * x of them.
    ///
    /// # Errors
    /// When the arrays do not go together, or a usable value is not finite; nothing is learnt then.
    pub fn add(&mut self, values: &[f32], usable: &[bool], pixels: usize) -> Result<()> {
        let channels = self.channels.len();
        check(values, usable, pixels, channels)?;
        let mut learnt = self.channels.clone();
        for (place, layer) in values.chunks_exact(pixels.max(1)).enumerate() {
            let (step, channel) = (place / channels, place % channels);
            let usable = &usable[step * pixels..(step + 1) * pixels];
            let seen =
                layer.iter().zip(usable).filter(|(_, usable)| **usable).map(|(value, _)| f64::from(*value));
            let moments = Moments::of(seen);
            if !moments.squares.is_finite() {
                return Err(Error::NotFinite { channel });
            }
            learnt[channel].merge(moments);
        }
        self.channels = learnt;
        Ok(())
    }

    /// Adds what another learner saw.
    ///
    /// # Errors
    /// When it has another number of channels.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        check_length("channels to merge", self.channels.len(), other.channels.len())?;
        for (mine, theirs) in self.channels.iter_mut().zip(&other.channels) {
            mine.merge(*theirs);
        }
        Ok(())
    }

    /// What was learnt; standard deviations are of the population, and at least 1e-4.
    ///
    /// # Errors
    /// When no pixel was usable.
    pub fn finish(&self) -> Result<Normalisation> {
        if self.channels.iter().any(|channel| channel.count == 0.0) {
            return Err(Error::NothingToLearn);
        }
        let mean = self.channels.iter().map(|channel| channel.mean as f32).collect();
        let std = |channel: &Moments| (channel.squares / channel.count).sqrt().max(STD_FLOOR) as f32;
        Normalisation::new(mean, self.channels.iter().map(std).collect())
    }
}

fn check(values: &[f32], usable: &[bool], pixels: usize, channels: usize) -> Result<()> {
    let steps = usable.len() / pixels.max(1);
    check_length("mask of values to normalise", steps * pixels, usable.len())?;
    check_length("values to normalise", steps * channels * pixels, values.len())
}

#[cfg(test)]
mod tests;
