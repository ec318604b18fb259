//! A map of classes on disk, read window by window as class indices.

use crate::{Error, Result};
use ecotone_core::{GeoBox, Legend, Nodata, Shape2d, Window};
use ecotone_io::{RasterDataset, Resampling};
use ecotone_metrics::IGNORE;
use std::path::{Path, PathBuf};

/// A map and what its codes mean.
#[derive(Debug)]
pub(crate) struct ClassMap {
    path: PathBuf,
    dataset: RasterDataset,
    indices: [Option<u8>; 256],
    known: String,
    assumed_nodata: Option<u8>,
}

impl ClassMap {
    /// Opens a map whose first band holds codes of the legend; with or without a place on the ground.
    ///
    /// A file that declares no nodata gets one: 0 where no class has that code, else the largest free code.
    pub(crate) fn open(path: &Path, legend: &Legend) -> Result<Self> {
        let mut dataset = RasterDataset::open_unplaced(path)?;
        let mut assumed_nodata = None;
        if dataset.band(1)?.nodata.is_none() {
            assumed_nodata = legend.free_code().map(|code| code.0);
            dataset = dataset.with_nodata(assumed_nodata.map(|code| Nodata::new(f64::from(code))));
        }
        let index = |code: usize| legend.index_table()[code].and_then(|index| u8::try_from(index.0).ok());
        let codes: Vec<String> = legend.entries().iter().map(|entry| entry.code.0.to_string()).collect();
        Ok(Self {
            path: path.to_owned(),
            dataset,
            indices: std::array::from_fn(index),
            known: codes.join(", "),
            assumed_nodata,
        })
    }

    /// Where it was opened from.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Its grid.
    pub(crate) fn geobox(&self) -> &GeoBox {
        self.dataset.geobox()
    }

    /// The code that stands for nothing though the file does not say so.
    pub(crate) const fn assumed_nodata(&self) -> Option<u8> {
        self.assumed_nodata
    }

    /// Class indices on a grid, warped by nearest where it is another, [`IGNORE`] where the map has no class.
    ///
    /// # Errors
    /// When the map holds a code that the legend lacks, or cannot be read.
    pub(crate) fn read(&self, grid: &GeoBox) -> Result<Vec<u8>> {
        let codes = self.dataset.read_onto::<u8>(1, grid, Resampling::Nearest)?;
        let nodata = codes.nodata().map(Nodata::value);
        let mut unknown = None;
        let table: [u8; 256] = std::array::from_fn(|code| match self.indices[code] {
            _ if nodata == Some(code as f64) => IGNORE,
            index => index.unwrap_or(IGNORE),
        });
        let mut read = codes.into_data();
        for code in &mut read {
            let index = table[usize::from(*code)];
            if index == IGNORE && nodata != Some(f64::from(*code)) {
                unknown = unknown.or(Some(*code));
            }
            *code = index;
        }
        match unknown {
            None => Ok(read),
            Some(code) => {
                Err(Error::UnknownClass { map: self.path.clone(), code, known: self.known.clone() })
            }
        }
    }
}

/// A raster that says which pixels count: those where it has one value.
#[derive(Debug)]
pub(crate) struct Mask {
    dataset: RasterDataset,
    value: u8,
}

impl Mask {
    /// Opens it.
    pub(crate) fn open((path, value): &(PathBuf, u8)) -> Result<Self> {
        Ok(Self { dataset: RasterDataset::open_unplaced(path)?, value: *value })
    }

    /// Takes away the classes of pixels that do not count.
    pub(crate) fn apply(&self, grid: &GeoBox, indices: &mut [u8]) -> Result<()> {
        let read = self.dataset.read_onto::<u8>(1, grid, Resampling::Nearest)?;
        for (index, value) in indices.iter_mut().zip(read.band(0)) {
            if *value != self.value {
                *index = IGNORE;
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

/// The pixels of a window within an array that reaches further, row by row.
pub(crate) fn inner(array: &[u8], shape: Shape2d, window: Window) -> Vec<u8> {
    let (top, left) = (window.row as usize, window.col as usize);
    let row = |row: usize| &array[(top + row) * shape.cols + left..][..window.cols];
    (0..window.rows).flat_map(|at| row(at).iter().copied()).collect()
}
