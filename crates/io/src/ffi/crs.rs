//! The names of coordinate reference systems, and points moved one by one.

use super::failure::{Result, int};
use gdal::spatial_ref::{CoordTransform, SpatialRef};
use std::ffi::c_void;
use std::ptr;

/// The EPSG code that PROJ's register finds for a system, with at least 90 % confidence: at most its name differs.
pub(crate) fn find_epsg(system: &SpatialRef) -> Option<u32> {
    let (mut count, mut confidences) = (0, ptr::null_mut());
    // SAFETY: the system is alive. GDAL returns `count` handles and as many confidences, or null; both arrays are
    // read within that length and freed once, the handles cloned first by `from_c_obj`.
    unsafe {
        let matches =
            gdal_sys::OSRFindMatches(system.to_c_hsrs(), ptr::null_mut(), &mut count, &mut confidences);
        if matches.is_null() {
            return None;
        }
        let best = (0..usize::try_from(count).unwrap_or(0))
            .find(|i| *confidences.add(*i) >= 90)
            .and_then(|i| SpatialRef::from_c_obj(*matches.add(i)).ok());
        gdal_sys::OSRFreeSRSArray(matches);
        gdal_sys::VSIFree(confidences.cast::<c_void>());
        epsg_of(&best?)
    }
}

/// The EPSG code that a system itself declares.
pub(crate) fn epsg_of(system: &SpatialRef) -> Option<u32> {
    let is_epsg = system.auth_name().is_some_and(|name| name.eq_ignore_ascii_case("epsg"));
    if is_epsg { system.auth_code().ok().and_then(|code| u32::try_from(code).ok()) } else { None }
}

/// Points in another system, x and y in place; says of each whether it could be moved.
pub(crate) fn transform_each(by: &CoordTransform, x: &mut [f64], y: &mut [f64]) -> Result<Vec<bool>> {
    let mut moved = vec![0; x.len().min(y.len())];
    let count = int(moved.len())?;
    // SAFETY: the transformation is alive; all three arrays hold `count` values, and z may be null. Its answer is that of
    // the worst point, which `moved` tells of each.
    unsafe {
        gdal_sys::OCTTransformEx(
            by.to_c_hct(),
            count,
            x.as_mut_ptr(),
            y.as_mut_ptr(),
            ptr::null_mut(),
            moved.as_mut_ptr(),
        )
    };
    Ok(moved.into_iter().map(|moved| moved != 0).collect())
}
