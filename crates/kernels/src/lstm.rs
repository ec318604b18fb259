//! The cell of a long short-term memory, and the way back through it.
//!
//! Hochreiter & Schmidhuber 1997 with the forget gate of Gers et al. 2000. The gates of a pixel are `[input, forget,
//! candidate, output]`, PyTorch's order, before their functions.

use rayon::prelude::*;

use crate::buffers::buffer;
use crate::simd::{self, Work};
use crate::{Error, Isa, Result, View};

/// Pixels that a thread takes at a time.
const PIXELS: usize = 64;

/// Outputs and states of the cells of all pixels: `[pixel, output and state]` of `gates` `[pixel, 4 hidden]` and of the states
/// before `[pixel, hidden]`, 0 where there are none.
///
/// # Errors
/// [`Error::Length`] where pixels or channels do not fit each other.
pub fn lstm_cell(isa: Isa, gates: View<'_>, before: Option<View<'_>>) -> Result<Vec<f32>> {
    let hidden = check(gates, before)?;
    let mut values = buffer(gates.extent.pixels() * 2 * hidden);
    values.par_chunks_mut(PIXELS * 2 * hidden).enumerate().for_each(|(chunk, values)| {
        simd::with(isa, Forward { gates, before, hidden, first: chunk * PIXELS, values });
    });
    Ok(values)
}

/// The gradient of the gates `[pixel, 4 hidden]` and of the states before `[pixel, hidden]`, from that of what
/// [`lstm_cell`] gave as `values`.
///
/// # Errors
/// As [`lstm_cell`].
pub fn lstm_cell_gradient(
    isa: Isa,
    gates: View<'_>,
    before: Option<View<'_>>,
    values: View<'_>,
    gradient: View<'_>,
) -> Result<[Vec<f32>; 2]> {
    let hidden = check(gates, before)?;
    let pixels = gates.extent.pixels();
    for view in [values, gradient] {
        let found = (view.extent.pixels(), view.extent.c);
        if found != (pixels, 2 * hidden) {
            let (found, expected) = (found.0 * found.1, pixels * 2 * hidden);
            return Err(Error::Length { what: "values of cells", found, expected });
        }
    }
    let zeros = vec![0.0; hidden];
    let (mut to_gates, mut to_before) = (buffer(pixels * 4 * hidden), buffer(pixels * hidden));
    let chunks = to_gates.par_chunks_mut(PIXELS * 4 * hidden).zip(to_before.par_chunks_mut(PIXELS * hidden));
    chunks.enumerate().for_each(|(chunk, (to_gates, to_before))| {
        let (first, zeros) = (chunk * PIXELS, zeros.as_slice());
        simd::with(isa, Back { gates, before, zeros, values, gradient, first, to_gates, to_before });
    });
    Ok([to_gates, to_before])
}

/// Cells of pixels from `first` on.
struct Forward<'a> {
    gates: View<'a>,
    before: Option<View<'a>>,
    hidden: usize,
    first: usize,
    values: &'a mut [f32],
}

impl Work for Forward<'_> {
    #[inline(always)]
    fn run(self) {
        for (pixel, values) in self.values.chunks_exact_mut(2 * self.hidden).enumerate() {
            let pixel = self.first + pixel;
            let gates = quarters(self.gates.pixel(pixel), self.hidden);
            let (output, state) = values.split_at_mut(self.hidden);
            match self.before {
                Some(before) => states(gates, before.pixel(pixel), state),
                None => first_states(gates, state),
            }
            outputs(gates, state, output);
        }
    }
}

/// The way back through them.
struct Back<'a> {
    gates: View<'a>,
    before: Option<View<'a>>,
    /// The states before where there are none.
    zeros: &'a [f32],
    values: View<'a>,
    gradient: View<'a>,
    first: usize,
    to_gates: &'a mut [f32],
    to_before: &'a mut [f32],
}

impl Work for Back<'_> {
    #[inline(always)]
    fn run(self) {
        let hidden = self.zeros.len();
        let pixels = self.to_gates.chunks_exact_mut(4 * hidden).zip(self.to_before.chunks_exact_mut(hidden));
        for (pixel, (to_gates, to_before)) in pixels.enumerate() {
            let pixel = self.first + pixel;
            let before = match self.before {
                Some(before) => before.pixel(pixel),
                None => self.zeros,
            };
            let state = &self.values.pixel(pixel)[hidden..];
            let gradient = self.gradient.pixel(pixel).split_at(hidden);
            back(quarters(self.gates.pixel(pixel), hidden), before, state, gradient, to_gates, to_before);
        }
    }
}

/// Hidden channels.
fn check(gates: View<'_>, before: Option<View<'_>>) -> Result<usize> {
    let (pixels, hidden) = (gates.extent.pixels(), gates.extent.c / 4);
    let fits = before.is_none_or(|before| (before.extent.pixels(), before.extent.c) == (pixels, hidden));
    if fits && hidden > 0 && gates.extent.c == 4 * hidden {
        return Ok(hidden);
    }
    let found = before.map_or(gates.extent.c, |before| before.extent.pixels() * before.extent.c);
    Err(Error::Length { what: "gates and states of cells", found, expected: pixels * hidden })
}

