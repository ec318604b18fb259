//! Channels first in memory, for what burn computes number by number.

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, Flex, backend_extension};
use burn::tensor::Tensor;

use super::values::{like, strides};
use super::{CHECKED, FlexTensor, record, reuse, view};

/// The same values, in the order of the shape.
pub(crate) fn channels_first<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    Tensor::from_dispatch(Dispatch::channels_first(x.into_dispatch()))
}

#[backend_extension(Flex, Autodiff)]
trait Order: Backend {
    fn channels_first(x: FloatTensor<Self>) -> FloatTensor<Self>;
}

impl Order for Flex {
    fn channels_first(x: FlexTensor) -> FlexTensor {
        if x.is_contiguous() || strides(&x).is_none() {
            return x;
        }
        let turned = like(ecotone_kernels::channels_first(view(&x)).expect(CHECKED), &x);
        reuse(x);
        turned
    }
}

impl<C: CheckpointStrategy> Order for Autodiff<Flex, C> {
    fn channels_first(x: FloatTensor<Self>) -> FloatTensor<Self> {
        record::<C, _, _, 1>(Same, [x], |[x]| (<Flex as Order>::channels_first(x), (), ())).0
    }
}

#[derive(Debug)]
struct Same;

impl Backward<Flex, 1> for Same {
    type State = ();

    fn backward(self, ops: Ops<(), 1>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let gradient = gradients.consume::<Flex>(&ops.node);
        if let [Some(node)] = &ops.parents {
            gradients.register::<Flex>(node.id, gradient);
        }
    }
}
