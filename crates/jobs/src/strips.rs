//! Finished rows of a map, kept as files until the map is whole, so that a killed run goes on where it stopped.

use crate::failed_scenes::FailedScenes;
use crate::manifest::write_json;
use crate::summary::Failure;
use crate::{Error, Result};
use ecotone_core::Window;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// The file beside strips that says what they follow from.
const NOTE: &str = "job.txt";

/// What is kept of one pixel: class code, confidence, and one byte a class where probabilities are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layers {
    /// Columns of the map.
    pub cols: usize,
    /// Bytes a pixel.
    pub count: usize,
}

/// What the rows of a map follow from, so that a resumed run mixes nothing.
#[derive(Debug, Clone)]
pub struct RowsOf {
    /// Each by its name.
    pub settings: Vec<(&'static str, String)>,
    /// The scenes' keys.
    pub scenes: Vec<String>,
}

impl RowsOf {
    /// A line each.
    fn to_text(&self) -> String {
        let line = |(name, value): (&str, &String)| format!("{name}: {}\n", value.replace('\n', " "));
        let settings = self.settings.iter().map(|(name, value)| (*name, value));
        settings.chain(self.scenes.iter().map(|scene| ("scene", scene))).map(line).collect()
    }

    /// Whether a folder holds rows that follow from the same; false where it holds none.
    ///
    /// # Errors
    /// When they follow from something else.
    pub fn is_noted(&self, folder: &Path) -> Result<bool> {
        let Ok(before) = std::fs::read_to_string(folder.join(NOTE)) else { return Ok(false) };
        match self.difference(&before) {
            Some(difference) => Err(Error::OtherRows { path: folder.to_owned(), difference }),
            None => Ok(true),
        }
    }

    /// Makes a folder for rows that follow from this.
    pub fn note(&self, folder: &Path) -> Result<()> {
        let failed = |source| Error::WriteFile { path: folder.to_owned(), source };
        std::fs::create_dir_all(folder).map_err(failed)?;
        Ok(ecotone_io::write_atomic(folder.join(NOTE), self.to_text())?)
    }

    /// What is not the same in an earlier text, if anything.
    fn difference(&self, before: &str) -> Option<String> {
        let now = self.to_text();
        if before == now {
            return None;
        }
        let lines = |text: &'_ str| text.lines().map(str::to_owned).collect::<Vec<String>>();
        let (before, now) = (lines(before), lines(&now));
        let first =
            |these: &[String], those: &[String]| these.iter().find(|line| !those.contains(line)).cloned();
        let scene = |line: &String| line.strip_prefix("scene: ").map(str::to_owned);
        Some(match (first(&before, &now), first(&now, &before)) {
            (Some(gone), _) if scene(&gone).is_some() => {
                format!("the scene {} was used and is not now", scene(&gone).unwrap_or_default())
            }
            (_, Some(new)) if scene(&new).is_some() => {
                format!("the scene {} was not used and is now", scene(&new).unwrap_or_default())
            }
            (_, Some(new)) => format!("with another {}", new.split(':').next().unwrap_or_default()),
            _ => "in another order of scenes".to_owned(),
        })
    }
}

/// A folder of strips that follow each other from the first row of a map or of a region of it, and the scenes that failed in their windows.
#[derive(Debug)]
pub struct Strips {
    folder: PathBuf,
    layers: Layers,
    /// First row and number of rows of each strip.
    kept: Vec<(usize, usize)>,
    /// In the windows of the strips that are kept.
    failed: FailedScenes,
    /// Since the last of them.
    since: Since,
}

/// Failures between one strip and the next, kept beside the later one.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Since {
    /// First row and column of the last window with a failure. Windows come row by row; one that is read again by a resumed
    /// run is not counted again.
    last: Option<(i64, i64)>,
    failed: FailedScenes,
}

