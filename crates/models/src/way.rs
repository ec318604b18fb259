//! burn's settings of a convolution as a [`Way`] over time, rows and columns.

use burn::nn::{PaddingConfig1d, PaddingConfig2d, PaddingConfig3d};
use ecotone_kernels::Way;

/// A straight convolution; axes that are not there have one step.
pub(crate) fn straight<const N: usize>(
    kernel: [usize; N],
    stride: [usize; N],
    padding: [(usize, usize); N],
    dilation: [usize; N],
    groups: usize,
) -> Way {
    Way {
        kernel: three(kernel, 1),
        stride: three(stride, 1),
        dilation: three(dilation, 1),
        before: three(padding.map(|(before, _)| before), 0),
        after: three(padding.map(|(_, after)| after), 0),
        groups,
        added: None,
    }
}

/// A transposed convolution, which cuts `padding` and adds `added` at the end.
pub(crate) fn transposed<const N: usize>(
    kernel: [usize; N],
    stride: [usize; N],
    padding: [usize; N],
    dilation: [usize; N],
    groups: usize,
    added: [usize; N],
) -> Way {
    let straight = straight(kernel, stride, padding.map(|size| (size, size)), dilation, groups);
    Way { added: Some(three(added, 0)), ..straight }
}

fn three<const N: usize>(numbers: [usize; N], missing: usize) -> [usize; 3] {
    std::array::from_fn(|axis| (axis + N).checked_sub(3).map_or(missing, |axis| numbers[axis]))
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
