//! How directly the sun shines on sloping ground.

use crate::{Error, Result};
use ecotone_core::{Raster, Shape2d};

/// Where the sun stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sun {
    /// Angle from the vertical, in degrees.
    pub zenith: f64,
    /// Direction clockwise from the grid's north, in degrees.
    pub azimuth: f64,
}

/// Slope and aspect of a surface, each `[y, x]` in radians.
#[derive(Debug, Clone, PartialEq)]
pub struct Terrain {
    /// Steepness, 0 (flat) to pi/2.
    pub slope: Vec<f32>,
    /// The direction that the ground faces (downhill), clockwise from the grid's north, 0 to 2 pi; 0 where it is flat.
    pub aspect: Vec<f32>,
}

/// Slope and aspect of a digital elevation model, in metres like its grid, from the eight neighbours (Horn 1981).
///
/// At the raster's edge the outermost pixels are repeated, which halves the slope across it: read the model with a
/// halo of one pixel. A neighbour without height counts as level with the centre; ground without height is flat.
///
/// # Errors
/// When the grid is rotated.
pub fn terrain(dem: &Raster<f32>) -> Result<Terrain> {
    let size = dem.shape().len();
    let (mut slope, mut aspect) = (Vec::with_capacity(size), Vec::with_capacity(size));
    for_each_gradient(dem, |east, north| {
        slope.push(east.hypot(north).atan() as f32);
        let downhill = if east == 0.0 && north == 0.0 { 0.0 } else { (-east).atan2(-north) };
        aspect.push(downhill.rem_euclid(std::f64::consts::TAU) as f32);
    })?;
    Ok(Terrain { slope, aspect })
}

/// Cosine of the angle between the sun and the ground's normal, `[y, x]` in -1 to 1:
/// `cos i = cos z cos s + sin z sin s cos(azimuth - aspect)` (Teillet, Guindon and Goodenough 1982, equation 1).
///
/// 1 is full sun, 0 and less is ground that faces away. Shadows that other slopes cast are not seen. Edges and missing
/// heights are treated as by [`terrain`]. Sentinel-2's angles refer to geographic north, which differs from the grid's by
/// the meridian convergence, up to a few degrees.
///
/// ```
/// use ecotone_core::{Crs, GeoBox, GeoTransform, Raster, Shape2d, XY};
/// use ecotone_preprocessing::{Sun, illumination};
///
/// let geobox = GeoBox::new(Shape2d::new(3, 3), GeoTransform::north_up(XY::new(0.0, 0.0), 20.0), Crs::epsg(32631));
/// // Rising to the north by 20 m a pixel: a slope of 45 degrees that faces south.
/// let dem = Raster::new(geobox, 1, vec![40.0, 40.0, 40.0, 20.0, 20.0, 20.0, 0.0, 0.0, 0.0], None)?;
/// let facing_the_sun = illumination(&dem, Sun { zenith: 45.0, azimuth: 180.0 })?;
/// let facing_away = illumination(&dem, Sun { zenith: 45.0, azimuth: 0.0 })?;
/// assert!((facing_the_sun[4] - 1.0).abs() < 1e-6);
/// assert!(facing_away[4].abs() < 1e-6);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// When the grid is rotated.
pub fn illumination(dem: &Raster<f32>, sun: Sun) -> Result<Vec<f32>> {
    let (sin_zenith, cos_zenith) = sun.zenith.to_radians().sin_cos();
    let (sin_azimuth, cos_azimuth) = sun.azimuth.to_radians().sin_cos();
    let mut cosines = Vec::with_capacity(dem.shape().len());
    for_each_gradient(dem, |east, north| {
        // The formula above without its angles: the sun's direction times the surface's unit normal.
        let towards_sun = cos_zenith - sin_zenith * (east * sin_azimuth + north * cos_azimuth);
        cosines.push((towards_sun / (1.0 + east * east + north * north).sqrt()) as f32);
    })?;
    Ok(cosines)
}

