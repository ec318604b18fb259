//! How the plane of a coordinate reference system stretches the ground: lengths and areas on its ellipsoid.

use super::crs;
use crate::gdal_failure::GdalFailure;
use crate::{Error, Result};
use ecotone_core::{GeoBox, XY};
use gdal::spatial_ref::{CoordTransform, SpatialRef};

/// A plane whose lengths and areas are within this share of the ground's is taken at its word: UTM (.2 % in its zone)
/// and national grids keep the round numbers that they were made for.
const TOLERANCE: f64 = 0.01;

/// Half the step in metres over which the stretch is measured: short against the Earth, long against what PROJ's
/// inverse projections leave (up to a millimetre). The error of either is below one part in a million.
const STEP: f64 = 500.0;

/// Points a side at which the stretch of a whole grid is looked at.
pub(crate) const LOOKS: usize = 33;

/// How large a pixel is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct PixelSize {
    /// Length in metres of a step along a row and of one along a column.
    pub(crate) side: XY<f64>,
    /// Square metres.
    pub(crate) area: f64,
}

/// The ellipsoid under a grid, and the way to it.
pub(crate) struct Ground<'a> {
    grid: &'a GeoBox,
    /// To the degrees (or other angles) that the system is made of; `None` where it is in these itself.
    to_angles: Option<CoordTransform>,
    radians: f64,
    major: f64,
    /// The square of the first eccentricity.
    square: f64,
    /// A pixel on the plane, as if the plane were the ground.
    flat: PixelSize,
}

impl<'a> Ground<'a> {
    /// `None` where the grid lies nowhere on Earth.
    pub(crate) fn under(grid: &'a GeoBox) -> Result<Option<Self>> {
        let system = crs::spatial_ref(grid.crs())?;
        let (projected, axes) = (system.is_projected(), (system.semi_major(), system.semi_minor()));
        let (true, (Ok(major), Ok(minor))) = (projected || system.is_geographic(), axes) else {
            return Ok(None);
        };
        let angles = system.geog_cs().and_then(|mut angles| {
            angles.set_axis_mapping_strategy(system.axis_mapping_strategy());
            Ok((
                angles.angular_units(),
                projected.then(|| CoordTransform::new(&system, &angles)).transpose()?,
            ))
        });
        let failed = |source: GdalFailure| Error::Crs { crs: grid.crs().to_string(), source };
        let (radians, to_angles) = angles.map_err(|error| failed(error.into()))?;
        let unit = unit(&system, major);
        let side = grid.transform().pixel_size();
        let side = XY::new(side.x * unit, side.y * unit);
        let flat = PixelSize { side, area: grid.pixel_area() * unit * unit };
        Ok(Some(Self { grid, to_angles, radians, major, square: 1.0 - (minor / major).powi(2), flat }))
    }

    /// A pixel on the plane, where that is the ground's within a hundredth at each of these; `None` where the plane
    /// stretches the ground, as degrees do.
    pub(crate) fn flat(
        &self,
        looked_at: &[Option<PixelSize>],
        size: impl Fn(&PixelSize) -> f64,
    ) -> Option<PixelSize> {
        let true_here = |pixel: &PixelSize| (size(&self.flat) / size(pixel) - 1.0).abs() <= TOLERANCE;
        (self.to_angles.is_some() && looked_at.iter().flatten().all(true_here)).then_some(self.flat)
    }

    /// A pixel on the plane, whether that is the ground's or not.
    pub(crate) const fn on_plane(&self) -> PixelSize {
        self.flat
    }

    /// Pixels at even distances over the grid, its corners included, [`LOOKS`] a row, row by row.
    pub(crate) fn look(&self) -> Vec<Option<PixelSize>> {
        let (rows, cols) = (self.grid.shape().rows as f64, self.grid.shape().cols as f64);
        let share = |place: usize| place as f64 / (LOOKS - 1) as f64;
        let at = |place: usize| XY::new(share(place % LOOKS) * cols, share(place / LOOKS) * rows);
        self.pixels(&(0..LOOKS * LOOKS).map(at).collect::<Vec<_>>())
    }

    /// The pixel at the middle of the grid.
    pub(crate) fn middle(&self) -> Option<PixelSize> {
        let shape = self.grid.shape();
        self.pixels(&[XY::new(shape.cols as f64 / 2.0, shape.rows as f64 / 2.0)])[0]
    }

    /// Pixels around some places of the grid (columns and rows from its first corner); `None` where the system does not
    /// reach.
    ///
    /// A pixel is as large as the ellipsoid is stretched at its middle. Over pixels of 200 km this is off by one part in
    /// ten thousand.
    pub(crate) fn pixels(&self, places: &[XY<f64>]) -> Vec<Option<PixelSize>> {
        let transform = self.grid.transform();
        let half = XY::new(STEP / self.flat.side.x, STEP / self.flat.side.y);
        let around = |at: &XY<f64>| {
            [(-half.x, 0.0), (half.x, 0.0), (0.0, -half.y), (0.0, half.y)]
                .map(|(col, row)| transform.pixel_to_world(XY::new(at.x + col, at.y + row)))
        };
        let (mut x, mut y): (Vec<f64>, Vec<f64>) =
            places.iter().flat_map(around).map(|at| (at.x, at.y)).unzip();
        if let Some(to_angles) = &self.to_angles {
            // Where the system does not reach, GDAL gives infinity, and an error for them all.
            let _ = to_angles.transform_coords(&mut x, &mut y, &mut []);
        }
        let angles = x.chunks_exact(4).zip(y.chunks_exact(4));
        angles.map(|(x, y)| self.pixel(std::array::from_fn(|i| self.in_space(x[i], y[i])), half)).collect()
    }

    /// From places west, east, north and south of it.
    fn pixel(&self, [left, right, above, below]: [[f64; 3]; 4], half: XY<f64>) -> Option<PixelSize> {
        let step = |from: [f64; 3], to: [f64; 3], half: f64| -> [f64; 3] {
            std::array::from_fn(|axis| (to[axis] - from[axis]) / (2.0 * half))
        };
        let length = |v: [f64; 3]| v.iter().map(|part| part * part).sum::<f64>().sqrt();
        let (a, b) = (step(left, right, half.x), step(above, below, half.y));
        let across = [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
        let pixel = PixelSize { side: XY::new(length(a), length(b)), area: length(across) };
        (pixel.area.is_finite() && pixel.area > 0.0).then_some(pixel)
    }

    /// Longitude and latitude as metres from the middle of the Earth: there neither a pole nor the antimeridian is
    /// anything special.
    fn in_space(&self, longitude: f64, latitude: f64) -> [f64; 3] {
        let ((sin_x, cos_x), (sin_y, cos_y)) =
            ((longitude * self.radians).sin_cos(), (latitude * self.radians).sin_cos());
        let normal = self.major / (1.0 - self.square * sin_y * sin_y).sqrt();
        [normal * cos_y * cos_x, normal * cos_y * sin_x, normal * (1.0 - self.square) * sin_y]
    }
}

/// Metres of a unit of the plane; of an angle, those at the equator.
pub(crate) fn unit(system: &SpatialRef, major: f64) -> f64 {
    if system.is_projected() { system.linear_units() } else { system.angular_units() * major }
}
