//! Rasters of codes 0 to 255, whatever their type on disk, with a code that stands for nothing.

use crate::legend_codes::{byte, check_nodata, known_codes, nodata_code};
use crate::{Error, Result};
use ecotone_core::{GeoBox, IGNORE, Legend, Shape2d, Window};
use ecotone_io::{BandInfo, Nothing, PixelType, RasterDataset, Resampling};
use std::path::Path;

/// What stands for nothing where bytes are read as two: none of them is so large.
pub const NO_BYTE: u16 = 256;
/// What stands for nothing where values of other types are read: far from any code.
pub const NO_CODE: u32 = u32::MAX;

/// An open raster of codes, with or without a place on the ground.
#[derive(Debug)]
pub struct Codes {
    dataset: RasterDataset,
    /// Whether it may be read as bytes, with a code of its own or a free one for nothing.
    bytes: bool,
    nodata: u8,
    declared: bool,
    ignored: Vec<i64>,
    /// The codes of its legend, where it has one.
    known: Option<String>,
}

impl Codes {
    /// Opens a raster of the legend's codes, of which some may be ignored. A file that declares no nodata, or one that is
    /// no code, gets the first code that no class has.
    ///
    /// # Errors
    /// When it cannot be opened, or declares a class as its nodata that is not ignored.
    pub fn open(path: &Path, legend: &Legend, ignored: &[i64]) -> Result<Self> {
        let codes = Self::with_free(path, nodata_code(legend))?;
        let declared = codes.dataset.band(1)?.nodata;
        check_nodata(path, declared, legend, ignored)?;
        Ok(Self { ignored: ignored.to_vec(), known: Some(known_codes(legend)), ..codes })
    }

    /// The same without a legend, with a given code for nothing.
    pub fn with_free(path: &Path, free: u8) -> Result<Self> {
        let dataset = RasterDataset::open_unplaced(path)?;
        let band = dataset.band(1)?;
        let (code, declared) = (byte(band.nodata), band.nodata.is_some());
        let bytes = band.pixel_type == PixelType::U8 && (code.is_some() || !declared);
        let nodata = code.unwrap_or(free);
        Ok(Self { dataset, bytes, nodata, declared, ignored: Vec::new(), known: None })
    }

    /// Where it was opened from.
    pub fn path(&self) -> &Path {
        self.dataset.path()
    }

    /// Its grid.
    pub fn geobox(&self) -> &GeoBox {
        self.dataset.geobox()
    }

    /// The on-disk unit of reading.
    pub fn block(&self) -> Shape2d {
        self.dataset.bands().first().map_or(Shape2d::new(512, 512), |band| band.block)
    }

    /// The code that stands for nothing.
    pub const fn nodata(&self) -> u8 {
        self.nodata
    }

    /// The code that stands for nothing though the file does not say so.
    pub fn assumed_nodata(&self) -> Option<u8> {
        (!self.declared).then_some(self.nodata)
    }

    /// Codes on a grid, by nearest neighbour where it is another.
    ///
    /// # Errors
    /// When it cannot be read, or holds a value that is no code.
    pub fn read(&self, grid: &GeoBox) -> Result<Vec<u8>> {
        if self.bytes {
            let nothing = Nothing::is(self.nodata).ignoring(&self.ignored);
            return Ok(self.dataset.read_codes(1, grid, Resampling::Nearest, &nothing)?);
        }
        let code = |code: Option<u8>| match code {
            // A file that says what stands for nothing does not mean another code, too.
            Some(code) if code == self.nodata && self.declared => Err(self.unknown(code)),
            code => Ok(code.unwrap_or(self.nodata)),
        };
        self.read_some(grid)?.into_iter().map(code).collect()
    }

    /// Codes on a grid, `None` for nothing.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn read_some(&self, grid: &GeoBox) -> Result<Vec<Option<u8>>> {
        if self.bytes {
            let some = |code: u8| (code != self.nodata).then_some(code);
            return Ok(self.read(grid)?.into_iter().map(some).collect());
        }
        let nothing = Nothing::is(NO_CODE).ignoring(&self.ignored);
        let read = self.dataset.read_codes(1, grid, Resampling::Nearest, &nothing)?;
        let assumed = |code: &u8| self.declared || *code != self.nodata;
        let some = |code: u32| match u8::try_from(code).ok() {
            None if code != NO_CODE => Err(no_code(self.path(), code)),
            code => Ok(code.filter(assumed)),
        };
        read.into_iter().map(some).collect()
    }

    fn unknown(&self, code: u8) -> Error {
        let path = self.path().to_owned();
        match &self.known {
            Some(known) => Error::UnknownClass { map: path, code, known: known.clone() },
            None => ecotone_io::Error::CodeValue { path, value: code.into(), largest: 254 }.into(),
        }
    }

    /// Class indices on a grid, [`IGNORE`] where there is no class.
    ///
    /// # Errors
    /// As [`read`](Self::read), and when it holds a code that the legend lacks.
    pub fn read_indices(&self, grid: &GeoBox, legend: &Legend) -> Result<Vec<u8>> {
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

/// A number that is too large for a code.
pub fn no_code(path: &Path, code: u32) -> Error {
    ecotone_io::Error::CodeValue { path: path.to_owned(), value: code.into(), largest: 255 }.into()
}

/// The code that a band of bytes declares for nothing.
pub fn declared_byte(band: &BandInfo) -> Option<u8> {
    byte(band.nodata).filter(|_| band.pixel_type == PixelType::U8)
}

/// The pixels of a window within an array that reaches further, row by row.
pub fn inner(array: &[u8], shape: Shape2d, window: Window) -> Vec<u8> {
    let (top, left) = (window.row as usize, window.col as usize);
    let row = |row: usize| &array[(top + row) * shape.cols + left..][..window.cols];
    (0..window.rows).flat_map(|at| row(at).iter().copied()).collect()
}
