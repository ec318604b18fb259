//! Weights in the order in which the inner loop reads them.

use rayon::prelude::*;

use crate::simd::LANES;
use crate::way::Axis;
use crate::{Error, Result, Way};

/// A convolution's weights, packed once and used for any input.
///
/// Each group and phase of the output has `[block of 16 outputs, tap, input, output of the block]`.
#[derive(Debug, Clone)]
pub struct Packed {
    pub(crate) way: Way,
    pub(crate) axes: [Axis; 3],
    /// Inputs and outputs of each group.
    pub(crate) inputs: usize,
    pub(crate) outputs: usize,
    pub(crate) phases: Vec<Phase>,
    pub(crate) values: Vec<f32>,
    /// Distance of groups in `values`.
    pub(crate) group: usize,
    /// Whether each channel is convolved for itself: then weights are `[tap, channel]`, in whole lanes.
    pub(crate) depthwise: bool,
}

/// The taps of an output's phase along time, rows and columns.
#[derive(Debug, Clone)]
pub(crate) struct Phase {
    /// Where its weights begin.
    pub(crate) at: usize,
    /// Offsets along the axes, in the order of the weights.
    pub(crate) taps: Vec<[isize; 3]>,
}

/// How weights lie in a file: the distances of outputs, inputs and groups; taps lie side by side.
struct Order {
    output: usize,
    input: usize,
    group: usize,
}

impl Packed {
    /// For the convolution of `inputs` to `outputs` channels. Weights are `[output, input / groups, t, y, x]`, of a transposed
    /// one `[input, output / groups, t, y, x]`, as PyTorch has them.
    ///
    /// # Errors
    /// [`Error::Fit`] where groups do not divide the channels; [`Error::Length`] for another number of weights.
    pub fn forward(way: &Way, weights: &[f32], inputs: usize, outputs: usize) -> Result<Self> {
        let taps = check(way, weights, inputs, outputs)?;
        let [inputs, outputs] = [inputs / way.groups, outputs / way.groups];
        let order = match way.added {
            None => Order { output: inputs * taps, input: taps, group: outputs * inputs * taps },
            Some(_) => Order { output: taps, input: outputs * taps, group: inputs * outputs * taps },
        };
        Ok(Self::new(way.clone(), weights, [inputs, outputs], order))
    }

    /// For the gradient from the convolution's outputs to its inputs.
    ///
    /// # Errors
    /// As [`Packed::forward`].
    pub fn backward(way: &Way, weights: &[f32], inputs: usize, outputs: usize) -> Result<Self> {
        let taps = check(way, weights, inputs, outputs)?;
        let [inputs, outputs] = [inputs / way.groups, outputs / way.groups];
        // What the convolution gives is what its gradient takes.
        let order = match way.added {
            None => Order { output: taps, input: inputs * taps, group: outputs * inputs * taps },
            Some(_) => Order { output: outputs * taps, input: taps, group: inputs * outputs * taps },
        };
        Ok(Self::new(way.turned(), weights, [outputs, inputs], order))
    }

