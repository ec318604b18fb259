//! From pixels to the world and back.

use crate::{Error, Resolution, Result, Shape2d, XY};

/// An affine transform in GDAL's order: `x = g0 + col g1 + row g2`, `y = g3 + col g4 + row g5`.
///
/// Pixel coordinates count from the outer corner of the first pixel, so its centre is (0.5, 0.5).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GeoTransform([f64; 6]);

/// An axis-aligned rectangle in world coordinates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BoundingBox {
    /// Smallest x and y.
    pub min: XY<f64>,
    /// Largest x and y.
    pub max: XY<f64>,
}

impl BoundingBox {
    /// The smallest box around points; `None` where there are none or one is not finite.
    pub fn around(points: impl IntoIterator<Item = XY<f64>>) -> Option<Self> {
        let mut points = points.into_iter();
        let first = points.next()?;
        let grown = points.fold(Self { min: first, max: first }, |b, p| Self {
            min: XY::new(b.min.x.min(p.x), b.min.y.min(p.y)),
            max: XY::new(b.max.x.max(p.x), b.max.y.max(p.y)),
        });
        [grown.min.x, grown.min.y, grown.max.x, grown.max.y].iter().all(|v| v.is_finite()).then_some(grown)
    }

    /// Width along x.
    pub fn width(&self) -> f64 {
        self.max.x - self.min.x
    }

    /// Height along y.
    pub fn height(&self) -> f64 {
        self.max.y - self.min.y
    }

    /// True where the two share area (touching edges do not).
    pub fn intersects(&self, other: &Self) -> bool {
        self.min.x < other.max.x
            && other.min.x < self.max.x
            && self.min.y < other.max.y
            && other.min.y < self.max.y
    }
}

impl GeoTransform {
    /// From six coefficients in GDAL's order.
    ///
    /// # Errors
    /// When the transform has no area (its determinant is 0 or not finite).
    pub fn from_gdal(coefficients: [f64; 6]) -> Result<Self> {
        let transform = Self(coefficients);
        let determinant = transform.determinant();
        if determinant == 0.0 || !determinant.is_finite() || !coefficients.iter().all(|c| c.is_finite()) {
            return Err(Error::Degenerate(coefficients));
        }
        Ok(transform)
    }

    /// North-up square pixels of `gsd`, with the outer corner of the first pixel at `origin`.
    pub const fn north_up(origin: XY<f64>, gsd: f64) -> Self {
        Self([origin.x, gsd, 0.0, origin.y, 0.0, -gsd])
    }

    /// North-up pixels of a resolution, with the outer corner of the first pixel at `origin`.
    pub fn aligned(origin: XY<f64>, resolution: Resolution) -> Self {
        Self([origin.x, resolution.x(), 0.0, origin.y, 0.0, -resolution.y()])
    }

    /// The six coefficients in GDAL's order.
    pub const fn to_gdal(self) -> [f64; 6] {
        self.0
    }

    /// Where the outer corner of the first pixel lies.
    pub const fn origin(self) -> XY<f64> {
        XY::new(self.0[0], self.0[3])
    }

    /// The sides of a pixel, rotation included.
    pub fn pixel_size(self) -> XY<f64> {
        let [_, a, b, _, d, e] = self.0;
        XY::new(a.hypot(d), b.hypot(e))
    }

    /// True where rows run along x and columns along y, without rotation or shear.
    pub fn is_axis_aligned(self) -> bool {
        self.0[2] == 0.0 && self.0[4] == 0.0
    }

    /// A pixel coordinate (column, row; fractions allowed) in the world.
    pub fn pixel_to_world(self, pixel: XY<f64>) -> XY<f64> {
        let [c, a, b, f, d, e] = self.0;
        XY::new(c + pixel.x * a + pixel.y * b, f + pixel.x * d + pixel.y * e)
    }

    /// A world coordinate as a pixel coordinate (column, row; fractions kept).
    pub fn world_to_pixel(self, world: XY<f64>) -> XY<f64> {
        let [c, a, b, f, d, e] = self.0;
        let (dx, dy, determinant) = (world.x - c, world.y - f, self.determinant());
        XY::new((dx * e - dy * b) / determinant, (dy * a - dx * d) / determinant)
    }

    /// The same lattice, seen from a pixel further right and down (negative: left and up).
    #[must_use]
    pub fn shifted(self, pixels: XY<f64>) -> Self {
        let XY { x, y } = self.pixel_to_world(pixels);
        let mut moved = self.0;
        moved[0] = x;
        moved[3] = y;
        Self(moved)
    }

    /// The same corner with pixels `factor` times as large.
    #[must_use]
    pub fn scaled(self, factor: XY<f64>) -> Self {
        let [c, a, b, f, d, e] = self.0;
        Self([c, a * factor.x, b * factor.y, f, d * factor.x, e * factor.y])
    }

    /// The world rectangle around a grid of this transform.
    pub fn bounds(self, shape: Shape2d) -> BoundingBox {
        let (w, h) = (shape.cols as f64, shape.rows as f64);
        let corners =
            [(0.0, 0.0), (w, 0.0), (0.0, h), (w, h)].map(|(x, y)| self.pixel_to_world(XY::new(x, y)));
        corners.iter().fold(BoundingBox { min: corners[0], max: corners[0] }, |b, p| BoundingBox {
            min: XY::new(b.min.x.min(p.x), b.min.y.min(p.y)),
            max: XY::new(b.max.x.max(p.x), b.max.y.max(p.y)),
        })
    }

    fn determinant(self) -> f64 {
        let [_, a, b, _, d, e] = self.0;
        a * e - b * d
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn pixel_world_round_trip(
            x in -1e6..1e6f64, y in -1e6..1e6f64, gx in 0.5..100.0f64, gy in 0.5..100.0f64,
            shear in -0.4..0.4f64, col in -5e3..5e3f64, row in -5e3..5e3f64,
        ) {
            let t = GeoTransform::from_gdal([x, gx, shear, y, -shear, -gy]).unwrap();
            let back = t.world_to_pixel(t.pixel_to_world(XY::new(col, row)));
            prop_assert!((back.x - col).abs() < 1e-6 && (back.y - row).abs() < 1e-6);
        }

        #[test]
        fn a_shift_is_a_move_on_the_lattice(dx in -100i32..100, dy in -100i32..100, col in 0i32..100) {
            let t = GeoTransform::north_up(XY::new(500_000.0, 5_000_000.0), 20.0);
            let moved = t.shifted(XY::new(f64::from(dx), f64::from(dy)));
            let there = moved.pixel_to_world(XY::new(f64::from(col), 0.0));
            prop_assert_eq!(there, t.pixel_to_world(XY::new(f64::from(col + dx), f64::from(dy))));
        }
    }

    #[test]
    fn no_area_is_refused() {
        assert!(GeoTransform::from_gdal([0.0; 6]).is_err());
        assert!(GeoTransform::from_gdal([0.0, 1.0, 0.0, f64::NAN, 0.0, -1.0]).is_err());
    }
}
