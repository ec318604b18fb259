//! Whether grids can be compared, laid over each other, and sloped.

use crate::{Error, Result};
use ecotone_core::GeoBox;
use ecotone_io::{is_placed, nominal_gsd, pixel_side_metres};
use std::path::Path;

/// A plane whose lengths are within this share of metres on the ground serves for slopes and distances.
const METRIC: f64 = 0.05;

/// How many times as large pixels must be as others for these to be summed up rather than picked or interpolated.
const COARSER: f64 = 1.5;

/// Whether pixels of one grid are so much larger than those of another that each holds several of them. All windows of a
/// grid answer alike, so that how it is divided changes no pixel.
pub fn is_coarser(grid: &GeoBox, than: &GeoBox) -> ecotone_io::Result<bool> {
    if grid.crs() == than.crs() {
        return Ok(grid.gsd() > COARSER * than.gsd());
    }
    Ok(nominal_gsd(grid)? > COARSER * nominal_gsd(than)?)
}

/// Whether the plane of a grid is in metres of the ground, as near as slopes and distances need: not that of degrees, feet,
/// or EPSG:3857 away from the equator.
pub fn is_in_metres(grid: &GeoBox) -> Result<bool> {
    let (plane, near) = (grid.transform().pixel_size(), |ratio: f64| (ratio - 1.0).abs() <= METRIC);
    Ok(pixel_side_metres(grid)?.is_some_and(|side| near(side.x / plane.x) && near(side.y / plane.y)))
}

/// Refuses to lay a raster that lies nowhere over one that lies somewhere.
///
/// # Errors
/// When one of the two has no place and the other has.
pub fn check_places(one: (&Path, &GeoBox), other: (&Path, &GeoBox)) -> Result<()> {
    match (is_placed(one.1)?, is_placed(other.1)?) {
        (true, false) => {
            Err(Error::OneWithoutPlace { lacking: other.0.to_owned(), placed: one.0.to_owned() })
        }
        (false, true) => {
            Err(Error::OneWithoutPlace { lacking: one.0.to_owned(), placed: other.0.to_owned() })
        }
        _ => Ok(()),
    }
}

/// Refuses slopes on a grid along whose axes metres are not metres.
///
/// # Errors
/// When the grid is in degrees, feet, or stretches the ground by more than a twentieth.
pub fn check_metres(path: &Path, geobox: &GeoBox) -> Result<()> {
    match is_in_metres(geobox)? {
        true => Ok(()),
        false => Err(Error::SlopesWithoutMetres { path: path.to_owned(), crs: geobox.crs().to_string() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ecotone_core::{Crs, GeoTransform, Shape2d, XY};

    #[test]
    fn pixels_of_two_systems_are_compared_in_metres() {
        let grid = |epsg, side| {
            let transform = GeoTransform::north_up(XY::new(14.0, 50.0), side);
            GeoBox::new(Shape2d::new(10, 10), transform, Crs::epsg(epsg))
        };
        let coarser = |a: (u32, f64), b: (u32, f64)| is_coarser(&grid(a.0, a.1), &grid(b.0, b.1)).unwrap();
        assert!(coarser((32633, 20.0), (32633, 10.0)) && !coarser((32633, 14.0), (32633, 10.0)));
        assert!(coarser((3035, 20.0), (32633, 10.0)) && !coarser((3035, 10.0), (32633, 20.0)));
        // WorldCover's pixels of 10 m under ones of 20 m, and Sentinel-2's under finer ones in degrees.
        assert!(coarser((32633, 20.0), (4326, 1.0 / 12_000.0)) && !coarser((4326, 0.00005), (32633, 10.0)));
        assert!(coarser((4326, 0.0002), (32633, 10.0)));
    }
}
