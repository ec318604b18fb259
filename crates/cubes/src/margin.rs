//! Ground around areas of interest: a network and a filter see more than they map.

use ecotone_core::{BoundingBox, XY};

/// Metres of a degree of latitude, at least.
const METRES: f64 = 110_574.0;

/// Grids do not run north, and pixels in degrees are longer than wide: how much a margin of pixels may be longer on the ground
/// than their mean side tells, besides what the latitude adds.
const SLANT: f64 = 1.5;

/// A rectangle in degrees grown by so many metres or more on every side, as far as the Earth goes.
///
/// ```
/// use ecotone_core::{BoundingBox, XY};
/// use ecotone_cubes::grown;
///
/// let area = BoundingBox { min: XY::new(15.0, 60.0), max: XY::new(15.1, 60.1) };
/// let found = grown(area, 1_000.0);
/// assert!(found.min.x < 15.0 - 0.018 && found.max.y > 60.1 + 0.009);
/// assert_eq!(grown(area, 0.0), area);
/// ```
pub fn grown(area: BoundingBox, metres: f64) -> BoundingBox {
    let degrees = SLANT * metres / METRES;
    // At the latitude that is nearest to a pole.
    let cos = |up: f64| (area.max.y + up).max(up - area.min.y).min(90.0).to_radians().cos().max(0.0);
    let up = degrees / cos(degrees).sqrt().max(0.1);
    // Beside a pole all longitudes are near.
    let across = if metres > 0.0 { (degrees / cos(up)).min(360.0) } else { 0.0 };
    BoundingBox {
        min: XY::new((area.min.x - across).max(area.min.x.min(-180.0)), (area.min.y - up).max(-90.0)),
        max: XY::new((area.max.x + across).min(area.max.x.max(180.0)), (area.max.y + up).min(90.0)),
    }
}

/// Metres of a pixel's side that is given in the units of a system that is not known yet: no pixel of metres is so small, and
/// none of degrees so large, that the two could be mixed up.
pub fn metres_at_most(side: f64) -> f64 {
    const DEGREES: f64 = 0.05;
    if side < DEGREES { side * 1.01 * METRES } else { side }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ecotone_core::{Crs, GeoBox, GeoTransform, Shape2d};
    use ecotone_io::{gsd_metres, transform_bounds};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_margin_of_a_grid_lies_in_that_of_its_rectangle(
            zone in 1u32..60, south in any::<bool>(), east in 200_000.0..800_000.0f64, north in 100_000.0..8_500_000.0f64,
            pixels in 1usize..400, side in 5.0..100.0f64,
        ) {
            let crs = Crs::epsg(if south { 32_700 } else { 32_600 } + zone);
            let north = if south { 10_000_000.0 - north } else { north };
            let grid = GeoBox::new(Shape2d::new(50, 60), GeoTransform::north_up(XY::new(east, north), side), crs);
            let degrees = |grid: &GeoBox| transform_bounds(grid.bounds(), grid.crs(), &Crs::epsg(4326)).unwrap();
            let (wide, near) = (degrees(&grid.pad(pixels)), grown(degrees(&grid), pixels as f64 * side));
            prop_assume!(wide.width() < 90.0);
            let holds = near.min.x <= wide.min.x.max(-180.0) && near.max.x >= wide.max.x.min(180.0)
                && near.min.y <= wide.min.y && near.max.y >= wide.max.y;
            prop_assert!(holds, "{near:?} {wide:?}");
        }

        #[test]
        fn pixels_in_degrees_lie_in_it_too(x in -170.0..170.0f64, y in -80.0..80.0f64, pixels in 1usize..400) {
            let side = 0.000_18;
            let grid = GeoBox::new(Shape2d::new(50, 60), GeoTransform::north_up(XY::new(x, y), side), Crs::epsg(4326));
            let (wide, near) = (grid.pad(pixels).bounds(), grown(grid.bounds(), pixels as f64 * gsd_metres(&grid).unwrap()));
            prop_assert!(near.min.x <= wide.min.x && near.max.x >= wide.max.x);
            prop_assert!(near.min.y <= wide.min.y && near.max.y >= wide.max.y);
        }
    }

    #[test]
    fn it_ends_where_the_earth_does() {
        let corner = BoundingBox { min: XY::new(-180.0, 89.0), max: XY::new(-179.0, 90.0) };
        let found = grown(corner, 5_000.0);
        assert_eq!((found.min.x, found.max.x, found.max.y), (-180.0, 180.0, 90.0));
        assert!((88.0..89.0).contains(&found.min.y));
        assert_eq!((metres_at_most(20.0), metres_at_most(0.5)), (20.0, 0.5));
        assert!((19.0..21.0).contains(&metres_at_most(0.000_18)));
    }
}
