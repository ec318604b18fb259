//! The gradient from a convolution's outputs to its weights and bias.

use rayon::prelude::*;

use crate::buffers::{buffer, reuse};
use crate::packed::check_channels;
use crate::simd::{self, LANES, Outer, Source, Tap};
use crate::way::Axis;
use crate::{Isa, Result, View, Way};

/// Rows are summed in so many parts at most, each in one chain, the parts in their order: by the sizes alone, so that any
/// number of threads gives the same sums.
const PARTS: usize = 16;
/// Pixels that a part has at least.
const PART: usize = 1024;
/// Pixels whose sums stay in registers, as many as fit into a cache beside their inputs.
const TOGETHER: usize = 512;

/// The gradient of the weights of the convolution that made of `x` what `gradient` is the gradient of, in PyTorch's order.
///
/// # Errors
/// [`crate::Error::Fit`] where input, way and gradient do not fit each other.
pub fn weights_gradient(isa: Isa, x: View<'_>, gradient: View<'_>, way: &Way) -> Result<Vec<f32>> {
    let (inputs, outputs) = (x.extent.c, gradient.extent.c);
    check_channels(way, inputs, outputs)?;
    if way.output(x.extent.space)? != gradient.extent.space || x.extent.n != gradient.extent.n {
        return Err(way.misfit(x.extent.space, inputs));
    }
    let job = Job { isa, x, gradient, axes: way.axes(), groups: way.groups, kernel: way.kernel };
    let sums = job.sums();
    let weights = unpacked(&sums, way, inputs / way.groups, outputs / way.groups);
    reuse(sums);
    Ok(weights)
}

/// In how many parts so many pixels are summed.
pub(crate) fn parts(pixels: usize) -> usize {
    (pixels / PART).clamp(1, PARTS)
}

struct Job<'a> {
    isa: Isa,
    x: View<'a>,
    gradient: View<'a>,
    axes: [Axis; 3],
    groups: usize,
    kernel: [usize; 3],
}

impl Job<'_> {
    /// Inputs and outputs of a group.
    fn channels(&self) -> [usize; 2] {
        [self.x.extent.c / self.groups, self.gradient.extent.c / self.groups]
    }

    /// Sums `[tap, group, block, input, lane]`.
    fn sums(&self) -> Vec<f32> {
        let [inputs, outputs] = self.channels();
        let tap = self.groups * outputs.div_ceil(LANES) * inputs * LANES;
        let [kt, ky, kx] = self.kernel;
        let (whole, line) = (kt * ky * kx * tap, kx * tap);
        let parts = parts(self.gradient.extent.pixels());
        let mut all = buffer(parts * whole);
        all.fill(0.0);
        all.par_chunks_mut(line).enumerate().for_each(|(place, sums)| {
            let (part, taps) = (place / (kt * ky), place % (kt * ky));
            self.part(part, parts, [taps / ky, taps % ky], sums);
        });
        let (first, rest) = all.split_at_mut(whole);
        let chunk = 4096;
        first.par_chunks_mut(chunk).enumerate().for_each(|(place, total)| {
            for part in rest.chunks_exact(whole) {
                let part = &part[place * chunk..];
                total.iter_mut().zip(part).for_each(|(total, sum)| *total += sum);
            }
        });
        all
    }

    /// Adds the rows of one part to the sums of the taps that lie in row `[kt, ky]` of the kernel.
    fn part(&self, part: usize, parts: usize, [kt, ky]: [usize; 2], sums: &mut [f32]) {
        let extent = self.gradient.extent;
        let rows = extent.rows() * part / parts..extent.rows() * (part + 1) / parts;
        let together = TOGETHER.div_ceil(extent.space[2]);
        let tap = sums.len() / self.kernel[2];
        let mut lines = Vec::with_capacity(together);
        for first in rows.clone().step_by(together) {
            for (phase, taps) in self.axes[2].phases.iter().enumerate() {
                for (kx, shift) in taps {
                    lines.clear();
                    lines.extend((first..rows.end.min(first + together)).filter_map(|row| {
                        self.line(row, [kt, ky], phase)
                            .map(|(row, gradient)| (Tap { row, shift: *shift, weights: 0 }, gradient))
                    }));
                    self.add(&lines, phase, &mut sums[kx * tap..][..tap]);
                }
            }
        }
    }

    /// Where the rows of the source and of the gradient begin, if that row of the kernel joins them.
    fn line(&self, row: usize, [kt, ky]: [usize; 2], phase: usize) -> Option<(usize, usize)> {
        let [n, t, y] = self.gradient.extent.row(row);
        let input = |axis: &Axis, output: usize, tap: usize, inputs: usize| {
            let (phase, place) = axis.place(output);
            let (_, offset) = axis.phases[phase].iter().find(|(k, _)| *k == tap)?;
            axis.input(place, *offset, inputs)
        };
        let from = [
            n,
            input(&self.axes[0], t, kt, self.x.extent.space[0])?,
            input(&self.axes[1], y, ky, self.x.extent.space[1])?,
        ];
        Some((self.x.row(from), self.gradient.row([n, t, y]) + phase * self.gradient.strides[3]))
    }

    fn add(&self, lines: &[(Tap, usize)], phase: usize, sums: &mut [f32]) {
        let [inputs, outputs] = self.channels();
        let columns = &self.axes[2];
        let pixels = columns.count(phase, self.gradient.extent.space[2]);
        if pixels == 0 || lines.is_empty() {
            return;
        }
        for (group, sums) in sums.chunks_exact_mut(outputs.div_ceil(LANES) * inputs * LANES).enumerate() {
            simd::outer(
                self.isa,
                &mut Outer {
                    source: Source {
                        values: &self.x.values[group * inputs..],
                        pixel: self.x.strides[3],
                        width: self.x.extent.space[2],
                        step: columns.step,
                        channels: inputs,
                    },
                    lines,
                    gradient: &self.gradient.values[group * outputs..],
                    pixel: columns.phases.len() * self.gradient.strides[3],
                    pixels,
                    channels: outputs,
                    sums,
                },
            );
        }
    }
}

/// From `[tap, group, block, input, lane]` to `[output, input / groups, tap]`, of a transposed convolution
/// `[input, output / groups, tap]`. `inputs` and `outputs` are of a group.
fn unpacked(sums: &[f32], way: &Way, inputs: usize, outputs: usize) -> Vec<f32> {
    let taps = way.kernel.iter().product::<usize>();
    let blocks = outputs.div_ceil(LANES);
    let mut weights = vec![0.0; taps * way.groups * inputs * outputs];
    // What a thread writes: up to a block of outputs, or an input of a transposed convolution.
    let (slow, fast) = if way.added.is_some() { (inputs, outputs) } else { (outputs, inputs) };
    for (g, weights) in weights.chunks_exact_mut(taps * inputs * outputs).enumerate() {
        weights.par_chunks_mut(LANES.min(slow) * fast * taps).enumerate().for_each(|(chunk, weights)| {
            let first = chunk * LANES.min(slow);
            for tap in 0..taps {
                let sums = &sums[(tap * way.groups + g) * blocks * inputs * LANES..];
                let sum = |input: usize, output: usize| {
                    sums[((output / LANES) * inputs + input) * LANES + output % LANES]
                };
                for (row, weights) in weights.chunks_exact_mut(fast * taps).enumerate() {
                    for (column, weight) in weights[tap..].iter_mut().step_by(taps).enumerate() {
                        *weight = match way.added {
                            None => sum(column, first + row),
                            Some(_) => sum(first + row, column),
                        };
                    }
                }
            }
        });
    }
    weights
}
