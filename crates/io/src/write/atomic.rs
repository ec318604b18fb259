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
    Staged::write(path, bytes)?.name()
}

/// A file that is whole on the disk beside its place and waits for its name, so that of several files of one result none
/// stands before all are there. Dropped without a name, it is gone.
#[derive(Debug)]
pub struct Staged {
    path: PathBuf,
    partial: PathBuf,
}

impl Staged {
    /// Writes and flushes the file that is to be called `path`.
    ///
    /// # Errors
    /// As [`write_atomic`].
    pub fn write(path: impl AsRef<Path>, bytes: impl AsRef<[u8]>) -> Result<Self> {
        let path = path.as_ref().to_owned();
        let staged = Self { partial: partial_name(&path), path };
        let written = File::create(&staged.partial).and_then(|mut file| {
            file.write_all(bytes.as_ref())?;
            file.sync_all()
        });
        written.map_err(|source| staged.failed(source))?;
        Ok(staged)
    }

    /// Gives the file its name.
    ///
    /// # Errors
    /// When the folder can no longer be written.
    pub fn name(self) -> Result<()> {
        fs::rename(&self.partial, &self.path).map_err(|source| self.failed(source))?;
        sync_folder(&self.path)
    }

    fn failed(&self, source: std::io::Error) -> Error {
        Error::Io { act: "writing", path: self.path.clone(), source }
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        // It has its name, or failed: what cannot be removed is no further news.
        let _ = fs::remove_file(&self.partial);
    }
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
    fn a_file_that_waits_for_its_name_is_gone_without_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        drop(Staged::write(&path, "one").unwrap());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        let staged = Staged::write(&path, "two").unwrap();
        assert!(!path.exists());
        staged.name().unwrap();
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
