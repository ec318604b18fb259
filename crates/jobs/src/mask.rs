//! Rasters that say which pixels count.

use crate::Result;
use ecotone_core::GeoBox;
use ecotone_io::{Nothing, RasterDataset, Resampling};
use std::path::PathBuf;

/// A raster that says which pixels count: those where it has one value.
#[derive(Debug)]
pub struct Mask {
    dataset: RasterDataset,
    value: u8,
}

impl Mask {
    /// Opens it.
    pub fn open((path, value): &(PathBuf, u8)) -> Result<Self> {
        Ok(Self { dataset: RasterDataset::open_unplaced(path)?, value: *value })
    }

    /// Puts `nothing` where a pixel does not count.
    pub fn apply(&self, grid: &GeoBox, codes: &mut [u8], nothing: u8) -> Result<()> {
        // The value that was asked for counts though the file may call it nodata; what lies beyond the file does not.
        let beyond = Nothing::is(self.value.wrapping_add(1)).with_nodata_as_code();
        let values = self.dataset.read_codes(1, grid, Resampling::Nearest, &beyond)?;
        for (code, value) in codes.iter_mut().zip(values) {
            if value != self.value {
                *code = nothing;
            }
        }
        Ok(())
    }
}
