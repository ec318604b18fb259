//! The series at some pixels, read by the windows that hold one.

use super::pixels::PixelSeries;
use crate::Result;
use ecotone_core::Window;
use ecotone_jobs::{Failure, Progress};

/// A pixel of the map's grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Pixel {
    pub(crate) row: i64,
    pub(crate) col: i64,
}

impl Pixel {
    /// The window of this pixel alone.
    pub(crate) const fn window(self) -> Window {
        Window::new(self.row, self.col, 1, 1)
    }
}

/// What is known of some pixels.
pub(crate) struct AtPixels {
    /// Features of each pixel; `None` where no scene saw it.
    pub(crate) features: Vec<Option<Vec<f32>>>,
    /// Scenes that failed, each once.
    pub(crate) failures: Vec<Failure>,
}

/// Reads the series of pixels. Only windows with a pixel are read, and of them the rectangle around their pixels: memory
/// is bounded by a window and what is given back.
///
/// # Errors
/// When the heights cannot be read; scenes that fail are listed.
pub(crate) fn at_pixels(series: &PixelSeries, pixels: &[Pixel], progress: &dyn Progress) -> Result<AtPixels> {
    let mut order: Vec<usize> = (0..pixels.len()).collect();
    order.sort_unstable_by_key(|place| pixels[*place]);
    let inside = |window: Window| -> Vec<usize> {
        let above = |row: i64| order.partition_point(|place| pixels[*place].row < row);
        let rows = &order[above(window.row)..above(window.row_end())];
        let cols = window.col..window.col_end();
        rows.iter().copied().filter(|place| cols.contains(&pixels[*place].col)).collect()
    };
    let windows: Vec<Vec<usize>> =
        series.windows().into_iter().map(inside).filter(|inside| !inside.is_empty()).collect();
    let mut found = AtPixels { features: vec![None; pixels.len()], failures: series.series().failures() };
    progress.begin("read", windows.len() as u64, "windows");
    for places in windows {
        let window = around(places.iter().map(|place| pixels[*place]));
        let rows = series.read(window)?;
        for place in places {
            let at = pixels[place].window().relative_to(window);
            let row = at.row as usize * window.cols + at.col as usize;
            found.features[place] = rows.seen[row].then(|| rows.features.row(row).to_vec());
        }
        for failure in rows.failures {
            if !found.failures.iter().any(|known| known.scene == failure.scene) {
                found.failures.push(failure);
            }
        }
        progress.advance(1, "");
    }
    progress.end();
    Ok(found)
}

/// The smallest window around some pixels; there is one at least.
fn around(pixels: impl Iterator<Item = Pixel>) -> Window {
    let (mut first, mut last) =
        (Pixel { row: i64::MAX, col: i64::MAX }, Pixel { row: i64::MIN, col: i64::MIN });
    for Pixel { row, col } in pixels {
        first = Pixel { row: first.row.min(row), col: first.col.min(col) };
        last = Pixel { row: last.row.max(row), col: last.col.max(col) };
    }
    let extent = |first: i64, last: i64| (last - first + 1) as usize;
    Window::new(first.row, first.col, extent(first.row, last.row), extent(first.col, last.col))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_around_pixels_holds_them_and_no_more() {
        let pixel = |row, col| Pixel { row, col };
        assert_eq!(around([pixel(5, 9)].into_iter()), Window::new(5, 9, 1, 1));
        assert_eq!(around([pixel(5, 9), pixel(2, 11)].into_iter()), Window::new(2, 9, 4, 3));
    }
}
