//! The regions of a map that hold its areas, each with its finished rows: ground between them is neither kept nor written.

use crate::strips::{Layers, RowsOf, Strips};
use crate::{Error, Result};
use ecotone_core::{Shape2d, Window};
use std::path::Path;

/// A region and the strips of its rows.
#[derive(Debug)]
pub struct Region {
    window: Window,
    strips: Strips,
}

impl Region {
    /// Opens the strips of some regions of a map, `count` bytes a pixel: in the folder itself where one is the whole map, else
    /// in a folder each. What an earlier run left is kept where `resume` says so.
    ///
    /// # Errors
    /// As [`Strips::open`].
    pub fn open_all(
        folder: &Path,
        windows: Vec<Window>,
        map: Shape2d,
        count: usize,
        job: &RowsOf,
        resume: bool,
    ) -> Result<Vec<Self>> {
        let whole = windows == [Window::whole(map)];
        let mut job = job.clone();
        job.settings.push(("spread of regions", if whole { String::new() } else { format!("{windows:?}") }));
        // One note for all of them: rows of other areas are refused, though no region of theirs is one of these.
        let resume = resume && job.is_noted(folder)?;
        if !resume {
            clear(folder)?;
            job.note(folder)?;
        }
        let open = |window: Window| {
            let own = match whole {
                true => folder.to_owned(),
                false => folder.join(format!("region-{:08}-{:08}", window.row, window.col)),
            };
            let strips = Strips::open(&own, Layers { cols: window.cols, count }, &job, resume)?;
            Ok(Self { window, strips })
        };
        windows.into_iter().map(open).collect()
    }

    /// Where it lies on the map.
    pub const fn window(&self) -> Window {
        self.window
    }

    /// The strips of its rows, counted from its first.
    pub const fn strips_mut(&mut self) -> &mut Strips {
        &mut self.strips
    }

    /// What of it no strip holds yet; `None` where all is done.
    pub fn rest(&self) -> Option<Window> {
        let Window { row, col, rows, cols } = self.window;
        let done = self.strips.next_row();
        (done < rows).then(|| Window::new(row + done as i64, col, rows - done, cols))
    }

    /// Puts other values into its finished rows: `data`, `[layer, y, x]`, over a window of the map that it holds.
    ///
    /// # Errors
    /// As [`Strips::patch`].
    pub fn patch(&self, window: Window, data: &[u8]) -> Result<()> {
        self.strips.patch(window.relative_to(self.window), data)
    }

    /// Its strips in order: their windows of the map and their data `[layer, y, x]`.
    pub fn read(&self) -> impl Iterator<Item = Result<(Window, Vec<u8>)>> {
        self.strips.read().map(|strip| {
            let (window, data) = strip?;
            Ok((Window::new(self.window.row + window.row, self.window.col, window.rows, window.cols), data))
        })
    }

    /// Deletes the strips of all: the map is written.
    pub fn remove_all(folder: &Path, regions: Vec<Self>) -> Result<()> {
        regions.into_iter().try_for_each(|region| region.strips.remove())?;
        clear(folder)
    }
}

/// Deletes a folder, if there is one.
fn clear(folder: &Path) -> Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::WriteFile { path: folder.to_owned(), source })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_region_goes_on_where_it_stopped_and_keeps_its_own_pixels_alone() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("strips");
        // A map of 10^10 pixels.
        let map = Shape2d::new(100_000, 100_000);
        let windows = vec![Window::new(0, 0, 3, 2), Window::new(99_990, 99_996, 10, 4)];
        let try_open = |model: &str, resume| {
            let job = RowsOf { settings: vec![("model", model.to_owned())], scenes: Vec::new() };
            Region::open_all(&folder, windows.clone(), map, 2, &job, resume)
        };
        let open = |model, resume| try_open(model, resume).unwrap();
        let mut regions = open("job", false);
        regions[0].strips_mut().push(3, &[1; 12]).unwrap();
        regions[1].strips_mut().push(4, &[2; 32]).unwrap();
        let again = open("job", true);
        let rest: Vec<_> = again.iter().map(Region::rest).collect();
        assert_eq!(rest, [None, Some(Window::new(99_994, 99_996, 6, 4))]);
        let read: Vec<_> = again[1].read().map(Result::unwrap).collect();
        assert_eq!(read, [(Window::new(99_990, 99_996, 4, 4), vec![2; 32])]);
        try_open("another job", true).unwrap_err();
        let job = RowsOf { settings: vec![("model", "job".to_owned())], scenes: Vec::new() };
        for other in [vec![Window::whole(map)], vec![windows[0]], vec![Window::new(0, 0, 6, 4), windows[1]]] {
            Region::open_all(&folder, other, map, 2, &job, true).unwrap_err();
        }
        assert_eq!(open("job", true)[1].rest(), rest[1], "what was refused is kept");
        Region::remove_all(&folder, open("job", false)).unwrap();
        assert!(!folder.exists());
    }
}
