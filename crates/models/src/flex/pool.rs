//! The maximum of boxes.

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, Flex, backend_extension};
use burn::tensor::Tensor;
use ecotone_kernels::{Extent, Isa, Maxima, Way, max_pool, max_pool_gradient};

use super::{CHECKED, FlexTensor, last, record, reuse, tensor, view};

/// The maximum over the boxes of `way`.
pub(crate) fn maximum<const D: usize>(x: Tensor<D>, way: Way) -> Tensor<D> {
    Tensor::from_dispatch(Dispatch::maximum(x.into_dispatch(), way))
}

#[backend_extension(Flex, Autodiff)]
trait Boxes: Backend {
    fn maximum(x: FloatTensor<Self>, way: Way) -> FloatTensor<Self>;
}

impl Boxes for Flex {
    fn maximum(x: FlexTensor, way: Way) -> FlexTensor {
        let x = last(x);
        let maxima = max_pool(Isa::current(), view(&x), &way).expect(CHECKED);
        let output = tensor(maxima.values, maxima.extent, &x);
        reuse(x);
        output
    }
}

impl<C: CheckpointStrategy> Boxes for Autodiff<Flex, C> {
    fn maximum(x: FloatTensor<Self>, way: Way) -> FloatTensor<Self> {
        let forward = |[x]: [FlexTensor; 1]| {
            let x = last(x);
            let Maxima { values, taps, extent } = max_pool(Isa::current(), view(&x), &way).expect(CHECKED);
            let state = Pooled { taps: taps.into(), way, input: view(&x).extent() };
            (tensor(values, extent, &x), state, ())
        };
        record::<C, _, _, 1>(Rewind, [x], forward).0
    }
}

#[derive(Debug, Clone)]
struct Pooled {
    taps: std::sync::Arc<[u8]>,
    way: Way,
    input: Extent,
}

#[derive(Debug)]
struct Rewind;

impl Backward<Flex, 1> for Rewind {
    type State = Pooled;

    fn backward(self, ops: Ops<Pooled, 1>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let gradient = last(gradients.consume::<Flex>(&ops.node));
        let Pooled { taps, way, input } = &ops.state;
        if let [Some(node)] = &ops.parents {
            let values = max_pool_gradient(taps, view(&gradient), way, input.space).expect(CHECKED);
            gradients.register::<Flex>(node.id, tensor(values, *input, &gradient));
        }
    }
}
