//! How a convolution goes over its input.

use crate::{Error, Result};

/// Sizes and steps of a convolution along time, rows and columns.
///
/// A straight one computes `y[o] = Σ_k w[k] x[o * stride - before + k * dilation]`; a transposed one spreads each
/// input, `y[i * stride - before + k * dilation] += w[k] x[i]`. Values outside the input are 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// Taps along each axis.
    pub kernel: [usize; 3],
    /// Distance of outputs (of inputs, if transposed).
    pub stride: [usize; 3],
    /// Distance of taps.
    pub dilation: [usize; 3],
    /// Zeros before the input (cut from the output, if transposed).
    pub before: [usize; 3],
    /// Zeros after the input (cut from the output, if transposed).
    pub after: [usize; 3],
    /// Groups of channels, each convolved for itself.
    pub groups: usize,
    /// Of a transposed convolution: what is added at the end of the output.
    pub added: Option<[usize; 3]>,
}

impl Way {
    /// A straight convolution of stride 1 that keeps the size; an odd one out of the padding lies at the end.
    pub fn same(kernel: [usize; 3]) -> Self {
        let reach = kernel.map(|taps| taps.max(1) - 1);
        Self {
            kernel,
            stride: [1; 3],
            dilation: [1; 3],
            before: reach.map(|reach| reach / 2),
            after: reach.map(|reach| reach - reach / 2),
            groups: 1,
            added: None,
        }
    }

    /// Steps, rows and columns of the output for an input of `space`.
    ///
    /// # Errors
    /// [`Error::Fit`] where nothing comes out.
    pub fn output(&self, space: [usize; 3]) -> Result<[usize; 3]> {
        let axis = |a: usize| -> Option<usize> {
            let reach = self.dilation[a].checked_mul(self.kernel[a].checked_sub(1)?)?;
            if self.stride[a] == 0 || self.dilation[a] == 0 || space[a] == 0 {
                return None;
            }
            let padding = self.before[a].checked_add(self.after[a])?;
            match self.added {
                None => Some(space[a].checked_add(padding)?.checked_sub(reach + 1)? / self.stride[a] + 1),
                Some(added) => {
                    let spread = (space[a] - 1).checked_mul(self.stride[a])?.checked_add(reach + 1)?;
                    spread.checked_add(added[a])?.checked_sub(padding).filter(|size| *size > 0)
                }
            }
        };
        match (axis(0), axis(1), axis(2)) {
            (Some(t), Some(y), Some(x)) => Ok([t, y, x]),
            _ => Err(self.misfit(space, 0)),
        }
    }

    pub(crate) fn misfit(&self, space: [usize; 3], channels: usize) -> Error {
        Error::Fit { way: format!("{self:?}"), space, channels }
    }

    /// Taps of each axis, by the phase of the output.
    pub(crate) fn axes(&self) -> [Axis; 3] {
        std::array::from_fn(|a| match self.added {
            None => Axis::gathered(self.kernel[a], self.stride[a], self.dilation[a], self.before[a]),
            Some(_) => Axis::spread(self.kernel[a], self.stride[a], self.dilation[a], self.before[a]),
        })
    }

    /// The way of the gradient from output to input.
    pub(crate) fn turned(&self) -> Self {
        Self { added: if self.added.is_some() { None } else { Some([0; 3]) }, ..self.clone() }
    }
}

/// One axis: output `q * phases + r` reads input `q * step + offset` for each tap of its phase `r`.
#[derive(Debug, Clone)]
pub(crate) struct Axis {
    pub(crate) step: usize,
    /// Taps of each phase: place in the kernel, and offset.
    pub(crate) phases: Vec<Vec<(usize, isize)>>,
}

impl Axis {
    fn gathered(kernel: usize, stride: usize, dilation: usize, before: usize) -> Self {
        let taps = (0..kernel).map(|k| (k, (k * dilation) as isize - before as isize));
        Self { step: stride, phases: vec![taps.collect()] }
    }

    fn spread(kernel: usize, stride: usize, dilation: usize, before: usize) -> Self {
        let phase = |r: usize| {
            let taps = (0..kernel).filter_map(|k| {
                let place = (r + before) as isize - (k * dilation) as isize;
                (place.rem_euclid(stride as isize) == 0).then_some((k, place.div_euclid(stride as isize)))
            });
            taps.collect()
        };
        Self { step: 1, phases: (0..stride).map(phase).collect() }
    }

    /// Phase of an output, and its place among those of the phase.
    pub(crate) fn place(&self, output: usize) -> (usize, usize) {
        (output % self.phases.len(), output / self.phases.len())
    }

    /// How many of `outputs` are of a phase.
    pub(crate) fn count(&self, phase: usize, outputs: usize) -> usize {
        (outputs + self.phases.len() - 1 - phase) / self.phases.len()
    }

    /// The input that a tap reads, if there is one among `inputs`.
    pub(crate) fn input(&self, place: usize, offset: isize, inputs: usize) -> Option<usize> {
        (place * self.step).checked_add_signed(offset).filter(|input| *input < inputs)
    }
}
