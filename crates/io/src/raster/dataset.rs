//! Rasters on disk or behind a URL, read by window.

use super::absence::{Absence, is_masked};
use super::pixel::{Pixel, PixelType};
use super::rewritten::signed_bytes;
use super::tries::{attentively, patiently};
use crate::earth::crs;
use crate::earth::unplaced_crs;
use crate::ffi::{self, Layout};
use crate::gdal_failure::GdalFailure;
use crate::open::{open_dataset, told};
use crate::{Error, Result};
use ecotone_core::{
    ClassCode, GeoBox, GeoTransform, Legend, LegendEntry, Nodata, Raster, Rgb, Shape2d, Window, XY,
};
use gdal::raster::RasterBand;
use gdal::{Dataset, GdalOpenFlags, Metadata};
use std::cell::{Ref, RefCell};
use std::fmt;
use std::path::{Path, PathBuf};

/// What a file says of one of its bands.
#[derive(Debug, Clone, PartialEq)]
pub struct BandInfo {
    /// Type of the values on disk.
    pub pixel_type: PixelType,
    /// The sentinel for "no value", where the file declares one.
    pub nodata: Option<Nodata>,
    /// What a value is multiplied by to become physical; 1 where the file is silent.
    pub scale: f64,
    /// What is added after that; 0 where the file is silent.
    pub offset: f64,
    /// Name of the band; may be empty.
    pub description: String,
    /// The on-disk unit of reading.
    pub block: Shape2d,
}

/// An open raster. It may move to another thread but not be shared: open one a thread.
pub struct RasterDataset {
    /// As it is told: without a signature.
    pub(crate) path: PathBuf,
    /// As it is opened.
    location: PathBuf,
    /// Opened again where a server spoilt it.
    dataset: RefCell<Dataset>,
    geobox: GeoBox,
    bands: Vec<BandInfo>,
    /// Which bands a mask of the file's own hides in part; those that an alpha band hides among them.
    masked: Vec<(bool, bool)>,
    /// Whether an alpha band is one of data.
    alpha_is_data: bool,
    /// Whether it is made of several files.
    is_of_several: bool,
}

/// Signatures are no one's business.
impl fmt::Debug for RasterDataset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, geobox, bands, .. } = self;
        f.debug_struct("RasterDataset")
            .field("path", path)
            .field("geobox", geobox)
            .field("bands", bands)
            .finish_non_exhaustive()
    }
}

impl RasterDataset {
    /// Opens a file, a `/vsi…` path of GDAL, or an `http(s)`, `s3`, `gs` or `az` URL. What a server spoils, now or while it
    /// is read, is tried again as [`Patience`](crate::Patience) says.
    ///
    /// # Errors
    /// When it cannot be opened or is not georeferenced.
    pub fn open(location: impl AsRef<Path>) -> Result<Self> {
        Self::open_with(location.as_ref(), geobox_of)
    }

    /// The same for one of several files of a scene: where its upper left corner is that of `other`, it is taken to be in
    /// the same CRS and not asked for its own, which takes longer to build than a small window to read.
    ///
    /// # Errors
    /// When it cannot be opened or is not georeferenced.
    pub fn open_beside(location: impl AsRef<Path>, other: &GeoBox) -> Result<Self> {
        Self::open_with(location.as_ref(), |path, dataset| match transform_of(path, dataset)? {
            transform if transform.origin() == other.transform().origin() => {
                let (cols, rows) = dataset.raster_size();
                Ok(GeoBox::new(Shape2d::new(rows, cols), transform, other.crs().clone()))
            }
            _ => geobox_of(path, dataset),
        })
    }

