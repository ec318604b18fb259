//! Batch normalisation and rectifiers, and the way back through them.
//!
//! Ioffe & Szegedy 2015. A rectifier is the slope that values below 0 are multiplied with.

use rayon::prelude::*;

use crate::weights_gradient::parts;
use crate::{Extent, View};

/// Mean and biased variance of each channel.
#[derive(Debug, Clone, PartialEq)]
pub struct Moments {
    /// The means.
    pub mean: Vec<f32>,
    /// The variances, by the number of values.
    pub variance: Vec<f32>,
}

/// Mean and variance of each channel over all pixels.
pub fn moments(x: View<'_>) -> Moments {
    let channels = x.extent.c;
    let sums = sums(x.extent, |row, sums| {
        let (sums, squares) = sums.split_at_mut(channels);
        for pixel in pixels(x, row) {
            for ((sum, square), value) in sums.iter_mut().zip(squares.iter_mut()).zip(pixel) {
                let value = f64::from(*value);
                *sum += value;
                *square += value * value;
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
    pub fn apply(&self, x: View<'_>) -> Vec<f32> {
        rows(x.extent, |row, output| {
            for (pixel, output) in pixels(x, row).zip(output.chunks_exact_mut(x.extent.c)) {
                let scales = self.scale.iter().zip(&self.offset);
                for ((value, (scale, offset)), output) in pixel.iter().zip(scales).zip(output) {
                    let value = value * scale + offset;
                    *output = rectified(value, self.slope);
                }
            }
        })
    }

    /// The way back: from the gradient of what [`apply`](Self::apply) gave for `x`.
    pub fn gradient(&self, x: View<'_>, gradient: View<'_>) -> NormalisationGradient {
        let (channels, slope) = (x.extent.c, self.slope);
        let lanes = || self.scale.iter().zip(&self.offset);
        let sums = sums(x.extent, |row, sums| {
            let (sums, products) = sums.split_at_mut(channels);
            for (pixel, gradient) in pixels(x, row).zip(pixels(gradient, row)) {
                let sums = sums.iter_mut().zip(products.iter_mut());
                for (((value, gradient), (scale, offset)), (sum, product)) in
                    pixel.iter().zip(gradient).zip(lanes()).zip(sums)
                {
                    let passed = f64::from(passed(value * scale + offset, *gradient, slope));
                    *sum += passed;
                    *product += passed * f64::from(*value);
                }
            }
        });
        let (sums, products) = sums.split_at(channels);
        let count = x.extent.pixels() as f64;
        let [mut gamma, mut constant, mut factor] = [(); 3].map(|()| Vec::with_capacity(channels));
        for (c, (sum, product)) in sums.iter().zip(products).enumerate() {
            let (mean, inverse) = (f64::from(self.moments.mean[c]), f64::from(self.inverse[c]));
            let scale = f64::from(self.scale[c]);
            let to_gamma = inverse * (product - mean * sum);
            let by_value = -scale * inverse * to_gamma / count;
            gamma.push(to_gamma as f32);
            factor.push(by_value as f32);
            constant.push((-scale * sum / count - mean * by_value) as f32);
        }
        let to_x = rows(x.extent, |row, output| {
            let output = output.chunks_exact_mut(channels);
            for ((pixel, gradient), output) in pixels(x, row).zip(pixels(gradient, row)).zip(output) {
                let lanes = lanes().zip(factor.iter().zip(&constant));
                for (((value, gradient), ((scale, offset), (factor, constant))), output) in
                    pixel.iter().zip(gradient).zip(lanes).zip(output)
                {
                    let passed = passed(value * scale + offset, *gradient, slope);
                    *output = passed * scale + (value * factor + constant);
                }
            }
        });
        NormalisationGradient { x: to_x, gamma, beta: sums.iter().map(|sum| *sum as f32).collect() }
    }
}

/// The way back through a rectifier that gave `y`, without gaps.
pub fn rectifier_gradient(y: View<'_>, gradient: View<'_>, slope: f32) -> Vec<f32> {
    rows(y.extent, |row, output| {
        let pixels = pixels(y, row).zip(pixels(gradient, row));
        for ((pixel, gradient), output) in pixels.zip(output.chunks_exact_mut(y.extent.c)) {
            for ((value, gradient), output) in pixel.iter().zip(gradient).zip(output) {
                *output = passed(*value, *gradient, slope);
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
fn rows(extent: Extent, each: impl Fn(usize, &mut [f32]) + Sync) -> Vec<f32> {
    let mut values = vec![0.0; extent.pixels() * extent.c];
    values.par_chunks_mut(extent.space[2] * extent.c).enumerate().for_each(|(row, values)| each(row, values));
    values
}

/// Two sums a channel: of rows in fixed parts, the parts in their order.
fn sums(extent: Extent, each: impl Fn(usize, &mut [f64]) + Sync) -> Vec<f64> {
    let (parts, rows) = (parts(extent.pixels()), extent.rows());
    let part = |part: usize| {
        let mut sums = vec![0.0; 2 * extent.c];
        (rows * part / parts..rows * (part + 1) / parts).for_each(|row| each(row, &mut sums));
        sums
    };
    let found: Vec<Vec<f64>> = (0..parts).into_par_iter().map(part).collect();
    let mut total = vec![0.0; 2 * extent.c];
    for sums in found {
        total.iter_mut().zip(sums).for_each(|(total, sum)| *total += sum);
    }
    total
}
