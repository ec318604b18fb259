//! Between `flex`'s tensors and slices.

use std::borrow::Cow;
use std::sync::Arc;

use burn::backend::Flex;
use burn::backend::ops::FloatTensorOps;
use burn::backend::tensor::FloatTensor;
use burn::tensor::TensorData;
use ecotone_kernels::{Extent, View, channels_last};

/// What the caller's checks of channels and sizes leave no other way for.
pub(crate) const CHECKED: &str = "inputs are checked against the network's rules before it runs";

pub(crate) type FlexTensor = FloatTensor<Flex>;

/// Sizes of a tensor `[n, channel, …]` with one to three axes of space.
fn extent(x: &FlexTensor) -> Extent {
    let shape = x.layout().shape();
    let axes = shape.num_dims() - 2;
    let space = std::array::from_fn(|axis| (axis + axes).checked_sub(3).map_or(1, |axis| shape[2 + axis]));
    Extent { n: shape[0], space, c: shape[1] }
}

/// Distances of volumes, steps, rows and columns, where channels lie side by side.
pub(super) fn strides(x: &FlexTensor) -> Option<[usize; 4]> {
    let (layout, axes) = (x.layout(), x.layout().num_dims() - 2);
    let beside = layout.strides()[1] == 1 || layout.shape()[1] == 1;
    let stride = |axis: usize| usize::try_from(layout.strides()[axis]).ok();
    let mut strides = [stride(0).filter(|_| beside)?, 0, 0, 0];
    for axis in 0..axes {
        strides[4 - axes + axis] = stride(2 + axis)?;
    }
    Some(strides)
}

/// The same with channels side by side: copied if they are not.
pub(crate) fn last(x: FlexTensor) -> FlexTensor {
    if strides(&x).is_some() {
        return x;
    }
    let values = channels_last(&numbers(&x), extent(&x)).expect(CHECKED);
    let turned = tensor(values, extent(&x), &x);
    reuse(x);
    turned
}

/// The values of a tensor that [`last`] gave.
pub(crate) fn view(x: &FlexTensor) -> View<'_> {
    let values = &x.storage::<f32>()[x.layout().start_offset()..];
    let strides = strides(x).expect("channels lie side by side");
    View::strided(values, extent(x), strides).expect(CHECKED)
}

/// Values `[n, t, y, x, channel]` as a tensor `[n, channel, …]` with as many axes as `like`.
pub(crate) fn tensor(values: Vec<f32>, extent: Extent, like: &FlexTensor) -> FlexTensor {
    let axes = like.layout().num_dims() - 2;
    let mut shape = vec![extent.n];
    shape.extend(&extent.space[3 - axes..]);
    shape.push(extent.c);
    let mut order = vec![0, axes + 1];
    order.extend(1..=axes);
    Flex::float_permute(FlexTensor::from_data(TensorData::new(values, shape)), &order)
}

/// Keeps the memory of a tensor that nobody else holds for another one.
pub(crate) fn reuse(x: FlexTensor) {
    let values = x.data_arc();
    drop(x);
    if let Ok(values) = Arc::try_unwrap(values)
        && let Ok(values) = values.try_into_vec::<f32>()
    {
        ecotone_kernels::reuse(values);
    }
}

/// Values as a tensor of the shape of another.
pub(crate) fn like(values: Vec<f32>, other: &FlexTensor) -> FlexTensor {
    FlexTensor::from_data(TensorData::new(values, other.layout().shape().clone()))
}

/// Values as a tensor of one axis.
pub(crate) fn vector(values: Vec<f32>) -> FlexTensor {
    let length = values.len();
    FlexTensor::from_data(TensorData::new(values, [length]))
}

/// All values, in the order of the shape.
pub(crate) fn numbers(x: &FlexTensor) -> Cow<'_, [f32]> {
    match x.as_slice::<f32>() {
        Some(values) => Cow::Borrowed(values),
        None => Cow::Owned(x.to_contiguous().as_slice::<f32>().map_or_else(Vec::new, <[f32]>::to_vec)),
    }
}
