//! A band on any grid: straight from the file where the lattices agree, through GDAL's warper where they do not.

use super::absence::Absence;
use super::pixel::Pixel;
use super::resample;
use super::rewritten::rewritten;
use crate::earth::crs;
use crate::earth::is_placed;
use crate::gdal_failure::GdalFailure;
use crate::{Error, RasterDataset, Resampling, Result, ffi};
use ecotone_core::{GeoBox, GeoTransform, Nodata, Raster, Shape2d, Window, XY};
use gdal::DriverManager;

/// How far, in target pixels, a point may land from its exact place: GDAL interpolates between exact ones.
const MAX_ERROR: &str = "0.125";

/// A band, and how it is to be read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<T> {
    /// From 1.
    pub(crate) band: usize,
    pub(crate) resampling: Resampling,
    pub(crate) absence: Absence<T>,
}

/// How a source lies under a target.
#[derive(Debug, PartialEq)]
enum Plan {
    /// On the same lattice: this window of it.
    Same(Window),
    /// Target pixels are blocks of `factor` x `factor` source pixels, together this window.
    Shrink { window: Window, factor: usize },
    /// Source pixels are blocks of target pixels; the window is the target's in source pixels cut `factor` times.
    Enlarge { window: Window, factor: usize },
    /// Anything else.
    Warp,
}

impl RasterDataset {
    /// Reads a band (numbered from 1) onto a grid in any CRS.
    ///
    /// Where the target lies on the file's own lattice, or its pixels are whole multiples or whole parts of the
    /// file's, pixels are combined exactly; else GDAL warps with an error of at most an eighth of a pixel. Source
    /// nodata is honoured, and so is a mask of the file's own: inside it, beside it, or an alpha band. Where the target has
    /// no valid source pixel it gets the band's nodata, or NaN, or 0 in an integer band without nodata (so give such a
    /// band one by [`RasterDataset::with_nodata`], and read codes by [`RasterDataset::read_codes`]).
    ///
    /// Averages and interpolated values of integers are rounded.
    ///
    /// # Errors
    /// When the band is missing or unreadable, holds a value that `T` cannot hold, is hidden in part by a mask and has
    /// no nodata where `T` is an integer, or a CRS is not understood.
    pub fn read_onto<T: Pixel>(
        &self,
        band: usize,
        target: &GeoBox,
        resampling: Resampling,
    ) -> Result<Raster<T>> {
        if !self.holds::<T>(band)? {
            return self.narrow(&[band], &self.read_onto::<f64>(band, target, resampling)?);
        }
        let absence = self.absence::<T>(band)?;
        let mut data = vec![T::from_f64(0.0); target.shape().len()];
        let complete = self.read_plan(Wanted { band, resampling, absence }, target, &mut data)?;
        let nodata = absence.sentinel(complete).map(|fill| Nodata::new(fill.into()));
        Raster::new(target.clone(), 1, data, nodata)
            .map_err(|source| Error::Describe { path: self.path.clone(), source })
    }

    /// [`RasterDataset::read_onto`] into memory of the caller's, `[y, x]`; gives the nodata of what was read.
    ///
    /// Between lattices that nest, and where `T` holds every value of the band, nothing is copied twice.
    ///
    /// # Errors
    /// As [`RasterDataset::read_onto`], and when the memory is not as large as the target.
    pub fn read_onto_slice<T: Pixel>(
        &self,
        band: usize,
        target: &GeoBox,
        resampling: Resampling,
        data: &mut [T],
    ) -> Result<Option<Nodata>> {
        let (shape, found) = (target.shape(), data.len());
        if found != shape.len() {
            let (what, expected) = ("memory to read into", shape.len());
            let source =
                ecotone_core::Error::Length { what, shape: vec![shape.rows, shape.cols], expected, found };
            return Err(Error::Describe { path: self.path.clone(), source });
        }
        if !self.holds::<T>(band)? {
            let read = self.read_onto::<T>(band, target, resampling)?;
            data.copy_from_slice(read.data());
            return Ok(read.nodata());
        }
        let absence = self.absence::<T>(band)?;
        let complete = self.read_plan(Wanted { band, resampling, absence }, target, data)?;
        Ok(absence.sentinel(complete).map(|fill| Nodata::new(fill.into())))
    }

