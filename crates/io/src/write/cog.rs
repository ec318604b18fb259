//! Cloud-optimised GeoTIFFs, written window by window, read again before they get their name.

use super::atomic::{folder_of, partial_name, sync_file, sync_folder};
use super::sidecar::{describe, sidecar_name};
use crate::earth::crs;
use crate::gdal_failure::GdalFailure;
use crate::{Error, Pixel, RasterDataset, Result, ffi};
use ecotone_core::{GeoBox, Legend, Nodata, Raster, Shape2d, Window};
use gdal::cpl::CslStringList;
use gdal::raster::{Buffer, ColorEntry, ColorTable, PaletteInterpretation};
use gdal::{Dataset, DriverManager, Metadata};
use std::fs;
use std::path::{Path, PathBuf};

/// What the pixels mean, which decides overviews, compression and what is described beside them.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Content {
    /// Measurements: overviews by average, compression of differences, statistics.
    #[default]
    Values,
    /// Codes without a legend: overviews by mode.
    Codes,
    /// Classes: overviews by mode; palette, category names and attribute table in `NAME.aux.xml`. For `u8`.
    Classes(Legend),
}

/// How a COG is written.
#[derive(Debug, Clone, PartialEq)]
pub struct CogOptions {
    /// What the pixels mean.
    pub content: Content,
    /// The sentinel that the file declares; pixels never written get it, or 0.
    pub nodata: Option<Nodata>,
    /// A name for each band, or none.
    pub descriptions: Vec<String>,
    /// Scale and offset of all bands, where values are not physical themselves.
    pub scale_offset: Option<(f64, f64)>,
    /// Side of a block in pixels, a multiple of 16.
    pub block: usize,
}

impl Default for CogOptions {
    fn default() -> Self {
        Self {
            content: Content::Values,
            nodata: None,
            descriptions: Vec::new(),
            scale_offset: None,
            block: 512,
        }
    }
}

/// Writes a whole raster; its nodata counts where the options give none. See [`CogWriter`].
///
/// # Errors
/// When it cannot be written, or is not the same when read again.
pub fn write_cog<T: Pixel>(path: impl AsRef<Path>, raster: &Raster<T>, options: &CogOptions) -> Result<()> {
    let options = CogOptions { nodata: options.nodata.or(raster.nodata()), ..options.clone() };
    let mut writer = CogWriter::create(path, raster.geobox().clone(), raster.bands(), options)?;
    for band in 1..=raster.bands() {
        writer.write_window(band, Window::whole(raster.shape()), raster.band(band - 1))?;
    }
    writer.finish()
}

/// A raster of any size on its way into a COG.
///
/// Windows go into a tiled file in the hidden folder `.NAME.partial` beside the target; [`CogWriter::finish`] makes
/// the COG there, reads it again, and moves it to its name. Dropped before that, it leaves nothing; what a killed
/// run left is removed by the next writer of the same file. The same pixels give the same bytes.
#[derive(Debug)]
pub struct CogWriter<T: Pixel> {
    path: PathBuf,
    geobox: GeoBox,
    bands: usize,
    options: CogOptions,
    /// Dropped before the folder it lies in: closing may still write.
    staged: Dataset,
    partial: Partial,
    written: Vec<Written>,
    pixel: std::marker::PhantomData<T>,
}

/// A window as it was written, to compare with what is read again.
#[derive(Debug)]
struct Written {
    band: usize,
    window: Window,
    checksum: u64,
}

/// The hidden folder, removed when dropped.
#[derive(Debug)]
struct Partial(PathBuf);

impl Drop for Partial {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            tracing::debug!(folder = %self.0.display(), "not removed: {error}");
        }
    }
}

