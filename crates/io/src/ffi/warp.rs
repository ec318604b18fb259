//! GDAL's programs as functions.

use super::failure::{Result, failure_since_reset, last_failure, reset_errors};
use gdal::Dataset;
use gdal::cpl::CslStringList;
use std::ptr;

/// `gdalwarp` with these arguments, onto the pixels of an existing dataset.
pub(crate) fn warp(source: &Dataset, target: &Dataset, arguments: &[&str]) -> Result<()> {
    let arguments: CslStringList = arguments.iter().copied().collect();
    let mut sources = [source.c_dataset()];
    let mut usage_error = 0;
    reset_errors();
    // SAFETY: both datasets are open and outlive the calls; the options are freed after their only use. Given an
    // existing target, GDALWarp returns that same handle or null, so that there is nothing new to close.
    let warped = unsafe {
        let options = gdal_sys::GDALWarpAppOptionsNew(arguments.as_ptr(), ptr::null_mut());
        if options.is_null() {
            return Err(last_failure());
        }
        let warped = gdal_sys::GDALWarp(
            ptr::null(),
            target.c_dataset(),
            1,
            sources.as_mut_ptr(),
            options,
            &mut usage_error,
        );
        gdal_sys::GDALWarpAppOptionsFree(options);
        warped
    };
    // A source block that cannot be read is only a message to some versions of the warper.
    if warped.is_null() { Err(last_failure()) } else { failure_since_reset() }
}

/// `gdal_translate` with these arguments as a virtual dataset, which reads from `source` and must not outlive it.
pub(crate) fn virtual_dataset(source: &Dataset, arguments: &[&str]) -> Result<Dataset> {
    let arguments: CslStringList = ["-of", "VRT"].iter().chain(arguments).copied().collect();
    let mut usage_error = 0;
    // SAFETY: the source is open; the options are freed after their only use. The new VRT takes a reference on the
    // source's handle and is owned, thus closed, by the returned `Dataset` alone.
    unsafe {
        let options = gdal_sys::GDALTranslateOptionsNew(arguments.as_ptr(), ptr::null_mut());
        if options.is_null() {
            return Err(last_failure());
        }
        let made = gdal_sys::GDALTranslate(c"".as_ptr(), source.c_dataset(), options, &mut usage_error);
        gdal_sys::GDALTranslateOptionsFree(options);
        if made.is_null() { Err(last_failure()) } else { Ok(Dataset::from_c_dataset(made)) }
    }
}
