//! Which grid a map gets.

use crate::{Error, Result};
use ecotone_core::{BoundingBox, Crs, GeoBox, GeoTransform, Shape2d, XY};
use ecotone_io::{RasterDataset, Scene, SceneBand, gsd_metres, is_geographic, transform_bounds};

/// Pixel sides in files and in words count as one resolution when they differ by less than this share: some grids are
/// a few millimetres off.
const SAME_RESOLUTION: f64 = 0.01;

/// Pixels of a degree are 111 km long: who asks for so much means metres.
const MOST_DEGREES: f64 = 1.0;

/// Whether a resolution is meant in metres though the system is in degrees.
pub(crate) fn means_metres(resolution: f64, crs: &Crs) -> Result<bool> {
    Ok(resolution >= MOST_DEGREES && is_geographic(crs)?)
}

/// Refuses a resolution in metres on a grid in degrees.
///
/// # Errors
/// When the resolution of `key` is a degree or more of such a system.
pub fn check_resolution(key: &'static str, resolution: f64, crs: &Crs) -> Result<()> {
    if means_metres(resolution, crs)? {
        return Err(Error::DegreesForMetres { key, resolution, crs: crs.to_string() });
    }
    Ok(())
}

/// The side of a pixel in units of a system that is so many metres long on the ground in the middle of an area.
pub fn resolution_for(metres: f64, crs: &Crs, area: BoundingBox) -> Result<f64> {
    let unit = if is_geographic(crs)? { 1e-4 } else { 1.0 };
    let middle = XY::new((area.min.x + area.max.x) / 2.0, (area.min.y + area.max.y) / 2.0);
    let pixel = GeoBox::new(Shape2d::new(1, 1), GeoTransform::north_up(middle, unit), crs.clone());
    Ok(unit * metres / gsd_metres(&pixel)?)
}

/// How large pixels are, such as `20 m` or `0.0001 degrees, 9.0 m on the ground`.
pub fn pixel_in_words(grid: &GeoBox) -> Result<String> {
    let (side, metres) = (grid.gsd(), gsd_metres(grid)?);
    let unit = if is_geographic(grid.crs())? { "degrees" } else { "units" };
    Ok(if metres == side {
        format!("{side} m")
    } else {
        format!("{side} {unit}, {metres:.1} m on the ground")
    })
}

/// True where a grid's pixels have the side that was asked for.
pub(crate) fn has_resolution(grid: &GeoBox, resolution: f64) -> bool {
    is_same_resolution(grid.gsd(), resolution)
}

/// True where two pixel sides in the same unit count as one.
pub fn is_same_resolution(one: f64, other: f64) -> bool {
    (one / other - 1.0).abs() < SAME_RESOLUTION
}

/// The smallest grid over a rectangle: on the lattice of `like` where that has the CRS and resolution that were asked
/// for, so that pixels need no resampling, else on the lattice through the CRS's origin.
pub(crate) fn over(bounds: BoundingBox, resolution: f64, crs: Crs, like: Option<&GeoBox>) -> GeoBox {
    let like = like.filter(|like| has_resolution(like, resolution) && *like.crs() == crs);
    like.and_then(|like| on_lattice(bounds, like))
        .unwrap_or_else(|| GeoBox::covering(bounds, resolution, crs))
}

/// The smallest grid over a rectangle on the lattice of another, whatever the sides of its pixels are; `None` where the
/// rectangle has no area.
pub(crate) fn on_lattice(bounds: BoundingBox, like: &GeoBox) -> Option<GeoBox> {
    // The rectangle as one pixel: a grid of its own would reach over it before it is snapped.
    let sides = [bounds.min.x, bounds.width(), 0.0, bounds.max.y, 0.0, -bounds.height()];
    let transform = GeoTransform::from_gdal(sides).ok()?;
    Some(GeoBox::new(Shape2d::new(1, 1), transform, like.crs().clone()).snap_to(like))
}

/// A band that a scene has of some: the first.
pub fn first_band<'a>(scene: &'a Scene, bands: &[String]) -> Option<SceneBand<'a>> {
    bands.iter().find_map(|name| scene.band(name).ok())
}

/// The grid of the first scene whose first of some bands can be opened.
pub(crate) fn of_first(scenes: &[Scene], bands: &[String]) -> Option<GeoBox> {
    scenes.iter().find_map(|scene| {
        let band = first_band(scene, bands)?;
        RasterDataset::open(&band.asset.href).ok().map(|dataset| dataset.geobox().clone())
    })
}

