//! Pixels on a grid, one or more bands.

use crate::{Error, GeoBox, Nodata, Result, Shape2d, Window};

/// Values of shape `[band, y, x]` on a [`GeoBox`].
#[derive(Debug, Clone, PartialEq)]
pub struct Raster<T> {
    geobox: GeoBox,
    bands: usize,
    nodata: Option<Nodata>,
    data: Vec<T>,
}

impl<T: Copy> Raster<T> {
    /// From values in the order `[band, y, x]`.
    ///
    /// # Errors
    /// When the number of values is not bands x rows x columns.
    pub fn new(geobox: GeoBox, bands: usize, data: Vec<T>, nodata: Option<Nodata>) -> Result<Self> {
        let Shape2d { rows, cols } = geobox.shape();
        let expected = bands * rows * cols;
        if data.len() != expected {
            return Err(Error::Length {
                what: "raster",
                shape: vec![bands, rows, cols],
                expected,
                found: data.len(),
            });
        }
        Ok(Self { geobox, bands, nodata, data })
    }

    /// One value everywhere.
    pub fn filled(geobox: GeoBox, bands: usize, value: T, nodata: Option<Nodata>) -> Self {
        let data = vec![value; bands * geobox.shape().len()];
        Self { geobox, bands, nodata, data }
    }

    /// Its grid.
    pub const fn geobox(&self) -> &GeoBox {
        &self.geobox
    }

    /// Rows and columns.
    pub const fn shape(&self) -> Shape2d {
        self.geobox.shape()
    }

    /// Number of bands.
    pub const fn bands(&self) -> usize {
        self.bands
    }

    /// The sentinel for "no value", where there is one.
    pub const fn nodata(&self) -> Option<Nodata> {
        self.nodata
    }

    /// All values, `[band, y, x]`.
    pub fn data(&self) -> &[T] {
        &self.data
    }

    /// All values, to give away.
    pub fn into_data(self) -> Vec<T> {
        self.data
    }

    /// The values of one band, `[y, x]`.
    pub fn band(&self, band: usize) -> &[T] {
        let size = self.shape().len();
        &self.data[band * size..(band + 1) * size]
    }

    /// The part under a window.
    ///
    /// # Errors
    /// When the window does not lie wholly inside.
    pub fn crop(&self, window: Window) -> Result<Self> {
        let Shape2d { rows, cols } = self.shape();
        if !Window::whole(self.shape()).contains(window) {
            return Err(Error::Outside { window, rows, cols });
        }
        let (row, col) = (window.row as usize, window.col as usize);
        let mut data = Vec::with_capacity(self.bands * window.shape().len());
        for band in 0..self.bands {
            for y in row..row + window.rows {
                let start = (band * rows + y) * cols + col;
                data.extend_from_slice(&self.data[start..start + window.cols]);
            }
        }
        Ok(Self { geobox: self.geobox.crop(window), bands: self.bands, nodata: self.nodata, data })
    }
}

impl<T: Copy + Into<f64>> Raster<T> {
    /// Where a value was measured in band 0: true = valid, `[y, x]`. NaN is never valid.
    pub fn valid_mask(&self) -> Vec<bool> {
        let valid = |value: f64| !value.is_nan() && self.nodata.is_none_or(|nodata| !nodata.matches(value));
        self.band(0).iter().map(|value| valid((*value).into())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Crs, GeoTransform, XY};
    use proptest::prelude::*;

    fn grid(rows: usize, cols: usize) -> GeoBox {
        GeoBox::new(
            Shape2d::new(rows, cols),
            GeoTransform::north_up(XY::new(0.0, 0.0), 10.0),
            Crs::epsg(32631),
        )
    }

    proptest! {
        #[test]
        fn a_crop_holds_the_same_pixels(row in 0usize..6, col in 0usize..6, rows in 1usize..4, cols in 1usize..4) {
            let raster = Raster::new(grid(10, 9), 2, (0..180u8).collect(), None).unwrap();
            let part = raster.crop(Window::new(row as i64, col as i64, rows, cols)).unwrap();
            for band in 0..2 {
                for y in 0..rows {
                    for x in 0..cols {
                        prop_assert_eq!(part.band(band)[y * cols + x], raster.band(band)[(y + row) * 9 + x + col]);
                    }
                }
            }
        }
    }

    #[test]
    fn wrong_lengths_and_windows_are_refused() {
        assert!(Raster::new(grid(2, 2), 1, vec![0u8; 5], None).is_err());
        assert!(Raster::filled(grid(4, 4), 1, 0u8, None).crop(Window::new(2, 2, 3, 1)).is_err());
    }

    #[test]
    fn nan_and_nodata_are_not_valid() {
        let raster = Raster::new(grid(1, 3), 1, vec![f32::NAN, -1.0, 2.0], Some(Nodata::new(-1.0))).unwrap();
        assert_eq!(raster.valid_mask(), [false, false, true]);
    }
}
