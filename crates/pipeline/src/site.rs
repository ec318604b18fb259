//! Where a job takes place: a grid, and the areas on it in which scenes are read, patches cut and a map made. What lies
//! between the areas is never read and stays nodata.

use crate::grid;
use ecotone_core::{BoundingBox, Crs, GeoBox, Window};
use ecotone_io::read_aoi;

/// A grid and the areas on it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Site {
    geobox: GeoBox,
    /// None of them meets another; in order of place.
    areas: Vec<Window>,
}

impl Site {
    /// A grid that is one area.
    pub(crate) fn whole(geobox: GeoBox) -> Self {
        let areas = vec![Window::whole(geobox.shape())];
        Self { geobox, areas }
    }

    /// The smallest grid over some rectangles, each of which is an area; those that share pixels become one. `None` for
    /// no rectangle. For the lattice see [`grid::over`].
    pub(crate) fn over(
        rectangles: &[BoundingBox],
        resolution: f64,
        crs: &Crs,
        like: Option<&GeoBox>,
    ) -> Option<Self> {
        let on_lattice = |bounds: BoundingBox| grid::over(bounds, resolution, crs.clone(), like);
        let corners = rectangles.iter().flat_map(|bounds| [bounds.min, bounds.max]);
        let geobox = on_lattice(BoundingBox::around(corners)?);
        let areas = rectangles.iter().filter_map(|bounds| geobox.window_of(&on_lattice(*bounds))).collect();
        Some(Self { areas: apart(areas), geobox })
    }

    /// The grid.
    pub(crate) const fn geobox(&self) -> &GeoBox {
        &self.geobox
    }

    /// The areas.
    pub(crate) fn areas(&self) -> &[Window] {
        &self.areas
    }

    /// Puts `nothing` outside all areas in a plane `[y, x]` over a window of the grid, which may reach over its edge.
    pub(crate) fn blank<T: Copy>(&self, window: Window, plane: &mut [T], nothing: T) {
        if self.areas.iter().any(|area| area.contains(window)) {
            return;
        }
        for (row, line) in plane.chunks_exact_mut(window.cols).enumerate() {
            let row = window.row + row as i64;
            let mut areas: Vec<&Window> =
                self.areas.iter().filter(|area| (area.row..area.row_end()).contains(&row)).collect();
            areas.sort_by_key(|area| area.col);
            let place = |col: i64| (col - window.col).clamp(0, window.cols as i64) as usize;
            let mut from = 0;
            for area in areas {
                line[from..place(area.col).max(from)].fill(nothing);
                from = place(area.col_end()).max(from);
            }
            line[from..].fill(nothing);
        }
    }
}

/// The rectangles of areas of interest in a CRS.
pub(crate) fn rectangles(aoi: &[String], crs: &Crs) -> crate::Result<Vec<BoundingBox>> {
    aoi.iter().map(|aoi| Ok(read_aoi(aoi, crs)?.bounds)).collect()
}

/// Windows that meet as the smallest one around them, until none does.
fn apart(mut windows: Vec<Window>) -> Vec<Window> {
    let meeting = |windows: &[Window]| {
        let pairs = (0..windows.len()).flat_map(|i| (i + 1..windows.len()).map(move |j| (i, j)));
        pairs.into_iter().find(|(i, j)| windows[*i].intersection(windows[*j]).is_some())
    };
    while let Some((i, j)) = meeting(&windows) {
        let (a, b) = (windows[i], windows.swap_remove(j));
        let (row, col) = (a.row.min(b.row), a.col.min(b.col));
        let (row_end, col_end) = (a.row_end().max(b.row_end()), a.col_end().max(b.col_end()));
        windows[i] = Window::new(row, col, (row_end - row) as usize, (col_end - col) as usize);
    }
    windows.sort();
    windows
}

#[cfg(test)]
mod tests {
    use super::*;
    use ecotone_core::XY;

    fn rectangle(x: f64, y: f64, side: f64) -> BoundingBox {
        BoundingBox { min: XY::new(x, y), max: XY::new(x + side, y + side) }
    }

    fn site(rectangles: &[BoundingBox]) -> Site {
        Site::over(rectangles, 10.0, &Crs::epsg(32633), None).unwrap()
    }

    #[test]
    fn areas_lie_on_one_lattice_and_those_that_meet_are_one() {
        let apart = site(&[rectangle(0.0, 0.0, 35.0), rectangle(100.0, 60.0, 20.0)]);
        assert_eq!((apart.geobox().shape().rows, apart.geobox().shape().cols), (8, 12));
        assert_eq!(apart.areas(), [Window::new(0, 10, 2, 2), Window::new(4, 0, 4, 4)]);
        let chain =
            site(&[rectangle(0.0, 0.0, 20.0), rectangle(30.0, 0.0, 20.0), rectangle(15.0, 0.0, 20.0)]);
        assert_eq!(chain, Site::whole(chain.geobox().clone()));
        assert!(Site::over(&[], 10.0, &Crs::epsg(32633), None).is_none());
    }

    #[test]
    fn ground_between_areas_is_blanked_and_no_other() {
        let site = site(&[rectangle(0.0, 0.0, 20.0), rectangle(40.0, 0.0, 20.0)]);
        let mut plane = vec![1u8; 2 * 8];
        site.blank(Window::new(1, -1, 2, 8), &mut plane, 0);
        assert_eq!(plane[..8], [0, 1, 1, 0, 0, 1, 1, 0]);
        assert_eq!(plane[8..], [0; 8]);
        let mut inside = [1u8; 2];
        site.blank(Window::new(0, 4, 1, 2), &mut inside, 0);
        assert_eq!(inside, [1, 1]);
    }
}