    /// The same for a raster that may lie nowhere: it then gets pixels of side 1 from (0, 0), rows downwards, in a
    /// system of its own that no other can be transformed into. Good for comparing images pixel by pixel.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn open_unplaced(location: impl AsRef<Path>) -> Result<Self> {
        Self::open_with(location.as_ref(), |path, dataset| match geobox_of(path, dataset) {
            Err(Error::NotGeoreferenced { .. }) => {
                let (cols, rows) = dataset.raster_size();
                let transform = GeoTransform::north_up(XY::new(0.0, 0.0), 1.0);
                Ok(GeoBox::new(Shape2d::new(rows, cols), transform, unplaced_crs()))
            }
            placed => placed,
        })
    }

    fn open_with(path: &Path, grid: impl Fn(&Path, &Dataset) -> Result<GeoBox>) -> Result<Self> {
        let failed = |source| Error::Open { path: told(path), source };
        patiently(path, failed, |_| Self::of(path, open_dataset(path, GdalOpenFlags::GDAL_OF_RASTER)?, &grid))
    }

    /// Several files that were put together under the name of one, and cannot be opened again by it.
    pub(super) fn of_several(path: &Path, dataset: Dataset) -> Result<Self> {
        Ok(Self { is_of_several: true, ..Self::of(path, dataset, geobox_of)? })
    }

    fn of(path: &Path, dataset: Dataset, grid: impl Fn(&Path, &Dataset) -> Result<GeoBox>) -> Result<Self> {
        let (path, location) = (told(path), path.to_owned());
        let geobox = grid(&path, &dataset)?;
        let failed = |source| Error::Open { path: path.clone(), source };
        let (dataset, signed) = signed_bytes(dataset).map_err(failed)?;
        let (bands, masked) = (1..=dataset.raster_count())
            .map(|i| {
                let band = dataset.rasterband(i)?;
                let info = band_info(&band)?;
                let pixel_type = if signed { PixelType::I8 } else { info.pixel_type };
                Ok((BandInfo { pixel_type, ..info }, is_masked(&band)?))
            })
            .collect::<std::result::Result<Vec<_>, GdalFailure>>()
            .map_err(failed)?
            .into_iter()
            .unzip();
        let dataset = RefCell::new(dataset);
        Ok(Self {
            path,
            location,
            dataset,
            geobox,
            bands,
            masked,
            alpha_is_data: false,
            is_of_several: false,
        })
    }

    /// GDAL's own.
    pub(crate) fn gdal(&self) -> Ref<'_, Dataset> {
        self.dataset.borrow()
    }

    /// Reads a band of a file that may be behind a server, which may fail for a while: the file is then opened again, and
    /// read again.
    ///
    /// What is made of several files is read once: those who opened them try again.
    pub(crate) fn patiently<T>(&self, band: usize, mut read: impl FnMut() -> Result<T>) -> Result<T> {
        let failed = |source| self.unreadable(&[band], Window::whole(self.geobox.shape()), source);
        if self.is_of_several {
            return attentively(failed, read);
        }
        patiently(&self.location, failed, |again| {
            if again {
                self.open_again()?;
            }
            read()
        })
    }

    fn open_again(&self) -> Result<()> {
        let failed = |source| Error::Open { path: self.path.clone(), source };
        let fresh = open_dataset(&self.location, GdalOpenFlags::GDAL_OF_RASTER)?;
        let (fresh, _) = signed_bytes(fresh).map_err(failed)?;
        let (cols, rows) = fresh.raster_size();
        if (Shape2d::new(rows, cols), fresh.raster_count()) != (self.geobox.shape(), self.bands.len()) {
            return Err(failed(GdalFailure("it is another file than before".to_owned())));
        }
        self.dataset.replace(fresh);
        Ok(())
    }

    /// The same where every band is data, be one marked as alpha: GDAL marks so the last of four bands of bytes that
    /// nobody describes.
    #[must_use]
    pub fn with_alpha_as_data(self) -> Self {
        Self { alpha_is_data: true, ..self }
    }

    /// Whether a mask of the file's own hides pixels of a band.
    pub(crate) fn is_masked(&self, band: usize) -> bool {
        let masked = band.checked_sub(1).and_then(|i| self.masked.get(i));
        masked.is_some_and(|(mask, any)| if self.alpha_is_data { *mask } else { *any })
    }

    /// The same of a band of codes. Of four bands of bytes GDAL takes the last for alpha unless told otherwise: right in a
    /// picture, wrong in a stack of classes.
    pub(crate) fn hides_codes(&self, band: usize) -> bool {
        let is_stack = self.bands.len() == 4 && self.bands.iter().all(|b| b.pixel_type == PixelType::U8);
        let masked = band.checked_sub(1).and_then(|i| self.masked.get(i));
        if is_stack { masked.is_some_and(|(mask, _)| *mask) } else { self.is_masked(band) }
    }

    /// The same with another sentinel in all bands, for files that declare none, or the wrong one.
    #[must_use]
    pub fn with_nodata(mut self, nodata: Option<Nodata>) -> Self {
        for band in &mut self.bands {
            band.nodata = nodata;
        }
        self
    }

    /// The same with a sentinel in the bands that declare none.
    pub(crate) fn or_nodata(mut self, nodata: Option<Nodata>) -> Self {
        for band in &mut self.bands {
            band.nodata = band.nodata.or(nodata);
        }
        self
    }

    /// Where it was opened from.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its grid.
    pub const fn geobox(&self) -> &GeoBox {
        &self.geobox
    }

    /// Its bands; band number 1 is the first.
    pub fn bands(&self) -> &[BandInfo] {
        &self.bands
    }

    /// What the file says of a band, numbered from 1.
    ///
    /// # Errors
    /// When there is no such band.
    pub fn band(&self, band: usize) -> Result<&BandInfo> {
        band.checked_sub(1).and_then(|i| self.bands.get(i)).ok_or_else(|| Error::NoBand {
            path: self.path.clone(),
            band,
            bands: self.bands.len(),
        })
    }

    /// Reads bands (numbered from 1) under a window, of shape `[band, y, x]`.
    ///
    /// Pixels over the edge, and those that a mask of the file's own hides, get the first band's sentinel; where no band
    /// has one, NaN, or 0 in an integer, which the returned raster then declares as its nodata. A sentinel that differs
    /// between bands is rewritten as the first's.
    ///
    /// # Errors
    /// When a band is missing or unreadable, holds a value that `T` cannot hold, or is hidden in part by a mask and has
    /// no sentinel where `T` is an integer.
    pub fn read_window<T: Pixel>(&self, bands: &[usize], window: Window) -> Result<Raster<T>> {
        for band in bands {
            if !self.holds::<T>(*band)? {
                return self.narrow(bands, &self.read_window::<f64>(bands, window)?);
            }
        }
        let mut absences = bands.iter().map(|b| self.absence::<T>(*b)).collect::<Result<Vec<_>>>()?;
        let fill = absences.iter().find_map(|absence| absence.declared).unwrap_or(T::FILL);
        absences.iter_mut().for_each(|absence| absence.fill = fill);
        let mut data = vec![T::from_f64(0.0); bands.len() * window.shape().len()];
        let complete = self.fill_window(bands, &absences, window, &mut data)?;
        let nodata = absences.iter().find_map(|absence| absence.sentinel(complete));
        self.raster(window, bands.len(), data, nodata)
    }

    /// [`RasterDataset::read_window`] into memory as large as the window, of a type that holds every value, where all bands
    /// get the same `fill`; gives whether the window lies wholly inside.
    pub(crate) fn fill_window<T: Pixel>(
        &self,
        bands: &[usize],
        absences: &[Absence<T>],
        window: Window,
        data: &mut [T],
    ) -> Result<bool> {
        let band = bands.first().copied().unwrap_or(1);
        self.patiently(band, || self.fill_window_once(bands, absences, window, data))
    }

    fn fill_window_once<T: Pixel>(
        &self,
        bands: &[usize],
        absences: &[Absence<T>],
        window: Window,
        data: &mut [T],
    ) -> Result<bool> {
        let whole = Window::whole(self.geobox.shape());
        let complete = whole.contains(window);
        if let Some(first) = absences.first().filter(|_| !complete) {
            data.fill(first.fill);
        }
        let Some(inside) = whole.intersection(window) else { return Ok(complete) };
        let place = inside.relative_to(window);
        let (start, size) = (place.row as usize * window.cols + place.col as usize, window.shape().len());
        let layout = Layout { start, row: window.cols, band: size };
        ffi::read(&self.gdal(), bands, inside, data, layout)
            .map_err(|source| self.unreadable(bands, inside, source))?;
        for (i, (band, absence)) in bands.iter().zip(absences).enumerate() {
            let (values, fill) = (&mut data[i * size..(i + 1) * size], absence.fill);
            if let Some(other) = absence.declared.filter(|other| other.bits() != fill.bits()) {
                replace(values, other, fill);
            }
            if absence.masked {
                self.hide(*band, inside, fill, (start, window.cols), values)?;
            }
            self.check_exact(*band, fill, values)?;
        }
        Ok(complete)
    }

    /// Classes, where the file describes them: from its attribute table, else its category names and palette.
    ///
    /// # Errors
    /// When there is no such band.
    pub fn legend(&self, band: usize) -> Result<Option<Legend>> {
        self.band(band)?;
        let dataset = self.gdal();
        let band = dataset
            .rasterband(band)
            .map_err(|e| Error::Open { path: self.path.clone(), source: e.into() })?;
        let entries = legend_of_table(&ffi::attribute_table(&band)).unwrap_or_else(|| legend_of_names(&band));
        Ok(Legend::new(entries).ok())
    }

    /// `wide` as `T`, each value checked. A sentinel that `T` cannot hold becomes [`Pixel::FILL`], unless a valid
    /// pixel has that value already.
    pub(crate) fn narrow<T: Pixel>(&self, bands: &[usize], wide: &Raster<f64>) -> Result<Raster<T>> {
        let size = wide.shape().len().max(1);
        let sentinel = wide.nodata();
        let kept = sentinel.and_then(|nodata| T::exact(nodata.value()));
        let fill = kept.unwrap_or(T::FILL);
        let refuse = |i: usize, value| {
            let band = bands[i / size];
            let from = self.bands[band - 1].pixel_type;
            Error::Conversion { path: self.path.clone(), band, from, to: T::TYPE, value }
        };
        let (mut filled, mut clash) = (None, false);
        let mut data = Vec::with_capacity(wide.data().len());
        for (i, value) in wide.data().iter().enumerate() {
            if sentinel.is_some_and(|nodata| nodata.matches(*value)) {
                filled = filled.or(Some((i, *value)));
                data.push(fill);
            } else {
                let exact = T::exact(*value).ok_or_else(|| refuse(i, *value))?;
                clash |= exact == fill;
                data.push(exact);
            }
        }
        if let Some((i, value)) = filled.filter(|_| clash) {
            return Err(refuse(i, value));
        }
        let nodata = (kept.is_some() || filled.is_some()).then(|| Nodata::new(fill.into()));
        Raster::new(wide.geobox().clone(), wide.bands(), data, nodata)
            .map_err(|source| Error::Describe { path: self.path.clone(), source })
    }

    fn raster<T: Pixel>(
        &self,
        window: Window,
        bands: usize,
        data: Vec<T>,
        nodata: Option<T>,
    ) -> Result<Raster<T>> {
        Raster::new(self.geobox.crop(window), bands, data, nodata.map(|n| Nodata::new(n.into())))
            .map_err(|source| Error::Describe { path: self.path.clone(), source })
    }

    pub(crate) fn unreadable(&self, bands: &[usize], window: Window, source: GdalFailure) -> Error {
        let band = bands.first().copied().unwrap_or(1);
        Error::Read { path: self.path.clone(), band, window, source }
    }
}

