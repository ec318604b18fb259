//! Batch normalisation and rectifiers, and the way back through them.
//!
//! Ioffe & Szegedy 2015. A rectifier is the slope that values below 0 are multiplied with.

use rayon::prelude::*;

use crate::buffers::buffer;
use crate::simd;
use crate::weights_gradient::parts;
use crate::{Extent, Isa, View};

/// Pixels that a thread takes at a time.
const PIXELS: usize = 1024;

/// Mean and biased variance of each channel.
#[derive(Debug, Clone, PartialEq)]
pub struct Moments {
    /// The means.
    pub mean: Vec<f32>,
    /// The variances, by the number of values.
    pub variance: Vec<f32>,
}

/// Mean and variance of each channel over all pixels.
pub fn moments(isa: Isa, x: View<'_>) -> Moments {
    let channels = x.extent.c;
    let sums = sums(isa, x.extent, |row, sums| {
        let (sums, squares) = sums.split_at_mut(channels);
        for pixel in pixels(x, row) {
            let (sums, squares) = (&mut sums[..channels], &mut squares[..channels]);
            for c in 0..channels {
                let value = f64::from(pixel[c]);
                sums[c] += value;
                squares[c] += value * value;
            }
        }
    });
    let count = x.extent.pixels() as f64;
    let (sums, squares) = sums.split_at(channels);
    let mean: Vec<f64> = sums.iter().map(|sum| sum / count).collect();
    let variance =
        squares.iter().zip(&mean).map(|(square, mean)| (square / count - mean * mean).max(0.0) as f32);
    Moments { variance: variance.collect(), mean: mean.into_iter().map(|mean| mean as f32).collect() }
}

/// The sum of each channel over all pixels.
pub fn channel_sums(isa: Isa, x: View<'_>) -> Vec<f32> {
    let channels = x.extent.c;
    let sums = sums(isa, x.extent, |row, sums| {
        let sums = &mut sums[..channels];
        for pixel in pixels(x, row) {
            for c in 0..channels {
                sums[c] += f64::from(pixel[c]);
            }
        }
    });
    sums[..channels].iter().map(|sum| *sum as f32).collect()
}

/// A normalisation by a batch's moments: `(x - mean) / sqrt(variance + epsilon) * gamma + beta`.
#[derive(Debug, Clone)]
pub struct Normalisation {
    moments: Moments,
    /// `1 / sqrt(variance + epsilon)`.
    inverse: Vec<f32>,
    /// What a value is multiplied with, and what is added.
    scale: Vec<f32>,
    offset: Vec<f32>,
    slope: f32,
}

/// Gradients of a normalisation's input and parameters.
#[derive(Debug)]
pub struct NormalisationGradient {
    /// Of the input, without gaps.
    pub x: Vec<f32>,
    /// Of the factors.
    pub gamma: Vec<f32>,
    /// Of what is added.
    pub beta: Vec<f32>,
}

impl Normalisation {
    /// By the moments of the values themselves, followed by a rectifier; one number of `gamma` and `beta` a channel.
    pub fn new(moments: Moments, gamma: &[f32], beta: &[f32], epsilon: f64, slope: f32) -> Self {
        let inverse: Vec<f32> = moments
            .variance
            .iter()
            .map(|variance| (1.0 / (f64::from(*variance) + epsilon).sqrt()) as f32)
            .collect();
        let scale: Vec<f32> = inverse.iter().zip(gamma).map(|(inverse, gamma)| inverse * gamma).collect();
        let offset =
            scale.iter().zip(beta).zip(&moments.mean).map(|((scale, beta), mean)| beta - scale * mean);
        Self { offset: offset.collect(), moments, inverse, scale, slope }
    }

    /// The moments it was made with.
    pub fn moments(&self) -> &Moments {
        &self.moments
    }

    /// Normalised and rectified values, without gaps.
    pub fn apply(&self, isa: Isa, x: View<'_>) -> Vec<f32> {
        let channels = x.extent.c;
        let (scale, offset, slope) = (&self.scale[..channels], &self.offset[..channels], self.slope);
        rows(isa, x.extent, |row, output| {
            for (pixel, output) in pixels(x, row).zip(output.chunks_exact_mut(channels)) {
                let output = &mut output[..channels];
                for c in 0..channels {
                    output[c] = rectified(pixel[c] * scale[c] + offset[c], slope);
                }
            }
        })
    }

