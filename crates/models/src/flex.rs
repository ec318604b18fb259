//! Blocks on `flex` by this project's kernels, forward and backward.
//!
//! Their values lie channels last in memory under burn's shape `[n, channel, …]`: what the next kernel reads as it lies, and
//! burn's own operations through its strides.

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Flex};
use ecotone_kernels::{
    After, Extent, Isa, Moments, Normalisation, Packed, View, buffer, channel_sums, convolve, convolve_into,
    moments, output_extent, rectifier_gradient, weights_gradient,
};

use crate::blocks::{Blocks, Pass};
use crate::rectifier::Rectifier;

mod cells;
mod join;
mod order;
mod packing;
mod pool;
mod values;

pub(crate) use cells::{cell, product};
pub(crate) use join::join;
pub(crate) use order::channels_first;
pub(crate) use pool::maximum;
pub(crate) use values::{CHECKED, FlexTensor, last, numbers, reuse, tensor, vector, view};

impl Rectifier {
    /// What values below 0 are multiplied with.
    fn slope(self) -> f32 {
        match self {
            Rectifier::None => 1.0,
            Rectifier::Plain => 0.0,
            Rectifier::Leaky => 0.01,
        }
    }
}

impl Blocks for Flex {
    fn convolution(x: FlexTensor, weight: FlexTensor, bias: FlexTensor, pass: Pass) -> FlexTensor {
        let x = last(x);
        let (inputs, outputs) = (view(&x).extent().c, numbers(&bias).len());
        let packed = packing::packed(&weight, &pass.way, inputs, outputs);
        let output = convolved(&x, &packed, &bias, pass.rectifier);
        reuse(x);
        output
    }

    fn block(
        x: FlexTensor,
        weight: FlexTensor,
        bias: FlexTensor,
        gamma: FlexTensor,
        beta: FlexTensor,
        pass: Pass,
        epsilon: f64,
    ) -> (FlexTensor, FlexTensor, FlexTensor) {
        let convolved = forward(&last(x), &weight, &bias, &pass.way, Rectifier::None);
        let (norm, output) = normalised(&convolved, &gamma, &beta, epsilon, pass.rectifier);
        let Moments { mean, variance } = norm.moments().clone();
        (output, vector(mean), vector(variance))
    }
}

impl<C: CheckpointStrategy> Blocks for Autodiff<Flex, C> {
    fn convolution(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        pass: Pass,
    ) -> FloatTensor<Self> {
        let forward = |[x, weight, bias]: [FlexTensor; 3]| {
            let x = last(x);
            let output = forward(&x, &weight, &bias, &pass.way, pass.rectifier);
            let rectified = (pass.rectifier != Rectifier::None).then(|| output.clone());
            (output, Convolved { x, weight, rectified, pass }, ())
        };
        record::<C, _, _, 3>(Rewind, [x, weight, bias], forward).0
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
        let forward = |[x, weight, bias, gamma, beta]: [FlexTensor; 5]| {
            let x = last(x);
            let convolved = forward(&x, &weight, &bias, &pass.way, Rectifier::None);
            let (norm, output) = normalised(&convolved, &gamma, &beta, epsilon, pass.rectifier);
            let moments = norm.moments().clone();
            (
                output,
                Normalised { of: Convolved { x, weight, rectified: None, pass }, convolved, norm },
                moments,
            )
        };
        let (output, Moments { mean, variance }) =
            record::<C, _, _, 5>(RewindBlock, [x, weight, bias, gamma, beta], forward);
        let constant = |values| FloatTensor::<Self>::new(vector(values));
        (output, constant(mean), constant(variance))
    }
}

/// Runs `forward` and gives burn its output, tied to the inputs by `op`, which goes back with what `forward` kept.
pub(crate) fn record<C: CheckpointStrategy, Op: Backward<Flex, N>, R, const N: usize>(
    op: Op,
    inputs: [FloatTensor<Autodiff<Flex, C>>; N],
    forward: impl FnOnce([FlexTensor; N]) -> (FlexTensor, Op::State, R),
) -> (FloatTensor<Autodiff<Flex, C>>, R) {
    let mut tensors = Vec::with_capacity(N);
    let nodes = inputs.map(|input| {
        let (tensor, node) = input.into_parts();
        tensors.push(tensor);
        node
    });
    let Ok(tensors) = tensors.try_into() else { unreachable!("as many tensors as inputs") };
    let (output, state, rest) = forward(tensors);
    let output = match op.prepare::<C>(nodes).compute_bound().stateful() {
        OpsKind::Tracked(prepared) => prepared.finish(state, output),
        OpsKind::UnTracked(prepared) => prepared.finish(output),
    };
    (output, rest)
}

fn forward(
    x: &FlexTensor,
    weight: &FlexTensor,
    bias: &FlexTensor,
    way: &ecotone_kernels::Way,
    rectifier: Rectifier,
) -> FlexTensor {
    let (inputs, outputs) = (view(x).extent().c, numbers(bias).len());
    let packed = Packed::forward(way, &numbers(weight), inputs, outputs).expect(CHECKED);
    convolved(x, &packed, bias, rectifier)
}

