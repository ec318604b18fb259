//! Opening a file or address with GDAL.

use crate::access::{gdal_name, unsigned_address};
use crate::{Error, Result, ffi};
use gdal::{Dataset, DatasetOptions, GdalOpenFlags};
use std::path::{Path, PathBuf};

/// How remote files are opened: their folder is not listed, which would cost a request a file, and each keeps a little of
/// what it fetched. Local files have the system's own cache. (Without its HEAD, `CPL_VSIL_CURL_USE_HEAD=NO`, GDAL 3.6 would ask for
/// each file as a whole and hang up.)
const REMOTE_OPTIONS: [(&str, &str); 4] = [
    ("GDAL_DISABLE_READDIR_ON_OPEN", "EMPTY_DIR"),
    ("VSI_CACHE", "TRUE"),
    ("VSI_CACHE_SIZE", "1000000"),
    (THREADS, "1"),
];

/// Set whatever the user has set: GDAL's own threads neither say why they failed nor, in some versions, that they did.
const THREADS: &str = "GDAL_NUM_THREADS";

/// Opens any dataset of GDAL.
pub(crate) fn open_dataset(path: &Path, kind: GdalOpenFlags) -> Result<Dataset> {
    ffi::init();
    let (location, remote) = vsi_path(path);
    let open_flags = kind | GdalOpenFlags::GDAL_OF_READONLY | GdalOpenFlags::GDAL_OF_VERBOSE_ERROR;
    let open = || Dataset::open_ex(&location, DatasetOptions { open_flags, ..DatasetOptions::default() });
    let opened = if remote { with_options(&REMOTE_OPTIONS, open) } else { open() };
    opened.map_err(|e| Error::Open { path: told(path), source: e.into() })
}

/// A location as it is told: without a signature.
pub(crate) fn told(path: &Path) -> PathBuf {
    path.to_str().map_or_else(|| path.to_owned(), |text| PathBuf::from(unsigned_address(text)))
}

/// Whether a file is asked for over a network.
pub(crate) fn is_remote(path: &Path) -> bool {
    vsi_path(path).1
}

/// Forgets what GDAL knows of a remote file, so that it is asked for again; of local files it keeps nothing that is not open.
pub(crate) fn forget(path: &Path) {
    ffi::init();
    if let (location, true) = vsi_path(path) {
        ffi::forget_remote(&location.to_string_lossy());
    }
}

/// Does something on this thread with options of GDAL's that nobody set yet, and with threads of ours alone.
fn with_options<T>(options: &[(&str, &str)], act: impl FnOnce() -> T) -> T {
    let unset = |key: &str| gdal::config::get_config_option(key, "").is_ok_and(|found| found.is_empty());
    let options: Vec<_> = options.iter().filter(|(key, _)| *key == THREADS || unset(key)).collect();
    for (key, value) in &options {
        if let Err(error) = gdal::config::set_thread_local_config_option(key, value) {
            tracing::debug!("gdal: option {key}: {error}");
        }
    }
    let done = act();
    for (key, _) in &options {
        if let Err(error) = gdal::config::clear_thread_local_config_option(key) {
            tracing::debug!("gdal: option {key}: {error}");
        }
    }
    done
}

/// GDAL's name for a location, and whether it is remote.
fn vsi_path(path: &Path) -> (PathBuf, bool) {
    let text = path.to_string_lossy();
    let rewritten = match text.split_once("://") {
        Some(("http" | "https", _)) => Some(gdal_name(&text)),
        Some(("s3", rest)) => Some(format!("/vsis3/{rest}")),
        Some(("gs", rest)) => Some(format!("/vsigs/{rest}")),
        Some(("az", rest)) => Some(format!("/vsiaz/{rest}")),
        Some(("file", rest)) => return (PathBuf::from(rest), false),
        _ => None,
    };
    let remote = ["/vsicurl", "/vsis3", "/vsigs", "/vsiaz"].iter().any(|prefix| text.starts_with(prefix));
    match rewritten {
        Some(vsi) => (PathBuf::from(vsi), true),
        None => (path.to_owned(), remote),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_become_paths_of_gdal() {
        let vsi = |text: &str| vsi_path(Path::new(text));
        assert_eq!(vsi("https://a.b/c.tif?x=1"), (PathBuf::from("/vsicurl/https://a.b/c.tif?x=1"), true));
        assert_eq!(vsi("s3://bucket/key.tif"), (PathBuf::from("/vsis3/bucket/key.tif"), true));
        assert_eq!(vsi("/vsizip/a.zip/b.tif"), (PathBuf::from("/vsizip/a.zip/b.tif"), false));
        assert_eq!(vsi("file:///a/b.tif"), (PathBuf::from("/a/b.tif"), false));
        assert_eq!(vsi("a/b.tif"), (PathBuf::from("a/b.tif"), false));
    }

    #[test]
    fn options_of_remote_files_hold_while_one_is_opened() {
        let option = |key: &str| gdal::config::get_config_option(key, "").unwrap();
        let seen = with_options(&[("ECOTONE_TEST_OPTION", "7")], || option("ECOTONE_TEST_OPTION"));
        assert_eq!((seen.as_str(), option("ECOTONE_TEST_OPTION").as_str()), ("7", ""));
        gdal::config::set_config_option(THREADS, "2").unwrap();
        let threads = with_options(&REMOTE_OPTIONS, || option(THREADS));
        assert_eq!(
            (threads.as_str(), option(THREADS).as_str()),
            ("1", "2"),
            "of remote files, and of others"
        );
        gdal::config::clear_config_option(THREADS).unwrap();
        assert!(open_dataset(Path::new("/none.tif"), GdalOpenFlags::GDAL_OF_RASTER).is_err());
        assert_eq!(
            option("VSI_CACHE"),
            std::env::var("VSI_CACHE").unwrap_or_default(),
            "local files have none"
        );
    }
}
