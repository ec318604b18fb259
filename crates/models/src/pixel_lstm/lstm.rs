//! A layer of long short-term memory without biases, read forwards or both ways.

use burn::module::{Initializer, Module, Param};
use burn::tensor::activation::sigmoid;
use burn::tensor::{Device, Tensor};

#[cfg(feature = "flex")]
use crate::flex;

/// One or two directions over the same series.
#[derive(Module, Debug)]
pub(super) struct Layer {
    forward: Direction,
    backward: Option<Direction>,
}

impl Layer {
    pub(super) fn new(channels: [usize; 2], bidirectional: bool, device: &Device) -> Self {
        let direction = || Direction::new(channels, device);
        Self { forward: direction(), backward: bidirectional.then(direction) }
    }

    /// Number of weights of one direction.
    pub(super) fn weights(input: usize, hidden: usize) -> usize {
        4 * hidden * (input + hidden)
    }

    /// Of `steps`, one `[pixel, input]` a date: the output `[pixel, direction x hidden]` of each date, and each
    /// direction's last cell state `[pixel, hidden]`.
    pub(super) fn forward(&self, steps: &[Tensor<2>]) -> (Vec<Tensor<2>>, Vec<Tensor<2>>) {
        let (mut outputs, cell) = self.forward.forward(steps.iter());
        let mut cells = vec![cell];
        if let Some(backward) = &self.backward {
            let (mut back, cell) = backward.forward(steps.iter().rev());
            back.reverse();
            outputs = outputs.into_iter().zip(back).map(|(a, b)| Tensor::cat(vec![a, b], 1)).collect();
            cells.push(cell);
        }
        (outputs, cells)
    }
}

/// Weights of one direction. The rows are those of the gates input, forget, cell and output, as PyTorch's.
#[derive(Module, Debug)]
struct Direction {
    /// `[4 hidden, input]`.
    input_weights: Param<Tensor<2>>,
    /// `[4 hidden, hidden]`.
    state_weights: Param<Tensor<2>>,
}

impl Direction {
    fn new([input, hidden]: [usize; 2], device: &Device) -> Self {
        Self {
            input_weights: Initializer::Zeros.init([4 * hidden, input], device),
            state_weights: Initializer::Zeros.init([4 * hidden, hidden], device),
        }
    }

    /// The output of each date in the order read, and the last cell state.
    fn forward<'a>(&self, steps: impl Iterator<Item = &'a Tensor<2>>) -> (Vec<Tensor<2>>, Tensor<2>) {
        let (from_input, from_state) = (self.input_weights.val(), self.state_weights.val());
        let hidden = from_state.dims()[1];
        let device = from_state.device();
        let both = Tensor::cat(vec![from_input.clone(), from_state], 1);
        let mut outputs: Vec<Tensor<2>> = Vec::new();
        let mut state: Option<Tensor<2>> = None;
        for step in steps {
            let gates = match outputs.last() {
                None => product(step.clone(), from_input.clone()),
                Some(output) => product(Tensor::cat(vec![step.clone(), output.clone()], 1), both.clone()),
            };
            let [output, next] = cell(gates, state, hidden);
            outputs.push(output);
            state = Some(next);
        }
        (outputs, state.unwrap_or_else(|| Tensor::zeros([0, hidden], &device)))
    }
}

/// `[pixel, output]` of `x` `[pixel, input]` and `weights` `[output, input]`.
fn product(x: Tensor<2>, weights: Tensor<2>) -> Tensor<2> {
    #[cfg(feature = "flex")]
    if x.device() == Device::flex() {
        return flex::product(x, weights);
    }
    x.matmul(weights.transpose())
}

/// Output and state `[pixel, hidden]` of gates `[pixel, 4 hidden]` and of the state before, 0 if there is none.
fn cell(gates: Tensor<2>, before: Option<Tensor<2>>, hidden: usize) -> [Tensor<2>; 2] {
    #[cfg(feature = "flex")]
    if gates.device() == Device::flex() {
        let values = flex::cell(gates, before);
        return [0, hidden].map(|first| values.clone().narrow(1, first, hidden));
    }
    let gate = |place: usize| gates.clone().narrow(1, place * hidden, hidden);
    let new = sigmoid(gate(0)) * gate(2).tanh();
    let state = match before {
        Some(before) => sigmoid(gate(1)) * before + new,
        None => new,
    };
    [sigmoid(gate(3)) * state.clone().tanh(), state]
}
