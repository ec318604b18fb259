//! What is set once a process.

use super::heard;
use crate::Patience;
use crate::access::without_secrets;
use crate::patience::patience;
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
            heard::note(class, message);
            let message = without_secrets(message);
            match class {
                // A failure comes back to the caller as an error too, and many are only GDAL looking around.
                CplErrType::Failure | CplErrType::Fatal => tracing::debug!(number, "gdal: {message}"),
                CplErrType::Warning if message.contains("Retrying again") => {
                    tracing::debug!(number, "gdal: {message}")
                }
                CplErrType::Warning => tracing::warn!(number, "gdal: {message}"),
                CplErrType::None | CplErrType::Debug => tracing::trace!(number, "gdal: {message}"),
            }
        });
        for (key, value) in limits(&patience()) {
            let set = config::get_config_option(key, "").is_ok_and(|found| !found.is_empty());
            if !set && let Err(error) = config::set_config_option(key, &value) {
                tracing::warn!("gdal: option {key}: {error}");
            }
        }
    });
}

/// How long GDAL itself waits for servers. It has no limit on silence of its own. Trying again is ours
/// (`raster/tries.rs`): GDAL does not where an answer is cut, and repeats each of the dozen requests that a window which
/// fails makes. It tries once, since that is when it tells the status. A limit on whole requests (`GDAL_HTTP_TIMEOUT`) would
/// end large ones over slow lines.
fn limits(patience: &Patience) -> [(&'static str, String); 5] {
    /// Bytes a second that are as good as none.
    const SILENCE: u32 = 100;
    [
        ("GDAL_HTTP_CONNECTTIMEOUT", patience.connect.as_secs_f64().to_string()),
        ("GDAL_HTTP_LOW_SPEED_TIME", patience.stall.as_secs().max(1).to_string()),
        ("GDAL_HTTP_LOW_SPEED_LIMIT", SILENCE.to_string()),
        ("GDAL_HTTP_MAX_RETRY", "1".to_owned()),
        ("GDAL_HTTP_RETRY_DELAY", (patience.first_wait.as_secs_f64() / 4.0).to_string()),
    ]
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
