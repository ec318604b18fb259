//! Where values lie: sizes, and views of slices.

use crate::{Error, Result};

/// Sizes of a stack of volumes, channels last: `[n, t, y, x, c]`. Pictures have one step, series one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// How many volumes.
    pub n: usize,
    /// Steps, rows and columns of each.
    pub space: [usize; 3],
    /// Channels of each pixel.
    pub c: usize,
}

impl Extent {
    /// Number of values.
    ///
    /// # Errors
    /// [`Error::Size`] where one size is 0 or their product is no number of bytes of this machine.
    pub fn numbers(&self) -> Result<usize> {
        let [t, y, x] = self.space;
        let sizes = [self.n, t, y, x, self.c];
        let product = sizes.iter().try_fold(1usize, |product, size| product.checked_mul(*size));
        match product {
            Some(product) if product > 0 && product <= isize::MAX as usize / size_of::<f32>() => Ok(product),
            _ => Err(Error::Size { sizes: sizes.to_vec() }),
        }
    }

    /// Rows of all volumes: `n * t * y`.
    pub(crate) fn rows(&self) -> usize {
        self.n * self.space[0] * self.space[1]
    }

    /// Volume, step and row of the `index`th row.
    #[inline(always)]
    pub(crate) fn row(&self, index: usize) -> [usize; 3] {
        let [t, y, _] = self.space;
        [index / (t * y), index / y % t, index % y]
    }

    /// Pixels of all volumes.
    pub(crate) fn pixels(&self) -> usize {
        self.rows() * self.space[2]
    }
}

/// Values to read. The channels of a pixel lie side by side; pixels, rows, steps and volumes may lie anywhere.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    pub(crate) values: &'a [f32],
    pub(crate) extent: Extent,
    /// Distances of volumes, steps, rows and columns.
    pub(crate) strides: [usize; 4],
}

impl<'a> View<'a> {
    /// All values of a slice, without gaps.
    ///
    /// # Errors
    /// [`Error::Size`] for sizes that cannot be; [`Error::Length`] for a slice of another length.
    pub fn dense(values: &'a [f32], extent: Extent) -> Result<Self> {
        let expected = extent.numbers()?;
        if values.len() != expected {
            return Err(Error::Length { what: "values", found: values.len(), expected });
        }
        let [t, y, x] = extent.space;
        let strides = [t * y * x * extent.c, y * x * extent.c, x * extent.c, extent.c];
        Ok(Self { values, extent, strides })
    }

    /// Values at the distances `strides` of volumes, steps, rows and columns.
    ///
    /// # Errors
    /// [`Error::Size`] for sizes that cannot be; [`Error::Length`] where the last value lies beyond the slice.
    pub fn strided(values: &'a [f32], extent: Extent, strides: [usize; 4]) -> Result<Self> {
        extent.numbers()?;
        let [t, y, x] = extent.space;
        let last = [extent.n, t, y, x]
            .iter()
            .zip(strides)
            .try_fold(extent.c, |sum, (size, stride)| (size - 1).checked_mul(stride)?.checked_add(sum));
        match last {
            Some(end) if end <= values.len() => Ok(Self { values, extent, strides }),
            end => Err(Error::Length {
                what: "values of a view",
                found: values.len(),
                expected: end.unwrap_or(usize::MAX),
            }),
        }
    }

    /// Sizes of what is seen.
    pub fn extent(&self) -> Extent {
        self.extent
    }

    /// The channels of the `index`th pixel.
    #[inline(always)]
    pub(crate) fn pixel(&self, index: usize) -> &'a [f32] {
        let columns = self.extent.space[2];
        let at = self.row(self.extent.row(index / columns)) + index % columns * self.strides[3];
        &self.values[at..][..self.extent.c]
    }

    /// Where a row begins.
    #[inline(always)]
    pub(crate) fn row(&self, [n, t, y]: [usize; 3]) -> usize {
        n * self.strides[0] + t * self.strides[1] + y * self.strides[2]
    }
}
