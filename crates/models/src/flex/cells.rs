//! Products with weights and cells of long short-term memory, of tables `[pixel, channel]`.

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, Flex, backend_extension};
use burn::tensor::{Tensor, TensorData};
use ecotone_kernels::{
    After, Extent, Isa, Packed, View, Way, convolve, lstm_cell, lstm_cell_gradient, weights_gradient,
};

use super::{CHECKED, FlexTensor, numbers, record, reuse, values};

/// `[pixel, output]` of `x` `[pixel, input]` and `weights` `[output, input]`.
pub(crate) fn product(x: Tensor<2>, weights: Tensor<2>) -> Tensor<2> {
    Tensor::from_dispatch(Dispatch::product(x.into_dispatch(), weights.into_dispatch()))
}

/// Outputs and states `[pixel, output and state]` of gates `[pixel, 4 hidden]` and the states before `[pixel, hidden]`.
pub(crate) fn cell(gates: Tensor<2>, before: Option<Tensor<2>>) -> Tensor<2> {
    let gates = gates.into_dispatch();
    Tensor::from_dispatch(match before {
        Some(before) => Dispatch::next_cell(gates, before.into_dispatch()),
        None => Dispatch::first_cell(gates),
    })
}

#[backend_extension(Flex, Autodiff)]
trait Cells: Backend {
    fn product(x: FloatTensor<Self>, weights: FloatTensor<Self>) -> FloatTensor<Self>;

    fn first_cell(gates: FloatTensor<Self>) -> FloatTensor<Self>;

    fn next_cell(gates: FloatTensor<Self>, before: FloatTensor<Self>) -> FloatTensor<Self>;
}

/// The same with the channels of a pixel side by side.
fn rows(x: FlexTensor) -> FlexTensor {
    let strides = x.layout().strides();
    if strides[1] == 1 && strides[0] >= 0 { x } else { x.to_contiguous() }
}

/// A table as pictures: in rows of some pixels, which threads share.
fn table(x: &FlexTensor) -> View<'_> {
    let (shape, pixel) = (x.layout().shape(), x.layout().strides()[0].unsigned_abs());
    let columns =
        (1..=256.min(shape[0])).rev().find(|columns| shape[0].is_multiple_of(*columns)).unwrap_or(1);
    let extent = Extent { n: 1, space: [1, shape[0] / columns, columns], c: shape[1] };
    let values = &x.storage::<f32>()[x.layout().start_offset()..];
    View::strided(values, extent, [0, 0, columns * pixel, pixel]).expect(CHECKED)
}

fn of(values: Vec<f32>, pixels: usize) -> FlexTensor {
    let channels = values.len() / pixels;
    FlexTensor::from_data(TensorData::new(values, [pixels, channels]))
}

fn pixels(x: &FlexTensor) -> usize {
    x.layout().shape()[0]
}

const POINT: [usize; 3] = [1; 3];

impl Cells for Flex {
    fn product(x: FlexTensor, weights: FlexTensor) -> FlexTensor {
        let (x, shape) = (rows(x), weights.layout().shape());
        let packed =
            Packed::forward(&Way::same(POINT), &numbers(&weights), shape[1], shape[0]).expect(CHECKED);
        of(convolve(Isa::current(), table(&x), &packed, After::NONE).expect(CHECKED), pixels(&x))
    }

    fn first_cell(gates: FlexTensor) -> FlexTensor {
        let gates = rows(gates);
        let values = of(lstm_cell(Isa::current(), table(&gates), None).expect(CHECKED), pixels(&gates));
        reuse(gates);
        values
    }

    fn next_cell(gates: FlexTensor, before: FlexTensor) -> FlexTensor {
        let (gates, before) = (rows(gates), rows(before));
        let values = lstm_cell(Isa::current(), table(&gates), Some(table(&before))).expect(CHECKED);
        let values = of(values, pixels(&gates));
        reuse(gates);
        values
    }
}

impl<C: CheckpointStrategy> Cells for Autodiff<Flex, C> {
    fn product(x: FloatTensor<Self>, weights: FloatTensor<Self>) -> FloatTensor<Self> {
        let forward = |[x, weights]: [FlexTensor; 2]| {
            let x = rows(x);
            (Flex::product(x.clone(), weights.clone()), (x, weights), ())
        };
        record::<C, _, _, 2>(ProductBack, [x, weights], forward).0
    }

    fn first_cell(gates: FloatTensor<Self>) -> FloatTensor<Self> {
        let forward = |[gates]: [FlexTensor; 1]| {
            let gates = rows(gates);
            let values = Flex::first_cell(gates.clone());
            (values.clone(), Kept { gates, before: None, values }, ())
        };
        record::<C, _, _, 1>(CellBack, [gates], forward).0
    }

    fn next_cell(gates: FloatTensor<Self>, before: FloatTensor<Self>) -> FloatTensor<Self> {
        let forward = |[gates, before]: [FlexTensor; 2]| {
            let (gates, before) = (rows(gates), rows(before));
            let values = Flex::next_cell(gates.clone(), before.clone());
            (values.clone(), Kept { gates, before: Some(before), values }, ())
        };
        record::<C, _, _, 2>(CellBack, [gates, before], forward).0
    }
}

#[derive(Debug)]
struct ProductBack;

impl Backward<Flex, 2> for ProductBack {
    /// What was multiplied.
    type State = (FlexTensor, FlexTensor);

    fn backward(self, ops: Ops<Self::State, 2>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let gradient = rows(gradients.consume::<Flex>(&ops.node));
        let (x, weights) = ops.state;
        let (way, shape) = (Way::same(POINT), weights.layout().shape());
        let [to_x, to_weights] = &ops.parents;
        if let Some(node) = to_x {
            let packed = Packed::backward(&way, &numbers(&weights), shape[1], shape[0]).expect(CHECKED);
            let found = convolve(Isa::current(), table(&gradient), &packed, After::NONE).expect(CHECKED);
            gradients.register::<Flex>(node.id, of(found, pixels(&gradient)));
        }
        if let Some(node) = to_weights {
            let found = weights_gradient(Isa::current(), table(&x), table(&gradient), &way).expect(CHECKED);
            gradients.register::<Flex>(node.id, values::like(found, &weights));
        }
        reuse(gradient);
        reuse(x);
    }
}

/// What the way back through a cell needs.
#[derive(Debug, Clone)]
struct Kept {
    gates: FlexTensor,
    before: Option<FlexTensor>,
    values: FlexTensor,
}

#[derive(Debug)]
struct CellBack;

impl<const N: usize> Backward<Flex, N> for CellBack {
    type State = Kept;

    fn backward(self, ops: Ops<Kept, N>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let gradient = rows(gradients.consume::<Flex>(&ops.node));
        let Kept { gates, before, values } = ops.state;
        let old = before.as_ref().map(table);
        let found = lstm_cell_gradient(Isa::current(), table(&gates), old, table(&values), table(&gradient));
        // Of the gates, and of the states before where there are any.
        for (node, found) in ops.parents.iter().zip(found.expect(CHECKED)) {
            if let Some(node) = node {
                gradients.register::<Flex>(node.id, of(found, pixels(&gates)));
            }
        }
        [gradient, gates, values].into_iter().for_each(reuse);
    }
}
