//! Rasters of codes 0 to 255, whatever their type on disk, with a code that stands for nothing.

use crate::assess::AssessError;
use crate::layers::nodata_code;
use crate::{Error, Result};
use ecotone_core::{GeoBox, Legend, Nodata, Shape2d, Window};
use ecotone_io::{PixelType, RasterDataset, Resampling};
use ecotone_metrics::IGNORE;
use std::path::{Path, PathBuf};

/// An open raster of codes, with or without a place on the ground.
#[derive(Debug)]
pub(crate) struct Codes {
    dataset: RasterDataset,
    bytes: bool,
    nodata: u8,
    declared: bool,
}

impl Codes {
    /// Opens a raster of the legend's codes. A file that declares no nodata, or one that is no code, gets the first
    /// code that no class has.
    pub(crate) fn open(path: &Path, legend: &Legend) -> Result<Self> {
        Self::with_free(path, nodata_code(legend))
    }

    /// The same with a given code for nothing.
    pub(crate) fn with_free(path: &Path, free: u8) -> Result<Self> {
        let dataset = RasterDataset::open_unplaced(path)?;
        let band = dataset.band(1)?;
        let (bytes, declared) = (band.pixel_type == PixelType::U8, band.nodata.is_some());
        let value = band.nodata.map(Nodata::value);
        let code = value.filter(|value| value.fract() == 0.0 && (0.0..=255.0).contains(value));
        let nodata = code.map_or(free, |code| code as u8);
        let sentinel = if bytes { Some(Nodata::new(f64::from(nodata))) } else { band.nodata };
        Ok(Self { dataset: dataset.with_nodata(sentinel), bytes, nodata, declared })
    }

    /// Where it was opened from.
    pub(crate) fn path(&self) -> &Path {
        self.dataset.path()
    }

    /// Its grid.
    pub(crate) fn geobox(&self) -> &GeoBox {
        self.dataset.geobox()
    }

    /// The on-disk unit of reading.
    pub(crate) fn block(&self) -> Shape2d {
        self.dataset.bands().first().map_or(Shape2d::new(512, 512), |band| band.block)
    }

    /// The code that stands for nothing.
    pub(crate) const fn nodata(&self) -> u8 {
        self.nodata
    }

    /// The code that stands for nothing though the file does not say so.
    pub(crate) fn assumed_nodata(&self) -> Option<u8> {
        (!self.declared).then_some(self.nodata)
    }

    /// Codes on a grid, by nearest neighbour where it is another.
    ///
    /// # Errors
    /// When it cannot be read, or holds a value that is no code.
    pub(crate) fn read(&self, grid: &GeoBox) -> Result<Vec<u8>> {
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
                Err(AssessError::NoCode { path: self.path().to_owned(), value: *value }.into())
            }
        };
        wide.band(0).iter().map(code).collect()
    }

    /// Class indices on a grid, [`IGNORE`] where there is no class.
    ///
    /// # Errors
    /// As [`read`](Self::read), and when it holds a code that the legend lacks.
    pub(crate) fn read_indices(&self, grid: &GeoBox, legend: &Legend) -> Result<Vec<u8>> {
        let table = legend.index_table();
        let index = |code: usize| table[code].and_then(|index| u8::try_from(index.0).ok()).unwrap_or(IGNORE);
        let mut indices: [u8; 256] = std::array::from_fn(index);
        indices[usize::from(self.nodata)] = IGNORE;
        let mut read = self.read(grid)?;
        let mut unknown = None;
        for code in &mut read {
            let index = indices[usize::from(*code)];
            if index == IGNORE && *code != self.nodata {
                unknown = unknown.or(Some(*code));
            }
            *code = index;
        }
        match unknown {
            None => Ok(read),
            Some(code) => {
                let (map, known) = (self.path().to_owned(), known_codes(legend));
                Err(Error::UnknownClass { map, code, known })
            }
        }
    }
}

/// A raster that says which pixels count: those where it has one value.
#[derive(Debug)]
pub(crate) struct Mask {
    codes: Codes,
    value: u8,
}

impl Mask {
    /// Opens it.
    pub(crate) fn open((path, value): &(PathBuf, u8)) -> Result<Self> {
        Ok(Self { codes: Codes::with_free(path, value.wrapping_add(1))?, value: *value })
    }

    /// Puts `nothing` where a pixel does not count.
    pub(crate) fn apply(&self, grid: &GeoBox, codes: &mut [u8], nothing: u8) -> Result<()> {
        for (code, value) in codes.iter_mut().zip(self.codes.read(grid)?) {
            if value != self.value {
                *code = nothing;
            }
        }
        Ok(())
    }
}

/// Reads `code,name,color`.
pub(crate) fn read_legend(path: &Path) -> Result<Legend> {
    let file = std::fs::File::open(path).map_err(|source| Error::ReadFile {
        what: "legend",
        path: path.to_owned(),
        source,
    })?;
    Legend::from_csv(file).map_err(|source| Error::Legend { path: path.to_owned(), source })
}

/// The codes of a legend, as messages list them.
pub(crate) fn known_codes(legend: &Legend) -> String {
    legend.entries().iter().map(|entry| entry.code.0.to_string()).collect::<Vec<_>>().join(", ")
}

/// The pixels of a window within an array that reaches further, row by row.
pub(crate) fn inner(array: &[u8], shape: Shape2d, window: Window) -> Vec<u8> {
    let (top, left) = (window.row as usize, window.col as usize);
    let row = |row: usize| &array[(top + row) * shape.cols + left..][..window.cols];
    (0..window.rows).flat_map(|at| row(at).iter().copied()).collect()
}
