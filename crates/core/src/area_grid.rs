//! A grid of which only some windows are known, and planes that hold their pixels and no others.

use crate::{Error, Result, Shape2d, Window};
use std::ops::Range;

/// Areas on a grid: windows of which none shares a pixel with another.
///
/// A *plane* over them has a value for each of their pixels and for nothing between them: area after area, each
/// `[y, x]`. However large the grid around the areas, a plane is as long as the areas have pixels. Where one area is
/// the whole grid, it is the usual `[y, x]`.
///
/// ```
/// use ecotone_core::{AreaGrid, Shape2d, Window};
///
/// let corners = vec![Window::new(99_998, 99_997, 2, 3), Window::new(0, 0, 2, 2)];
/// let areas = AreaGrid::new(Shape2d::new(100_000, 100_000), corners)?;
/// assert_eq!(areas.len(), 10);
/// assert_eq!(areas.place(0, 1), Some(1));
/// assert_eq!(areas.place(99_999, 99_999), Some(9));
/// assert_eq!(areas.place(50_000, 50_000), None);
/// # Ok::<(), ecotone_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AreaGrid {
    shape: Shape2d,
    /// In order of place.
    areas: Vec<Window>,
    /// Where each area begins in a plane, and the length of a plane.
    starts: Vec<usize>,
}

impl From<Shape2d> for AreaGrid {
    /// The whole grid as one area.
    fn from(shape: Shape2d) -> Self {
        Self::of(shape, vec![Window::whole(shape)])
    }
}

impl AreaGrid {
    /// The areas under some windows; those that share pixels become the smallest one around them.
    ///
    /// # Errors
    /// When a window does not lie wholly in the grid.
    pub fn new(shape: Shape2d, windows: Vec<Window>) -> Result<Self> {
        let Shape2d { rows, cols } = shape;
        match windows.iter().find(|window| !Window::whole(shape).contains(**window)) {
            Some(window) => Err(Error::Outside { window: *window, rows, cols }),
            None => Ok(Self::of(shape, apart(windows))),
        }
    }

    fn of(shape: Shape2d, areas: Vec<Window>) -> Self {
        let mut starts = vec![0];
        starts.extend(areas.iter().scan(0, |end, area| {
            *end += area.shape().len();
            Some(*end)
        }));
        Self { shape, areas, starts }
    }

    /// Size of the grid around the areas.
    pub const fn shape(&self) -> Shape2d {
        self.shape
    }

    /// The areas, in order of place.
    pub fn areas(&self) -> &[Window] {
        &self.areas
    }

    /// Pixels of all areas: the length of a plane.
    pub fn len(&self) -> usize {
        self.starts[self.areas.len()]
    }

    /// True where the areas have no pixel.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Where the pixels of an area lie in a plane.
    ///
    /// # Panics
    /// When there is no such area.
    pub fn part(&self, area: usize) -> Range<usize> {
        self.starts[area]..self.starts[area + 1]
    }

    /// The areas, each with its part of a plane.
    ///
    /// # Panics
    /// When the plane is too short.
    pub fn parts<'a, T>(&'a self, plane: &'a [T]) -> impl Iterator<Item = (Window, &'a [T])> {
        self.areas.iter().enumerate().map(|(area, window)| (*window, &plane[self.part(area)]))
    }

    /// Row and column of every pixel of the areas, in the order of a plane.
    pub fn pixels(&self) -> impl Iterator<Item = (usize, usize)> {
        self.areas.iter().flat_map(|area| {
            let cols = area.col as usize..area.col_end() as usize;
            (area.row as usize..area.row_end() as usize)
                .flat_map(move |row| cols.clone().map(move |col| (row, col)))
        })
    }

    /// The number of the area that holds a window wholly; `None` where none does.
    pub fn area_of(&self, window: Window) -> Option<usize> {
        let mut above = self.areas.iter().take_while(|area| area.row <= window.row);
        above.position(|area| area.contains(window))
    }

    /// The place of a pixel in a plane; `None` where it lies in no area.
    pub fn place(&self, row: usize, col: usize) -> Option<usize> {
        let pixel = Window::new(row as i64, col as i64, 1, 1);
        self.rows(pixel).map(|(start, _)| start)
    }

    /// Where the first row of a window that an area holds begins in a plane, and from there how far it is from a row to
    /// the next; `None` where no area holds the window.
    pub fn rows(&self, window: Window) -> Option<(usize, usize)> {
        let area = self.area_of(window)?;
        let (outer, inner) = (self.areas[area], window.relative_to(self.areas[area]));
        Some((self.starts[area] + inner.row as usize * outer.cols + inner.col as usize, outer.cols))
    }

    /// The values of a window that an area holds, `[y, x]`; `None` where none does.
    ///
    /// # Panics
    /// When the plane is too short.
    pub fn cut<T: Copy>(&self, plane: &[T], window: Window) -> Option<Vec<T>> {
        let (start, step) = self.rows(window)?;
        let line = |row: usize| plane[start + row * step..][..window.cols].iter().copied();
        Some((0..window.rows).flat_map(line).collect())
    }
}

