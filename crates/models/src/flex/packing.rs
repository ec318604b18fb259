//! Weights that were packed for the kernels, as long as the network that they are of is there.
//!
//! A network that maps meets the same weights window after window; to pack those of a U-Net takes as long as a tenth of its sums.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use burn::tensor::Bytes;
use ecotone_kernels::{Packed, Way};

use super::{CHECKED, FlexTensor, numbers};

/// So many convolutions are remembered: those of two large networks.
const MOST: usize = 512;

struct Entry {
    /// Whose weights. Whoever changes a tensor in place finds that it is looked at, and leaves this one behind.
    weights: Weak<Bytes>,
    way: Way,
    packed: Arc<Packed>,
}

static PACKED: Mutex<Vec<Entry>> = Mutex::new(Vec::new());

/// The weights of a convolution of inference.
pub(super) fn packed(weights: &FlexTensor, way: &Way, inputs: usize, outputs: usize) -> Arc<Packed> {
    let pack = || Arc::new(Packed::forward(way, &numbers(weights), inputs, outputs).expect(CHECKED));
    let whole = weights.is_contiguous() && weights.layout().start_offset() == 0;
    if !whole {
        return pack();
    }
    let bytes = weights.data_arc();
    let is_it = |entry: &Entry| {
        entry.weights.as_ptr() == Arc::as_ptr(&bytes)
            && entry.way == *way
            && [entry.packed.inputs(), entry.packed.outputs()] == [inputs, outputs]
    };
    let mut all = PACKED.lock().unwrap_or_else(PoisonError::into_inner);
    // An address is given again once its owner is gone.
    all.retain(|entry| entry.weights.strong_count() > 0);
    if let Some(entry) = all.iter().find(|entry| is_it(entry)) {
        return Arc::clone(&entry.packed);
    }
    let packed = pack();
    if all.len() == MOST {
        all.remove(0);
    }
    all.push(Entry { weights: Arc::downgrade(&bytes), way: way.clone(), packed: Arc::clone(&packed) });
    packed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flex::values::vector;
    use burn::backend::Flex;
    use burn::backend::ops::FloatTensorOps;

    #[test]
    fn weights_are_packed_once_until_they_change() {
        let way = Way::same([1, 1, 3]);
        let weights = vector((0..48).map(|place| place as f32).collect());
        let first = packed(&weights, &way, 4, 4);
        assert!(Arc::ptr_eq(&first, &packed(&weights.clone(), &way, 4, 4)));
        assert!(!Arc::ptr_eq(&first, &packed(&weights, &way, 8, 2)));
        // In place, if it could be.
        let changed = Flex::float_mul_scalar(weights, 2.0f32.into());
        assert!(!Arc::ptr_eq(&first, &packed(&changed, &way, 4, 4)));
    }
}
