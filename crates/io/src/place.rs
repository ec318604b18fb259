//! Whether a grid lies somewhere on the ground, and how large its pixels are there.

use crate::{Result, crs};
use ecotone_core::{Crs, GeoBox, XY};
use std::f64::consts::FRAC_PI_2;

/// The system of rasters that lie nowhere: their own pixels.
const UNPLACED: &str = "LOCAL_CS[\"pixels of an image\",UNIT[\"pixel\",1]]";

/// Sums of areas stay below so many parts, with room to spare in 64 bits.
const PARTS: f64 = (1u64 << 62) as f64;

/// The system of a raster without a place, see [`RasterDataset::open_unplaced`](crate::RasterDataset::open_unplaced).
pub(crate) fn unplaced_crs() -> Crs {
    Crs::Wkt(UNPLACED.to_owned())
}

/// How large the pixels of a grid are on the ground.
///
/// Areas are whole multiples of a part, so that the sum over any pixels of the grid is exact in `u64`, whatever the
/// order and the number of threads.
#[derive(Debug, Clone, PartialEq)]
pub struct PixelAreas {
    part: f64,
    /// Parts of a pixel in each row of a grid in degrees; `None` where all pixels are one part.
    rows: Option<Vec<u64>>,
}

impl PixelAreas {
    /// Square metres of a part.
    pub const fn part(&self) -> f64 {
        self.part
    }

    /// Parts of a pixel in each row; `None` where all pixels are alike, and one part each.
    pub fn rows(&self) -> Option<&[u64]> {
        self.rows.as_deref()
    }

    /// Parts of a pixel in a row, numbered from 0 at the top; 1 below the grid.
    pub fn in_row(&self, row: usize) -> u64 {
        self.rows.as_ref().and_then(|rows| rows.get(row)).copied().unwrap_or(1)
    }

    /// Square metres of the smallest and the largest pixel.
    pub fn range(&self) -> (f64, f64) {
        let rows = self.rows().unwrap_or(&[1]);
        let of = |parts: Option<&u64>| parts.map_or(0.0, |parts| *parts as f64 * self.part);
        (of(rows.iter().min()), of(rows.iter().max()))
    }
}

/// Areas of a grid's pixels; `None` where it lies nowhere, or is in degrees and turned.
///
/// In a projected system it is the area on the plane: the ground's where the projection keeps areas (EPSG:3035, say);
/// UTM is off by at most 0.2 %. In degrees it is the area on the system's ellipsoid between two parallels and two
/// meridians (Snyder 1987, *Map Projections: A Working Manual*, USGS Professional Paper 1395, on the authalic
/// latitude), which shrinks towards the poles.
///
/// ```
/// use ecotone_core::{Crs, GeoBox, GeoTransform, Shape2d, XY};
///
/// let grid = |crs, side| GeoBox::new(Shape2d::new(2, 4), GeoTransform::north_up(XY::new(0.0, 60.0), side), crs);
/// let utm = ecotone_io::pixel_areas(&grid(Crs::epsg(32633), 20.0))?.unwrap();
/// assert_eq!((utm.part(), utm.rows()), (400.0, None));
/// let degrees = ecotone_io::pixel_areas(&grid(Crs::epsg(4326), 1.0))?.unwrap();
/// let (smallest, largest) = degrees.range();
/// assert!(6.2e9 < smallest && smallest < largest && largest < 6.5e9);
/// # Ok::<(), ecotone_io::Error>(())
/// ```
///
/// # Errors
/// When the system is not understood.
pub fn pixel_areas(grid: &GeoBox) -> Result<Option<PixelAreas>> {
    let system = crs::spatial_ref(grid.crs())?;
    if system.is_projected() {
        let unit = system.linear_units();
        return Ok(Some(PixelAreas { part: grid.pixel_area() * unit * unit, rows: None }));
    }
    let transform = grid.transform();
    let axes = (system.semi_major(), system.semi_minor());
    let (true, true, (Ok(major), Ok(minor))) = (system.is_geographic(), transform.is_axis_aligned(), axes)
    else {
        return Ok(None);
    };
    let radians = system.angular_units();
    let width = transform.pixel_size().x * radians;
    let latitude = |row: usize| {
        let y = transform.pixel_to_world(XY::new(0.0, row as f64)).y * radians;
        y.clamp(-FRAC_PI_2, FRAC_PI_2)
    };
    let zone = |row: usize| {
        width
            * (to_parallel(latitude(row), major, minor) - to_parallel(latitude(row + 1), major, minor)).abs()
    };
    let areas: Vec<f64> = (0..grid.shape().rows).map(zone).collect();
    let largest = areas.iter().copied().fold(0.0, f64::max);
    let part = (largest * grid.shape().len() as f64 / PARTS).max(f64::MIN_POSITIVE);
    let rows = areas.iter().map(|area| (area / part).round() as u64).collect();
    Ok(Some(PixelAreas { part, rows: Some(rows) }))
}

