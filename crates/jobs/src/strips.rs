//! Finished rows of a map, kept as files until the map is whole, so that a killed run goes on where it stopped.

use crate::{Error, Result};
use ecotone_core::Window;
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

/// A folder of strips that follow each other from the first row of a map or of a region of it.
#[derive(Debug)]
pub struct Strips {
    folder: PathBuf,
    layers: Layers,
    /// First row and number of rows of each strip.
    kept: Vec<(usize, usize)>,
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
        let mut strips = Self { folder: folder.to_owned(), layers, kept: Vec::new() };
        while let Some(rows) = strips.find(strips.next_row())? {
            let first = strips.next_row();
            strips.kept.push((first, rows));
        }
        Ok(strips)
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
        ecotone_io::write_atomic(self.path(first), data)?;
        self.kept.push((first, rows));
        Ok(())
    }

    /// Puts other values into the rows that are kept: `data`, `[layer, y, x]`, over a window of them.
    ///
    /// # Errors
    /// When a strip cannot be read or written.
    pub fn patch(&self, window: Window, data: &[u8]) -> Result<()> {
        let Layers { cols, .. } = self.layers;
        for (first, rows) in &self.kept {
            let strip = Window::new(*first as i64, 0, *rows, cols);
            let Some(shared) = strip.intersection(window) else { continue };
            let path = self.path(*first);
            let mut kept = std::fs::read(&path).map_err(|source| Error::ReadFile {
                what: "strip",
                path: path.clone(),
                source,
            })?;
            let (to, from) = (shared.relative_to(strip), shared.relative_to(window));
            let layers =
                kept.chunks_exact_mut(strip.shape().len()).zip(data.chunks_exact(window.shape().len()));
            for (kept, new) in layers {
                for row in 0..shared.rows {
                    let kept = &mut kept[(to.row as usize + row) * cols + to.col as usize..][..shared.cols];
                    let new = &new[(from.row as usize + row) * window.cols + from.col as usize..];
                    kept.copy_from_slice(&new[..shared.cols]);
                }
            }
            ecotone_io::write_atomic(path, kept)?;
        }
        Ok(())
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
    fn a_window_is_put_into_the_strips_that_it_lies_in_and_nowhere_else() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("strips");
        let mut strips = Strips::open(&folder, LAYERS, &job("m", &["s"]), false).unwrap();
        strips.push(2, &[1; 12]).unwrap();
        strips.push(1, &[2; 6]).unwrap();
        // Rows 1 and 2, columns 1 and 2: the last row of the first strip and the second strip.
        strips.patch(Window::new(1, 1, 2, 2), &[5, 6, 7, 8, 50, 60, 70, 80]).unwrap();
        let read: Vec<Vec<u8>> = strips.read().map(|strip| strip.unwrap().1).collect();
        assert_eq!(read, [vec![1, 1, 1, 1, 5, 6, 1, 1, 1, 1, 50, 60], vec![2, 7, 8, 2, 70, 80]]);
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
}