impl Strips {
    /// Opens the folder; strips of an earlier run are kept where `resume` says so, else deleted.
    ///
    /// # Errors
    /// When the strips to go on with follow from something else, or cannot be read or written.
    pub fn open(folder: &Path, layers: Layers, job: &RowsOf, resume: bool) -> Result<Self> {
        if !(resume && job.is_noted(folder)?) {
            if folder.exists() {
                let failed = |source| Error::WriteFile { path: folder.to_owned(), source };
                std::fs::remove_dir_all(folder).map_err(failed)?;
            }
            job.note(folder)?;
        }
        let mut strips = Self {
            folder: folder.to_owned(),
            layers,
            kept: Vec::new(),
            failed: FailedScenes::default(),
            since: Since::default(),
        };
        while let Some(rows) = strips.find(strips.next_row())? {
            let first = strips.next_row();
            if let Some(Since { last, failed }) = strips.failures_of(first)? {
                strips.failed.merge(failed);
                strips.since.last = strips.since.last.max(last);
            }
            strips.kept.push((first, rows));
        }
        Ok(strips)
    }

    /// Counts the scenes that failed in a window, of which that are its first row and column.
    pub fn count(&mut self, row: i64, col: i64, mut failures: Vec<Failure>) {
        if self.since.last.is_some_and(|last| (row, col) <= last) {
            // Read again: what failed before is counted.
            failures.retain(|failure| !self.failed.holds(&failure.scene));
        }
        if !failures.is_empty() {
            self.since.last = self.since.last.max(Some((row, col)));
            self.since.failed.add(failures);
        }
    }

    /// The scenes that failed in any window so far, those before a resumption among them.
    pub fn failures(&self) -> FailedScenes {
        let mut all = self.failed.clone();
        all.merge(self.since.failed.clone());
        all
    }

    /// The first row that no strip holds.
    pub fn next_row(&self) -> usize {
        self.kept.last().map_or(0, |(first, rows)| first + rows)
    }

    /// Number of rows of the whole strip that begins at `row`, where there is one.
    fn find(&self, row: usize) -> Result<Option<usize>> {
        let path = self.path(row);
        match std::fs::metadata(&path) {
            Ok(data) => {
                let line = (self.layers.cols * self.layers.count) as u64;
                let whole = line > 0 && data.len() > 0 && data.len().is_multiple_of(line);
                Ok(whole.then(|| (data.len() / line) as usize))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(Error::ReadFile { what: "strip", path, source }),
        }
    }

    /// Keeps the next rows, `[layer, y, x]`.
    pub fn push(&mut self, rows: usize, data: &[u8]) -> Result<()> {
        let first = self.next_row();
        self.keep_failures(first)?;
        ecotone_io::write_atomic(self.path(first), data)?;
        self.kept.push((first, rows));
        Ok(())
    }

    /// Writes the failures since the strip before, so that they are there when this one is.
    fn keep_failures(&mut self, first: usize) -> Result<()> {
        let path = self.path_of_failures(first);
        if self.since.failed.is_empty() {
            // A run that was killed between the two files left one; its windows have been read again.
            return match std::fs::remove_file(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    Err(Error::WriteFile { path, source: error })
                }
                _ => Ok(()),
            };
        }
        write_json(&path, &self.since)?;
        self.failed.merge(std::mem::take(&mut self.since.failed));
        Ok(())
    }