impl<T: Pixel> CogWriter<T> {
    /// Starts a file of so many bands on a grid.
    ///
    /// # Errors
    /// When the folder cannot be written or GDAL refuses the grid.
    pub fn create(path: impl AsRef<Path>, geobox: GeoBox, bands: usize, options: CogOptions) -> Result<Self> {
        ffi::init();
        let path = path.as_ref().to_owned();
        let folder = partial_name(&path);
        if folder.exists() {
            tracing::info!(folder = %folder.display(), "removing what an earlier run left");
            fs::remove_dir_all(&folder).map_err(|source| Error::Io {
                act: "removing",
                path: folder.clone(),
                source,
            })?;
        }
        fs::create_dir(&folder).map_err(|source| Error::Io {
            act: "creating a file in",
            path: folder_of(&path),
            source,
        })?;
        let partial = Partial(folder);
        if let Some(nodata) = options.nodata.filter(|nodata| T::exact(nodata.value()).is_none()) {
            return Err(Error::Nodata { path, nodata: nodata.value(), pixel_type: T::TYPE });
        }
        let system = crs::spatial_ref(geobox.crs())?;
        let stage = || -> std::result::Result<Dataset, GdalFailure> {
            let Shape2d { rows, cols } = geobox.shape();
            let block = options.block.to_string();
            let creation: CslStringList = [
                "TILED=YES".to_owned(),
                format!("BLOCKXSIZE={block}"),
                format!("BLOCKYSIZE={block}"),
                "SPARSE_OK=TRUE".to_owned(),
                "COMPRESS=DEFLATE".to_owned(),
                "ZLEVEL=1".to_owned(),
                "INTERLEAVE=BAND".to_owned(),
                // Else the last of four bands of bytes would hide pixels of the others.
                "ALPHA=NO".to_owned(),
                "BIGTIFF=IF_SAFER".to_owned(),
            ]
            .into_iter()
            .collect();
            let mut staged = DriverManager::get_driver_by_name("GTiff")?
                .create_with_band_type_with_options::<T, _>(
                    partial.0.join("stage.tif"),
                    cols,
                    rows,
                    bands,
                    &creation,
                )?;
            staged.set_geo_transform(&geobox.transform().to_gdal())?;
            staged.set_spatial_ref(&system)?;
            describe_bands(&staged, bands, &options)?;
            Ok(staged)
        };
        let staged = stage().map_err(|source| Error::Write { path: path.clone(), source })?;
        let pixel = std::marker::PhantomData;
        Ok(Self { path, partial, geobox, bands, options, staged, written: Vec::new(), pixel })
    }

    /// Writes a window of a band (numbered from 1), of shape `[y, x]`; a later one wins where two overlap.
    ///
    /// # Errors
    /// When the window is not inside the raster, `values` does not fill it, or the disk is full.
    pub fn write_window(&mut self, band: usize, window: Window, values: &[T]) -> Result<()> {
        if band == 0 || band > self.bands {
            return Err(Error::NoBand { path: self.path.clone(), band, bands: self.bands });
        }
        let inside = Window::whole(self.geobox.shape()).contains(window);
        let expected = if inside { window.shape().len() } else { 0 };
        if !inside || values.len() != expected {
            return Err(Error::WriteWindow {
                path: self.path.clone(),
                window,
                expected,
                found: values.len(),
            });
        }
        let write = || -> std::result::Result<(), GdalFailure> {
            ffi::reset_errors();
            let mut buffer = Buffer::new((window.cols, window.rows), values.to_vec());
            let corner = (window.col as isize, window.row as isize);
            self.staged.rasterband(band)?.write(corner, (window.cols, window.rows), &mut buffer)?;
            ffi::failure_since_reset()
        };
        write().map_err(|source| Error::Write { path: self.path.clone(), source })?;
        self.written.retain(|w| w.band != band || w.window.intersection(window).is_none());
        self.written.push(Written { band, window, checksum: checksum(values) });
        Ok(())
    }

    /// Makes the COG, compares it with what was written, and gives it its name; the description beside it first.
    ///
    /// # Errors
    /// When the disk is full or the file differs when read again; nothing new then stands under the final name.
    pub fn finish(mut self) -> Result<()> {
        let made = self.partial.0.join(self.path.file_name().unwrap_or_default());
        let failed = |source| Error::Write { path: self.path.clone(), source };
        let flush = |staged: &mut Dataset| -> std::result::Result<(), GdalFailure> {
            ffi::reset_errors();
            staged.flush_cache()?;
            ffi::failure_since_reset()
        };
        flush(&mut self.staged).map_err(failed)?;
        let sidecar = self.description().map_err(failed)?;
        self.copy_to(&made).map_err(failed)?;

        let io = |act| move |path: &Path, source| Error::Io { act, path: path.to_owned(), source };
        let made_sidecar = sidecar_name(&made);
        if let Some(xml) = &sidecar {
            fs::write(&made_sidecar, xml).map_err(|e| io("writing")(&self.path, e))?;
            sync_file(&made_sidecar).map_err(|e| io("flushing")(&self.path, e))?;
        }
        sync_file(&made).map_err(|e| io("flushing")(&self.path, e))?;
        self.verify(&made)?;

        let named_sidecar = sidecar_name(&self.path);
        if sidecar.is_some() {
            fs::rename(&made_sidecar, &named_sidecar).map_err(|e| io("renaming to")(&named_sidecar, e))?;
        } else if named_sidecar.exists() {
            fs::remove_file(&named_sidecar).map_err(|e| io("removing")(&named_sidecar, e))?;
        }
        fs::rename(&made, &self.path).map_err(|e| io("renaming to")(&self.path, e))?;
        sync_folder(&self.path)
    }

