//! Coordinate reference systems as PROJ knows them, and moving coordinates between them.

use crate::gdal_failure::GdalFailure;
use crate::{Error, Result, ffi};
use ecotone_core::{BoundingBox, Crs, XY};
use gdal::spatial_ref::{AxisMappingStrategy, CoordTransform, SpatialRef};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Points on each edge of a box that is transformed: straight edges become curves.
const EDGE_POINTS: i32 = 21;

/// PROJ's view of a system, with x before y whatever its register says.
pub(crate) fn spatial_ref(crs: &Crs) -> Result<SpatialRef> {
    ffi::init();
    let made = match crs {
        Crs::Epsg(code) => SpatialRef::from_epsg(*code),
        Crs::Wkt(wkt) => SpatialRef::from_wkt(wkt),
    };
    let mut system = made.map_err(|e| Error::Crs { crs: crs.to_string(), source: e.into() })?;
    system.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    Ok(system)
}

/// The EPSG code of a system where it has one, else its WKT.
pub(crate) fn identify(system: &SpatialRef) -> std::result::Result<Crs, GdalFailure> {
    // Searching PROJ's register takes a fraction of a second, and a catalogue has few systems.
    static FOUND: Mutex<BTreeMap<String, Crs>> = Mutex::new(BTreeMap::new());
    if let Some(code) = ffi::epsg_of(system) {
        return Ok(Crs::epsg(code));
    }
    let wkt = system.to_wkt()?;
    if let Some(known) = FOUND.lock().unwrap_or_else(PoisonError::into_inner).get(&wkt) {
        return Ok(known.clone());
    }
    let crs = ffi::find_epsg(system).map_or_else(|| Crs::Wkt(wkt.clone()), Crs::epsg);
    FOUND.lock().unwrap_or_else(PoisonError::into_inner).insert(wkt, crs.clone());
    Ok(crs)
}

/// Whether two descriptions mean the same system, which only PROJ can say of two different texts.
///
/// # Errors
/// When either is not understood.
pub fn same_crs(a: &Crs, b: &Crs) -> Result<bool> {
    Ok(a == b || spatial_ref(a)? == spatial_ref(b)?)
}

/// A transformation that is kept for many points.
pub(crate) fn transformation(from: &Crs, to: &Crs) -> Result<CoordTransform> {
    CoordTransform::new(&spatial_ref(from)?, &spatial_ref(to)?).map_err(|e| failed(from, to, e))
}

/// Points in another system, x before y (longitude before latitude).
///
/// # Errors
/// When a system is not understood or a point lies outside the target's reach.
pub fn transform_points(points: &[XY<f64>], from: &Crs, to: &Crs) -> Result<Vec<XY<f64>>> {
    if from == to || points.is_empty() {
        return Ok(points.to_vec());
    }
    let (mut x, mut y): (Vec<f64>, Vec<f64>) = points.iter().map(|p| (p.x, p.y)).unzip();
    transformation(from, to)?.transform_coords(&mut x, &mut y, &mut []).map_err(|e| failed(from, to, e))?;
    Ok(x.into_iter().zip(y).map(|(x, y)| XY::new(x, y)).collect())
}

/// The same where some points may lie outside the target's reach: `None` for those.
///
/// ```
/// use ecotone_core::{Crs, XY};
///
/// let (near, far) = (XY::new(15.0, 50.0), XY::new(105.0, 0.0));
/// let moved = ecotone_io::transform_each(&[near, far], &Crs::epsg(4326), &Crs::epsg(32633))?;
/// assert!(moved[0].is_some() && moved[1].is_none());
/// # Ok::<(), ecotone_io::Error>(())
/// ```
///
/// # Errors
/// When a system is not understood.
pub fn transform_each(points: &[XY<f64>], from: &Crs, to: &Crs) -> Result<Vec<Option<XY<f64>>>> {
    if from == to || points.is_empty() {
        return Ok(points.iter().copied().map(Some).collect());
    }
    move_each(points, &transformation(from, to)?).map_err(|source| Error::Transform {
        from: from.to_string(),
        to: to.to_string(),
        source,
    })
}

