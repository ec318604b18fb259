//! A grid of pixels somewhere on Earth.

use crate::{BoundingBox, Crs, GeoTransform, Shape2d, Window, XY};

/// A finite grid: its shape, where it lies, and in which coordinate reference system. Immutable; every change
/// gives a new one.
#[derive(Debug, Clone, PartialEq)]
pub struct GeoBox {
    shape: Shape2d,
    transform: GeoTransform,
    crs: Crs,
}

/// How far a pixel edge may miss a lattice, in pixels, and still count as on it: coordinates in files are rounded.
const SNAP_TOLERANCE: f64 = 1e-6;

impl GeoBox {
    /// From its parts.
    pub const fn new(shape: Shape2d, transform: GeoTransform, crs: Crs) -> Self {
        Self { shape, transform, crs }
    }

    /// The smallest north-up grid of pixel side `gsd`, on the lattice through (0, 0), that covers a rectangle.
    pub fn covering(bounds: BoundingBox, gsd: f64, crs: Crs) -> Self {
        let (x0, y1) = (floor_snapped(bounds.min.x / gsd), ceil_snapped(bounds.max.y / gsd));
        let (x1, y0) = (ceil_snapped(bounds.max.x / gsd), floor_snapped(bounds.min.y / gsd));
        let shape = Shape2d::new((y1 - y0).max(1.0) as usize, (x1 - x0).max(1.0) as usize);
        Self::new(shape, GeoTransform::north_up(XY::new(x0 * gsd, y1 * gsd), gsd), crs)
    }

    /// Rows and columns.
    pub const fn shape(&self) -> Shape2d {
        self.shape
    }

    /// From pixels to the world.
    pub const fn transform(&self) -> GeoTransform {
        self.transform
    }

    /// The coordinate reference system.
    pub const fn crs(&self) -> &Crs {
        &self.crs
    }

    /// The rectangle around it, in its own CRS.
    pub fn bounds(&self) -> BoundingBox {
        self.transform.bounds(self.shape)
    }

    /// Ground sampling distance: the mean side of a pixel, in units of the CRS (metres for projected ones).
    pub fn gsd(&self) -> f64 {
        let size = self.transform.pixel_size();
        (size.x * size.y).sqrt()
    }

    /// Area of a pixel in square units of the CRS.
    pub fn pixel_area(&self) -> f64 {
        let size = self.transform.pixel_size();
        size.x * size.y
    }

    /// The part under a window, which may reach over the edge.
    #[must_use]
    pub fn crop(&self, window: Window) -> Self {
        let corner = XY::new(window.col as f64, window.row as f64);
        Self::new(window.shape(), self.transform.shifted(corner), self.crs.clone())
    }

    /// Grown by `pixels` on every side.
    #[must_use]
    pub fn pad(&self, pixels: usize) -> Self {
        self.crop(Window::whole(self.shape).pad(pixels))
    }

    /// Pixels `factor` times as large, enough of them to cover the grid.
    #[must_use]
    pub fn zoom_out(&self, factor: usize) -> Self {
        let factor = factor.max(1);
        let shape = Shape2d::new(self.shape.rows.div_ceil(factor), self.shape.cols.div_ceil(factor));
        Self::new(shape, self.transform.scaled(XY::new(factor as f64, factor as f64)), self.crs.clone())
    }

    /// The window of this grid that `other` covers exactly, where both lie on one lattice; `None` where they do not.
    ///
    /// Edges may be off by a ten-thousandth of a pixel, since coordinates in files are rounded.
    pub fn window_of(&self, other: &Self) -> Option<Window> {
        let (mine, theirs) = (self.transform.to_gdal(), other.transform.to_gdal());
        let span = other.shape.rows.max(other.shape.cols).max(1) as f64;
        // With their signs: rows that run north are no rows that run south.
        let same_step = |i: usize| ((mine[i] - theirs[i]) / mine[i] * span).abs() < SNAP_TOLERANCE * 100.0;
        let same_size = same_step(1) && same_step(5);
        let upright = self.transform.is_axis_aligned() && other.transform.is_axis_aligned();
        if self.crs != other.crs || !same_size || !upright {
            return None;
        }
        let corner = self.transform.world_to_pixel(other.transform.origin());
        let (col, row) = (corner.x.round(), corner.y.round());
        let on_lattice = (corner.x - col).abs() < SNAP_TOLERANCE * 100.0
            && (corner.y - row).abs() < SNAP_TOLERANCE * 100.0;
        on_lattice.then(|| Window::new(row as i64, col as i64, other.shape.rows, other.shape.cols))
    }

    /// The smallest grid on the lattice of `other` (same CRS, axis-aligned) that covers this one. Its rows and columns
    /// run as those of `other` do, whichever way that is.
    #[must_use]
    pub fn snap_to(&self, other: &Self) -> Self {
        let bounds = self.bounds();
        let a = other.transform.world_to_pixel(XY::new(bounds.min.x, bounds.max.y));
        let b = other.transform.world_to_pixel(XY::new(bounds.max.x, bounds.min.y));
        // The first corner is the lower one in pixels only where columns run east and rows south.
        let (col, cols) = span(a.x.min(b.x), a.x.max(b.x));
        let (row, rows) = span(a.y.min(b.y), a.y.max(b.y));
        other.crop(Window::new(row, col, rows, cols))
    }
}

/// The first of the pixels that cover a stretch of one axis, and how many.
fn span(from: f64, to: f64) -> (i64, usize) {
    let first = floor_snapped(from);
    (first as i64, (ceil_snapped(to) - first).max(1.0) as usize)
}

