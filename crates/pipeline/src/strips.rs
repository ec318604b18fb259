//! Finished rows of a map, kept as files until the map is whole, so that a killed run goes on where it stopped.

use crate::{Error, Result};
use ecotone_core::Window;
use std::path::{Path, PathBuf};

/// What is kept of one pixel: class code, confidence, and one byte a class where probabilities are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Layers {
    /// Columns of the map.
    pub(crate) cols: usize,
    /// Bytes a pixel.
    pub(crate) count: usize,
}

/// A folder of strips that follow each other from the map's first row.
#[derive(Debug)]
pub(crate) struct Strips {
    folder: PathBuf,
    layers: Layers,
    /// First row and number of rows of each strip.
    kept: Vec<(usize, usize)>,
}

impl Strips {
    /// Opens the folder; strips of an earlier run are kept where `resume` says so and that run was the same `job`,
    /// else deleted.
    pub(crate) fn open(folder: &Path, layers: Layers, job: &str, resume: bool) -> Result<Self> {
        let note = folder.join("job.txt");
        let same = resume && std::fs::read_to_string(&note).is_ok_and(|before| before == job);
        if !same && folder.exists() {
            std::fs::remove_dir_all(folder)
                .map_err(|source| Error::WriteFile { path: folder.to_owned(), source })?;
        }
        std::fs::create_dir_all(folder)
            .map_err(|source| Error::WriteFile { path: folder.to_owned(), source })?;
        ecotone_io::write_atomic(&note, job)?;
        let mut strips = Self { folder: folder.to_owned(), layers, kept: Vec::new() };
        while let Some(rows) = strips.find(strips.next_row())? {
            strips.kept.push((strips.next_row(), rows));
        }
        Ok(strips)
    }

    /// The first row that no strip holds.
    pub(crate) fn next_row(&self) -> usize {
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
    pub(crate) fn push(&mut self, rows: usize, data: &[u8]) -> Result<()> {
        let first = self.next_row();
        ecotone_io::write_atomic(self.path(first), data)?;
        self.kept.push((first, rows));
        Ok(())
    }

    /// Every strip in order: its window of the map and its data `[layer, y, x]`.
    pub(crate) fn read(&self) -> impl Iterator<Item = Result<(Window, Vec<u8>)>> {
        self.kept.iter().map(|(first, rows)| {
            let path = self.path(*first);
            let data =
                std::fs::read(&path).map_err(|source| Error::ReadFile { what: "strip", path, source })?;
            Ok((Window::new(*first as i64, 0, *rows, self.layers.cols), data))
        })
    }

    /// Deletes the folder: the map is written.
    pub(crate) fn remove(self) -> Result<()> {
        std::fs::remove_dir_all(&self.folder).map_err(|source| Error::WriteFile { path: self.folder, source })
    }

    fn path(&self, first: usize) -> PathBuf {
        self.folder.join(format!("rows-{first:08}.bin"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strips_are_found_again_and_half_a_strip_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("strips");
        let layers = Layers { cols: 3, count: 2 };
        let mut strips = Strips::open(&folder, layers, "job", false).unwrap();
        strips.push(2, &[1; 12]).unwrap();
        strips.push(1, &[2; 6]).unwrap();
        std::fs::write(folder.join("rows-00000003.bin"), [3; 5]).unwrap();
        let again = Strips::open(&folder, layers, "job", true).unwrap();
        assert_eq!(again.next_row(), 3);
        let read: Vec<_> = again.read().map(Result::unwrap).collect();
        assert_eq!(read[1], (Window::new(2, 0, 1, 3), vec![2; 6]));
        assert_eq!(Strips::open(&folder, layers, "another job", true).unwrap().next_row(), 0);
    }
}