fn convolved(x: &FlexTensor, packed: &Packed, bias: &FlexTensor, rectifier: Rectifier) -> FlexTensor {
    let bias = numbers(bias);
    let extent = output_extent(view(x).extent(), packed).expect(CHECKED);
    let after = After { bias: Some(&bias), slope: rectifier.slope() };
    tensor(convolve(Isa::current(), view(x), packed, after).expect(CHECKED), extent, x)
}

fn normalised(
    convolved: &FlexTensor,
    gamma: &FlexTensor,
    beta: &FlexTensor,
    epsilon: f64,
    rectifier: Rectifier,
) -> (Normalisation, FlexTensor) {
    let x = view(convolved);
    let norm = Normalisation::new(
        moments(Isa::current(), x),
        &numbers(gamma),
        &numbers(beta),
        epsilon,
        rectifier.slope(),
    );
    let output = tensor(norm.apply(Isa::current(), x), x.extent(), convolved);
    (norm, output)
}

/// What the way back through a convolution needs.
#[derive(Debug, Clone)]
struct Convolved {
    x: FlexTensor,
    weight: FlexTensor,
    /// The output, where a rectifier made it.
    rectified: Option<FlexTensor>,
    pass: Pass,
}

impl Convolved {
    /// Gradients of input, weights and bias, of those that are wanted, from that of the convolution's sums.
    fn rewind(&self, gradient: View<'_>, wanted: [bool; 3]) -> [Option<FlexTensor>; 3] {
        let (x, way) = (view(&self.x), &self.pass.way);
        let Extent { c: inputs, space, .. } = x.extent();
        let to_x = || {
            let packed =
                Packed::backward(way, &numbers(&self.weight), inputs, gradient.extent().c).expect(CHECKED);
            let mut values = buffer(x.extent().numbers().expect(CHECKED));
            let target = ecotone_kernels::Target { values: &mut values, channels: inputs, first: 0 };
            convolve_into(Isa::current(), gradient, &packed, After::NONE, space, target).expect(CHECKED);
            tensor(values, x.extent(), &self.x)
        };
        let to_weight = || {
            let values = weights_gradient(Isa::current(), x, gradient, way).expect(CHECKED);
            values::like(values, &self.weight)
        };
        [
            wanted[0].then(to_x),
            wanted[1].then(to_weight),
            wanted[2].then(|| vector(channel_sums(Isa::current(), gradient))),
        ]
    }
}

#[derive(Debug)]
struct Rewind;

impl Backward<Flex, 3> for Rewind {
    type State = Convolved;

    fn backward(self, ops: Ops<Convolved, 3>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let gradient = last(gradients.consume::<Flex>(&ops.node));
        let Convolved { x, weight, rectified, pass } = ops.state;
        let gradient = match rectified {
            Some(output) => {
                let slope = pass.rectifier.slope();
                let values = rectifier_gradient(Isa::current(), view(&output), view(&gradient), slope);
                reuse(gradient);
                let gradient = tensor(values, view(&output).extent(), &output);
                reuse(output);
                gradient
            }
            None => gradient,
        };
        let state = Convolved { x, weight, rectified: None, pass };
        let wanted = ops.parents.each_ref().map(Option::is_some);
        for (node, found) in ops.parents.iter().zip(state.rewind(view(&gradient), wanted)) {
            if let (Some(node), Some(found)) = (node, found) {
                gradients.register::<Flex>(node.id, found);
            }
        }
        reuse(gradient);
        reuse(state.x);
    }
}

/// What the way back through a block needs.
#[derive(Debug, Clone)]
struct Normalised {
    of: Convolved,
    convolved: FlexTensor,
    norm: Normalisation,
}

#[derive(Debug)]
struct RewindBlock;

impl Backward<Flex, 5> for RewindBlock {
    type State = Normalised;

    fn backward(self, ops: Ops<Normalised, 5>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let gradient = last(gradients.consume::<Flex>(&ops.node));
        let Normalised { of, convolved, norm } = ops.state;
        let extent = view(&convolved).extent();
        let found = norm.gradient(Isa::current(), view(&convolved), view(&gradient));
        reuse(gradient);
        reuse(convolved);
        let [x, weight, bias, gamma, beta] = &ops.parents;
        let sums = View::dense(&found.x, extent).expect(CHECKED);
        let [to_x, to_weight, to_bias] = of.rewind(sums, [x, weight, bias].map(Option::is_some));
        let all = [to_x, to_weight, to_bias, Some(vector(found.gamma)), Some(vector(found.beta))];
        for (node, found) in [x, weight, bias, gamma, beta].into_iter().zip(all) {
            if let (Some(node), Some(found)) = (node, found) {
                gradients.register::<Flex>(node.id, found);
            }
        }
        ecotone_kernels::reuse(found.x);
        reuse(of.x);
    }
}