    /// Statistics into the staged file, and the text that goes beside the COG.
    fn description(&self) -> std::result::Result<Option<String>, GdalFailure> {
        for band in 1..=self.bands {
            // A band without a valid pixel has none, which GDAL calls a failure.
            if let Err(error) = self.staged.rasterband(band)?.get_statistics(true, false) {
                tracing::debug!(band, "no statistics: {}", GdalFailure::from(error));
            }
        }
        let Content::Classes(legend) = &self.options.content else { return Ok(None) };
        let histogram = self.staged.rasterband(1)?.histogram(-0.5, 255.5, 256, false, false)?;
        let mut counts = [0; 256];
        counts.copy_from_slice(histogram.counts());
        Ok(Some(describe(legend, &counts)))
    }

    fn copy_to(&self, made: &Path) -> std::result::Result<(), GdalFailure> {
        let values = self.options.content == Content::Values;
        let options: CslStringList = [
            "COMPRESS=DEFLATE".to_owned(),
            // Differences of class codes mean nothing and compress worse.
            format!("PREDICTOR={}", if values { "YES" } else { "NO" }),
            format!("BLOCKSIZE={}", self.options.block),
            format!("OVERVIEW_RESAMPLING={}", if values { "AVERAGE" } else { "MODE" }),
            "BIGTIFF=IF_SAFER".to_owned(),
            // One thread: an error in another would be lost below GDAL 3.7.
            "NUM_THREADS=1".to_owned(),
        ]
        .into_iter()
        .collect();
        ffi::reset_errors();
        self.staged.create_copy(&DriverManager::get_driver_by_name("COG")?, made, &options)?.close()?;
        ffi::failure_since_reset()
    }

    fn verify(&self, made: &Path) -> Result<()> {
        let differs = |what: &str| Error::Verify { path: self.path.clone(), what: what.to_owned() };
        let again = RasterDataset::open(made)?;
        let found = again.geobox();
        if found.shape() != self.geobox.shape() || again.bands().len() != self.bands {
            return Err(differs("size"));
        }
        if !crs::same_crs(found.crs(), self.geobox.crs())? {
            return Err(differs("coordinate reference system"));
        }
        let moved = GeoBox::new(found.shape(), found.transform(), self.geobox.crs().clone());
        let (a, b) = (moved.bounds(), self.geobox.bounds());
        let off = [a.min.x - b.min.x, a.min.y - b.min.y, a.max.x - b.max.x, a.max.y - b.max.y];
        if off.iter().any(|d| d.abs() > 1e-6 * self.geobox.gsd()) {
            return Err(differs("geotransform"));
        }
        let bits = |nodata: Option<Nodata>| nodata.and_then(|n| T::exact(n.value())).map(T::bits);
        let nodata = bits(self.options.nodata);
        if again.bands().iter().any(|band| band.pixel_type != T::TYPE || bits(band.nodata) != nodata) {
            return Err(differs("pixel type or nodata"));
        }
        for Written { band, window, checksum: expected } in &self.written {
            if checksum(again.read_window::<T>(&[*band], *window)?.data()) != *expected {
                return Err(differs(&format!("band {band} ({window})")));
            }
        }
        Ok(())
    }
}

fn describe_bands(
    staged: &Dataset,
    bands: usize,
    options: &CogOptions,
) -> std::result::Result<(), GdalFailure> {
    for i in 1..=bands {
        let mut band = staged.rasterband(i)?;
        if let Some(nodata) = options.nodata {
            band.set_no_data_value(Some(nodata.value()))?;
        }
        if let Some((scale, offset)) = options.scale_offset {
            band.set_scale(scale)?;
            band.set_offset(offset)?;
        }
        if let Some(name) = options.descriptions.get(i - 1) {
            band.set_description(name)?;
        }
        if let Content::Classes(legend) = &options.content {
            band.set_color_table(&palette(legend));
        }
    }
    Ok(())
}

fn palette(legend: &Legend) -> ColorTable<'static> {
    let mut table = ColorTable::new(PaletteInterpretation::Rgba);
    for code in 0..=255 {
        table.set_color_entry(code, &ColorEntry::rgba(0, 0, 0, 255));
    }
    for entry in legend.entries() {
        let [r, g, b] = entry.color.0.map(i16::from);
        table.set_color_entry(u16::from(entry.code.0), &ColorEntry::rgba(r, g, b, 255));
    }
    table
}

/// FNV-1a over the bits of each value (Fowler, Noll, Vo; draft-eastlake-fnv).
fn checksum<T: Pixel>(values: &[T]) -> u64 {
    values.iter().fold(0xcbf2_9ce4_8422_2325, |hash, v| (hash ^ v.bits()).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
#[path = "cog_tests.rs"]
mod tests;
