//! A convolution with bias and rectifier; by other weights, the gradient to a convolution's input.

use rayon::prelude::*;

use crate::buffers::buffer;
use crate::simd::{self, LANES, Row, Source, Tap};
use crate::{Error, Extent, Isa, Packed, Result, View};

/// Pixels that a thread takes at a time, so that weights are read more often than they are loaded.
const PIXELS: usize = 256;

/// What is added to the sums of a convolution, and what becomes of them.
#[derive(Debug, Clone, Copy)]
pub struct After<'a> {
    /// One number an output; none is 0.
    pub bias: Option<&'a [f32]>,
    /// What a value below 0 is multiplied with: 1 leaves it, 0 makes it 0, between them lie leaky rectifiers.
    pub slope: f32,
}

impl After<'_> {
    /// Nothing.
    pub const NONE: After<'static> = After { bias: None, slope: 1.0 };
}

/// Where outputs go: channels `first..` of pixels that have `channels`, in a slice without gaps.
#[derive(Debug)]
pub struct Target<'a> {
    /// The slice, `[n, t, y, x, channels]`.
    pub values: &'a mut [f32],
    /// Channels of a pixel of the slice.
    pub channels: usize,
    /// The first of them that is written.
    pub first: usize,
}

/// Sizes of the output of a convolution.
///
/// # Errors
/// [`Error::Fit`] where the input does not fit the weights.
pub fn output_extent(input: Extent, packed: &Packed) -> Result<Extent> {
    if input.c != packed.inputs() {
        return Err(packed.way.misfit(input.space, input.c));
    }
    Ok(Extent { n: input.n, space: packed.way.output(input.space)?, c: packed.outputs() })
}

/// The convolution of `x`, all of its outputs side by side.
///
/// # Errors
/// As [`convolve_into`].
pub fn convolve(isa: Isa, x: View<'_>, packed: &Packed, after: After<'_>) -> Result<Vec<f32>> {
    let extent = output_extent(x.extent, packed)?;
    let mut values = buffer(extent.numbers()?);
    let target = Target { values: &mut values, channels: extent.c, first: 0 };
    convolve_into(isa, x, packed, after, extent.space, target)?;
    Ok(values)
}

/// The convolution of `x`, written among other channels of `target`. `space` are the output's steps, rows and columns: what
/// [`output_extent`] says, or for a gradient to the input, whose size a stride leaves open, those of the input.
///
/// # Errors
/// [`Error::Fit`] where the input does not fit the weights; [`Error::Length`] for slices of other lengths.
pub fn convolve_into(
    isa: Isa,
    x: View<'_>,
    packed: &Packed,
    after: After<'_>,
    space: [usize; 3],
    target: Target<'_>,
) -> Result<()> {
    if x.extent.c != packed.inputs() {
        return Err(packed.way.misfit(x.extent.space, x.extent.c));
    }
    let extent = Extent { n: x.extent.n, space, c: packed.outputs() };
    let expected = Extent { c: target.channels, ..extent }.numbers()?;
    if target.values.len() != expected || target.first + extent.c > target.channels {
        return Err(Error::Length { what: "values of an output", found: target.values.len(), expected });
    }
    let bias = bias_lanes(after.bias, packed)?;
    let job = Job { isa, x, packed, bias: &bias, slope: after.slope, zeros: &vec![0.0; x.extent.c], extent };
    let row = space[2] * target.channels;
    let rows = PIXELS.div_ceil(space[2]);
    target.values.par_chunks_mut(rows * row).enumerate().for_each(|(chunk, values)| {
        job.rows(chunk * rows, &mut Target { values, ..target });
    });
    Ok(())
}

/// The bias of each group in whole blocks.
fn bias_lanes(bias: Option<&[f32]>, packed: &Packed) -> Result<Vec<f32>> {
    let (groups, outputs) =
        if packed.depthwise { (1, packed.way.groups) } else { (packed.way.groups, packed.outputs) };
    let lanes = outputs.div_ceil(LANES) * LANES;
    let mut all = vec![0.0; groups * lanes];
    if let Some(bias) = bias {
        let expected = packed.outputs();
        if bias.len() != expected {
            return Err(Error::Length { what: "bias of a convolution", found: bias.len(), expected });
        }
        for (to, from) in all.chunks_exact_mut(lanes).zip(bias.chunks_exact(outputs)) {
            to[..from.len()].copy_from_slice(from);
        }
    }
    Ok(all)
}