    /// The way back: from the gradient of what [`apply`](Self::apply) gave for `x`.
    pub fn gradient(&self, isa: Isa, x: View<'_>, gradient: View<'_>) -> NormalisationGradient {
        let channels = x.extent.c;
        let (scale, offset, slope) = (&self.scale[..channels], &self.offset[..channels], self.slope);
        let sums = sums(isa, x.extent, |row, sums| {
            let (sums, products) = sums.split_at_mut(channels);
            let (sums, products) = (&mut sums[..channels], &mut products[..channels]);
            for (pixel, gradient) in pixels(x, row).zip(pixels(gradient, row)) {
                let gradient = &gradient[..channels];
                for c in 0..channels {
                    let value = pixel[c];
                    let passed = f64::from(passed(value * scale[c] + offset[c], gradient[c], slope));
                    sums[c] += passed;
                    products[c] += passed * f64::from(value);
                }
            }
        });
        let (sums, products) = sums.split_at(channels);
        let count = x.extent.pixels() as f64;
        let [mut gamma, mut constant, mut factor] = [(); 3].map(|()| Vec::with_capacity(channels));
        for (c, (sum, product)) in sums.iter().zip(products).enumerate() {
            let (mean, inverse) = (f64::from(self.moments.mean[c]), f64::from(self.inverse[c]));
            let scale = f64::from(scale[c]);
            let to_gamma = inverse * (product - mean * sum);
            let by_value = -scale * inverse * to_gamma / count;
            gamma.push(to_gamma as f32);
            factor.push(by_value as f32);
            constant.push((-scale * sum / count - mean * by_value) as f32);
        }
        let (factor, constant) = (&factor[..channels], &constant[..channels]);
        let to_x = rows(isa, x.extent, |row, output| {
            let output = output.chunks_exact_mut(channels);
            for ((pixel, gradient), output) in pixels(x, row).zip(pixels(gradient, row)).zip(output) {
                let (gradient, output) = (&gradient[..channels], &mut output[..channels]);
                for c in 0..channels {
                    let value = pixel[c];
                    let passed = passed(value * scale[c] + offset[c], gradient[c], slope);
                    output[c] = passed * scale[c] + (value * factor[c] + constant[c]);
                }
            }
        });
        NormalisationGradient { x: to_x, gamma, beta: sums.iter().map(|sum| *sum as f32).collect() }
    }
}

/// The way back through a rectifier that gave `y`, without gaps.
pub fn rectifier_gradient(isa: Isa, y: View<'_>, gradient: View<'_>, slope: f32) -> Vec<f32> {
    let channels = y.extent.c;
    rows(isa, y.extent, |row, output| {
        let pixels = pixels(y, row).zip(pixels(gradient, row));
        for ((pixel, gradient), output) in pixels.zip(output.chunks_exact_mut(channels)) {
            let (gradient, output) = (&gradient[..channels], &mut output[..channels]);
            for c in 0..channels {
                output[c] = passed(pixel[c], gradient[c], slope);
            }
        }
    })
}

fn rectified(value: f32, slope: f32) -> f32 {
    // NaN stays.
    if value > 0.0 { value } else { value * slope }
}

fn passed(value: f32, gradient: f32, slope: f32) -> f32 {
    if value > 0.0 { gradient } else { gradient * slope }
}

/// The pixels of a row.
fn pixels<'a>(view: View<'a>, row: usize) -> impl Iterator<Item = &'a [f32]> {
    let at = view.row(view.extent.row(row));
    (0..view.extent.space[2]).map(move |x| &view.values[at + x * view.strides[3]..][..view.extent.c])
}

/// Values without gaps, row by row.
fn rows(isa: Isa, extent: Extent, each: impl Fn(usize, &mut [f32]) + Sync) -> Vec<f32> {
    let mut values = buffer(extent.pixels() * extent.c);
    let length = extent.space[2] * extent.c;
    let together = PIXELS.div_ceil(extent.space[2]);
    values.par_chunks_mut(together * length).enumerate().for_each(|(chunk, values)| {
        simd::with(isa, || {
            for (row, values) in values.chunks_exact_mut(length).enumerate() {
                each(chunk * together + row, values);
            }
        });
    });
    values
}

/// Two sums a channel: of rows in fixed parts, the parts in their order.
fn sums(isa: Isa, extent: Extent, each: impl Fn(usize, &mut [f64]) + Sync) -> Vec<f64> {
    let (parts, rows) = (parts(extent.pixels()), extent.rows());
    let part = |part: usize| {
        let mut sums = vec![0.0; 2 * extent.c];
        let rows = rows * part / parts..rows * (part + 1) / parts;
        simd::with(isa, || rows.for_each(|row| each(row, &mut sums)));
        sums
    };
    let found: Vec<Vec<f64>> = (0..parts).into_par_iter().map(part).collect();
    let mut total = vec![0.0; 2 * extent.c];
    for sums in found {
        total.iter_mut().zip(sums).for_each(|(total, sum)| *total += sum);
    }
    total
}