fn replace<T: Pixel>(values: &mut [T], from: T, to: T) {
    for value in values.iter_mut().filter(|value| value.bits() == from.bits()) {
        *value = to;
    }
}

pub(super) fn geobox_of(path: &Path, dataset: &Dataset) -> Result<GeoBox> {
    let transform = transform_of(path, dataset)?;
    let missing = "coordinate reference system";
    let system = dataset
        .spatial_ref()
        .ok()
        .ok_or_else(|| Error::NotGeoreferenced { path: path.to_owned(), missing })?;
    let crs = crs::identify(&system).map_err(|source| Error::Open { path: path.to_owned(), source })?;
    let (cols, rows) = dataset.raster_size();
    Ok(GeoBox::new(Shape2d::new(rows, cols), transform, crs))
}

fn transform_of(path: &Path, dataset: &Dataset) -> Result<GeoTransform> {
    let missing = || Error::NotGeoreferenced { path: path.to_owned(), missing: "geotransform" };
    let transform = dataset.geo_transform().ok().ok_or_else(missing)?;
    GeoTransform::from_gdal(transform).map_err(|source| Error::Describe { path: path.to_owned(), source })
}

fn band_info(band: &RasterBand<'_>) -> std::result::Result<BandInfo, GdalFailure> {
    let (cols, rows) = band.block_size();
    Ok(BandInfo {
        pixel_type: match ffi::is_complex(band) {
            true => PixelType::Complex,
            false => PixelType::from_gdal_name(&band.band_type().name()),
        },
        nodata: band.no_data_value().map(Nodata::new),
        scale: band.scale().unwrap_or(1.0),
        offset: band.offset().unwrap_or(0.0),
        description: band.description()?,
        block: Shape2d::new(rows, cols),
    })
}

