//! Samples as places whose distances are metres.

use crate::Result;
use ecotone_core::{BoundingBox, Crs, GeoBox, GeoTransform, Shape2d};
use ecotone_io::transform_points;
use ecotone_jobs::is_in_metres;
use ecotone_labeling::{Coordinates, Samples};
use std::borrow::Cow;

/// The same samples, in the same order: as they are on a plane of metres, else in longitude and latitude, between which
/// distances are metres on the sphere. So they are of degrees, feet, and EPSG:3857 away from the equator.
///
/// # Errors
/// When the system is not understood, or cannot be told in longitude and latitude.
pub(super) fn in_metres(samples: &Samples) -> Result<Cow<'_, Samples>> {
    let Coordinates::Projected(crs) = &samples.coordinates else { return Ok(Cow::Borrowed(samples)) };
    let places: Vec<_> = samples.rows.iter().map(|sample| sample.place).collect();
    let Some(bounds) = BoundingBox::around(places.iter().copied()) else { return Ok(Cow::Borrowed(samples)) };
    let corner = ecotone_core::XY::new(bounds.min.x, bounds.max.y);
    let side = bounds.width().max(bounds.height());
    // One place has no width.
    let side = if side > 0.0 { side } else { f64::EPSILON.max(corner.x.abs() * 1e-9) };
    let around = GeoBox::new(Shape2d::new(1, 1), GeoTransform::north_up(corner, side), crs.clone());
    if is_in_metres(&around)? {
        return Ok(Cow::Borrowed(samples));
    }
    let mut turned = samples.clone();
    let degrees = transform_points(&places, crs, &Crs::epsg(4326))?;
    turned.rows.iter_mut().zip(degrees).for_each(|(sample, place)| sample.place = place);
    turned.coordinates = Coordinates::LonLat;
    Ok(Cow::Owned(turned))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ecotone_core::{ClassCode, XY};
    use ecotone_labeling::Sample;

    fn samples(crs: u32, places: &[(f64, f64)]) -> Samples {
        let sample = |(x, y): &(f64, f64)| Sample {
            id: String::new(),
            place: XY::new(*x, *y),
            code: ClassCode(1),
            group: None,
            year: None,
            features: vec![],
        };
        let coordinates = Coordinates::Projected(Crs::epsg(crs));
        Samples { coordinates, features: vec![], rows: places.iter().map(sample).collect() }
    }

    #[test]
    fn only_planes_of_metres_stay() {
        let stays = |crs, places: &[(f64, f64)]| {
            in_metres(&samples(crs, places)).unwrap().coordinates != Coordinates::LonLat
        };
        assert!(stays(32633, &[(500_000.0, 5e6), (510_000.0, 5.1e6)]));
        assert!(stays(32633, &[(500_000.0, 5e6)]) && stays(32633, &[]));
        assert!(stays(3035, &[(2_700_000.0, 4.8e6), (6e6, 1.5e6)]));
        assert!(!stays(3857, &[(1e6, 6e6), (1.01e6, 6.1e6)]));
        assert!(!stays(4258, &[(15.0, 50.0), (15.1, 50.0)]));
        assert!(!stays(2263, &[(981_240.0, 197_280.0), (990_000.0, 190_000.0)]));
        let turned = samples(4258, &[(15.0, 50.0), (15.1, 50.5)]);
        let turned = in_metres(&turned).unwrap().rows[1].place;
        assert!((turned.x - 15.1).abs() < 1e-4 && (turned.y - 50.5).abs() < 1e-4);
    }
}