/// Windows that meet as the smallest one around them, until none does.
fn apart(windows: Vec<Window>) -> Vec<Window> {
    let mut apart: Vec<Window> = Vec::with_capacity(windows.len());
    for mut window in windows {
        while let Some(met) = apart.iter().position(|other| other.intersection(window).is_some()) {
            window = around(apart.swap_remove(met), window);
        }
        apart.push(window);
    }
    apart.sort();
    apart
}

fn around(a: Window, b: Window) -> Window {
    let (row, col) = (a.row.min(b.row), a.col.min(b.col));
    let (row_end, col_end) = (a.row_end().max(b.row_end()), a.col_end().max(b.col_end()));
    Window::new(row, col, (row_end - row) as usize, (col_end - col) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SHAPE: Shape2d = Shape2d::new(60, 50);

    fn windows() -> impl Strategy<Value = Vec<Window>> {
        let window =
            (0i64..45, 0i64..35, 1usize..15, 1usize..15).prop_map(|(r, c, h, w)| Window::new(r, c, h, w));
        proptest::collection::vec(window, 1..8)
    }

    proptest! {
        #[test]
        fn areas_hold_every_window_and_share_no_pixel(windows in windows(), turn in 0usize..8) {
            let areas = AreaGrid::new(SHAPE, windows.clone()).unwrap();
            prop_assert!(windows.iter().all(|window| areas.area_of(*window).is_some()));
            for (i, a) in areas.areas().iter().enumerate() {
                prop_assert!(areas.areas()[..i].iter().all(|b| a.intersection(*b).is_none()));
            }
            let mut turned = windows;
            let n = turned.len();
            turned.rotate_left(turn % n);
            prop_assert_eq!(AreaGrid::new(SHAPE, turned).unwrap(), areas, "the order of windows does not count");
        }

        #[test]
        fn a_plane_is_the_grid_without_what_lies_between(windows in windows(), rows in 1usize..9, cols in 1usize..9) {
            let areas = AreaGrid::new(SHAPE, windows).unwrap();
            let grid: Vec<usize> = (0..SHAPE.len()).collect();
            let whole = AreaGrid::from(SHAPE);
            let plane: Vec<usize> =
                areas.areas().iter().flat_map(|area| whole.cut(&grid, *area).unwrap()).collect();
            prop_assert!(areas.pixels().map(|(row, col)| row * SHAPE.cols + col).eq(plane.iter().copied()));
            prop_assert_eq!(plane.len(), areas.len());
            for pixel in 0..SHAPE.len() {
                let held = areas.place(pixel / SHAPE.cols, pixel % SHAPE.cols);
                prop_assert_eq!(held.map(|place| plane[place]), plane.contains(&pixel).then_some(pixel));
            }
            for row in 0..(SHAPE.rows - rows) as i64 {
                let window = Window::new(row, row % 40, rows, cols);
                let found = areas.cut(&plane, window);
                prop_assert_eq!(found.is_some(), areas.area_of(window).is_some());
                prop_assert!(found.is_none_or(|found| Some(found) == whole.cut(&grid, window)));
            }
        }
    }

    #[test]
    fn a_window_outside_the_grid_is_refused() {
        let outside = Window::new(55, 0, 6, 3);
        let said = AreaGrid::new(SHAPE, vec![outside]).unwrap_err().to_string();
        assert_eq!(said, "window rows 55..61, columns 0..3 lies outside a raster of 60 rows and 50 columns");
    }
}