/// The same by a transformation that is at hand.
pub(crate) fn move_each(
    points: &[XY<f64>],
    by: &CoordTransform,
) -> std::result::Result<Vec<Option<XY<f64>>>, GdalFailure> {
    let (mut x, mut y): (Vec<f64>, Vec<f64>) = points.iter().map(|p| (p.x, p.y)).unzip();
    let moved = ffi::transform_each(by, &mut x, &mut y)?;
    let point = |((x, y), moved): ((f64, f64), bool)| {
        (moved && x.is_finite() && y.is_finite()).then(|| XY::new(x, y))
    };
    Ok(x.into_iter().zip(y).zip(moved).map(point).collect())
}

/// The rectangle in another system around a rectangle, with its edges bent as they are.
///
/// # Errors
/// When a system is not understood or the rectangle lies outside the target's reach.
pub fn transform_bounds(bounds: BoundingBox, from: &Crs, to: &Crs) -> Result<BoundingBox> {
    if from == to {
        return Ok(bounds);
    }
    let [x0, y0, x1, y1] = transformation(from, to)?
        .transform_bounds(&[bounds.min.x, bounds.min.y, bounds.max.x, bounds.max.y], EDGE_POINTS)
        .map_err(|e| failed(from, to, e))?;
    Ok(BoundingBox { min: XY::new(x0, y0), max: XY::new(x1, y1) })
}

fn failed(from: &Crs, to: &Crs, source: gdal::errors::GdalError) -> Error {
    Error::Transform { from: from.to_string(), to: to.to_string(), source: source.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn longitude_comes_before_latitude() {
        // The origin of EPSG:3035 is 52 N, 10 E at (4321000, 3210000).
        let there = transform_points(&[XY::new(10.0, 52.0)], &Crs::epsg(4326), &Crs::epsg(3035)).unwrap();
        assert!(
            (there[0].x - 4_321_000.0).abs() < 1e-3 && (there[0].y - 3_210_000.0).abs() < 1e-3,
            "{there:?}"
        );
    }

    #[test]
    fn a_box_bends_when_transformed() {
        let utm = BoundingBox { min: XY::new(300_000.0, 5_000_000.0), max: XY::new(500_000.0, 5_200_000.0) };
        let around = transform_bounds(utm, &Crs::epsg(32633), &Crs::epsg(3035)).unwrap();
        let corners = [(0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0), (0.5, 0.0), (0.5, 1.0)]
            .map(|(u, v)| XY::new(utm.min.x + u * utm.width(), utm.min.y + v * utm.height()));
        for p in transform_points(&corners, &Crs::epsg(32633), &Crs::epsg(3035)).unwrap() {
            assert!(around.min.x <= p.x + 1.0 && p.x <= around.max.x + 1.0, "{p:?} {around:?}");
            assert!(around.min.y <= p.y + 1.0 && p.y <= around.max.y + 1.0, "{p:?} {around:?}");
        }
    }

    #[test]
    fn wkt_without_a_code_is_identified() {
        let wkt = spatial_ref(&Crs::epsg(32633)).unwrap().to_wkt().unwrap();
        let bare = wkt.rsplit_once(",AUTHORITY").unwrap().0.to_owned() + "]";
        let system = spatial_ref(&Crs::Wkt(bare.clone())).unwrap();
        assert_eq!(ffi::epsg_of(&system), None);
        assert_eq!(identify(&system).unwrap(), Crs::epsg(32633));
        assert!(same_crs(&Crs::Wkt(bare), &Crs::epsg(32633)).unwrap());
        assert!(!same_crs(&Crs::epsg(32632), &Crs::epsg(32633)).unwrap());
    }

    #[test]
    fn nonsense_is_named() {
        let error = spatial_ref(&Crs::epsg(999_999)).unwrap_err();
        assert_eq!(error.to_string(), "understanding the coordinate reference system EPSG:999999");
        assert!(
            transform_points(&[XY::new(1.0, 1.0)], &Crs::Wkt("PROJCS[".into()), &Crs::epsg(3035)).is_err()
        );
    }
}
