//! Straight shapes of curves, and the faces of surfaces.

use super::failure::{Result, last_failure};
use gdal::vector::{Geometry, OGRwkbGeometryType};
use std::ptr;

/// Largest turn between two points of a curve that was made straight, in degrees: a disk keeps its area within .005 %.
const TURN: f64 = 1.0;

/// A shape whose curves are lines.
pub(crate) fn straight(shape: &Geometry) -> Result<Geometry> {
    // SAFETY: the shape is alive and not changed; the answer is null or a new geometry of the caller's.
    unsafe { own(gdal_sys::OGR_G_GetLinearGeometry(shape.c_geometry(), TURN, ptr::null_mut())) }
}

/// The polygons that a triangle, a triangulated or a polyhedral surface is made of.
pub(crate) fn faces(shape: &Geometry) -> Result<Geometry> {
    let single = shape.geometry_name() == "TRIANGLE";
    // SAFETY: the clone is the caller's and is handed over with its only pointer; the answer is null or owned by the
    // caller, be it the same geometry or a new one.
    unsafe {
        let shape = shape.clone().into_c_geometry();
        own(match single {
            true => gdal_sys::OGR_G_ForceToPolygon(shape),
            false => gdal_sys::OGR_G_ForceToMultiPolygon(shape),
        })
    }
}

/// Takes a new geometry of GDAL's over.
///
/// # Safety
/// `geometry` is null or a geometry that nobody else owns.
unsafe fn own(geometry: gdal_sys::OGRGeometryH) -> Result<Geometry> {
    if geometry.is_null() {
        return Err(last_failure());
    }
    // The `gdal` crate takes geometries over only as parts of others.
    let holder = Geometry::empty(OGRwkbGeometryType::wkbGeometryCollection)?;
    // SAFETY: not null, and nobody else's by this function's contract; where the holder takes it over, it is freed with
    // the holder, else here.
    unsafe {
        if gdal_sys::OGR_G_AddGeometryDirectly(holder.c_geometry(), geometry) != gdal_sys::OGRErr::OGRERR_NONE
        {
            gdal_sys::OGR_G_DestroyGeometry(geometry);
            return Err(last_failure());
        }
    }
    Ok(holder.get_geometry(0).clone())
}