struct Job<'a> {
    isa: Isa,
    x: View<'a>,
    packed: &'a Packed,
    bias: &'a [f32],
    slope: f32,
    zeros: &'a [f32],
    extent: Extent,
}

/// The taps of the outputs of one row that have the same phase.
struct Line<'a> {
    taps: Vec<Tap>,
    weights: &'a [f32],
    /// Distance of the weights of blocks.
    block: usize,
    /// First output, and how many.
    phase: usize,
    pixels: usize,
}

impl<'a> Job<'a> {
    /// The rows from `first` on that `target` has.
    fn rows(&self, first: usize, target: &mut Target<'_>) {
        let length = self.extent.space[2] * target.channels;
        let lines: Vec<Vec<Line<'a>>> =
            (0..target.values.len() / length).map(|row| self.lines(first + row)).collect();
        if self.packed.depthwise {
            return self.depthwise_rows(&lines, target);
        }
        let Packed { inputs, outputs, way, group, axes, .. } = self.packed;
        let (lanes, phases) = (outputs.div_ceil(LANES) * LANES, axes[2].phases.len());
        // Two blocks at a time: their weights are used for all rows before the next are loaded.
        for channel in
            (0..way.groups).flat_map(|g| (0..*outputs).step_by(2 * LANES).map(move |channel| (g, channel)))
        {
            let (g, channel) = channel;
            for (lines, values) in lines.iter().zip(target.values.chunks_exact_mut(length)) {
                for line in lines {
                    let at = line.phase * target.channels + target.first + g * outputs + channel;
                    simd::row(
                        self.isa,
                        &mut Row {
                            source: Source {
                                values: &self.x.values[g * inputs..],
                                pixel: self.x.strides[3],
                                width: self.x.extent.space[2],
                                step: axes[2].step,
                                channels: *inputs,
                            },
                            taps: &line.taps,
                            zeros: self.zeros,
                            weights: &line.weights[g * group + channel / LANES * line.block..],
                            block: line.block,
                            bias: &self.bias[g * lanes + channel..],
                            slope: self.slope,
                            output: &mut values[at..],
                            pixel: phases * target.channels,
                            pixels: line.pixels,
                            channels: (outputs - channel).min(2 * LANES),
                        },
                    );
                }
            }
        }
    }

    /// The same where each channel is convolved for itself.
    fn depthwise_rows(&self, lines: &[Vec<Line<'a>>], target: &mut Target<'_>) {
        let columns = &self.packed.axes[2];
        let rows = target.values.chunks_exact_mut(self.extent.space[2] * target.channels);
        for (lines, values) in lines.iter().zip(rows) {
            for line in lines {
                simd::depthwise_row(
                    self.isa,
                    &mut Row {
                        source: Source {
                            values: self.x.values,
                            pixel: self.x.strides[3],
                            width: self.x.extent.space[2],
                            step: columns.step,
                            channels: self.x.extent.c,
                        },
                        taps: &line.taps,
                        zeros: self.zeros,
                        weights: line.weights,
                        block: LANES,
                        bias: self.bias,
                        slope: self.slope,
                        output: &mut values[line.phase * target.channels + target.first..],
                        pixel: columns.phases.len() * target.channels,
                        pixels: line.pixels,
                        channels: self.extent.c,
                    },
                );
            }
        }
    }

    /// What one row is made of, phase by phase.
    fn lines(&self, row: usize) -> Vec<Line<'a>> {
        let [n, t, y] = self.extent.row(row);
        let [steps, rows, columns] = &self.packed.axes;
        let ((phase_t, t), (phase_y, y)) = (steps.place(t), rows.place(y));
        let [inputs_t, inputs_y, _] = self.x.extent.space;
        let one = self.packed.tap();
        let line = |phase: usize| {
            let of = self.packed.phase([phase_t, phase_y, phase]);
            let taps = of.taps.iter().enumerate().filter_map(|(place, offset)| {
                let t = steps.input(t, offset[0], inputs_t)?;
                let y = rows.input(y, offset[1], inputs_y)?;
                Some(Tap { row: self.x.row([n, t, y]), shift: offset[2], weights: place * one })
            });
            Line {
                taps: taps.collect(),
                weights: &self.packed.values[of.at..],
                block: of.taps.len() * one,
                phase,
                pixels: columns.count(phase, self.extent.space[2]),
            }
        };
        (0..columns.phases.len()).map(line).filter(|line| line.pixels > 0).collect()
    }
}
