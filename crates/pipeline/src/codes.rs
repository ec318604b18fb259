//! Rasters of codes 0 to 255, whatever their type on disk, with a code that stands for nothing.

use crate::layers::nodata_code;
use crate::{Error, Result};
use ecotone_core::{ClassCode, GeoBox, Legend, Nodata, Shape2d, Window};
use ecotone_io::{BandInfo, Nothing, PixelType, RasterDataset, Resampling};
use ecotone_metrics::IGNORE;
use std::path::{Path, PathBuf};

/// What stands for nothing where bytes are read as two: none of them is so large.
pub(crate) const NO_BYTE: u16 = 256;
/// What stands for nothing where values of other types are read: far from any code.
pub(crate) const NO_CODE: u32 = u32::MAX;

/// An open raster of codes, with or without a place on the ground.
#[derive(Debug)]
pub(crate) struct Codes {
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
    pub(crate) fn open(path: &Path, legend: &Legend, ignored: &[i64]) -> Result<Self> {
        let codes = Self::with_free(path, nodata_code(legend))?;
        let declared = codes.dataset.band(1)?.nodata;
        check_nodata(path, declared, legend, ignored)?;
        Ok(Self { ignored: ignored.to_vec(), known: Some(known_codes(legend)), ..codes })
    }

    /// The same without a legend, with a given code for nothing.
    pub(crate) fn with_free(path: &Path, free: u8) -> Result<Self> {
        let dataset = RasterDataset::open_unplaced(path)?;
        let band = dataset.band(1)?;
        let (code, declared) = (byte(band.nodata), band.nodata.is_some());
        let bytes = band.pixel_type == PixelType::U8 && (code.is_some() || !declared);
        let nodata = code.unwrap_or(free);
        Ok(Self { dataset, bytes, nodata, declared, ignored: Vec::new(), known: None })
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
    pub(crate) fn read_some(&self, grid: &GeoBox) -> Result<Vec<Option<u8>>> {
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

/// A number that is too large for a code.
pub(crate) fn no_code(path: &Path, code: u32) -> Error {
    ecotone_io::Error::CodeValue { path: path.to_owned(), value: code.into(), largest: 255 }.into()
}

/// A nodata value that is a code.
fn byte(nodata: Option<Nodata>) -> Option<u8> {
    let value = nodata.map(Nodata::value);
    value.filter(|value| value.fract() == 0.0 && (0.0..=255.0).contains(value)).map(|value| value as u8)
}

/// The code that a band of bytes declares for nothing.
pub(crate) fn declared_byte(band: &BandInfo) -> Option<u8> {
    byte(band.nodata).filter(|_| band.pixel_type == PixelType::U8)
}

/// Sees that the nodata of a file is no class of its legend, unless the class is to be ignored: either the file or the
/// legend is wrong, and whichever is believed, the other's pixels would vanish from every count.
///
/// # Errors
/// When it is.
pub(crate) fn check_nodata(
    path: &Path,
    declared: Option<Nodata>,
    legend: &Legend,
    ignored: &[i64],
) -> Result<()> {
    let code = byte(declared).filter(|code| !ignored.contains(&i64::from(*code)));
    let class = code.and_then(|code| legend.entries().iter().find(|entry| entry.code == ClassCode(code)));
    match class {
        None => Ok(()),
        Some(entry) => {
            let (path, class) = (path.to_owned(), entry.name.clone());
            Err(Error::NodataIsClass { path, code: entry.code.0, class })
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

    /// Puts `nothing` where a pixel does not count.
    pub(crate) fn apply(&self, grid: &GeoBox, codes: &mut [u8], nothing: u8) -> Result<()> {
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