    fn new(way: Way, weights: &[f32], [inputs, outputs]: [usize; 2], order: Order) -> Self {
        let axes = way.axes();
        if way.groups > 1 && [inputs, outputs] == [1, 1] {
            return Self::depthwise(way, axes, weights);
        }
        let blocks = outputs.div_ceil(LANES);
        let (mut phases, mut places, mut group) = (Vec::new(), Vec::new(), 0);
        for [t, y, x] in triples(axes.each_ref().map(|axis| axis.phases.as_slice())) {
            let taps = triples([t, y, x]);
            let offsets = taps.iter().map(|taps| taps.map(|(_, offset)| *offset)).collect();
            phases.push(Phase { at: group, taps: offsets });
            let place = |[t, y, x]: &[&(usize, isize); 3]| (t.0 * way.kernel[1] + y.0) * way.kernel[2] + x.0;
            places.push(taps.iter().map(place).collect::<Vec<usize>>());
            group += blocks * taps.len() * inputs * LANES;
        }
        let mut values = vec![0.0; way.groups * group];
        for g in 0..way.groups {
            let from = &weights[g * order.group..][..order.group];
            for (phase, places) in phases.iter().zip(&places).filter(|(_, places)| !places.is_empty()) {
                let block = places.len() * inputs * LANES;
                let to = &mut values[g * group + phase.at..][..blocks * block];
                to.par_chunks_mut(block).enumerate().for_each(|(block, to)| {
                    for lane in 0..LANES.min(outputs - block * LANES) {
                        for input in 0..inputs {
                            let from = &from[(block * LANES + lane) * order.output + input * order.input..];
                            for (tap, place) in places.iter().enumerate() {
                                to[(tap * inputs + input) * LANES + lane] = from[*place];
                            }
                        }
                    }
                });
            }
        }
        Self { way, axes, inputs, outputs, phases, values, group, depthwise: false }
    }

    fn depthwise(way: Way, axes: [Axis; 3], weights: &[f32]) -> Self {
        let (channels, kernel) = (way.groups, way.kernel.iter().product::<usize>());
        let lanes = channels.div_ceil(LANES) * LANES;
        let (mut phases, mut values) = (Vec::new(), Vec::new());
        for [t, y, x] in triples(axes.each_ref().map(|axis| axis.phases.as_slice())) {
            let taps = triples([t, y, x]);
            phases.push(Phase {
                at: values.len(),
                taps: taps.iter().map(|taps| taps.map(|(_, offset)| *offset)).collect(),
            });
            for [t, y, x] in taps {
                let place = (t.0 * way.kernel[1] + y.0) * way.kernel[2] + x.0;
                let of = weights[place..].iter().step_by(kernel);
                values.extend(of.copied().chain(std::iter::repeat(0.0)).take(lanes));
            }
        }
        Self { way, axes, inputs: 1, outputs: 1, phases, values, group: 0, depthwise: true }
    }

    /// Channels of the input.
    pub fn inputs(&self) -> usize {
        self.inputs * self.way.groups
    }

    /// Channels of the output.
    pub fn outputs(&self) -> usize {
        self.outputs * self.way.groups
    }

    /// Distance of the weights of taps.
    pub(crate) fn tap(&self) -> usize {
        if self.depthwise { self.way.groups.div_ceil(LANES) * LANES } else { self.inputs * LANES }
    }

    /// The phase of an output, by its phases along the axes.
    pub(crate) fn phase(&self, [t, y, x]: [usize; 3]) -> &Phase {
        &self.phases[(t * self.axes[1].phases.len() + y) * self.axes[2].phases.len() + x]
    }
}

/// All combinations of one element of each, the last running fastest.
fn triples<T>(lists: [&[T]; 3]) -> Vec<[&T; 3]> {
    let [first, second, third] = lists;
    let pairs = first.iter().flat_map(|a| second.iter().map(move |b| (a, b)));
    pairs.flat_map(|(a, b)| third.iter().map(move |c| [a, b, c])).collect()
}

/// Refuses groups that do not divide the channels.
pub(crate) fn check_channels(way: &Way, inputs: usize, outputs: usize) -> Result<()> {
    let divided = way.groups > 0 && inputs.is_multiple_of(way.groups) && outputs.is_multiple_of(way.groups);
    if divided && inputs > 0 && outputs > 0 { Ok(()) } else { Err(way.misfit([0; 3], inputs)) }
}

/// Number of taps, of weights that are as many as they should be.
fn check(way: &Way, weights: &[f32], inputs: usize, outputs: usize) -> Result<usize> {
    check_channels(way, inputs, outputs)?;
    let taps = way.kernel.iter().product::<usize>();
    let expected = inputs / way.groups * outputs * taps;
    if weights.len() != expected || expected == 0 {
        return Err(Error::Length { what: "weights of a convolution", found: weights.len(), expected });
    }
    Ok(taps)
}
