//! What stands for nothing in a band: its sentinel, the file's own mask, and the places beyond its edge.

use super::pixel::Pixel;
use gdal::raster::RasterBand;

/// How nothing is told in a band that is read as `T`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Absence<T> {
    /// The value of the file that means nothing.
    pub(crate) declared: Option<T>,
    /// What stands for nothing in what is read, for whatever reason.
    pub(crate) fill: T,
    /// Whether the file hides pixels by a mask besides.
    pub(crate) masked: bool,
}

impl<T: Pixel> Absence<T> {
    /// The sentinel of what was read, where it has or may have one; `complete`: nothing lies beyond the edge.
    pub(crate) fn sentinel(&self, complete: bool) -> Option<T> {
        (self.declared.is_some() || self.masked || !complete).then_some(self.fill)
    }
}

/// Whether a band is hidden in part by a mask that is more than its nodata: one inside the file, one in a `.msk` beside
/// it, an alpha band, or the nodata of all bands together. The first answer leaves alpha bands out.
pub(crate) fn is_masked(band: &RasterBand<'_>) -> std::result::Result<(bool, bool), gdal::errors::GdalError> {
    let flags = band.mask_flags()?;
    let masked = !flags.is_all_valid() && (!flags.is_nodata() || flags.is_per_dataset());
    Ok((masked && !flags.is_alpha(), masked))
}
