//! Windows of pixels into their places in a buffer.

use super::failure::{Result, int, last_failure};
use crate::Pixel;
use crate::gdal_failure::GdalFailure;
use ecotone_core::Window;
use gdal::Dataset;
use std::ffi::{c_int, c_void};
use std::ptr;

/// Where a window's pixels go in a larger buffer, in values.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Layout {
    /// Of the first pixel.
    pub(crate) start: usize,
    /// From a row to the next.
    pub(crate) row: usize,
    /// From a band to the next.
    pub(crate) band: usize,
}

/// Reads a window that lies wholly inside the raster straight into its place in a buffer.
pub(crate) fn read<T: Pixel>(
    dataset: &Dataset,
    bands: &[usize],
    window: Window,
    buffer: &mut [T],
    layout: Layout,
) -> Result<()> {
    if bands.is_empty() || window.rows == 0 || window.cols == 0 {
        return Ok(());
    }
    let last = layout.start + (bands.len() - 1) * layout.band + (window.rows - 1) * layout.row + window.cols;
    if last > buffer.len() || window.cols > layout.row {
        return Err(GdalFailure(format!("{window} does not fit a buffer of {} values", buffer.len())));
    }
    let mut bands = bands.iter().map(|band| int(*band)).collect::<Result<Vec<c_int>>>()?;
    let (col, row) = (int(window.col)?, int(window.row)?);
    let (cols, rows) = (int(window.cols)?, int(window.rows)?);
    let size = size_of::<T>();
    // SAFETY: the dataset is open and used by this thread alone (`Dataset` is not `Sync`). GDAL writes `cols` values
    // of type T from `start`, `rows` times `row` apart, for each band `band` apart: all below `last`, which lies
    // inside the buffer. Any bit pattern is a valid T, a plain number.
    let status = unsafe {
        gdal_sys::GDALDatasetRasterIOEx(
            dataset.c_dataset(),
            gdal_sys::GDALRWFlag::GF_Read,
            col,
            row,
            cols,
            rows,
            buffer.as_mut_ptr().add(layout.start).cast::<c_void>(),
            cols,
            rows,
            T::gdal_ordinal(),
            int(bands.len())?,
            bands.as_mut_ptr(),
            int(size)?.into(),
            (layout.row * size) as i64,
            (layout.band * size) as i64,
            ptr::null_mut(),
        )
    };
    if status == gdal_sys::CPLErr::CE_None { Ok(()) } else { Err(last_failure()) }
}

/// Reads the mask of a band under a window that lies wholly inside: 0 where a pixel is hidden.
pub(crate) fn read_mask(dataset: &Dataset, band: usize, window: Window, shown: &mut [u8]) -> Result<()> {
    let size = (window.cols, window.rows);
    let corner = (window.col as isize, window.row as isize);
    Ok(dataset.rasterband(band)?.open_mask_band()?.read_into_slice(corner, size, size, shown, None)?)
}
