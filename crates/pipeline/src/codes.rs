//! A raster of codes 0 to 255, whatever its type on disk, with a code that stands for nothing.

use super::AssessError;
use crate::Result;
use crate::mapping::nodata_code;
use ecotone_core::{GeoBox, Legend, Nodata};
use ecotone_io::{PixelType, RasterDataset, Resampling};
use std::path::Path;

/// An open raster of codes.
#[derive(Debug)]
pub(super) struct Codes {
    dataset: RasterDataset,
    bytes: bool,
    nodata: u8,
}

impl Codes {
    /// Opens a raster of the legend's codes. A file that declares no nodata, or one that is no code, gets the first
    /// code that no class has.
    pub(super) fn open(path: &Path, legend: &Legend) -> Result<Self> {
        Self::with_free(path, nodata_code(legend))
    }

    /// The same with a given code for nothing.
    pub(super) fn with_free(path: &Path, free: u8) -> Result<Self> {
        let dataset = RasterDataset::open_unplaced(path)?;
        let band = dataset.band(1)?;
        let bytes = band.pixel_type == PixelType::U8;
        let declared = band.nodata.map(Nodata::value);
        let code = declared.filter(|value| value.fract() == 0.0 && (0.0..=255.0).contains(value));
        let nodata = code.map_or(free, |code| code as u8);
        let sentinel = if bytes { Some(Nodata::new(f64::from(nodata))) } else { band.nodata };
        Ok(Self { dataset: dataset.with_nodata(sentinel), bytes, nodata })
    }

    /// Its grid.
    pub(super) fn geobox(&self) -> &GeoBox {
        self.dataset.geobox()
    }

    /// The dataset.
    pub(super) fn dataset(&self) -> &RasterDataset {
        &self.dataset
    }

    /// The code that stands for nothing.
    pub(super) const fn nodata(&self) -> u8 {
        self.nodata
    }

    /// Codes on a grid, by nearest neighbour where it is another.
    ///
    /// # Errors
    /// When it cannot be read, or holds a value that is no code.
    pub(super) fn read(&self, grid: &GeoBox) -> Result<Vec<u8>> {
        if self.bytes {
            return Ok(self.dataset.read_onto::<u8>(1, grid, Resampling::Nearest)?.into_data());
        }
        let wide = self.dataset.read_onto::<f64>(1, grid, Resampling::Nearest)?;
        let nodata = wide.nodata();
        let code = |value: &f64| {
            if !value.is_finite() || nodata.is_some_and(|nodata| nodata.matches(*value)) {
                Ok(self.nodata)
            } else if value.fract() == 0.0 && (0.0..=255.0).contains(value) {
                Ok(*value as u8)
            } else {
                Err(AssessError::NoCode { path: self.dataset.path().to_owned(), value: *value }.into())
            }
        };
        wide.band(0).iter().map(code).collect()
    }
}