fn legend_of_table(columns: &[(String, Vec<String>)]) -> Option<Vec<LegendEntry>> {
    let column = |wanted: &str| {
        columns.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, cells)| cells.as_slice())
    };
    let (codes, names) = (column("Value")?, column("Class")?);
    let channels = [column("Red")?, column("Green")?, column("Blue")?];
    (0..codes.len())
        .map(|i| {
            let channel = |c: usize| channels[c].get(i)?.parse().ok();
            Some(LegendEntry {
                code: ClassCode(codes[i].parse().ok()?),
                name: names.get(i)?.clone(),
                color: Rgb([channel(0)?, channel(1)?, channel(2)?]),
            })
        })
        .collect()
}

fn legend_of_names(band: &RasterBand<'_>) -> Vec<LegendEntry> {
    let palette = band.color_table();
    let color = |code: u8| {
        let entry = palette.as_ref().and_then(|table| table.entry_as_rgb(usize::from(code)));
        let channel = |value: i16| u8::try_from(value).unwrap_or(0);
        entry.map_or(Rgb([0; 3]), |e| Rgb([channel(e.r), channel(e.g), channel(e.b)]))
    };
    let names = (0..=255u8).zip(ffi::category_names(band)).filter(|(_, name)| !name.is_empty());
    names.map(|(code, name)| LegendEntry { code: ClassCode(code), name, color: color(code) }).collect()
}

#[cfg(test)]
#[path = "dataset_tests.rs"]
mod tests;