    /// The way that the lattices allow, into memory of the target's size; gives whether every pixel of the target has a
    /// source pixel for certain.
    pub(crate) fn read_plan<T: Pixel>(
        &self,
        wanted: Wanted<T>,
        target: &GeoBox,
        data: &mut [T],
    ) -> Result<bool> {
        match plan(self.geobox(), target, wanted.resampling) {
            Plan::Same(window) => self.fill_window(&[wanted.band], &[wanted.absence], window, data),
            Plan::Shrink { window, factor } => self.shrink(wanted, window, factor, data),
            Plan::Enlarge { window, factor } => self.enlarge(wanted, window, factor, data),
            Plan::Warp => self.warp(wanted, target, data),
        }
    }

    /// Blocks of `factor` x `factor` pixels under a window as one each, a few rows at a time, so that the pixels that
    /// they are made of stay in the cache.
    fn shrink<T: Pixel>(
        &self,
        Wanted { band, resampling, absence }: Wanted<T>,
        window: Window,
        factor: usize,
        data: &mut [T],
    ) -> Result<bool> {
        /// Values of the source that are read at a time.
        const PART: usize = 1 << 16;
        let complete = Window::whole(self.geobox().shape()).contains(window);
        let nodata = absence.sentinel(complete);
        let cols = window.cols / factor;
        let rows = (PART / (window.cols * factor).max(1)).max(1);
        let mut source = vec![T::FILL; rows * factor * window.cols];
        for (i, made) in data.chunks_mut((rows * cols).max(1)).enumerate() {
            let row = window.row + (i * rows * factor) as i64;
            let part = Window::new(row, window.col, made.len() / cols * factor, window.cols);
            let source = &mut source[..part.shape().len()];
            self.fill_window(&[band], &[absence], part, source)?;
            resample::shrink(source, window.cols, nodata, factor, resampling, made);
        }
        Ok(complete)
    }

    fn enlarge<T: Pixel>(
        &self,
        Wanted { band, resampling, absence }: Wanted<T>,
        window: Window,
        factor: usize,
        data: &mut [T],
    ) -> Result<bool> {
        let Shape2d { rows, cols } = self.geobox().shape();
        let inside = Window::new(0, 0, rows, cols).intersection(resample::sources(window, factor));
        match inside {
            Some(inside) => {
                let mut source = vec![T::from_f64(0.0); inside.shape().len()];
                self.fill_window(&[band], &[absence], inside, &mut source)?;
                let nodata = absence.sentinel(true);
                let source = resample::Source { values: &source, inside, nodata };
                resample::enlarge(&source, window, factor, resampling, absence.fill, data);
            }
            None => data.fill(absence.fill),
        }
        Ok(Window::new(0, 0, rows * factor, cols * factor).contains(window))
    }

    /// Unlike a window, a warped grid nearly always has corners without a source: it is never complete.
    fn warp<T: Pixel>(&self, wanted: Wanted<T>, target: &GeoBox, data: &mut [T]) -> Result<bool> {
        self.check_place(target)?;
        let band = wanted.band;
        self.patiently(band, || {
            self.warped(wanted, target, data).map_err(|failure| match failure {
                Failure::Ours(error) => error,
                Failure::Gdal(source) => {
                    Error::Warp { path: self.path.clone(), band, crs: target.crs().to_string(), source }
                }
            })
        })?;
        self.check_exact(band, wanted.absence.fill, data)?;
        Ok(false)
    }

    /// GDAL takes a raster without a system to be in that of the target.
    fn check_place(&self, target: &GeoBox) -> Result<()> {
        let (mine, theirs) = (is_placed(self.geobox())?, is_placed(target)?);
        if mine == theirs {
            return Ok(());
        }
        let (path, target) = (self.path.clone(), target.crs().to_string());
        Err(Error::OneWithoutPlace { path, target, lacking: !mine })
    }