/// Area of an ellipsoid from the equator to a parallel, per radian of longitude.
fn to_parallel(latitude: f64, major: f64, minor: f64) -> f64 {
    let square = 1.0 - (minor / major).powi(2);
    let (e, sine) = (square.max(0.0).sqrt(), latitude.sin());
    let curved = if e > 0.0 { (e * sine).atanh() / e } else { sine };
    minor * minor / 2.0 * (sine / (1.0 - square * sine * sine) + curved)
}

/// Width and height of a pixel in metres on the plane of the grid's projection; `None` where the grid is in degrees or
/// lies nowhere.
///
/// # Errors
/// When the system is not understood.
pub fn pixel_side_metres(grid: &GeoBox) -> Result<Option<XY<f64>>> {
    let system = crs::spatial_ref(grid.crs())?;
    let (unit, side) = (system.linear_units(), grid.transform().pixel_size());
    Ok(system.is_projected().then(|| XY::new(side.x * unit, side.y * unit)))
}

/// Whether a grid lies somewhere on the ground; false for [`RasterDataset::open_unplaced`](crate::RasterDataset::open_unplaced)'s
/// own pixels and for local systems of others.
///
/// # Errors
/// When the system is not understood.
pub fn is_placed(grid: &GeoBox) -> Result<bool> {
    Ok(!crs::spatial_ref(grid.crs())?.is_local())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transform_points;
    use ecotone_core::{GeoTransform, Shape2d};

    fn degrees(north: f64, side: f64, rows: usize, cols: usize) -> GeoBox {
        let transform = GeoTransform::north_up(XY::new(-5.0, north), side);
        GeoBox::new(Shape2d::new(rows, cols), transform, Crs::epsg(4326))
    }

    fn square_metres(areas: &PixelAreas, row: usize) -> f64 {
        areas.in_row(row) as f64 * areas.part()
    }

    #[test]
    fn pixels_in_degrees_are_as_large_as_in_an_equal_area_projection() {
        // PROJ's cylindrical equal-area projection of the ellipsoid (EPSG:6933) takes them to rectangles.
        for (north, side) in [(48.0, 0.0001), (0.5, 0.25), (89.9, 0.1), (-33.0, 0.01)] {
            let grid = degrees(north, side, 2, 3);
            let areas = pixel_areas(&grid).unwrap().unwrap();
            for row in 0..2 {
                let corner = |x: f64, y: f64| grid.transform().pixel_to_world(XY::new(x, y));
                let corners = [corner(0.0, row as f64), corner(1.0, row as f64 + 1.0)];
                let plane = transform_points(&corners, grid.crs(), &Crs::epsg(6933)).unwrap();
                let expected = ((plane[1].x - plane[0].x) * (plane[0].y - plane[1].y)).abs();
                let found = square_metres(&areas, row);
                assert!((found / expected - 1.0).abs() < 1e-7, "{north}: {found}, expected {expected}");
            }
        }
    }

    #[test]
    fn all_pixels_are_the_surface_of_the_ellipsoid() {
        // 510 065 621.724 km² for WGS 84 (Moritz 2000, Geodetic Reference System 1980, whose ellipsoid differs by
        // less than a millimetre).
        let grid = GeoBox::new(
            Shape2d::new(720, 1440),
            GeoTransform::north_up(XY::new(-180.0, 90.0), 0.25),
            Crs::epsg(4326),
        );
        let areas = pixel_areas(&grid).unwrap().unwrap();
        let all: u64 = areas.rows().unwrap().iter().map(|parts| parts * 1440).sum();
        let square_km = all as f64 * areas.part() / 1e6;
        assert!((square_km - 510_065_621.7).abs() < 1.0, "{square_km}");
    }

    #[test]
    fn where_there_is_no_ground_there_is_no_area() {
        let grid = degrees(10.0, 1.0, 2, 2);
        let nowhere = GeoBox::new(grid.shape(), grid.transform(), unplaced_crs());
        assert_eq!(pixel_areas(&nowhere).unwrap(), None);
        let turned = GeoTransform::from_gdal([0.0, 1.0, 0.1, 0.0, 0.1, -1.0]).unwrap();
        assert_eq!(pixel_areas(&GeoBox::new(grid.shape(), turned, Crs::epsg(4326))).unwrap(), None);
        assert_eq!(pixel_side_metres(&grid).unwrap(), None);
    }
}
