//! GDAL's errors of this thread, and its texts.

use crate::gdal_failure::GdalFailure;
use std::ffi::{CStr, c_char, c_int};

pub(super) type Result<T> = std::result::Result<T, GdalFailure>;

/// Forgets the errors of this thread so far, so that [`failure_since_reset`] sees only later ones.
pub(crate) fn reset_errors() {
    // SAFETY: touches only this thread's error state.
    unsafe { gdal_sys::CPLErrorReset() }
}

/// The last failure of this thread since [`reset_errors`]: below GDAL 3.7, flushing and closing report it only so.
pub(crate) fn failure_since_reset() -> Result<()> {
    // SAFETY: reads this thread's error state; the message is a C string that lives until the next GDAL call.
    let (class, text) = unsafe { (gdal_sys::CPLGetLastErrorType(), owned(gdal_sys::CPLGetLastErrorMsg())) };
    if class < gdal_sys::CPLErr::CE_Failure { Ok(()) } else { Err(GdalFailure::new(&text)) }
}

/// GDAL's last message on this thread.
pub(super) fn last_failure() -> GdalFailure {
    // SAFETY: reads this thread's error state; the message is copied before any other GDAL call.
    let text = unsafe { owned(gdal_sys::CPLGetLastErrorMsg()) };
    GdalFailure::new(if text.is_empty() { "failed without saying why" } else { &text })
}

/// A copy of a C string; empty for null.
///
/// # Safety
/// `text` is null or a C string that lives through the call.
pub(super) unsafe fn owned(text: *const c_char) -> String {
    if text.is_null() {
        return String::new();
    }
    // SAFETY: not null, and a C string by this function's contract.
    unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
}

pub(super) fn int(value: impl TryInto<c_int> + Copy + std::fmt::Display) -> Result<c_int> {
    value.try_into().ok().ok_or_else(|| GdalFailure(format!("{value} is too large for GDAL")))
}
