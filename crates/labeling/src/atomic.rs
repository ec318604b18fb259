//! Files that appear under their names only when whole.

use crate::{Error, Result};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

/// Writes a whole file beside its place, flushes it to the disk, and only then gives it its name.
pub(crate) fn write_atomic(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".partial");
    let partial = path.with_file_name(name);
    let written = File::create(&partial).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&partial, path)?;
        flush_names(path)
    });
    written.map_err(|source| {
        // The write has failed already: what cannot be removed is no further news.
        let _ = fs::remove_file(&partial);
        Error::Io { act: "writing", path: path.to_owned(), source }
    })
}

/// Flushes the names of a file's folder to the disk, so that a rename outlives a power cut.
fn flush_names(path: &Path) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if cfg!(unix) { File::open(folder.unwrap_or(Path::new(".")))?.sync_all() } else { Ok(()) }
}
