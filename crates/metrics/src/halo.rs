//! Arrays that reach over the window that counts.

use crate::{Error, Result};
use ecotone_core::{Shape2d, Window};

/// The shape of an array with a halo, and the window inside whose pixels count.
///
/// What lies beyond the edge of a map is [`IGNORE`](crate::IGNORE): a halo is always whole, so that a halo that was
/// forgotten is found out and gives no wrong figures along the seams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Haloed {
    /// Rows and columns of the array, halo and all.
    pub shape: Shape2d,
    /// The window that counts, from the array's first row and column.
    pub inner: Window,
}

impl Haloed {
    /// A window of `inner` rows and columns with `halo` pixels more on each side.
    ///
    /// ```
    /// use ecotone_core::{Shape2d, Window};
    /// use ecotone_metrics::Haloed;
    ///
    /// let frame = Haloed::around(Shape2d::new(256, 128), 4);
    /// assert_eq!(frame.shape, Shape2d::new(264, 136));
    /// assert_eq!(frame.inner, Window::new(4, 4, 256, 128));
    /// ```
    pub const fn around(inner: Shape2d, halo: usize) -> Self {
        Self {
            shape: Shape2d::new(
                inner.rows.saturating_add(halo.saturating_mul(2)),
                inner.cols.saturating_add(halo.saturating_mul(2)),
            ),
            inner: Window::new(halo as i64, halo as i64, inner.rows, inner.cols),
        }
    }

    /// That arrays have this shape, and the window this much halo.
    pub(crate) fn check(&self, halo: usize, arrays: &[&[u8]]) -> Result<()> {
        let Shape2d { rows, cols } = self.shape;
        for array in arrays {
            check_pixels(array.len(), self.shape)?;
        }
        // Wide integers, as neither window nor halo need fit in memory to be asked for.
        let has_room = |first: i64, pixels: usize, all: usize| {
            let (first, halo) = (i128::from(first), halo as i128);
            first >= halo && first + pixels as i128 + halo <= all as i128
        };
        let Window { row, col, rows: inner_rows, cols: inner_cols } = self.inner;
        match self.inner.shape().is_empty()
            || has_room(row, inner_rows, rows) && has_room(col, inner_cols, cols)
        {
            true => Ok(()),
            false => Err(Error::Halo { inner: self.inner, halo, rows, cols }),
        }
    }

    /// The places of the window's pixels in the array, row by row.
    pub(crate) fn places(&self) -> impl Iterator<Item = usize> {
        let Window { row, col, rows, cols } = self.inner;
        let (top, left, width) = (row as usize, col as usize, self.shape.cols);
        (0..rows).flat_map(move |row| (0..cols).map(move |col| (top + row) * width + left + col))
    }
}

/// That an array has as many values as its shape has pixels.
pub(crate) fn check_pixels(found: usize, shape: Shape2d) -> Result<()> {
    let Shape2d { rows, cols } = shape;
    if rows.checked_mul(cols) == Some(found) { Ok(()) } else { Err(Error::Pixels { rows, cols, found }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_halo_that_is_missing_is_found() {
        let frame = Haloed { shape: Shape2d::new(6, 6), inner: Window::new(1, 1, 4, 4) };
        assert_eq!(frame.check(1, &[&[0; 36]]), Ok(()));
        let message = frame.check(2, &[&[0; 36]]).unwrap_err().to_string();
        assert_eq!(
            message,
            "the window (rows 1..5, columns 1..5) needs a halo of 2 pixels within an array of 6 x 6"
        );
        let message = frame.check(1, &[&[0; 35]]).unwrap_err().to_string();
        assert_eq!(message, "an array of 6 x 6 pixels cannot have 35 values");
        let endless = Haloed::around(Shape2d::new(1, 1), usize::MAX);
        assert!(matches!(endless.check(0, &[&[0; 9]]), Err(Error::Pixels { .. })));
        assert!(matches!(frame.check(usize::MAX, &[&[0; 36]]), Err(Error::Halo { .. })));
        assert_eq!(frame.places().count(), 16);
        assert_eq!(frame.places().next(), Some(7));
    }
}