/// Calls `visit` with the rise per metre to the east and to the north, pixel by pixel.
fn for_each_gradient(dem: &Raster<f32>, mut visit: impl FnMut(f64, f64)) -> Result<()> {
    let transform = dem.geobox().transform();
    if !transform.is_axis_aligned() {
        return Err(Error::RotatedTerrain);
    }
    let [_, step_x, _, _, _, step_y] = transform.to_gdal();
    let (heights, valid) = (dem.band(0), dem.valid_mask());
    let Shape2d { rows, cols } = dem.shape();
    for y in 0..rows {
        let ys = [y.saturating_sub(1), y, (y + 1).min(rows - 1)];
        for x in 0..cols {
            let xs = [x.saturating_sub(1), x, (x + 1).min(cols - 1)];
            if !valid[y * cols + x] {
                visit(0.0, 0.0);
                continue;
            }
            let centre = heights[y * cols + x];
            let height = |row: usize, col: usize| {
                let place = ys[row] * cols + xs[col];
                f64::from(if valid[place] { heights[place] } else { centre })
            };
            let column = |col| height(0, col) + 2.0 * height(1, col) + height(2, col);
            let row = |row| height(row, 0) + 2.0 * height(row, 1) + height(row, 2);
            // The sign of the pixel's side turns columns into east and rows into north.
            visit((column(2) - column(0)) / (8.0 * step_x), (row(2) - row(0)) / (8.0 * step_y));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ecotone_core::{Crs, GeoBox, GeoTransform, Nodata};
    use proptest::prelude::*;

    fn dem(height: impl Fn(f64, f64) -> f64) -> Raster<f32> {
        let transform = GeoTransform::from_gdal([0.0, 20.0, 0.0, 0.0, 0.0, -10.0]).unwrap();
        let geobox = GeoBox::new(Shape2d::new(5, 5), transform, Crs::epsg(32631));
        let at = |i: usize| height((i % 5) as f64 * 20.0, (i / 5) as f64 * -10.0) as f32;
        Raster::new(geobox, 1, (0..25).map(at).collect(), Some(Nodata::new(-9999.0))).unwrap()
    }

    proptest! {
        #[test]
        fn a_plane_has_its_slope_and_aspect(slope in 0.01..1.2f64, aspect in 0.0..6.2f64, zenith in 0.0..80.0f64, azimuth in 0.0..360.0f64) {
            // Downhill is towards the aspect.
            let plane = dem(|x, y| -slope.tan() * (x * aspect.sin() + y * aspect.cos()));
            let found = terrain(&plane).unwrap();
            prop_assert!((f64::from(found.slope[12]) - slope).abs() < 1e-4);
            let turn = (f64::from(found.aspect[12]) - aspect).abs();
            prop_assert!(turn.min(std::f64::consts::TAU - turn) < 1e-3);

            let (z, az) = (zenith.to_radians(), azimuth.to_radians());
            let expected = z.cos() * slope.cos() + z.sin() * slope.sin() * (az - aspect).cos();
            let cosine = illumination(&plane, Sun { zenith, azimuth }).unwrap()[12];
            prop_assert!((f64::from(cosine) - expected).abs() < 1e-4);
        }
    }

    #[test]
    fn flat_and_unknown_ground_see_the_sun_alike() {
        let sun = Sun { zenith: 60.0, azimuth: 123.0 };
        for level in [dem(|_, _| 300.0), dem(|_, _| -9999.0), dem(|_, _| f64::NAN)] {
            assert!(illumination(&level, sun).unwrap().iter().all(|cosine| (cosine - 0.5).abs() < 1e-6));
            assert!(terrain(&level).unwrap().aspect.iter().all(|aspect| *aspect == 0.0));
        }
    }

    #[test]
    fn a_missing_neighbour_counts_as_level() {
        let pit = dem(|x, y| if x == 20.0 && y == -20.0 { -9999.0 } else { 100.0 });
        assert!(terrain(&pit).unwrap().slope.iter().all(|slope| *slope == 0.0));
    }

    #[test]
    fn a_rotated_grid_is_refused() {
        let transform = GeoTransform::from_gdal([0.0, 20.0, 3.0, 0.0, 3.0, -20.0]).unwrap();
        let geobox = GeoBox::new(Shape2d::new(2, 2), transform, Crs::epsg(32631));
        let rotated = Raster::filled(geobox, 1, 0.0f32, None);
        assert!(matches!(terrain(&rotated), Err(Error::RotatedTerrain)));
    }
}
