//! A layer of long short-term memory without biases, read forwards or both ways.

use burn::module::{Initializer, Module, Param};
use burn::tensor::activation::sigmoid;
use burn::tensor::{Device, Tensor};

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
        let from_input = self.input_weights.val().transpose();
        let from_state = self.state_weights.val().transpose();
        let hidden = from_state.dims()[0];
        let device = from_state.device();
        let mut outputs: Vec<Tensor<2>> = Vec::new();
        let mut cell: Option<Tensor<2>> = None;
        for step in steps {
            let mut gates = step.clone().matmul(from_input.clone());
            if let Some(output) = outputs.last() {
                gates = gates + output.clone().matmul(from_state.clone());
            }
            let gate = |place: usize| gates.clone().narrow(1, place * hidden, hidden);
            let new = sigmoid(gate(0)) * gate(2).tanh();
            let state = match cell {
                Some(cell) => sigmoid(gate(1)) * cell + new,
                None => new,
            };
            outputs.push(sigmoid(gate(3)) * state.clone().tanh());
            cell = Some(state);
        }
        (outputs, cell.unwrap_or_else(|| Tensor::zeros([0, hidden], &device)))
    }
}
