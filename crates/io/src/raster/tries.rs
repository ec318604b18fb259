//! Remote rasters with patience: what a server spoils is forgotten, opened again and read again.

use super::troubles::{self, without_query};
use crate::ffi::{self, Heard};
use crate::gdal_failure::GdalFailure;
use crate::open::{forget, is_remote};
use crate::patience::patience;
use crate::{Error, Result};
use std::path::Path;

/// Opens or reads a file. Where it is remote and fails, or GDAL said meanwhile that something could not be read, it is
/// tried again as [`Patience`](crate::Patience) says; `act` is told whether it was tried before, and all that GDAL keeps
/// of the file is forgotten then. What is refused for good is tried a second time at once, and no more.
///
/// # Errors
/// Those of the last try; `failed` makes one of what GDAL said where `act` took no notice.
pub(crate) fn patiently<T>(
    path: &Path,
    failed: impl Fn(GdalFailure) -> Error,
    mut act: impl FnMut(bool) -> Result<T>,
) -> Result<T> {
    if !is_remote(path) {
        return act(false);
    }
    let patience = patience();
    let mut waits = None;
    for tried in 1.. {
        let (done, heard) = ffi::listen(|| act(tried > 1));
        let error = match (done, &heard.unread) {
            (Ok(value), None) => {
                troubles::over(path);
                return Ok(value);
            }
            (Ok(_), Some(text)) => failed(GdalFailure::new(text)),
            (Err(error), unread) if unread.is_some() || is_of_reading(&error) => error,
            (Err(error), _) => return Err(error),
        };
        let hope = !is_final(&heard, &error, tried) && troubles::failed(path) < patience.in_all;
        let wait = waits.get_or_insert_with(|| patience.waits()).next(None).filter(|_| hope);
        match wait {
            Some(wait) => {
                // GDAL's own words are told by `debug`; they may hold a signature.
                let (file, status) = (without_query(path), heard.status);
                tracing::warn!(file, status, "cannot be read now, trying again in {wait:?}");
                std::thread::sleep(wait);
            }
            None if tried > 1 => return Err(error),
            None => {}
        }
        forget(path);
    }
    unreachable!("the loop ends by returning")
}

/// Does something once, and takes what GDAL could not read meanwhile for a failure.
///
/// # Errors
/// As [`patiently`].
pub(crate) fn attentively<T>(
    failed: impl FnOnce(GdalFailure) -> Error,
    act: impl FnOnce() -> Result<T>,
) -> Result<T> {
    match ffi::listen(act) {
        (Ok(_), Heard { unread: Some(text), .. }) => Err(failed(GdalFailure::new(&text))),
        (done, _) => done,
    }
}

/// Whether it was the file that failed, and not what was asked of it.
const fn is_of_reading(error: &Error) -> bool {
    matches!(error, Error::Open { .. } | Error::Read { .. } | Error::Warp { .. })
}

/// Whether asking again would change nothing.
fn is_final(heard: &Heard, error: &Error, tried: u32) -> bool {
    /// For an answer that is no raster, which may have been cut or be a page of apologies, and for a host that nobody knows.
    const TRIES: u32 = 3;
    let no_raster = || reason(error).contains("not recognized as a supported");
    let unknown = || heard.unread.as_ref().is_some_and(|text| text.contains("resolve host"));
    match heard.status {
        Some(400 | 401 | 403 | 404 | 410) => true,
        Some(_) => false,
        None => heard.refused || (tried >= TRIES && (no_raster() || unknown())),
    }
}

/// What GDAL said.
fn reason(error: &Error) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string)
}