/// The rectangle around all scenes that can be opened and projected, by the first of some bands; `None` where none can.
pub fn extent(scenes: &[Scene], bands: &[String], crs: &Crs) -> Result<Option<BoundingBox>> {
    let mut corners = Vec::new();
    for scene in scenes {
        let Some(band) = first_band(scene, bands) else { continue };
        let grid = match scene.told_grid(band.asset) {
            Some(grid) => grid.clone(),
            None => match RasterDataset::open(&band.asset.href) {
                Ok(dataset) => dataset.geobox().clone(),
                // Listed when the scene is planned.
                Err(_) => continue,
            },
        };
        match transform_bounds(grid.bounds(), grid.crs(), crs) {
            Ok(bounds) => corners.extend([bounds.min, bounds.max]),
            // One scene elsewhere is no reason to map nothing.
            Err(_) => tracing::warn!(
                scene = scene.id,
                "lies beyond the reach of {crs}: the map's extent does without it"
            ),
        }
    }
    Ok(BoundingBox::around(corners))
}

/// What two rectangles share; the first where they share nothing.
pub fn shared(a: BoundingBox, b: BoundingBox) -> BoundingBox {
    if !a.intersects(&b) {
        return a;
    }
    BoundingBox {
        min: XY::new(a.min.x.max(b.min.x), a.min.y.max(b.min.y)),
        max: XY::new(a.max.x.min(b.max.x), a.max.y.min(b.max.y)),
    }
}

/// A plane `[y, x]` of `cols` columns without its outermost `rim` pixels.
pub(crate) fn without_rim<T: Copy>(plane: &[T], cols: usize, rim: usize) -> Vec<T> {
    let rows = plane.len() / cols;
    plane
        .chunks_exact(cols)
        .take(rows - rim)
        .skip(rim)
        .flat_map(|row| &row[rim..cols - rim])
        .copied()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn odd_grid() -> GeoBox {
        let transform =
            GeoTransform::from_gdal([465_181.05, 9.9948, 0.0, 5_080_254.63, 0.0, -9.9974]).unwrap();
        GeoBox::new(Shape2d::new(101, 100), transform, Crs::epsg(32633))
    }

    #[test]
    fn the_rectangle_of_a_grid_gives_the_grid_again() {
        let grid = odd_grid();
        assert_eq!(over(grid.bounds(), 10.0, Crs::epsg(32633), Some(&grid)).shape(), grid.shape());
        let apart = over(grid.bounds(), 10.0, Crs::epsg(32633), None);
        assert_eq!((apart.gsd(), apart.bounds().min.x % 10.0), (10.0, 0.0));
        let coarse = over(grid.bounds(), 20.0, Crs::epsg(32633), Some(&grid));
        assert_eq!(coarse.gsd(), 20.0);
    }

    #[test]
    fn a_resolution_in_metres_is_none_in_degrees() {
        let degrees = Crs::epsg(4326);
        assert!(check_resolution("grid.resolution", 20.0, &degrees).is_err());
        assert!(check_resolution("grid.resolution", 0.25, &degrees).is_ok());
        assert!(check_resolution("grid.resolution", 20.0, &Crs::epsg(32633)).is_ok());
        let area =
            BoundingBox { min: XY::new(1_000_000.0, 6_400_000.0), max: XY::new(1_100_000.0, 6_500_000.0) };
        // 20 m at 50 degrees north.
        let side = resolution_for(20.0, &Crs::epsg(3857), area).unwrap();
        assert!((31.0..31.4).contains(&side), "{side}");
        assert_eq!(resolution_for(20.0, &Crs::epsg(32633), area).unwrap(), 20.0);
    }

    #[test]
    fn rectangles_share_what_both_hold() {
        let rectangle = |x, y, side| BoundingBox { min: XY::new(x, y), max: XY::new(x + side, y + side) };
        let (large, small) = (rectangle(0.0, 0.0, 10.0), rectangle(8.0, -1.0, 4.0));
        let both = shared(large, small);
        assert_eq!((both.min, both.max), (XY::new(8.0, 0.0), XY::new(10.0, 3.0)));
        assert_eq!(shared(small, rectangle(50.0, 0.0, 1.0)).min, small.min);
    }

    #[test]
    fn a_rim_is_taken_off_all_sides() {
        let plane: Vec<u8> = (0..20).collect();
        assert_eq!(without_rim(&plane, 5, 1), [6, 7, 8, 11, 12, 13]);
        assert!(without_rim(&plane, 5, 2).is_empty());
        assert_eq!(without_rim(&plane, 5, 0), plane);
    }
}
