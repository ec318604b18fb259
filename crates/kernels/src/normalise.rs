//! Batch normalisation and rectifiers, and the way back through them.
//!
//! Ioffe & Szegedy 2015. A rectifier is the slope that values below 0 are multiplied with.

use std::ops::Range;

use rayon::prelude::*;

use crate::buffers::buffer;
use crate::simd::{self, Work};
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
    let sums = sums(isa, x.extent, &Squares(x));
    let count = x.extent.pixels() as f64;
    let (sums, squares) = sums.split_at(x.extent.c);
    let mean: Vec<f64> = sums.iter().map(|sum| sum / count).collect();
    let variance =
        squares.iter().zip(&mean).map(|(square, mean)| (square / count - mean * mean).max(0.0) as f32);
    Moments { variance: variance.collect(), mean: mean.into_iter().map(|mean| mean as f32).collect() }
}

/// The sum of each channel over all pixels.
pub fn channel_sums(isa: Isa, x: View<'_>) -> Vec<f32> {
    let sums = sums(isa, x.extent, &Squares(x));
    sums[..x.extent.c].iter().map(|sum| *sum as f32).collect()
}

/// Sums of values, and of their squares.
struct Squares<'a>(View<'a>);

impl RowSums for Squares<'_> {
    #[inline(always)]
    fn add(&self, row: usize, sums: &mut [f64], squares: &mut [f64]) {
        let channels = sums.len();
        let squares = &mut squares[..channels];
        for x in 0..self.0.extent.space[2] {
            let pixel = &pixel(self.0, row, x)[..channels];
            for c in 0..channels {
                let value = f64::from(pixel[c]);
                sums[c] += value;
                squares[c] += value * value;
            }
        }
    }
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
        rows(isa, x.extent, &Applied { norm: self, x })
    }

    /// The way back: from the gradient of what [`apply`](Self::apply) gave for `x`.
    pub fn gradient(&self, isa: Isa, x: View<'_>, gradient: View<'_>) -> NormalisationGradient {
        let channels = x.extent.c;
        let sums = sums(isa, x.extent, &Products { norm: self, x, gradient });
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
        let back = Back { norm: self, x, gradient, factor: &factor, constant: &constant };
        NormalisationGradient {
            x: rows(isa, x.extent, &back),
            gamma,
            beta: sums.iter().map(|sum| *sum as f32).collect(),
        }
    }

    /// What a value becomes before the rectifier: factors and what is added, of so many channels.
    #[inline(always)]
    fn line(&self, channels: usize) -> (&[f32], &[f32]) {
        (&self.scale[..channels], &self.offset[..channels])
    }
}

/// Values normalised and rectified.
struct Applied<'a> {
    norm: &'a Normalisation,
    x: View<'a>,
}

impl Rows for Applied<'_> {
    #[inline(always)]
    fn write(&self, row: usize, output: &mut [f32]) {
        let channels = self.x.extent.c;
        let ((scale, offset), slope) = (self.norm.line(channels), self.norm.slope);
        for (x, output) in output.chunks_exact_mut(channels).enumerate() {
            let pixel = &pixel(self.x, row, x)[..channels];
            for c in 0..channels {
                output[c] = rectified(pixel[c] * scale[c] + offset[c], slope);
            }
        }
    }
}

/// Sums of the gradient that passes the rectifier, and of its products with the values.
struct Products<'a> {
    norm: &'a Normalisation,
    x: View<'a>,
    gradient: View<'a>,
}

impl RowSums for Products<'_> {
    #[inline(always)]
    fn add(&self, row: usize, sums: &mut [f64], products: &mut [f64]) {
        let channels = sums.len();
        let products = &mut products[..channels];
        let ((scale, offset), slope) = (self.norm.line(channels), self.norm.slope);
        for x in 0..self.x.extent.space[2] {
            let (pixel, gradient) =
                (&pixel(self.x, row, x)[..channels], &pixel(self.gradient, row, x)[..channels]);
            for c in 0..channels {
                let passed = f64::from(passed(pixel[c] * scale[c] + offset[c], gradient[c], slope));
                sums[c] += passed;
                products[c] += passed * f64::from(pixel[c]);
            }
        }
    }
}

/// The gradient of the values: what passes, less what the moments took of it.
struct Back<'a> {
    norm: &'a Normalisation,
    x: View<'a>,
    gradient: View<'a>,
    factor: &'a [f32],
    constant: &'a [f32],
}

