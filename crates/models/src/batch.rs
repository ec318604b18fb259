//! What goes into a predictor and what comes out of it, as plain vectors.

use crate::{Error, Result, StepMask};

/// Sizes of a [`Batch`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchShape {
    /// Samples.
    pub n: usize,
    /// Time steps.
    pub steps: usize,
    /// Channels.
    pub channels: usize,
    /// Rows.
    pub rows: usize,
    /// Columns.
    pub cols: usize,
}

/// Series of patches, normalised as the model's card says.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    shape: BatchShape,
    values: Vec<f32>,
    mask: StepMask,
}

impl Batch {
    /// A batch of `values` `[n, time, channel, y, x]`, normalised, 0 where invalid, and `valid`
    /// `[n, time, y, x]`.
    ///
    /// # Errors
    /// [`Error::Length`]; [`Error::NotFinite`] names the first value that is NaN or infinite.
    pub fn new(shape: BatchShape, values: Vec<f32>, valid: &[bool]) -> Result<Self> {
        let BatchShape { n, steps, channels, rows, cols } = shape;
        let check = |what, shape: Vec<usize>, found: usize| match shape.iter().product::<usize>() == found {
            true => Ok(()),
            false => Err(Error::Length { what, shape, found }),
        };
        check("batch values", vec![n, steps, channels, rows, cols], values.len())?;
        check("batch valid mask", vec![n, steps, rows, cols], valid.len())?;
        check_finite(&values, [steps, channels, rows, cols])?;
        Ok(Self { shape, mask: StepMask::of_valid(n, steps, rows * cols, valid), values })
    }

    /// The sizes.
    pub fn shape(&self) -> BatchShape {
        self.shape
    }

    /// Which steps hold which pixels.
    pub fn mask(&self) -> &StepMask {
        &self.mask
    }

    /// The values as `[n, channel, time, y, x]`.
    pub(crate) fn channels_first(&self) -> Vec<f32> {
        let BatchShape { n, steps, channels, rows, cols } = self.shape;
        let mut out = Vec::with_capacity(self.values.len());
        for sample in 0..n {
            append_channels_first(&mut out, &self.values, sample, [steps, channels, rows * cols]);
        }
        out
    }
}

/// Appends sample `sample` of `values` `[n, time, channel, pixel]` as `[channel, time, pixel]`.
pub(crate) fn append_channels_first(
    out: &mut Vec<f32>,
    values: &[f32],
    sample: usize,
    [steps, channels, pixels]: [usize; 3],
) {
    for channel in 0..channels {
        for step in 0..steps {
            let plane = ((sample * steps + step) * channels + channel) * pixels;
            out.extend_from_slice(&values[plane..plane + pixels]);
        }
    }
}

/// Refuses NaN and infinity in `values` `[sample, step, channel, row, column]`.
pub(crate) fn check_finite(values: &[f32], [steps, channels, rows, cols]: [usize; 4]) -> Result<()> {
    match values.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(place) => Err(Error::NotFinite {
            value: values[place],
            sample: place / (cols * rows * channels * steps),
            step: place / (cols * rows * channels) % steps,
            channel: place / (cols * rows) % channels,
            row: place / cols % rows,
            column: place % cols,
        }),
    }
}

/// Class probabilities of the pixels of a batch.
#[derive(Debug, Clone, PartialEq)]
pub struct Probabilities {
    /// Samples.
    pub n: usize,
    /// Classes.
    pub classes: usize,
    /// Rows.
    pub rows: usize,
    /// Columns.
    pub cols: usize,
    /// `[n, class, y, x]`; each pixel's sum to 1.
    pub values: Vec<f32>,
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: BatchShape = BatchShape { n: 2, steps: 2, channels: 3, rows: 1, cols: 2 };

    #[test]
    fn lengths_are_checked() {
        assert!(matches!(Batch::new(SHAPE, vec![0.0; 23], &[true; 8]), Err(Error::Length { found: 23, .. })));
        assert!(matches!(Batch::new(SHAPE, vec![0.0; 24], &[true; 7]), Err(Error::Length { found: 7, .. })));
    }

    #[test]
    fn a_nan_is_refused_where_it_stands() {
        let mut values = vec![0.0; 24];
        values[23] = f32::NAN;
        let error = Batch::new(SHAPE, values, &[true; 8]).unwrap_err();
        let expected = "input value NaN at sample 1, step 1, channel 2, row 0, column 1 is not finite";
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn channels_come_first() {
        let values: Vec<f32> = (0..24).map(|place| place as f32).collect();
        let batch =
            Batch::new(SHAPE, values, &[false, false, true, true, true, false, false, false]).unwrap();
        let expected = [0, 1, 6, 7, 2, 3, 8, 9, 4, 5, 10, 11].map(|place| place as f32);
        assert_eq!(batch.channels_first()[..12], expected);
        let mask = StepMask::new(2, 2, vec![false, true, true, false]).unwrap();
        assert_eq!(batch.mask().by_window(), mask);
    }
}
