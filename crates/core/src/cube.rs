//! A time series of rasters on one grid.

use crate::{Error, GeoBox, Result, Timeline};

/// Values of shape `[time, band, y, x]` with a mask of valid observations `[time, y, x]` (true = valid).
///
/// A pixel is observed in all bands of a step or in none. Values under an invalid pixel are whatever the gap filling
/// left there; they are finite once it has run.
#[derive(Debug, Clone, PartialEq)]
pub struct Cube<T> {
    geobox: GeoBox,
    timeline: Timeline,
    bands: Vec<String>,
    data: Vec<T>,
    valid: Vec<bool>,
}

impl<T: Copy> Cube<T> {
    /// From values `[time, band, y, x]` and the mask `[time, y, x]`.
    ///
    /// # Errors
    /// When either has the wrong length.
    pub fn new(
        geobox: GeoBox,
        timeline: Timeline,
        bands: Vec<String>,
        data: Vec<T>,
        valid: Vec<bool>,
    ) -> Result<Self> {
        let shape = geobox.shape();
        let check = |what, shape: Vec<usize>, found| {
            let expected = shape.iter().product();
            if found == expected { Ok(()) } else { Err(Error::Length { what, shape, expected, found }) }
        };
        check("cube", vec![timeline.steps(), bands.len(), shape.rows, shape.cols], data.len())?;
        check("mask of a cube", vec![timeline.steps(), shape.rows, shape.cols], valid.len())?;
        Ok(Self { geobox, timeline, bands, data, valid })
    }

    /// Its grid.
    pub const fn geobox(&self) -> &GeoBox {
        &self.geobox
    }

    /// Its steps.
    pub const fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// Names of the bands, in order.
    pub fn bands(&self) -> &[String] {
        &self.bands
    }

    /// The place of a band.
    pub fn band_index(&self, name: &str) -> Option<usize> {
        self.bands.iter().position(|band| band == name)
    }

    /// All values, `[time, band, y, x]`.
    pub fn data(&self) -> &[T] {
        &self.data
    }

    /// All values, to change in place.
    pub fn data_mut(&mut self) -> &mut [T] {
        &mut self.data
    }

    /// Where a pixel was observed, `[time, y, x]`.
    pub fn valid(&self) -> &[bool] {
        &self.valid
    }

    /// One band at one step, `[y, x]`.
    pub fn layer(&self, step: usize, band: usize) -> &[T] {
        let size = self.geobox.shape().len();
        let start = (step * self.bands.len() + band) * size;
        &self.data[start..start + size]
    }

    /// The mask of one step, `[y, x]`.
    pub fn valid_at(&self, step: usize) -> &[bool] {
        let size = self.geobox.shape().len();
        &self.valid[step * size..(step + 1) * size]
    }

    /// How often each pixel was observed, `[y, x]`.
    pub fn observations(&self) -> Vec<u32> {
        let size = self.geobox.shape().len();
        let mut counts = vec![0; size];
        for step in self.valid.chunks_exact(size.max(1)) {
            for (count, valid) in counts.iter_mut().zip(step) {
                *count += u32::from(*valid);
            }
        }
        counts
    }

    /// Its parts: grid, timeline, bands, values and mask.
    pub fn into_parts(self) -> (GeoBox, Timeline, Vec<String>, Vec<T>, Vec<bool>) {
        (self.geobox, self.timeline, self.bands, self.data, self.valid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Crs, GeoTransform, Shape2d, XY};
    use chrono::NaiveDate;

    #[test]
    fn layers_lie_time_band_row_column() {
        let geobox = GeoBox::new(
            Shape2d::new(2, 2),
            GeoTransform::north_up(XY::new(0.0, 0.0), 10.0),
            Crs::epsg(32631),
        );
        let timeline = Timeline::new(NaiveDate::from_ymd_opt(2020, 1, 1).unwrap(), 10, 3).unwrap();
        let bands = vec!["B04".to_owned(), "B08".to_owned()];
        let valid = [true, false, true, true].repeat(3);
        let cube =
            Cube::new(geobox.clone(), timeline.clone(), bands.clone(), (0..24u8).collect(), valid.clone())
                .unwrap();
        assert_eq!(cube.layer(1, 1), [12, 13, 14, 15]);
        assert_eq!(cube.band_index("B08"), Some(1));
        assert_eq!(cube.observations(), [3, 0, 3, 3]);
        assert!(
            Cube::new(geobox.clone(), timeline.clone(), bands.clone(), vec![0u8; 23], valid.clone()).is_err()
        );
        assert!(Cube::new(geobox, timeline, bands, vec![0u8; 24], valid[1..].to_vec()).is_err());
    }
}
