//! The channels of one tensor, then those of another.

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops};
use burn::backend::ops::FloatTensorOps;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, Flex, backend_extension};
use burn::tensor::{Slice, Tensor};
use ecotone_kernels::{Extent, joined};

use super::{CHECKED, FlexTensor, last, record, reuse, tensor, view};

/// The channels of `first`, then those of `second`.
pub(crate) fn join<const D: usize>(first: Tensor<D>, second: Tensor<D>) -> Tensor<D> {
    Tensor::from_dispatch(Dispatch::join(first.into_dispatch(), second.into_dispatch()))
}

#[backend_extension(Flex, Autodiff)]
trait Join: Backend {
    fn join(first: FloatTensor<Self>, second: FloatTensor<Self>) -> FloatTensor<Self>;
}

impl Join for Flex {
    fn join(first: FlexTensor, second: FlexTensor) -> FlexTensor {
        let (first, second) = (last(first), last(second));
        let values = joined(view(&first), view(&second)).expect(CHECKED);
        let (one, other) = (view(&first).extent(), view(&second).extent());
        let output = tensor(values, Extent { c: one.c + other.c, ..one }, &first);
        reuse(first);
        reuse(second);
        output
    }
}

impl<C: CheckpointStrategy> Join for Autodiff<Flex, C> {
    fn join(first: FloatTensor<Self>, second: FloatTensor<Self>) -> FloatTensor<Self> {
        let forward = |[first, second]: [FlexTensor; 2]| {
            let channels = first.layout().shape()[1];
            (Flex::join(first, second), channels, ())
        };
        record::<C, _, _, 2>(Part, [first, second], forward).0
    }
}

#[derive(Debug)]
struct Part;

impl Backward<Flex, 2> for Part {
    /// Channels of the first.
    type State = usize;

    fn backward(self, ops: Ops<usize, 2>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let gradient = gradients.consume::<Flex>(&ops.node);
        let [channels, all] = [ops.state, gradient.layout().shape()[1]];
        for (node, range) in ops.parents.iter().zip([0..channels, channels..all]) {
            if let Some(node) = node {
                let slices = [Slice::from(..), Slice::from(range)];
                gradients.register::<Flex>(node.id, Flex::float_slice(gradient.clone(), &slices));
            }
        }
    }
}
