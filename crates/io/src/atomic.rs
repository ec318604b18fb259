//! Files that appear under their names only when whole.

use crate::{Error, Result};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Writes a whole file beside its place, flushes it to the disk, and only then gives it its name.
///
/// What a killed run left behind, `.NAME.partial`, is overwritten by the next one.
///
/// # Errors
/// When the folder cannot be written or the disk is full; nothing then stands under `path` that was not there before.
pub fn write_atomic(path: impl AsRef<Path>, bytes: impl AsRef<[u8]>) -> Result<()> {
    let path = path.as_ref();
    let partial = partial_name(path);
    let written = (|| {
        let mut file = File::create(&partial)?;
        file.write_all(bytes.as_ref())?;
        file.sync_all()?;
        fs::rename(&partial, path)
    })();
    written.map_err(|source| {
        // The write has failed already: what cannot be removed is no further news.
        let _ = fs::remove_file(&partial);
        Error::Io { act: "writing", path: path.to_owned(), source }
    })?;
    sync_folder(path)
}

/// `.NAME.partial` beside `path`: a hidden name that tells whose it is.
pub(crate) fn partial_name(path: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".partial");
    path.with_file_name(name)
}

/// Flushes a finished file to the disk.
pub(crate) fn sync_file(path: &Path) -> std::io::Result<()> {
    File::open(path)?.sync_all()
}

/// Flushes a folder's names to the disk, so that a rename outlives a power cut.
pub(crate) fn sync_folder(path: &Path) -> Result<()> {
    let parent = folder_of(path);
    if cfg!(unix) {
        sync_file(&parent).map_err(|source| Error::Io { act: "flushing", path: parent, source })?;
    }
    Ok(())
}

/// The folder that holds `path`.
pub(crate) fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_nothing_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        fs::write(partial_name(&path), "half a fi").unwrap();
        write_atomic(&path, "one").unwrap();
        write_atomic(&path, "two").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "two");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_missing_folder_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let error = write_atomic(folder.path().join("no/a.json"), "x").unwrap_err();
        assert!(
            error.to_string().starts_with("writing ") && error.to_string().ends_with("no/a.json"),
            "{error}"
        );
    }
}
