//! Where a grid lies on the lattice of its CRS, so that grids cut from one lattice agree on the pixels that they share.

use crate::{GeoBox, GeoTransform, Window, XY};

/// How far grids of one lattice may miss each other, in pixels: coordinates in files are rounded.
const TOLERANCE: f64 = 1e-6;

/// Phases are snapped to multiples of this share of a pixel, below the tolerance, so that the noise of sums goes.
const PHASE_STEPS: f64 = (1u64 << 21) as f64;

/// How far below a whole pixel a corner still belongs to it. No grid has its corner there by rule, as many have it at
/// a whole, half or tenth of a pixel: noise moves no grid across.
const BELOW: f64 = 0.001_234_5;

impl GeoBox {
    /// The pixels of the grid, counted on the lattice of its CRS: rows and columns from the pixel whose corner lies at the
    /// CRS's origin, or the next one after it, in the direction in which the grid's own run. Negative before it: north of the
    /// equator in rows that run south.
    ///
    /// A rotated grid begins its own lattice: its first pixel is (0, 0).
    ///
    /// ```
    /// use ecotone_core::{Crs, GeoBox, GeoTransform, Shape2d, Window, XY};
    ///
    /// let corner = GeoTransform::north_up(XY::new(500_010.0, 5_500_000.0), 20.0);
    /// let grid = GeoBox::new(Shape2d::new(64, 64), corner, Crs::epsg(32633));
    /// assert_eq!(grid.on_lattice(), Window::new(-275_000, 25_000, 64, 64));
    /// assert_eq!(grid.phase(), XY::new(0.5, 0.0));
    /// ```
    pub fn on_lattice(&self) -> Window {
        let (row, col) = self.corner().map_or((0, 0), |corner| (whole(corner.y), whole(corner.x)));
        Window::new(row, col, self.shape().rows, self.shape().cols)
    }

    /// How far the corner of a pixel lies after the lattice's whole pixels, as a share of a pixel along columns and rows:
    /// from about 0 to 1, without the noise of sums. 0 for a rotated grid.
    pub fn phase(&self) -> XY<f64> {
        let of = |at: f64| ((at - whole(at) as f64) * PHASE_STEPS).round() / PHASE_STEPS;
        self.corner().map_or(XY::new(0.0, 0.0), |corner| XY::new(of(corner.x), of(corner.y)))
    }

    /// True where two grids are windows of one lattice: one CRS, one pixel, and corners that are whole pixels apart, to a
    /// millionth. Then [`on_lattice`](Self::on_lattice) counts the same pixels alike in both.
    pub fn shares_lattice(&self, other: &Self) -> bool {
        if self.crs() != other.crs() {
            return false;
        }
        let (Some(mine), Some(theirs)) = (self.corner(), other.corner()) else {
            let near = |(a, b): (f64, f64)| {
                let side = self.transform().pixel_size();
                ((a - b) / side.x.min(side.y)).abs() < TOLERANCE
            };
            return self.transform().to_gdal().into_iter().zip(other.transform().to_gdal()).all(near);
        };
        let (a, b) = (self.transform().to_gdal(), other.transform().to_gdal());
        // What the pixels differ by adds up from the origin to the far edge.
        let ends = |corner: XY<f64>, grid: &Self| {
            let shape = grid.shape();
            XY::new(corner.x.abs() + shape.cols as f64, corner.y.abs() + shape.rows as f64)
        };
        let (mine_end, theirs_end) = (ends(mine, self), ends(theirs, other));
        let drift = |i: usize, end: f64| ((a[i] - b[i]) / a[i] * end).abs();
        let near = |a: f64, b: f64| (a - b - (a - b).round()).abs() < TOLERANCE;
        drift(1, mine_end.x.max(theirs_end.x)) < TOLERANCE
            && drift(5, mine_end.y.max(theirs_end.y)) < TOLERANCE
            && near(mine.x, theirs.x)
            && near(mine.y, theirs.y)
    }

