//! How libtorch is to go over the input of a convolution.

use burn::nn::{PaddingConfig1d, PaddingConfig2d, PaddingConfig3d};
use tch::Tensor;

/// A way over the input, with an entry for each axis of space.
#[derive(Debug, Clone)]
pub(crate) struct Way {
    stride: Vec<i64>,
    /// Zeros before and after.
    padding: Vec<(i64, i64)>,
    dilation: Vec<i64>,
    groups: i64,
    /// Of a transposed convolution: what is added at the end of the output.
    added: Option<Vec<i64>>,
}

impl Way {
    pub(crate) fn straight<const N: usize>(
        stride: [usize; N],
        padding: [(usize, usize); N],
        dilation: [usize; N],
        groups: usize,
    ) -> Self {
        let padding = padding.map(|(before, after)| (before as i64, after as i64)).to_vec();
        let (stride, dilation) = (list(stride), list(dilation));
        Self { stride, padding, dilation, groups: groups as i64, added: None }
    }

    pub(crate) fn transposed<const N: usize>(
        stride: [usize; N],
        padding: [usize; N],
        dilation: [usize; N],
        groups: usize,
        added: [usize; N],
    ) -> Self {
        let straight = Self::straight(stride, padding.map(|size| (size, size)), dilation, groups);
        Self { added: Some(list(added)), ..straight }
    }

    /// Output channels of a convolution with weights of this shape.
    pub(super) fn outputs(&self, weight: &[usize]) -> usize {
        if self.added.is_some() { weight[1] * self.groups as usize } else { weight[0] }
    }

    pub(super) fn convolve(&self, [x, weight, bias]: [&Tensor; 3]) -> Tensor {
        let none = vec![0; self.stride.len()];
        let (transposed, added) = (self.added.is_some(), self.added.as_ref().unwrap_or(&none));
        let go = |x: &Tensor, padding: &[i64]| {
            let Self { stride, dilation, groups, .. } = self;
            x.convolution(weight, Some(bias), stride, padding, dilation, transposed, added, *groups)
        };
        if self.padding.iter().all(|(before, after)| before == after) {
            let before: Vec<i64> = self.padding.iter().map(|(before, _)| *before).collect();
            return go(x, &before);
        }
        // Libtorch lists the last axis first.
        let sides: Vec<i64> =
            self.padding.iter().rev().flat_map(|(before, after)| [*before, *after]).collect();
        go(&x.constant_pad_nd(sides), &none)
    }
}

fn list<const N: usize>(numbers: [usize; N]) -> Vec<i64> {
    numbers.map(|number| number as i64).to_vec()
}

/// burn's paddings.
pub(crate) trait Padding<const N: usize> {
    /// Zeros before and after; none where that depends on the input.
    fn sides(&self) -> Option<[(usize, usize); N]>;
}

impl Padding<1> for PaddingConfig1d {
    fn sides(&self) -> Option<[(usize, usize); 1]> {
        match *self {
            Self::Valid => Some([(0, 0)]),
            Self::Explicit(before, after) => Some([(before, after)]),
            Self::Same => None,
        }
    }
}

impl Padding<2> for PaddingConfig2d {
    fn sides(&self) -> Option<[(usize, usize); 2]> {
        match *self {
            Self::Valid => Some([(0, 0); 2]),
            Self::Explicit(top, left, bottom, right) => Some([(top, bottom), (left, right)]),
            Self::Same => None,
        }
    }
}

impl Padding<3> for PaddingConfig3d {
    fn sides(&self) -> Option<[(usize, usize); 3]> {
        match *self {
            Self::Valid => Some([(0, 0); 3]),
            Self::Explicit(time, rows, columns) => Some([time, rows, columns].map(|size| (size, size))),
            Self::Same => None,
        }
    }
}
