//! A coarse look at a whole raster that costs little: from its overviews, or where it has none, at a few spots.

use crate::gdal_failure::GdalFailure;
use crate::{RasterDataset, Result};
use ecotone_core::{GeoBox, Shape2d, Window, XY};
use gdal::raster::{RasterBand, ResampleAlg};

/// Where a raster is looked at: spread evenly over it, in parts of its sides, so that files of other pixel sizes are
/// looked at in the same places.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Glance {
    /// Spots along each side.
    spots: usize,
    /// Values that each spot is seen by.
    shape: Shape2d,
    /// The part of each side that a spot covers, above 0, at most 1.
    share: XY<f64>,
}

/// What a look at a raster saw.
#[derive(Debug, Clone, PartialEq)]
pub struct Glimpse {
    /// The values of one spot after the other, `[spot, y, x]`.
    pub values: Vec<f32>,
    /// Where they were measured: neither nodata nor hidden by a mask inside the file.
    pub valid: Vec<bool>,
}

impl Glance {
    /// Most values along a side.
    const SIDE: usize = 96;
    /// Spots along each side where there is no overview to look at.
    const SPOTS: usize = 4;
    /// A raster of so many pixels a side is read whole.
    const SMALL: usize = 8 * Self::SIDE;

    /// At a raster of this shape as a whole, evenly thinned out.
    pub fn whole(raster: Shape2d) -> Self {
        let factor = raster.rows.max(raster.cols).div_ceil(Self::SIDE).max(1);
        let shape = Shape2d::new(raster.rows.div_ceil(factor), raster.cols.div_ceil(factor));
        Self { spots: 1, shape, share: XY::new(1.0, 1.0) }
    }

    /// At sixteen spots of a raster of this shape, pixel by pixel: thinning out would read all of a file that has no
    /// overviews.
    pub fn spots(raster: Shape2d) -> Self {
        let side = Self::SIDE / Self::SPOTS;
        let share = |pixels: usize| (side as f64 / pixels.max(1) as f64).min(1.0 / Self::SPOTS as f64);
        let share = XY::new(share(raster.cols), share(raster.rows));
        Self { spots: Self::SPOTS, shape: Shape2d::new(side, side), share }
    }

    /// Values of a spot.
    pub const fn shape(&self) -> Shape2d {
        self.shape
    }

    /// The windows of a raster of this shape that are looked at.
    fn windows(&self, raster: Shape2d) -> impl Iterator<Item = Window> {
        let (spots, share) = (self.spots, self.share);
        let span = move |pixels: usize, share: f64, i: usize| {
            let length = ((pixels as f64 * share).round() as usize).clamp(1, pixels.max(1));
            let centre = pixels as f64 * (i as f64 + 0.5) / spots as f64;
            let start = (centre - length as f64 / 2.0).round().max(0.0) as usize;
            (start.min(pixels.saturating_sub(length)), length)
        };
        (0..spots * spots).map(move |spot| {
            let (row, rows) = span(raster.rows, share.y, spot / spots);
            let (col, cols) = span(raster.cols, share.x, spot % spots);
            Window::new(row as i64, col as i64, rows, cols)
        })
    }

    /// The grids of the values of each spot on a raster, for what lies on another one.
    pub fn grids(&self, raster: &GeoBox) -> Vec<GeoBox> {
        let grid = |window: Window| {
            let part = raster.crop(window);
            let factor = XY::new(
                window.cols as f64 / self.shape.cols as f64,
                window.rows as f64 / self.shape.rows as f64,
            );
            GeoBox::new(self.shape, part.transform().scaled(factor), part.crs().clone())
        };
        self.windows(raster.shape()).map(grid).collect()
    }
}

impl RasterDataset {
    /// Whether a look at the whole of a band (numbered from 1) costs little: it is small, or has a small overview.
    ///
    /// # Errors
    /// When a server gives what is needed to know that in part only.
    pub fn is_thinned_cheaply(&self, band: usize) -> Result<bool> {
        let small = |rows: usize, cols: usize| rows.max(cols) <= Glance::SMALL;
        let Shape2d { rows, cols } = self.geobox().shape();
        let has_small = |band: RasterBand<'_>| {
            let count = band.overview_count().ok().and_then(|count| usize::try_from(count).ok()).unwrap_or(0);
            (0..count).filter_map(|i| band.overview(i).ok()).any(|overview| {
                let (cols, rows) = overview.size();
                small(rows, cols)
            })
        };
        self.patiently(band, || Ok(small(rows, cols) || self.gdal().rasterband(band).is_ok_and(has_small)))
    }

    /// Looks at a band, numbered from 1: the nearest pixels of the file or of its overviews.
    ///
    /// # Errors
    /// When the band is missing or unreadable.
    pub fn glance(&self, band: usize, at: &Glance) -> Result<Glimpse> {
        let nodata = self.band(band)?.nodata.map(|nodata| nodata.value() as f32);
        self.patiently(band, || self.glance_once(band, at, nodata))
    }

    fn glance_once(&self, band: usize, at: &Glance, nodata: Option<f32>) -> Result<Glimpse> {
        let dataset = self.gdal();
        let size = at.spots * at.spots * at.shape.len();
        let (mut values, mut valid) = (Vec::with_capacity(size), Vec::with_capacity(size));
        for window in at.windows(self.geobox().shape()) {
            let failed = |source| self.unreadable(&[band], window, source);
            let raster = dataset.rasterband(band).map_err(|source| failed(source.into()))?;
            let seen = thinned::<f32>(&raster, window, at.shape).map_err(failed)?;
            let hidden = hidden(&raster, window, at.shape).map_err(failed)?;
            let measured = |(i, value): (usize, &f32)| {
                !value.is_nan() && nodata != Some(*value) && hidden.as_ref().is_none_or(|mask| mask[i] != 0)
            };
            valid.extend(seen.iter().enumerate().map(measured));
            values.extend(seen);
        }
        Ok(Glimpse { values, valid })
    }
}

