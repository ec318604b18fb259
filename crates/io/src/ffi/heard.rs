//! What GDAL said on this thread: its own state keeps the last message only, and not what it makes do without.

use gdal::errors::CplErrType;
use std::cell::RefCell;

thread_local! {
    static HEARD: RefCell<Option<Heard>> = const { RefCell::new(None) };
}

/// What was said while [`listen`] ran.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Heard {
    /// The first thing that could not be read, be it that GDAL goes on without it: a cut answer costs a file its overviews,
    /// or a tag, and no more.
    pub(crate) unread: Option<String>,
    /// The last status of HTTP that it named.
    pub(crate) status: Option<u16>,
    /// Whether it was said that a server keeps the file from us, or that it is none.
    pub(crate) refused: bool,
}

/// Does something and gives what GDAL said meanwhile on this thread. Who listens around it hears what servers said, but not
/// what could not be read: that may have been made good.
pub(crate) fn listen<T>(act: impl FnOnce() -> T) -> (T, Heard) {
    let before = HEARD.replace(Some(Heard::default()));
    let done = act();
    let heard = HEARD.take().unwrap_or_default();
    HEARD.set(before.map(|before| Heard {
        status: heard.status.or(before.status),
        refused: heard.refused || before.refused,
        ..before
    }));
    (done, heard)
}

/// Takes note of a message.
pub(super) fn note(class: CplErrType, message: &str) {
    HEARD.with_borrow_mut(|heard| {
        if let Some(heard) = heard {
            heard.note(matches!(class, CplErrType::Failure | CplErrType::Fatal), message);
        }
    });
}

impl Heard {
    fn note(&mut self, failure: bool, message: &str) {
        /// Of libtiff, of its reader in GDAL, and of curl.
        const UNREAD: [&str; 6] =
            ["io error", "read error", "can not read", "ireadblock", "curl error", "http "];
        /// Of S3, and of GDAL where it misses a key.
        const REFUSED: [&str; 5] = [
            "accessdenied",
            "invalidcredentials",
            "invalidaccesskeyid",
            "signaturedoesnotmatch",
            "range downloading not supported",
        ];
        self.status = status(message).or(self.status);
        let text = message.to_ascii_lowercase();
        self.refused |= REFUSED.iter().any(|words| text.contains(words));
        // A try that GDAL makes again by itself is a warning; so is a tag that it does without.
        let left_out = text.contains("io error");
        if (failure || left_out) && UNREAD.iter().any(|words| text.contains(words)) {
            self.unread.get_or_insert_with(|| message.to_owned());
        }
    }
}

/// The status in `HTTP response code: 404` or `HTTP error code: 503 - …`.
fn status(message: &str) -> Option<u16> {
    let (_, rest) = message.split_once("HTTP ")?;
    let (_, code) = rest.split_once("code")?;
    code.trim_start_matches([' ', ':']).get(..3)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(failure: bool, message: &str, unread: bool, status: Option<u16>, refused: bool) {
        let mut heard = Heard::default();
        heard.note(failure, message);
        assert_eq!(
            (heard.unread.is_some(), heard.status, heard.refused),
            (unread, status, refused),
            "{message}"
        );
    }

    #[test]
    fn what_is_said_of_servers() {
        check(true, "HTTP response code: 403", true, Some(403), false);
        check(
            false,
            "HTTP error code: 429 - http://a/b.tif. Retrying again in 0.2 secs",
            false,
            Some(429),
            false,
        );
        check(
            true,
            "TIFFFetchDirectory:/vsicurl/http://a/b.tif: Can not read TIFF directory",
            true,
            None,
            false,
        );
        check(
            false,
            "TIFFReadDirectory:IO error during reading of \"GDAL_NODATA\"; tag ignored",
            true,
            None,
            false,
        );
        check(true, "AccessDenied: no", false, None, true);
        check(true, "PROJ: a grid is missing", false, None, false);
    }
}
