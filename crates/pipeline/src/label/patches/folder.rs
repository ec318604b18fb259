//! The folder of patches: claimed once, gone on with, or emptied of what an earlier job wrote and of nothing else.

use super::{PatchesJob, write_settings};
use crate::run_folder::{Existing, RunFolder};
use crate::{Error, Result};
use ecotone_core::Window;
use std::path::{Path, PathBuf};

const FOLDERS: [&str; 2] = ["images", "labels"];
const FILES: [&str; 3] = ["patches.csv", "patches.json", "legend.csv"];

/// A claimed folder.
pub(super) struct PatchFolder {
    run: RunFolder,
    resumed: bool,
}

impl PatchFolder {
    pub(super) fn claim(job: &PatchesJob) -> Result<Self> {
        let root = &job.out;
        let held = root.join("patches.json").exists();
        match job.existing {
            Existing::Refuse if held => return Err(Error::RunExists { path: root.clone() }),
            Existing::Replace => clear(root)?,
            _ => {}
        }
        let run = RunFolder::claim(root, job.existing)?;
        let resumed = held && job.existing == Existing::Resume;
        // A recipe that an earlier job left before it had patches binds nobody.
        let before = run.file("recipe.toml");
        if resumed && before.exists() {
            compare(&before, &job.recipe.to_toml()?, root)?;
        } else {
            ecotone_io::write_atomic(&before, job.recipe.to_toml()?)?;
        }
        Ok(Self { run, resumed })
    }

    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.run.file(name)
    }

    pub(super) fn image(&self, window: Window) -> PathBuf {
        self.file("images").join(name(window))
    }

    pub(super) fn label(&self, window: Window) -> PathBuf {
        self.file("labels").join(name(window))
    }

    /// Makes the folders of the pairs, and writes patches.json or sees that the resumed job had the same.
    pub(super) fn keep_settings(&self, settings: &serde_json::Value) -> Result<()> {
        for name in FOLDERS {
            let path = self.file(name);
            std::fs::create_dir_all(&path).map_err(|source| Error::WriteFile { path, source })?;
        }
        let path = self.file("patches.json");
        if self.resumed {
            let now = format!("{settings:#}\n");
            return compare(&path, &now, self.run.root());
        }
        write_settings(&path, settings)
    }
}

/// The name of a patch: its first row and column on the grid of the labels.
pub(super) fn name(window: Window) -> String {
    format!("{:06}_{:06}.tif", window.row, window.col)
}

fn compare(path: &Path, now: &str, root: &Path) -> Result<()> {
    let before = std::fs::read_to_string(path).map_err(|source| Error::ReadFile {
        what: "settings",
        path: path.to_owned(),
        source,
    })?;
    let differs = before.lines().zip(now.lines()).find(|(before, now)| before != now);
    match differs {
        None if before.lines().count() == now.lines().count() => Ok(()),
        other => {
            let (before, now) = other.unwrap_or(("shorter or longer", ""));
            let split = |line: &str| {
                line.trim()
                    .trim_end_matches(',')
                    .split_once([':', '='])
                    .map(|(key, value)| (key.trim().trim_matches('"').to_owned(), value.trim().to_owned()))
            };
            let (key, before) =
                split(before).unwrap_or_else(|| ("settings".to_owned(), before.trim().to_owned()));
            let now = split(now).map_or_else(|| now.trim().to_owned(), |(_, value)| value);
            Err(Error::OtherRecipe { path: root.to_owned(), key, before, now })
        }
    }
}

/// Deletes what a job left: files of known names, and patches by the pattern of theirs.
fn clear(root: &Path) -> Result<()> {
    let remove = |path: PathBuf| match path.is_file() {
        true => std::fs::remove_file(&path).map_err(|source| Error::WriteFile { path, source }),
        false => Ok(()),
    };
    for name in FILES {
        remove(root.join(name))?;
    }
    for folder in FOLDERS.map(|name| root.join(name)).iter().filter(|folder| folder.is_dir()) {
        let entries = std::fs::read_dir(folder).map_err(|source| Error::ReadFile {
            what: "folder",
            path: folder.clone(),
            source,
        })?;
        for entry in entries.flatten() {
            if is_patch(&entry.file_name().to_string_lossy()) {
                remove(entry.path())?;
            }
        }
    }
    Ok(())
}

fn is_patch(name: &str) -> bool {
    let stem = name.strip_suffix(".aux.xml").unwrap_or(name).strip_suffix(".tif");
    let numbers = stem.and_then(|stem| stem.split_once('_'));
    let digits = |text: &str| text.len() >= 6 && text.bytes().all(|byte| byte.is_ascii_digit());
    numbers.is_some_and(|(row, col)| digits(row) && digits(col))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_patches_are_taken_for_patches() {
        assert!(is_patch(&name(Window::new(256, 1_000_000, 1, 1))) && is_patch("000000_000064.tif.aux.xml"));
        for other in ["notes.txt", "000000_000064.png", "a_b.tif", "000000.tif", "1_2.tif"] {
            assert!(!is_patch(other), "{other}");
        }
    }
}