#[inline(always)]
fn quarters(gates: &[f32], hidden: usize) -> [&[f32]; 4] {
    let quarter = &gates[..4 * hidden];
    let ([a, b], [c, d]) = (halves(&quarter[..2 * hidden]), halves(&quarter[2 * hidden..]));
    [a, b, c, d]
}

#[inline(always)]
fn halves(values: &[f32]) -> [&[f32]; 2] {
    let (first, second) = values.split_at(values.len() / 2);
    [first, second]
}

#[inline(always)]
fn first_states([input, _, candidate, _]: [&[f32]; 4], state: &mut [f32]) {
    for i in 0..state.len().min(input.len()).min(candidate.len()) {
        state[i] = sigmoid(input[i]) * tanh(candidate[i]);
    }
}

#[inline(always)]
fn states([input, forget, candidate, _]: [&[f32]; 4], before: &[f32], state: &mut [f32]) {
    let hidden = state.len();
    let (input, forget, candidate, before) =
        (&input[..hidden], &forget[..hidden], &candidate[..hidden], &before[..hidden]);
    for i in 0..hidden {
        state[i] = sigmoid(forget[i]) * before[i] + sigmoid(input[i]) * tanh(candidate[i]);
    }
}

#[inline(always)]
fn outputs([_, _, _, gate]: [&[f32]; 4], state: &[f32], output: &mut [f32]) {
    let hidden = output.len();
    let (gate, state) = (&gate[..hidden], &state[..hidden]);
    for i in 0..hidden {
        output[i] = sigmoid(gate[i]) * tanh(state[i]);
    }
}

#[inline(always)]
fn back(
    [input, forget, candidate, gate]: [&[f32]; 4],
    before: &[f32],
    state: &[f32],
    (to_output, to_state): (&[f32], &[f32]),
    to_gates: &mut [f32],
    to_before: &mut [f32],
) {
    let hidden = to_before.len();
    let (input, forget, candidate, gate) =
        (&input[..hidden], &forget[..hidden], &candidate[..hidden], &gate[..hidden]);
    let (before, state) = (&before[..hidden], &state[..hidden]);
    let (to_output, to_state) = (&to_output[..hidden], &to_state[..hidden]);
    let (to_input, rest) = to_gates.split_at_mut(hidden);
    let (to_forget, rest) = rest.split_at_mut(hidden);
    let (to_candidate, to_gate) = rest.split_at_mut(hidden);
    let to_gate = &mut to_gate[..hidden];
    for i in 0..hidden {
        let [new, kept, shown] = [sigmoid(input[i]), sigmoid(forget[i]), sigmoid(gate[i])];
        let (idea, seen) = (tanh(candidate[i]), tanh(state[i]));
        let to_state = to_state[i] + to_output[i] * shown * (1.0 - seen * seen);
        to_gate[i] = to_output[i] * seen * shown * (1.0 - shown);
        to_input[i] = to_state * idea * new * (1.0 - new);
        to_forget[i] = to_state * before[i] * kept * (1.0 - kept);
        to_candidate[i] = to_state * new * (1.0 - idea * idea);
        to_before[i] = to_state * kept;
    }
}

#[inline(always)]
fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exponential(-x))
}

#[inline(always)]
fn tanh(x: f32) -> f32 {
    1.0 - 2.0 / (1.0 + exponential(2.0 * x))
}

/// `e^x` within some 2 units of the last place, between -87 and 88, by the polynomial of the Cephes library (Moshier 1984).
/// Its products are fused on purpose, so that every machine rounds alike.
#[inline(always)]
fn exponential(x: f32) -> f32 {
    const COEFFICIENTS: [f32; 6] =
        [1.987_569_1e-4, 1.398_2e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 0.5];
    /// Adding it rounds to whole numbers, which then stand in the last bits.
    const ROUND: f32 = 12_582_912.0;
    let x = if x < -87.0 { -87.0 } else { x };
    let x = if x > 88.0 { 88.0 } else { x };
    let shifted = x.mul_add(std::f32::consts::LOG2_E, ROUND);
    let whole = shifted - ROUND;
    let rest = whole.mul_add(-0.693_359_4, x);
    let rest = whole.mul_add(2.121_944_4e-4, rest);
    let mut sum = COEFFICIENTS[0];
    for coefficient in &COEFFICIENTS[1..] {
        sum = sum.mul_add(rest, *coefficient);
    }
    let sum = sum.mul_add(rest * rest, rest) + 1.0;
    sum * f32::from_bits((shifted.to_bits() << 23).wrapping_add(127 << 23))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_functions_are_those_of_double_precision() {
        for place in -2000..2000 {
            let x = place as f32 * 0.043;
            let near = |found: f32, expected: f64| {
                let error = (f64::from(found) - expected).abs();
                assert!(error < 2e-7, "{x}: {found} {expected}");
            };
            near(sigmoid(x), 1.0 / (1.0 + (-f64::from(x)).exp()));
            near(tanh(x), f64::from(x).tanh());
            let exact = f64::from(x).exp();
            assert!(
                (f64::from(exponential(x)) / exact - 1.0).abs() < 3e-7 || !(-87.0..88.0).contains(&x),
                "{x}"
            );
        }
        assert!(sigmoid(f32::NAN).is_nan() && tanh(f32::NAN).is_nan());
        assert_eq!([sigmoid(1e9), sigmoid(-1e9).round(), tanh(1e9), tanh(-1e9)], [1.0, 0.0, 1.0, -1.0]);
    }
}