    /// The failures beside the strip that begins at a row.
    fn failures_of(&self, first: usize) -> Result<Option<Since>> {
        let path = self.path_of_failures(first);
        match std::fs::read(&path) {
            Ok(text) => {
                let act = "reading";
                let since = serde_json::from_slice(&text);
                since.map(Some).map_err(|source| Error::Json { act, path, source })
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(Error::ReadFile { what: "failures of a strip", path, source }),
        }
    }

    /// Every strip in order: its window of the map and its data `[layer, y, x]`.
    pub fn read(&self) -> impl Iterator<Item = Result<(Window, Vec<u8>)>> {
        self.kept.iter().map(|(first, rows)| {
            let path = self.path(*first);
            let data =
                std::fs::read(&path).map_err(|source| Error::ReadFile { what: "strip", path, source })?;
            Ok((Window::new(*first as i64, 0, *rows, self.layers.cols), data))
        })
    }

    /// Deletes the folder: the map is written.
    pub fn remove(self) -> Result<()> {
        std::fs::remove_dir_all(&self.folder).map_err(|source| Error::WriteFile { path: self.folder, source })
    }

    fn path(&self, first: usize) -> PathBuf {
        self.folder.join(format!("rows-{first:08}.bin"))
    }

    fn path_of_failures(&self, first: usize) -> PathBuf {
        self.path(first).with_extension("json")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAYERS: Layers = Layers { cols: 3, count: 2 };

    fn job(model: &str, scenes: &[&str]) -> RowsOf {
        let scenes = scenes.iter().map(|scene| (*scene).to_owned()).collect();
        RowsOf { settings: vec![("model", model.to_owned()), ("grid", "a\nb".to_owned())], scenes }
    }

    #[test]
    fn strips_are_found_again_and_half_a_strip_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("strips");
        let open = |resume| Strips::open(&folder, LAYERS, &job("m", &["s"]), resume).unwrap();
        let mut strips = open(false);
        strips.push(2, &[1; 12]).unwrap();
        strips.push(1, &[2; 6]).unwrap();
        std::fs::write(folder.join("rows-00000003.bin"), [3; 5]).unwrap();
        let again = open(true);
        assert_eq!(again.next_row(), 3);
        let read: Vec<_> = again.read().map(Result::unwrap).collect();
        assert_eq!(read[1], (Window::new(2, 0, 1, 3), vec![2; 6]));
        assert_eq!(open(false).next_row(), 0);
    }

    #[test]
    fn strips_of_something_else_are_kept_and_refused() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("strips");
        let mut strips = Strips::open(&folder, LAYERS, &job("m", &["s1", "s2"]), false).unwrap();
        strips.push(2, &[1; 12]).unwrap();
        for (other, words) in [
            (job("m", &["s1"]), "the scene s2 was used and is not now"),
            (job("m", &["s0", "s1", "s2"]), "the scene s0 was not used and is now"),
            (job("m", &["s2", "s1"]), "in another order of scenes"),
            (job("n", &["s1", "s2"]), "with another model"),
        ] {
            let refused = Strips::open(&folder, LAYERS, &other, true).unwrap_err().to_string();
            assert!(refused.contains(words) && refused.contains("--force"), "{refused}");
        }
        assert_eq!(Strips::open(&folder, LAYERS, &job("m", &["s1", "s2"]), true).unwrap().next_row(), 2);
    }

    #[test]
    fn failures_of_a_killed_run_are_kept_and_counted_once() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("strips");
        let open = |resume| Strips::open(&folder, LAYERS, &job("m", &["s"]), resume).unwrap();
        let failed = |scenes: &[&str]| -> Vec<Failure> {
            let failure = |scene: &&str| Failure { scene: (*scene).to_owned(), reason: "cut".to_owned() };
            scenes.iter().map(failure).collect()
        };
        let told = |strips: &Strips| -> Vec<String> {
            strips.failures().list().iter().map(ToString::to_string).collect()
        };
        let mut killed = open(false);
        killed.count(0, 0, failed(&["a"]));
        killed.count(0, 8, failed(&["a", "b"]));
        killed.push(2, &[1; 12]).unwrap();
        // A failure that no strip came after is that of a window which is read again.
        killed.count(8, 0, failed(&["c"]));
        drop(killed);
        let mut resumed = open(true);
        assert_eq!(told(&resumed), ["a: cut (in 2 windows)", "b: cut"]);
        resumed.count(0, 8, failed(&["a", "b", "d"]));
        resumed.count(8, 0, failed(&["a"]));
        let all = ["a: cut (in 3 windows)", "b: cut", "d: cut"];
        assert_eq!(told(&resumed), all);
        resumed.push(1, &[1; 6]).unwrap();
        resumed.push(1, &[1; 6]).unwrap();
        assert_eq!(told(&resumed), all);
        assert_eq!(told(&open(true)), all);
    }
}
