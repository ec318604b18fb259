//! Convolution blocks on libtorch, trained along torch's own gradient tape.
//!
//! burn 0.22 composes the gradients of a convolution from further convolutions (of groups one by one), and a
//! normalisation from single steps; libtorch has a kernel for each. Here a block is one operation to burn, and its inside is
//! differentiated by torch. The results are the same to rounding.
#![expect(
    deprecated,
    reason = "burn names libtorch deprecated; it is the fastest backend of this version on a CPU"
)]

use std::sync::{Arc, Mutex, PoisonError};

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::libtorch::TchTensor;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, LibTorch};
use ecotone_kernels::Way;
use tch::{Kind, Tensor};

use crate::blocks::{Blocks, Pass};
use crate::rectifier::Rectifier;

impl Blocks for LibTorch {
    fn convolution(x: TchTensor, weight: TchTensor, bias: TchTensor, pass: Pass) -> TchTensor {
        let mut output = convolve(&pass.way, [&x.tensor, &weight.tensor, &bias.tensor]);
        // Nobody else has the output yet.
        TchTensor::new(match pass.rectifier {
            Rectifier::None => output,
            Rectifier::Plain => output.relu_(),
            Rectifier::Leaky => output.leaky_relu_(),
        })
    }

    fn block(
        x: TchTensor,
        weight: TchTensor,
        bias: TchTensor,
        gamma: TchTensor,
        beta: TchTensor,
        pass: Pass,
        epsilon: f64,
    ) -> (TchTensor, TchTensor, TchTensor) {
        let inputs = [&x.tensor, &weight.tensor, &bias.tensor, &gamma.tensor, &beta.tensor];
        let (output, mean, variance) = convolve_and_normalise(inputs, &pass, epsilon);
        (TchTensor::new(output), TchTensor::new(mean), TchTensor::new(variance))
    }
}

impl<C: CheckpointStrategy> Blocks for Autodiff<LibTorch, C> {
    fn convolution(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        pass: Pass,
    ) -> FloatTensor<Self> {
        record::<C, 3, _>([x, weight, bias], |inputs| {
            (rectify(convolve(&pass.way, inputs), pass.rectifier), ())
        })
        .0
    }

    fn block(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        pass: Pass,
        epsilon: f64,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let (output, (mean, variance)) = record::<C, 5, _>([x, weight, bias, gamma, beta], |inputs| {
            let (output, mean, variance) = convolve_and_normalise(inputs, &pass, epsilon);
            (output, (mean, variance))
        });
        let constant = |tensor: Tensor| FloatTensor::<Self>::new(TchTensor::new(tensor));
        (output, constant(mean), constant(variance))
    }
}

/// The convolution alone. Axes that `x` lacks are the first of the way.
fn convolve(way: &Way, [x, weight, bias]: [&Tensor; 3]) -> Tensor {
    let axes = 3 - (x.dim() - 2);
    let list = |numbers: [usize; 3]| numbers[axes..].iter().map(|number| *number as i64).collect::<Vec<_>>();
    let (stride, dilation, before, after) =
        (list(way.stride), list(way.dilation), list(way.before), list(way.after));
    let (transposed, added) = (way.added.is_some(), list(way.added.unwrap_or([0; 3])));
    let go = |x: &Tensor, padding: &[i64]| {
        x.convolution(weight, Some(bias), &stride, padding, &dilation, transposed, &added, way.groups as i64)
    };
    if before == after {
        return go(x, &before);
    }
    // Libtorch lists the last axis first.
    let sides: Vec<i64> =
        before.iter().zip(&after).rev().flat_map(|(before, after)| [*before, *after]).collect();
    go(&x.constant_pad_nd(sides), &vec![0; stride.len()])
}

fn rectify(x: Tensor, rectifier: Rectifier) -> Tensor {
    match rectifier {
        Rectifier::None => x,
        Rectifier::Plain => x.relu(),
        Rectifier::Leaky => x.leaky_relu(),
    }
}

fn convolve_and_normalise(inputs: [&Tensor; 5], pass: &Pass, epsilon: f64) -> (Tensor, Tensor, Tensor) {
    let [x, weight, bias, gamma, beta] = inputs;
    let x = convolve(&pass.way, [x, weight, bias]);
    let none = None::<&Tensor>;
    let (x, mean, inverse) = x.native_batch_norm(Some(gamma), Some(beta), none, none, true, 0.0, epsilon);
    // Copies: burn may write into what it is given, and the tape reads these again.
    (rectify(x, pass.rectifier), mean.detach().copy(), inverse.detach().pow_tensor_scalar(-2) - epsilon)
}

/// What torch needs to go back through a block.
#[derive(Debug)]
struct Tape {
    output: Tensor,
    /// The inputs, as ends of the tape where a gradient is wanted.
    leaves: Vec<Tensor>,
    /// Held so that burn does not write into memory that the tape reads.
    _shared: Vec<TchTensor>,
}

/// Runs `forward` on torch's tape and gives burn its output, tied to the inputs.
fn record<C: CheckpointStrategy, const N: usize, S>(
    inputs: [FloatTensor<Autodiff<LibTorch, C>>; N],
    forward: impl FnOnce([&Tensor; N]) -> (Tensor, S),
) -> (FloatTensor<Autodiff<LibTorch, C>>, S) {
    let tracked = inputs.each_ref().map(|input| input.is_tracked());
    let mut shared = Vec::with_capacity(N + 1);
    let nodes = inputs.map(|input| {
        let (tensor, node) = input.into_parts();
        shared.push(tensor);
        node
    });
    let leaf = |(tensor, tracked): (&TchTensor, bool)| tensor.tensor.detach().set_requires_grad(tracked);
    let leaves: Vec<Tensor> = shared.iter().zip(tracked).map(leaf).collect();
    let (output, rest) = tch::with_grad(|| forward(std::array::from_fn(|place| &leaves[place])));
    let result = TchTensor::new(output.detach());
    shared.push(result.clone());
    let tape = Arc::new(Mutex::new(Tape { output, leaves, _shared: shared }));
    let result = match Rewind.prepare::<C>(nodes).compute_bound().stateful() {
        OpsKind::Tracked(prepared) => prepared.finish(tape, result),
        OpsKind::UnTracked(prepared) => prepared.finish(result),
    };
    (result, rest)
}

#[derive(Debug)]
struct Rewind;

impl<const N: usize> Backward<LibTorch, N> for Rewind {
    type State = Arc<Mutex<Tape>>;

    fn backward(self, ops: Ops<Self::State, N>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let gradient = gradients.consume::<LibTorch>(&ops.node);
        let tape = ops.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (nodes, leaves): (Vec<_>, Vec<_>) = ops
            .parents
            .iter()
            .zip(&tape.leaves)
            .filter_map(|(node, leaf)| node.as_ref().map(|node| (node, leaf)))
            .unzip();
        let sum = tch::with_grad(|| (&tape.output * &gradient.tensor).sum(Kind::Float));
        for (node, found) in nodes.iter().zip(Tensor::run_backward(&[sum], &leaves, false, false)) {
            gradients.register::<LibTorch>(node.id, TchTensor::new(found));
        }
    }
}