fn floor_snapped(value: f64) -> f64 {
    (value + SNAP_TOLERANCE).floor()
}

fn ceil_snapped(value: f64) -> f64 {
    (value - SNAP_TOLERANCE).ceil()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn grid() -> GeoBox {
        GeoBox::new(
            Shape2d::new(60, 40),
            GeoTransform::north_up(XY::new(300_000.0, 5_000_000.0), 20.0),
            Crs::epsg(32633),
        )
    }

    /// The same ground with rows southwards or northwards, columns eastwards or westwards.
    fn turned(way: usize) -> GeoBox {
        let bounds = grid().bounds();
        let (x, dx) = if way & 1 == 0 { (bounds.min.x, 20.0) } else { (bounds.max.x, -20.0) };
        let (y, dy) = if way & 2 == 0 { (bounds.max.y, -20.0) } else { (bounds.min.y, 20.0) };
        let transform = GeoTransform::from_gdal([x, dx, 0.0, y, 0.0, dy]).unwrap();
        GeoBox::new(grid().shape(), transform, grid().crs().clone())
    }

    fn covers(outer: BoundingBox, inner: BoundingBox) -> bool {
        let slack = 1e-3;
        outer.min.x <= inner.min.x + slack
            && outer.min.y <= inner.min.y + slack
            && outer.max.x >= inner.max.x - slack
            && outer.max.y >= inner.max.y - slack
    }

    proptest! {
        #[test]
        fn a_crop_is_found_again(row in -30i64..60, col in -30i64..60, rows in 1usize..40, cols in 1usize..40) {
            let window = Window::new(row, col, rows, cols);
            prop_assert_eq!(grid().window_of(&grid().crop(window)), Some(window));
        }

        #[test]
        fn covering_covers_on_the_lattice(x in -1e6..1e6f64, y in -1e6..1e6f64, w in 1.0..1e4f64, h in 1.0..1e4f64) {
            let bounds = BoundingBox { min: XY::new(x, y), max: XY::new(x + w, y + h) };
            let made = GeoBox::covering(bounds, 20.0, Crs::epsg(3035)).bounds();
            prop_assert!(made.min.x <= x + 1e-4 && made.min.y <= y + 1e-4);
            prop_assert!(made.max.x >= x + w - 1e-4 && made.max.y >= y + h - 1e-4);
            prop_assert!(made.width() < w + 40.1 && made.height() < h + 40.1);
            prop_assert_eq!(made.min.x % 20.0, 0.0);
        }

        #[test]
        fn snapping_is_the_least_cover_however_rows_and_columns_run(
            way in 0usize..4, dx in -30.0..30.0f64, dy in -30.0..30.0f64, w in 1.0..900.0f64, h in 1.0..900.0f64,
        ) {
            let lattice = turned(way);
            let corner = grid().transform().pixel_to_world(XY::new(dx, dy));
            let sides = GeoTransform::from_gdal([corner.x, w, 0.0, corner.y, 0.0, -h]).unwrap();
            let snapped = GeoBox::new(Shape2d::new(1, 1), sides, grid().crs().clone());
            let (inner, snapped) = (snapped.bounds(), snapped.snap_to(&lattice));
            prop_assert!(lattice.window_of(&snapped).is_some());
            let outer = snapped.bounds();
            prop_assert!(covers(outer, inner));
            let room = [inner.min.x - outer.min.x, outer.max.x - inner.max.x, inner.min.y - outer.min.y, outer.max.y - inner.max.y];
            prop_assert!(room.iter().all(|room| *room < 20.0), "a row or column too many: {room:?}");
        }

        #[test]
        fn cropping_padding_and_zooming_keep_their_ground(
            way in 0usize..4, row in 0i64..60, col in 0i64..40, rows in 1usize..30, cols in 1usize..30, factor in 1usize..9,
        ) {
            let grid = turned(way);
            let part = Window::new(row, col, rows, cols).intersection(Window::whole(grid.shape())).unwrap();
            prop_assert!(covers(grid.bounds(), grid.crop(part).bounds()));
            prop_assert_eq!(grid.window_of(&grid.crop(part)), Some(part));
            prop_assert!(covers(grid.pad(factor).bounds(), grid.bounds()));
            let (coarse, fine) = (grid.zoom_out(factor).bounds(), grid.bounds());
            prop_assert!(covers(coarse, fine));
            prop_assert!(coarse.width() < fine.width() + factor as f64 * 20.0);
            prop_assert!(coarse.height() < fine.height() + factor as f64 * 20.0);
            prop_assert_eq!(grid.snap_to(&grid), grid);
        }
    }

    #[test]
    fn zooming_out_keeps_the_corner() {
        let coarse = grid().zoom_out(7);
        assert_eq!(coarse.shape(), Shape2d::new(9, 6));
        assert_eq!(coarse.transform().origin(), grid().transform().origin());
        assert_eq!(coarse.gsd(), 140.0);
    }

    #[test]
    fn another_lattice_or_crs_has_no_window() {
        let off =
            GeoBox::new(grid().shape(), grid().transform().shifted(XY::new(0.5, 0.0)), grid().crs().clone());
        assert_eq!(grid().window_of(&off), None);
        let elsewhere = GeoBox::new(grid().shape(), grid().transform(), Crs::epsg(32632));
        assert_eq!(grid().window_of(&elsewhere), None);
        assert_eq!(grid().window_of(&grid().zoom_out(2)), None);
        let flipped = grid().transform().scaled(XY::new(1.0, -1.0));
        assert_eq!(grid().window_of(&GeoBox::new(grid().shape(), flipped, grid().crs().clone())), None);
    }
}