/// The mask inside the file, where it has one other than nodata: 0 where a pixel is hidden.
fn hidden(
    band: &RasterBand<'_>,
    window: Window,
    shape: Shape2d,
) -> std::result::Result<Option<Vec<u8>>, GdalFailure> {
    let flags = band.mask_flags()?;
    if flags.is_per_dataset() || flags.is_alpha() {
        Ok(Some(thinned(&band.open_mask_band()?, window, shape)?))
    } else {
        Ok(None)
    }
}

fn thinned<T: gdal::raster::GdalType + Copy>(
    band: &RasterBand<'_>,
    window: Window,
    shape: Shape2d,
) -> std::result::Result<Vec<T>, GdalFailure> {
    let origin = (window.col as isize, window.row as isize);
    let size = (window.cols, window.rows);
    let read =
        band.read_as::<T>(origin, size, (shape.cols, shape.rows), Some(ResampleAlg::NearestNeighbour))?;
    Ok(read.into_shape_and_vec().1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CogOptions, write_cog};
    use ecotone_core::{Crs, GeoTransform, Nodata, Raster};

    fn grid(side: usize, gsd: f64) -> GeoBox {
        let transform = GeoTransform::north_up(XY::new(600_000.0, 5_100_000.0), gsd);
        GeoBox::new(Shape2d::new(side, side), transform, Crs::epsg(32633))
    }

    #[test]
    fn a_large_raster_is_seen_through_its_overviews() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("board.tif");
        // A board of single pixels of 0 and 200, which averages to 100 in every overview.
        let values = (0..1024usize * 1024).map(|i| ((i / 1024 + i) % 2 * 200) as u16).collect();
        let raster = Raster::new(grid(1024, 10.0), 1, values, None).unwrap();
        write_cog(&path, &raster, &CogOptions::default()).unwrap();
        let dataset = RasterDataset::open(&path).unwrap();
        assert!(dataset.is_thinned_cheaply(1).unwrap());
        let seen = dataset.glance(1, &Glance::whole(dataset.geobox().shape())).unwrap();
        assert_eq!(seen.values.len(), 94 * 94);
        assert!(seen.values.iter().all(|value| (99.0..=101.0).contains(value)), "read at full resolution");
    }

    #[test]
    fn spots_lie_alike_on_files_of_other_pixel_sizes() {
        let (fine, coarse) = (grid(10_980, 10.0), grid(5490, 20.0));
        let at = Glance::spots(fine.shape());
        let near = |a: XY<f64>, b: XY<f64>| (a.x - b.x).abs() <= 20.0 && (a.y - b.y).abs() <= 20.0;
        for (a, b) in at.grids(&fine).iter().zip(at.grids(&coarse)) {
            assert_eq!((a.shape(), b.shape()), (Shape2d::new(24, 24), Shape2d::new(24, 24)));
            assert!(near(a.transform().origin(), b.transform().origin()), "{a:?} {b:?}");
        }
        assert_eq!(at.windows(fine.shape()).map(|w| w.shape().len()).sum::<usize>(), 96 * 96);
    }

    #[test]
    fn nodata_is_no_measurement() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("half.tif");
        let values = (0..64 * 64).map(|i| if i < 32 * 64 { 7u16 } else { 1500 }).collect();
        let raster = Raster::new(grid(64, 10.0), 1, values, Some(Nodata::new(7.0))).unwrap();
        write_cog(&path, &raster, &CogOptions::default()).unwrap();
        let dataset = RasterDataset::open(&path).unwrap();
        let seen = dataset.glance(1, &Glance::whole(Shape2d::new(64, 64))).unwrap();
        assert!(seen.values.iter().zip(&seen.valid).all(|(value, valid)| *valid == (*value == 1500.0)));
        assert_eq!(seen.valid.iter().filter(|valid| **valid).count(), 32 * 64);
        assert!(dataset.glance(2, &Glance::whole(Shape2d::new(64, 64))).is_err());
    }
}
