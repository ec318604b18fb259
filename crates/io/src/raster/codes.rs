//! Bands of codes: classes, regions, strata and masks, of any type on disk, with a code that stands for nothing.

use super::absence::Absence;
use super::warp::Wanted;
use crate::{Error, Pixel, RasterDataset, Resampling, Result};
use ecotone_core::GeoBox;

/// What a band of codes is read as where it holds nothing: beyond its edge, under the file's own mask, at NaN, at the
/// nodata that the file declares, and at codes that are to be ignored.
///
/// A file that declares no nodata may well use every value that it can hold. The code for nothing is the reader's,
/// therefore, and best one that no pixel has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nothing<T> {
    code: T,
    ignored: Vec<i64>,
    nodata_is_code: bool,
}

impl<T: Pixel> Nothing<T> {
    /// This code, in what is read.
    pub const fn is(code: T) -> Self {
        Self { code, ignored: Vec::new(), nodata_is_code: false }
    }

    /// Also where the file holds one of these, after resampling.
    #[must_use]
    pub fn ignoring(self, codes: &[i64]) -> Self {
        Self { ignored: codes.to_vec(), ..self }
    }

    /// Not at the nodata that the file declares, where that can be a code: for masks, whose own rules say which of their
    /// values are clear.
    #[must_use]
    pub fn with_nodata_as_code(self) -> Self {
        Self { nodata_is_code: true, ..self }
    }

    /// How nothing is told in a band of codes that is read as `P`, where `fill` stands for it.
    fn absence<P: Pixel>(&self, dataset: &RasterDataset, band: usize, fill: P) -> Result<Absence<P>> {
        let is_code =
            |value: &P| self.nodata_is_code && T::exact((*value).into()).is_some_and(|v| !v.is_nan());
        let declared = dataset.sentinel::<P>(band)?.filter(|value| !is_code(value));
        // A code for nothing that a pixel has after all stands for nothing there, too.
        Ok(Absence { declared: declared.or(Some(fill)), fill, masked: dataset.hides_codes(band) })
    }
}

impl RasterDataset {
    /// Reads a band of codes (numbered from 1) onto a grid in any CRS, `[y, x]`.
    ///
    /// As [`RasterDataset::read_onto`], but nothing is told as `nothing` says, and any numbers may be on disk: signed
    /// bytes, whole numbers of 64 bits, real numbers that are whole.
    ///
    /// # Errors
    /// When the band is missing or unreadable, holds a value that is no whole number or that `T` cannot hold, or a CRS is
    /// not understood.
    pub fn read_codes<T: Pixel>(
        &self,
        band: usize,
        target: &GeoBox,
        resampling: Resampling,
        nothing: &Nothing<T>,
    ) -> Result<Vec<T>> {
        let size = target.shape().len();
        if self.holds::<T>(band)? {
            let absence = nothing.absence(self, band, nothing.code)?;
            let mut codes = vec![T::from_f64(0.0); size];
            self.read_plan(Wanted { band, resampling, absence }, target, &mut codes)?;
            let ignored: Vec<T> = nothing.ignored.iter().filter_map(|code| T::exact(*code as f64)).collect();
            if !ignored.is_empty() {
                let drop = codes.iter_mut().filter(|code| ignored.contains(code));
                drop.for_each(|code| *code = nothing.code);
            }
            return Ok(codes);
        }
        self.holds::<f64>(band)?;
        let absence = nothing.absence(self, band, f64::NAN)?;
        let mut values = vec![0.0; size];
        self.read_plan(Wanted { band, resampling, absence }, target, &mut values)?;
        let ignored = |value: f64| nothing.ignored.iter().any(|code| *code as f64 == value);
        let code = |value: f64| {
            if value.is_nan() || ignored(value) {
                return Ok(nothing.code);
            }
            T::exact(value).ok_or_else(|| {
                let largest = Into::<f64>::into(T::from_f64(f64::MAX)) as u32;
                Error::CodeValue { path: self.path.clone(), value, largest }
            })
        };
        values.into_iter().map(code).collect()
    }
}

#[cfg(test)]
#[path = "codes_tests.rs"]
mod tests;
