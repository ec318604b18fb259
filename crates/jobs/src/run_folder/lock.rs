//! One writer a folder: a lock of the operating system on a file in it, which ends with the process, however that ends.

use crate::{Error, Result};
use chrono::{SecondsFormat, Utc};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// The file that is locked. It goes with the lock; what a killed process left of it means nothing.
pub(super) const NAME: &str = ".ecotone.lock";

/// A held lock; freed when dropped.
#[derive(Debug)]
pub(super) struct Lock {
    path: PathBuf,
    _file: File,
}

impl Lock {
    /// Takes the lock of a folder, and notes in it who holds it.
    ///
    /// A file system without locks (some mounts of NFS) is no reason not to work: it is told, and nothing is locked.
    ///
    /// # Errors
    /// When another process holds it, or this one here did and still does; or the folder cannot be written to.
    pub(super) fn take(root: &Path) -> Result<Self> {
        let path = root.join(NAME);
        let failed = |source| Error::WriteFile { path: root.to_owned(), source };
        loop {
            let open = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
            let mut file = open.map_err(failed)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    return Err(Error::FolderInUse { path: root.to_owned(), holder: holder(file) });
                }
                Err(TryLockError::Error(error)) => {
                    let folder = root.display();
                    tracing::warn!(%folder, "cannot be locked: see that no other run writes to it ({error})");
                }
            }
            // Else it was that of a run which ended between the two steps, and removed it.
            if is_at(&file, &path) {
                let note = file.set_len(0).and_then(|()| file.write_all(this_process().as_bytes()));
                note.map_err(failed)?;
                return Ok(Self { path, _file: file });
            }
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // While it is still held, so that it is nobody else's. One that stays does no harm.
        if let Err(error) = std::fs::remove_file(&self.path) {
            tracing::debug!(path = %self.path.display(), %error, "the lock is not removed");
        }
    }
}

/// Whether an open file is the one that has a name.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let place = |data: &std::fs::Metadata| (data.dev(), data.ino());
    matches!((file.metadata(), path.metadata()), (Ok(file), Ok(path)) if place(&file) == place(&path))
}

/// Whether an open file is the one that has a name: elsewhere a name is not free before the file is closed.
#[cfg(not(unix))]
fn is_at(_file: &File, path: &Path) -> bool {
    path.exists()
}

fn this_process() -> String {
    let host = sysinfo::System::host_name().unwrap_or_else(|| "an unnamed host".to_owned());
    let now = Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true);
    format!("process {} on {host}, since {now}", std::process::id())
}

/// What the holder noted; not to be read where a lock keeps readers out, too, or in the moment before it is written.
fn holder(mut file: File) -> String {
    let mut text = String::new();
    match file.read_to_string(&mut text) {
        Ok(_) if !text.is_empty() => text,
        _ => "another process".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_one_writer_until_it_ends() {
        let dir = tempfile::tempdir().unwrap();
        let first = Lock::take(dir.path()).unwrap();
        let refused = Lock::take(dir.path()).unwrap_err().to_string();
        let expected = format!("{} is in use by process {} on ", dir.path().display(), std::process::id());
        assert!(refused.starts_with(&expected) && refused.contains(", since 2"), "{refused}");
        drop(first);
        assert!(!dir.path().join(NAME).exists(), "nothing is left of it");
        std::fs::write(dir.path().join(NAME), "process 1 on another host, that was killed").unwrap();
        Lock::take(dir.path()).unwrap();
    }
}
