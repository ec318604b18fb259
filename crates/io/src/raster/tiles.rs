//! Files that lie side by side, read as one raster, so that nothing shows where one ends and another begins.

use super::tries::patiently;
use crate::open::{forget, is_remote, open_dataset};
use crate::{BandInfo, Error, PixelType, RasterDataset, Result};
use ecotone_core::{GeoBox, Nodata};
use gdal::programs::raster::{BuildVRTOptions, build_vrt};
use gdal::{Dataset, GdalOpenFlags};
use std::path::{Path, PathBuf};

/// How exactly pixels of two files must be of one size, and lie on one lattice, in pixels of a tile of thousands.
const EXACT: f64 = 1e-7;
/// The same of the place of a tile's corner, in pixels.
const PLACED: f64 = 1e-3;

/// Files of one lattice as one raster of one band, their first.
#[derive(Debug)]
pub struct Tiles {
    // Fields are dropped in order: what reads the files before them.
    raster: RasterDataset,
    _files: Vec<Dataset>,
}

impl Tiles {
    /// Reads from files, those of one lattice (CRS, size and place of pixels, type and nodata of the first band) put
    /// together, in the order of their firsts. Where files overlap, the first with a value counts. `nothing` says what stands
    /// for no value, in a file and where there is none; floating-point numbers have NaN besides. What a server spoils is
    /// opened and read again, as [`Patience`](crate::Patience) says.
    ///
    /// # Errors
    /// When a file cannot be opened or has no band; and those of `read`.
    pub fn read<T>(
        paths: &[PathBuf],
        nothing: fn(&BandInfo) -> Option<Nodata>,
        read: impl Fn(&RasterDataset) -> Result<T>,
    ) -> Result<Vec<T>> {
        let Some(path) = paths.iter().find(|path| is_remote(path)).or(paths.first()) else {
            return Ok(Vec::new());
        };
        let failed = |source| Error::Open { path: path.clone(), source };
        patiently(path, failed, |again| {
            if again {
                paths.iter().for_each(|path| forget(path));
            }
            Self::open(paths, nothing)?.iter().map(|tiles| read(&tiles.raster)).collect()
        })
    }

    fn open(paths: &[PathBuf], nothing: fn(&BandInfo) -> Option<Nodata>) -> Result<Vec<Self>> {
        let mut lattices: Vec<(RasterDataset, Vec<&Path>)> = Vec::new();
        for path in paths {
            let dataset = RasterDataset::open(path)?;
            let own = dataset.band(1)?;
            let other = lattices.iter_mut().find(|(first, _)| {
                let alike = |band: &BandInfo| {
                    (band.pixel_type, band.nodata.map(bits)) == (own.pixel_type, own.nodata.map(bits))
                };
                share_lattice(first.geobox(), dataset.geobox()) && first.bands().first().is_some_and(alike)
            });
            match other {
                Some((_, paths)) => paths.push(path),
                None => lattices.push((dataset, vec![path])),
            }
        }
        lattices.into_iter().map(|(first, paths)| Self::together(first, &paths, nothing)).collect()
    }

    fn together(
        first: RasterDataset,
        paths: &[&Path],
        nothing: fn(&BandInfo) -> Option<Nodata>,
    ) -> Result<Self> {
        let band = first.band(1)?;
        let nodata = nothing(band);
        let is_float = matches!(band.pixel_type, PixelType::F32 | PixelType::F64);
        if paths.len() < 2 {
            return Ok(Self { raster: first.with_nodata(nodata), _files: Vec::new() });
        }
        let path = first.path().to_owned();
        // What is put in last lies on top.
        let open = |path: &&Path| open_dataset(path, GdalOpenFlags::GDAL_OF_RASTER);
        let files = paths.iter().rev().map(open).collect::<Result<Vec<_>>>()?;
        let mut arguments =
            vec!["-b".to_owned(), "1".to_owned(), "-resolution".to_owned(), "highest".to_owned()];
        let outside = nodata.map(|nodata| nodata.value()).or(is_float.then_some(f64::NAN));
        if let Some(value) = outside {
            arguments.extend(["-vrtnodata".to_owned(), value.to_string()]);
        }
        let failed =
            |error: gdal::errors::GdalError| Error::Open { path: path.clone(), source: error.into() };
        let options = BuildVRTOptions::new(arguments).map_err(failed)?;
        let made = build_vrt(None, &files, Some(options)).map_err(failed)?;
        let raster = RasterDataset::of_several(&path, made)?.with_nodata(nodata);
        Ok(Self { raster, _files: files })
    }
}

fn bits(nodata: Nodata) -> u64 {
    nodata.value().to_bits()
}

/// Whether two grids are parts of one, rows downwards and unturned.
fn share_lattice(one: &GeoBox, other: &GeoBox) -> bool {
    let ([x, width, a, y, b, height], [x2, width2, a2, y2, b2, height2]) =
        (one.transform().to_gdal(), other.transform().to_gdal());
    let unturned = [a, b, a2, b2] == [0.0; 4] && width > 0.0 && height < 0.0;
    let one_size = |a: f64, b: f64| (a - b).abs() <= EXACT * a.abs();
    let whole = |pixels: f64| (pixels - pixels.round()).abs() <= PLACED;
    let one_lattice = whole((x2 - x) / width) && whole((y2 - y) / height);
    one.crs() == other.crs()
        && unturned
        && one_size(width, width2)
        && one_size(height, height2)
        && one_lattice
}