    fn warped<T: Pixel>(
        &self,
        Wanted { band, resampling, absence: Absence { declared, fill, masked } }: Wanted<T>,
        target: &GeoBox,
        data: &mut [T],
    ) -> std::result::Result<(), Failure> {
        let Shape2d { rows, cols } = target.shape();
        let mut memory =
            DriverManager::get_driver_by_name("MEM")?.create_with_band_type::<T, _>("", cols, rows, 1)?;
        memory.set_geo_transform(&target.transform().to_gdal())?;
        memory.set_spatial_ref(&crs::spatial_ref(target.crs()).map_err(Failure::Ours)?)?;
        memory.rasterband(1)?.fill(fill.into(), None)?;

        let value = declared.or(fill.is_nan().then_some(fill));
        let nodata = value.map_or_else(|| "None".to_owned(), |value| Into::<f64>::into(value).to_string());
        // Overviews of categories may have been averaged by whoever made them, and a mask's are not looked at.
        let overviews = if resampling.keeps_values() || masked { "NONE" } else { "AUTO" };
        // An alpha band that is read by itself is data.
        let mut arguments = vec!["-r", resampling.gdal_name(), "-et", MAX_ERROR, "-ovr", overviews];
        arguments.extend(["-nosrcalpha", "-srcnodata", &nodata]);
        // Where another value stands for nothing, each of the source's may be what the target gets.
        if value.is_some_and(|value| value.bits() == fill.bits() || (value.is_nan() && fill.is_nan())) {
            arguments.extend(["-dstnodata", &nodata]);
        }
        let number = band.to_string();
        let own = self.gdal();
        let selected;
        let source = if masked {
            // The warper leaves a mask aside wherever it meets a nodata value: both become one here.
            let kind = T::datatype().name();
            let arguments = ["-b", &number, "-ot", &kind, "-a_nodata", &nodata, "-mask", "none"];
            selected = rewritten(&own, &arguments, "<UseMaskBand>true</UseMaskBand>")?;
            &selected
        } else if self.bands().len() > 1 {
            selected = ffi::virtual_dataset(&own, &["-b", &number, "-mask", "none"])?;
            &selected
        } else {
            &*own
        };
        ffi::warp(source, &memory, &arguments)?;
        let layout = ffi::Layout { start: 0, row: cols, band: data.len() };
        ffi::read(&memory, &[1], Window::whole(target.shape()), data, layout)?;
        Ok(())
    }
}

/// An error of GDAL's, or one that is whole already.
enum Failure {
    Ours(Error),
    Gdal(GdalFailure),
}

impl<E: Into<GdalFailure>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Gdal(error.into())
    }
}

fn plan(source: &GeoBox, target: &GeoBox, resampling: Resampling) -> Plan {
    if let Some(window) = window_of(source, target) {
        return Plan::Same(window);
    }
    let ratio = target.gsd() / source.gsd();
    if let Some(factor) = whole_factor(ratio)
        && matches!(resampling, Resampling::Nearest | Resampling::Average | Resampling::Mode)
        && let Some(window) = window_of(source, &cut(target, factor))
    {
        return Plan::Shrink { window, factor };
    }
    if let Some(factor) = whole_factor(1.0 / ratio)
        && resampling != Resampling::Cubic
        && let Some(window) = window_of(&cut(source, factor), target)
    {
        return Plan::Enlarge { window, factor };
    }
    Plan::Warp
}

/// [`GeoBox::window_of`] for grids that also run the same way up.
fn window_of(outer: &GeoBox, inner: &GeoBox) -> Option<Window> {
    let signs = |grid: &GeoBox| {
        let [_, a, _, _, _, e] = grid.transform().to_gdal();
        (a.is_sign_positive(), e.is_sign_positive())
    };
    if signs(outer) == signs(inner) { outer.window_of(inner) } else { None }
}

/// The whole number from 2 that a ratio of pixel sides is, as far as coordinates in files are exact.
fn whole_factor(ratio: f64) -> Option<usize> {
    /// Beyond it, reading every pixel of the finer grid costs more than GDAL's way over overviews.
    const LARGEST: f64 = 16.0;
    let factor = ratio.round();
    ((ratio - factor).abs() < 1e-6 && (2.0..=LARGEST).contains(&factor)).then_some(factor as usize)
}

/// The same grid with each pixel cut into `factor` x `factor`.
fn cut(grid: &GeoBox, factor: usize) -> GeoBox {
    let Shape2d { rows, cols } = grid.shape();
    let side = 1.0 / factor as f64;
    let transform: GeoTransform = grid.transform().scaled(XY::new(side, side));
    GeoBox::new(Shape2d::new(rows * factor, cols * factor), transform, grid.crs().clone())
}

#[cfg(test)]
#[path = "warp_tests.rs"]
mod tests;
