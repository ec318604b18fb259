//! What GDAL remembers of remote files, and is told of them.

use std::ffi::CString;

/// Forgets what was fetched of remote files whose names, GDAL's own, begin so; also that one could not be opened, or ended
/// early, which it would else say for as long as the process lives.
pub(crate) fn forget_remote(name: &str) {
    // A name with a zero in it was never opened.
    let Ok(name) = CString::new(name) else { return };
    // SAFETY: a C string that lives through the call, which copies it; touches only GDAL's own caches, which guard
    // themselves.
    unsafe { gdal_sys::VSICurlPartialClearCache(name.as_ptr()) }
}

/// Sets an option for the files whose names, GDAL's own, begin so.
pub(crate) fn set_path_option(prefix: &str, key: &str, value: &str) {
    let [Ok(prefix), Ok(key), Ok(value)] = [prefix, key, value].map(CString::new) else { return };
    // SAFETY: C strings that live through the call, which copies them; the table they come into guards itself.
    unsafe { gdal_sys::VSISetPathSpecificOption(prefix.as_ptr(), key.as_ptr(), value.as_ptr()) }
}