    /// [`crop`](Self::crop) with the corner counted from the lattice's origin instead of the grid's own: grids of one
    /// lattice give the same transform, to the bit, for the same pixels.
    #[must_use]
    pub fn crop_on_lattice(&self, window: Window) -> Self {
        if self.corner().is_none() {
            return self.crop(window);
        }
        let (own, phase, [_, a, _, _, _, e]) = (self.on_lattice(), self.phase(), self.transform().to_gdal());
        let at = |first: i64, offset: i64, phase: f64, side: f64| ((first + offset) as f64 + phase) * side;
        let corner = [at(own.col, window.col, phase.x, a), at(own.row, window.row, phase.y, e)];
        match GeoTransform::from_gdal([corner[0], a, 0.0, corner[1], 0.0, e]) {
            Ok(transform) => Self::new(window.shape(), transform, self.crs().clone()),
            Err(_) => self.crop(window),
        }
    }

    /// The corner in pixels from the CRS's origin (column, row); `None` where rows and columns do not run along the axes.
    fn corner(&self) -> Option<XY<f64>> {
        let transform = self.transform();
        let [x, a, _, y, _, e] = transform.to_gdal();
        transform.is_axis_aligned().then(|| XY::new(x / a, y / e))
    }
}

/// The whole pixels before a place.
fn whole(at: f64) -> i64 {
    (at + BELOW).floor() as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Crs, Shape2d};
    use proptest::prelude::*;

    fn grid(x: f64, y: f64, side: f64, crs: u32) -> GeoBox {
        GeoBox::new(Shape2d::new(50, 40), GeoTransform::north_up(XY::new(x, y), side), Crs::epsg(crs))
    }

    /// A corner anywhere that a CRS has ground, with pixels of degrees or metres, in any of the four ways to run.
    fn grids() -> impl Strategy<Value = GeoBox> {
        let sides = prop_oneof![Just(0.00018), Just(1.0 / 3600.0), Just(0.25)];
        let degrees = (-180.0..180.0f64, -90.0..90.0f64, sides);
        let sides = prop_oneof![
            Just(0.5),
            Just(9.9948),
            Just(10.0),
            Just(20.0),
            Just(30.0),
            Just(1000.0),
            1.0..1000.0f64
        ];
        let metres = (-2e7..2e7f64, -1e7..1e7f64, sides);
        let shares = prop_oneof![Just(0.0), Just(0.5), Just(0.25), Just(1.0 / 3.0), Just(0.1), 0.0..1.0f64];
        (prop_oneof![degrees, metres], shares.clone(), shares, 0usize..4).prop_map(
            |((x, y, side), px, py, way)| {
                let (a, e) =
                    (if way & 1 == 0 { side } else { -side }, if way & 2 == 0 { -side } else { side });
                let corner = [((x / a).floor() + px) * a, ((y / e).floor() + py) * e];
                let transform = GeoTransform::from_gdal([corner[0], a, 0.0, corner[1], 0.0, e]).unwrap();
                GeoBox::new(Shape2d::new(50, 40), transform, Crs::epsg(4326))
            },
        )
    }

    /// Whether noise could move a corner across the line under a whole pixel.
    fn on_the_line(grid: &GeoBox) -> bool {
        let near = |phase: f64| (phase - (1.0 - BELOW)).abs() < 1e-5 || (phase + BELOW).abs() < 1e-5;
        near(grid.phase().x) || near(grid.phase().y)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn a_crop_lies_at_its_offset_on_the_lattice(
            grid in grids(), row in -100_000i64..100_000, col in -100_000i64..100_000, rows in 1usize..99, cols in 1usize..99,
        ) {
            prop_assume!(!on_the_line(&grid));
            let (part, own) = (grid.crop(Window::new(row, col, rows, cols)), grid.on_lattice());
            prop_assert_eq!(part.on_lattice(), Window::new(own.row + row, own.col + col, rows, cols));
            prop_assert!(grid.shares_lattice(&part) && part.shares_lattice(&grid));
            // Cut again from the part, at the same pixels.
            let (far, near) = (Window::new(row + 7, col - 9, 5, 6), Window::new(7, -9, 5, 6));
            let (a, b) = (grid.crop_on_lattice(far), part.crop_on_lattice(near));
            let apart = (a.transform().to_gdal()[0] - b.transform().to_gdal()[0]) / grid.transform().pixel_size().x;
            prop_assert!(apart.abs() <= 1.5 / PHASE_STEPS, "{} pixels", apart);
            if [grid.phase(), part.phase()].iter().all(|phase| [phase.x, phase.y].iter().all(|p| (p * 16.0).fract() == 0.0)) {
                prop_assert_eq!(a, b, "noise is gone where the phase is a plain share");
            }
            prop_assert!(grid.crop(far).shares_lattice(&grid.crop_on_lattice(far)));
        }

        #[test]
        fn another_phase_is_another_lattice(grid in grids(), share in 1e-4..0.9999f64) {
            let moved = grid.transform().shifted(XY::new(share, 0.0));
            prop_assert!(!grid.shares_lattice(&GeoBox::new(grid.shape(), moved, grid.crs().clone())));
            let moved = grid.transform().shifted(XY::new(3.0, share - 2.0));
            prop_assert!(!grid.shares_lattice(&GeoBox::new(grid.shape(), moved, grid.crs().clone())));
        }
    }

    #[test]
    fn noise_of_sums_is_no_phase() {
        let plain = grid(500_000.0, 5_500_000.0, 20.0, 32633);
        let noisy = grid(499_999.999_998, 5_500_000.000_000_1, 20.0, 32633);
        assert_eq!(noisy.on_lattice(), plain.on_lattice());
        assert_eq!((plain.phase(), noisy.phase()), (XY::new(0.0, 0.0), XY::new(0.0, 0.0)));
        assert!(plain.shares_lattice(&noisy));
        assert_eq!(plain.crop_on_lattice(Window::new(0, 0, 50, 40)), plain);
        assert_eq!(noisy.crop_on_lattice(Window::new(0, 0, 50, 40)), plain);
        let far = grid(499_999.9, 5_500_000.0, 20.0, 32633);
        assert!(!plain.shares_lattice(&far), "a tenth of a metre is no noise");
    }

    #[test]
    fn another_system_or_pixel_is_another_lattice() {
        let here = grid(500_000.0, 5_500_000.0, 20.0, 32633);
        assert!(!here.shares_lattice(&grid(500_000.0, 5_500_000.0, 20.0, 32632)));
        assert!(!here.shares_lattice(&grid(500_000.0, 5_500_000.0, 10.0, 32633)));
        assert!(
            !here.shares_lattice(&grid(500_000.0, 5_500_000.0, 20.000_001, 32633)),
            "a pixel off in the end"
        );
        assert!(here.shares_lattice(&grid(500_020.0, -20.0, 20.0, 32633)));
        let north = GeoTransform::from_gdal([500_000.0, 20.0, 0.0, 5_500_000.0, 0.0, 20.0]).unwrap();
        assert!(!here.shares_lattice(&GeoBox::new(here.shape(), north, here.crs().clone())));
    }

    #[test]
    fn a_rotated_grid_begins_its_own_lattice() {
        let turned = |x: f64| {
            let transform = GeoTransform::from_gdal([x, 18.0, 6.0, 5_500_000.0, 6.0, -18.0]).unwrap();
            GeoBox::new(Shape2d::new(50, 40), transform, Crs::epsg(32633))
        };
        let grid = turned(500_000.0);
        assert_eq!((grid.on_lattice(), grid.phase()), (Window::new(0, 0, 50, 40), XY::new(0.0, 0.0)));
        assert!(grid.shares_lattice(&turned(500_000.0)) && !grid.shares_lattice(&turned(500_018.0)));
        assert!(!grid.shares_lattice(&self::grid(500_000.0, 5_500_000.0, 20.0, 32633)));
        let window = Window::new(3, 4, 5, 6);
        assert_eq!(grid.crop_on_lattice(window), grid.crop(window));
    }

    #[test]
    fn rows_south_of_the_equator_are_positive() {
        let south = grid(-60.0, -9.0, 0.25, 4326);
        assert_eq!(south.on_lattice(), Window::new(36, -240, 50, 40));
    }
}
