//! What is set once a process.

use crate::access::without_secrets;
use gdal::config;
use gdal::errors::CplErrType;
use std::sync::Once;

/// Registers the drivers, sends GDAL's messages to `tracing`, and sets how it talks to servers; once a process.
///
/// An option that is set already (GDAL takes them from its own environment variables) is left as it is.
pub(crate) fn init() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        gdal::DriverManager::register_all();
        config::set_error_handler(|class, number, message| {
            let message = without_secrets(message);
            match class {
                // A failure comes back to the caller as an error too, and many are only GDAL looking around.
                CplErrType::Failure | CplErrType::Fatal => tracing::debug!(number, "gdal: {message}"),
                CplErrType::Warning => tracing::warn!(number, "gdal: {message}"),
                CplErrType::None | CplErrType::Debug => tracing::trace!(number, "gdal: {message}"),
            }
        });
        let defaults = [
            ("GDAL_HTTP_MAX_RETRY", "4"),
            ("GDAL_HTTP_RETRY_DELAY", "1"),
            ("GDAL_HTTP_CONNECTTIMEOUT", "20"),
        ];
        for (key, value) in defaults {
            let set = config::get_config_option(key, "").is_ok_and(|found| !found.is_empty());
            if !set && let Err(error) = config::set_config_option(key, value) {
                tracing::warn!("gdal: option {key}: {error}");
            }
        }
    });
}

/// The version of GDAL at run time, such as `3.6.2`.
pub fn gdal_version() -> String {
    gdal::version::VersionInfo::release_name()
}

/// Sets how many bytes of decoded blocks GDAL keeps for all open files together; its own default is 5 % of memory.
pub fn set_cache_bytes(bytes: usize) {
    init();
    // SAFETY: takes a number and touches only GDAL's own cache, which guards itself.
    unsafe { gdal_sys::GDALSetCacheMax64(i64::try_from(bytes).unwrap_or(i64::MAX)) }
}
