//! What stands for nothing in a band of an open raster, and the values that may be mistaken for it.

use super::absence::Absence;
use super::pixel::{EXACT, Pixel};
use crate::{Error, PixelType, RasterDataset, Result, ffi};
use ecotone_core::Window;

impl RasterDataset {
    /// How nothing is told in a band that is read as `T`.
    ///
    /// # Errors
    /// When there is no such band, or a mask hides pixels of it and `T` has no value for them.
    pub(crate) fn absence<T: Pixel>(&self, band: usize) -> Result<Absence<T>> {
        let (declared, masked) = (self.sentinel(band)?, self.is_masked(band));
        if masked && declared.is_none() && !T::TYPE.is_float() {
            return Err(Error::Masked { path: self.path.clone(), band, to: T::TYPE });
        }
        Ok(Absence { declared, fill: declared.unwrap_or(T::FILL), masked })
    }

    /// The sentinel of a band as a `T`, where it declares one that `T` can hold.
    pub(crate) fn sentinel<T: Pixel>(&self, band: usize) -> Result<Option<T>> {
        Ok(self.band(band)?.nodata.and_then(|nodata| T::exact(nodata.value())))
    }

    /// Whether a band can be read as `T` at once: every value has an equal there. Whole numbers of 64 bits are read as
    /// `f64`, and those beyond its exact ones refused.
    ///
    /// # Errors
    /// When there is no such band, or it holds what no type here stands for, such as complex numbers.
    pub(crate) fn holds<T: Pixel>(&self, band: usize) -> Result<bool> {
        let found = self.band(band)?.pixel_type;
        if matches!(found, PixelType::Complex | PixelType::Other) {
            return Err(Error::PixelType { path: self.path.clone(), band, found });
        }
        Ok(found.fits(T::TYPE) || (found.is_long() && T::TYPE == PixelType::F64))
    }

    /// Puts what stands for nothing over the pixels that the file's mask hides; `inside` lies wholly in the raster, and
    /// its first pixel at `start` of values in rows of `cols`.
    pub(crate) fn hide<T: Pixel>(
        &self,
        band: usize,
        inside: Window,
        fill: T,
        (start, cols): (usize, usize),
        values: &mut [T],
    ) -> Result<()> {
        let mut shown = vec![0u8; inside.shape().len()];
        ffi::read_mask(&self.gdal(), band, inside, &mut shown)
            .map_err(|source| self.unreadable(&[band], inside, source))?;
        let rows = values[start..].chunks_mut(cols.max(1)).zip(shown.chunks_exact(inside.cols.max(1)));
        for (value, _) in rows.flat_map(|(values, shown)| values.iter_mut().zip(shown)).filter(|v| *v.1 == 0)
        {
            *value = fill;
        }
        Ok(())
    }

    /// Sees that no value of a band of 64 bits was rounded; `fill` stands for nothing and may be any.
    pub(crate) fn check_exact<T: Pixel>(&self, band: usize, fill: T, values: &[T]) -> Result<()> {
        let from = self.band(band)?.pixel_type;
        if !from.is_long() {
            return Ok(());
        }
        let rounded = |value: &&T| **value != fill && Into::<f64>::into(**value).abs() >= EXACT;
        match values.iter().find(rounded) {
            None => Ok(()),
            Some(value) => {
                let (path, value) = (self.path.clone(), (*value).into());
                Err(Error::Conversion { path, band, from, to: PixelType::F64, value })
            }
        }
    }
}
