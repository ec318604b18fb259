//! Whether a grid lies somewhere on the ground, and how long the sides of its pixels are there.

use super::crs;
use super::ground::{Ground, PixelSize, unit};
use crate::Result;
use ecotone_core::{Crs, GeoBox, XY};

/// How far the sides of pixels at the edge of a grid may differ from those in its middle for a length in metres to be
/// one number of pixels.
const ONE_LENGTH: f64 = 0.1;

/// The system of rasters that lie nowhere: their own pixels.
const UNPLACED: &str = "LOCAL_CS[\"pixels of an image\",UNIT[\"pixel\",1]]";

/// The system of a raster without a place, see [`RasterDataset::open_unplaced`](crate::RasterDataset::open_unplaced).
pub(crate) fn unplaced_crs() -> Crs {
    Crs::Wkt(UNPLACED.to_owned())
}

/// Width and height of a pixel in metres on the ground: those of the plane where it shows lengths within a hundredth,
/// as UTM does, else those on the ellipsoid in the middle of the grid, as of degrees and EPSG:3857.
///
/// `None` where the grid lies nowhere, and where pixels at its edge are longer or shorter than in its middle by more than
/// a tenth: then a length in metres is no number of pixels.
///
/// ```
/// use ecotone_core::{Crs, GeoBox, GeoTransform, Shape2d, XY};
///
/// let grid = |crs, y, side| GeoBox::new(Shape2d::new(2, 4), GeoTransform::north_up(XY::new(5e5, y), side), crs);
/// let sides = |grid| ecotone_io::pixel_side_metres(&grid).map(Option::unwrap);
/// assert_eq!(sides(grid(Crs::epsg(32633), 5e6, 20.0))?, XY::new(20.0, 20.0));
/// // At 66 degrees north.
/// let mercator = sides(grid(Crs::epsg(3857), 9.87e6, 20.0))?;
/// assert!((8.1..8.3).contains(&mercator.x) && (8.1..8.3).contains(&mercator.y));
/// # Ok::<(), ecotone_io::Error>(())
/// ```
///
/// # Errors
/// When the system is not understood.
pub fn pixel_side_metres(grid: &GeoBox) -> Result<Option<XY<f64>>> {
    let Some(ground) = Ground::under(grid)? else { return Ok(None) };
    let looked_at = ground.look();
    let [width, height]: [fn(&PixelSize) -> f64; 2] = [|pixel| pixel.side.x, |pixel| pixel.side.y];
    let flat = ground.flat(&looked_at, width).and(ground.flat(&looked_at, height));
    let middle = if let Some(flat) = flat { flat } else { ground.middle().unwrap_or(ground.on_plane()) };
    let alike = |pixel: &PixelSize| {
        [width, height].iter().all(|side| (side(pixel) / side(&middle) - 1.0).abs() <= ONE_LENGTH)
    };
    Ok(looked_at.iter().flatten().all(alike).then_some(middle.side))
}

/// Ground sampling distance: the side in metres of a square as large as a pixel in the middle of the grid. Of a plane
/// that shows areas within a hundredth it is that of the plane, as of UTM; of a grid that lies nowhere it is in pixels.
///
/// # Errors
/// When the system is not understood.
pub fn gsd_metres(grid: &GeoBox) -> Result<f64> {
    let Some(ground) = Ground::under(grid)? else { return Ok(grid.gsd()) };
    let flat = ground.flat(&ground.look(), |pixel| pixel.area);
    let pixel = flat.or_else(|| ground.middle()).unwrap_or(ground.on_plane());
    Ok(if flat.is_some() { (pixel.side.x * pixel.side.y).sqrt() } else { pixel.area.sqrt() })
}

/// The side of a pixel in metres as its system means them: those of the plane, or of degrees at the equator, whatever the
/// projection does to them where the grid lies. Quick to tell, and the same for every part of a grid.
///
/// # Errors
/// When the system is not understood.
pub fn nominal_gsd(grid: &GeoBox) -> Result<f64> {
    let system = crs::spatial_ref(grid.crs())?;
    Ok(grid.gsd() * system.semi_major().map_or(1.0, |major| unit(&system, major)))
}

/// Whether a system is in degrees or other angles.
///
/// # Errors
/// When the system is not understood.
pub fn is_geographic(crs: &Crs) -> Result<bool> {
    Ok(crs::spatial_ref(crs)?.is_geographic())
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
    use ecotone_core::{GeoTransform, Shape2d};

    fn grid(epsg: u32, corner: XY<f64>, side: f64, size: usize) -> GeoBox {
        GeoBox::new(Shape2d::new(size, size), GeoTransform::north_up(corner, side), Crs::epsg(epsg))
    }

    #[derive(serde::Deserialize)]
    struct Case {
        epsg: u32,
        corner: [f64; 2],
        side: f64,
        rows: usize,
        cols: usize,
        width: f64,
        height: f64,
    }

    #[test]
    fn sides_are_those_on_the_ground() {
        // Geodesics at the middle of each grid, see tests/reference/make_ground.py.
        let cases: Vec<Case> =
            serde_json::from_str(include_str!("../../tests/reference/ground.json")).unwrap();
        for case in cases {
            let transform = GeoTransform::north_up(XY::new(case.corner[0], case.corner[1]), case.side);
            let grid = GeoBox::new(Shape2d::new(case.rows, case.cols), transform, Crs::epsg(case.epsg));
            // A plane within a hundredth of the ground is taken at its word.
            let allowed =
                |plane: f64, ground: f64| if (plane / ground - 1.0).abs() < 0.01 { 0.01 } else { 1e-5 };
            let gsd = gsd_metres(&grid).unwrap();
            let expected = (case.width * case.height).sqrt();
            assert!((gsd / expected - 1.0).abs() < allowed(case.side, expected), "{}: {gsd}", case.epsg);
            let side = pixel_side_metres(&grid).unwrap().unwrap();
            for (found, ground) in [(side.x, case.width), (side.y, case.height)] {
                assert!((found / ground - 1.0).abs() < allowed(case.side, ground), "{}: {side:?}", case.epsg);
            }
        }
    }

    #[test]
    fn planes_true_to_the_ground_keep_their_numbers() {
        let utm = grid(32633, XY::new(500_000.0, 5_000_000.0), 20.0, 6000);
        assert_eq!(pixel_side_metres(&utm).unwrap(), Some(XY::new(20.0, 20.0)));
        assert_eq!(gsd_metres(&utm).unwrap(), 20.0);
        let equal_area = grid(3035, XY::new(2_700_000.0, 4_800_000.0), 10.0, 6000);
        assert_eq!(gsd_metres(&equal_area).unwrap(), 10.0);
    }

    #[test]
    fn one_length_is_not_many() {
        let country = grid(4326, XY::new(5.0, 65.0), 0.01, 1000);
        assert_eq!(pixel_side_metres(&country).unwrap(), None);
        assert!(gsd_metres(&country).is_ok());
        let nowhere = GeoBox::new(country.shape(), country.transform(), unplaced_crs());
        assert_eq!(pixel_side_metres(&nowhere).unwrap(), None);
        assert_eq!(gsd_metres(&nowhere).unwrap(), 0.01);
    }

    #[test]
    fn nominal_sides_are_in_metres_of_any_system() {
        let nominal = |epsg, side| nominal_gsd(&grid(epsg, XY::new(10.0, 60.0), side, 4)).unwrap();
        assert_eq!(nominal(32633, 20.0), 20.0);
        assert!((nominal(2263, 60.0) - 18.288).abs() < 1e-3);
        assert!((nominal(4326, 0.0001) - 11.132).abs() < 1e-3);
    }
}