impl Rows for Back<'_> {
    #[inline(always)]
    fn write(&self, row: usize, output: &mut [f32]) {
        let channels = self.x.extent.c;
        let ((scale, offset), slope) = (self.norm.line(channels), self.norm.slope);
        let (factor, constant) = (&self.factor[..channels], &self.constant[..channels]);
        for (x, output) in output.chunks_exact_mut(channels).enumerate() {
            let (pixel, gradient) =
                (&pixel(self.x, row, x)[..channels], &pixel(self.gradient, row, x)[..channels]);
            for c in 0..channels {
                let passed = passed(pixel[c] * scale[c] + offset[c], gradient[c], slope);
                output[c] = passed * scale[c] + (pixel[c] * factor[c] + constant[c]);
            }
        }
    }
}

/// The way back through a rectifier that gave `y`, without gaps.
pub fn rectifier_gradient(isa: Isa, y: View<'_>, gradient: View<'_>, slope: f32) -> Vec<f32> {
    rows(isa, y.extent, &Passed { y, gradient, slope })
}

struct Passed<'a> {
    y: View<'a>,
    gradient: View<'a>,
    slope: f32,
}

impl Rows for Passed<'_> {
    #[inline(always)]
    fn write(&self, row: usize, output: &mut [f32]) {
        let channels = self.y.extent.c;
        for (x, output) in output.chunks_exact_mut(channels).enumerate() {
            let (pixel, gradient) =
                (&pixel(self.y, row, x)[..channels], &pixel(self.gradient, row, x)[..channels]);
            for c in 0..channels {
                output[c] = passed(pixel[c], gradient[c], self.slope);
            }
        }
    }
}

#[inline(always)]
fn rectified(value: f32, slope: f32) -> f32 {
    // NaN stays.
    if value > 0.0 { value } else { value * slope }
}

#[inline(always)]
fn passed(value: f32, gradient: f32, slope: f32) -> f32 {
    if value > 0.0 { gradient } else { gradient * slope }
}

/// The channels of a pixel.
#[inline(always)]
fn pixel<'a>(view: View<'a>, row: usize, x: usize) -> &'a [f32] {
    &view.values[view.row(view.extent.row(row)) + x * view.strides[3]..][..view.extent.c]
}

/// What is written row by row.
trait Rows: Sync {
    fn write(&self, row: usize, output: &mut [f32]);
}

/// Rows from `first` on, `length` numbers each.
struct Written<'a, R> {
    rows: &'a R,
    first: usize,
    length: usize,
    values: &'a mut [f32],
}

impl<R: Rows> Work for Written<'_, R> {
    #[inline(always)]
    fn run(self) {
        for (row, values) in self.values.chunks_exact_mut(self.length).enumerate() {
            self.rows.write(self.first + row, values);
        }
    }
}

/// Values without gaps.
fn rows(isa: Isa, extent: Extent, rows: &impl Rows) -> Vec<f32> {
    let mut values = buffer(extent.pixels() * extent.c);
    let length = extent.space[2] * extent.c;
    let together = PIXELS.div_ceil(extent.space[2]);
    values.par_chunks_mut(together * length).enumerate().for_each(|(chunk, values)| {
        simd::with(isa, Written { rows, first: chunk * together, length, values });
    });
    values
}

/// What a row adds to two sums a channel.
trait RowSums: Sync {
    fn add(&self, row: usize, first: &mut [f64], second: &mut [f64]);
}

struct Summed<'a, R> {
    rows: &'a R,
    range: Range<usize>,
    first: &'a mut [f64],
    second: &'a mut [f64],
}

impl<R: RowSums> Work for Summed<'_, R> {
    #[inline(always)]
    fn run(self) {
        for row in self.range {
            self.rows.add(row, self.first, self.second);
        }
    }
}

/// The first sums of all channels, then the second: of rows in fixed parts, the parts in their order.
fn sums(isa: Isa, extent: Extent, rows: &impl RowSums) -> Vec<f64> {
    let (parts, count) = (parts(extent.pixels()), extent.rows());
    let part = |part: usize| {
        let mut sums = vec![0.0; 2 * extent.c];
        let (first, second) = sums.split_at_mut(extent.c);
        let range = count * part / parts..count * (part + 1) / parts;
        simd::with(isa, Summed { rows, range, first, second });
        sums
    };
    let found: Vec<Vec<f64>> = (0..parts).into_par_iter().map(part).collect();
    let mut total = vec![0.0; 2 * extent.c];
    for sums in found {
        total.iter_mut().zip(sums).for_each(|(total, sum)| *total += sum);
    }
    total
}
