//! Where a job takes place: a grid, and the areas on it in which scenes are read, patches cut and a map made. What lies
//! between the areas, or beyond their outlines, is nothing: it is not learnt from, not scored, and stays nodata.

use crate::{Result, grid};
use ecotone_core::{AreaGrid, BoundingBox, Crs, GeoBox, Shape2d, Window, XY};
use ecotone_io::{AoiPart, CogOptions, CogWriter, inside_outlines, read_aoi_parts};
use ecotone_jobs::Error as JobError;
use sha2::{Digest, Sha256};
use std::path::Path;
use std::sync::Arc;

/// Side of the windows in which pixels are counted: memory does not know how large an area is.
const COUNTED: usize = 1024;

/// How many rectangles scenes are looked for in; areas beyond that share some.
const MOST_SEARCHED: usize = 32;

/// A grid and the areas on it.
#[derive(Debug, Clone, PartialEq)]
pub struct Site {
    geobox: GeoBox,
    areas: AreaGrid,
    /// What counts whole: the areas, or those of them that are rectangles.
    whole: Vec<Window>,
    /// Polygons, whose pixels count where their centres lie inside.
    outlines: Arc<[AoiPart]>,
}

impl Site {
    /// A grid that is one area.
    pub fn whole(geobox: GeoBox) -> Self {
        let areas = AreaGrid::from(geobox.shape());
        let whole = areas.areas().to_vec();
        Self { geobox, areas, whole, outlines: Arc::new([]) }
    }

    /// The smallest grid over some places, each of which is an area; those that share pixels become one. `None` for no
    /// place. It lies on the lattice of `like` where that has the CRS and resolution, else on that through the CRS's origin.
    pub fn over(
        parts: &[AoiPart],
        resolution: f64,
        crs: &Crs,
        like: Option<&GeoBox>,
    ) -> Result<Option<Self>> {
        let corners = parts.iter().flat_map(|part| [part.bounds.min, part.bounds.max]);
        let Some(bounds) = BoundingBox::around(corners) else { return Ok(None) };
        let geobox = grid::over(bounds, resolution, crs.clone(), like);
        let side = geobox.shape().rows.max(geobox.shape().cols);
        if i32::try_from(side).is_err() {
            let found = format!("{resolution}, which makes {side} pixels a side");
            let expected = format!("at most {} pixels a side", i32::MAX);
            return Err(JobError::Value { key: "grid.resolution", found, expected }.into());
        }
        Self::on(geobox, parts)
    }

    /// A grid, axis-aligned, with some places of its CRS, each of which is an area as far as it lies on the grid; those that
    /// share pixels become one. `None` where none does.
    pub fn on(geobox: GeoBox, parts: &[AoiPart]) -> Result<Option<Self>> {
        let whole = Window::whole(geobox.shape());
        let window = |part: &&AoiPart| {
            let part = grid::on_lattice(part.bounds, &geobox)
                .unwrap_or_else(|| GeoBox::covering(part.bounds, geobox.gsd(), geobox.crs().clone()));
            geobox.window_of(&part)?.intersection(whole)
        };
        let (rectangles, outlines): (Vec<_>, Vec<_>) = parts.iter().partition(|part| part.outline.is_none());
        let rectangles = rectangles.iter().filter_map(window).collect();
        // What lies between two rectangles that meet is mapped with them.
        let rectangles = AreaGrid::new(geobox.shape(), rectangles)?.areas().to_vec();
        let windows: Vec<Window> =
            rectangles.iter().copied().chain(outlines.iter().filter_map(window)).collect();
        if windows.is_empty() {
            return Ok(None);
        }
        let areas = AreaGrid::new(geobox.shape(), windows)?;
        let outlines: Vec<AoiPart> = outlines.into_iter().cloned().collect();
        Ok(Some(Self { geobox, areas, whole: rectangles, outlines: outlines.into() }))
    }

    /// The grid.
    pub const fn geobox(&self) -> &GeoBox {
        &self.geobox
    }

    /// The areas.
    pub fn areas(&self) -> &[Window] {
        self.areas.areas()
    }

    /// The areas as what planes lie over.
    pub const fn area_grid(&self) -> &AreaGrid {
        &self.areas
    }

    /// True where an area is a rectangle that was asked for as such, with nothing else in it.
    pub fn is_rectangle(&self, area: Window) -> bool {
        self.whole.contains(&area)
    }

    /// Which pixels of a window of the grid, which may reach over its edge, lie in an area and in its outline, `[y, x]`;
    /// `None` where none does.
    pub fn inside(&self, window: Window) -> Result<Option<Vec<bool>>> {
        if self.whole.iter().any(|area| area.contains(window)) {
            return Ok(Some(vec![true; window.shape().len()]));
        }
        let mut inside = match self.outlines.is_empty() {
            true => vec![false; window.shape().len()],
            false => inside_outlines(&self.outlines, &self.geobox, window)?,
        };
        for area in self.whole.iter().filter_map(|area| area.intersection(window)) {
            let area = area.relative_to(window);
            let lines = inside.chunks_exact_mut(window.cols).skip(area.row as usize).take(area.rows);
            lines.for_each(|line| line[area.col as usize..][..area.cols].fill(true));
        }
        Ok(inside.contains(&true).then_some(inside))
    }

    /// True where an area, inside of its outline, has a pixel in a window of the grid.
    pub fn touches(&self, window: Window) -> Result<bool> {
        let near = self.areas().iter().any(|area| area.intersection(window).is_some());
        Ok(near && self.inside(window)?.is_some())
    }

    /// Puts `nothing` where a plane `[y, x]` over a window of the grid lies outside all areas or their outlines.
    pub fn blank<T: Copy>(&self, window: Window, plane: &mut [T], nothing: T) -> Result<()> {
        match self.inside(window)? {
            None => plane.fill(nothing),
            Some(inside) => {
                let outside = plane.iter_mut().zip(inside).filter(|(_, inside)| !inside);
                outside.for_each(|(value, _)| *value = nothing);
            }
        }
        Ok(())
    }

    /// Everything that tells it from another site on the same grid.
    pub fn in_words(&self) -> String {
        let areas = format!("{:?}", self.areas());
        if self.outlines.is_empty() {
            return areas;
        }
        let outlines = format!("{:?} {:?}", self.whole, self.outlines);
        let hash: String = Sha256::digest(outlines).iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{areas} {hash}")
    }

    /// True where a pixel lies in an area and in its outline.
    pub fn holds(&self, row: i64, col: i64) -> Result<bool> {
        let pixel = Window::new(row, col, 1, 1);
        Ok(self.areas.area_of(pixel).is_some() && self.inside(pixel)?.is_some())
    }

    /// A plane over the areas of what is read on the grid of each.
    ///
    /// # Errors
    /// Those of the reading.
    pub fn plane<T, E>(
        &self,
        mut read: impl FnMut(&GeoBox) -> std::result::Result<Vec<T>, E>,
    ) -> std::result::Result<Vec<T>, E> {
        let mut plane = Vec::with_capacity(self.areas.len());
        for area in self.areas() {
            plane.extend(read(&self.geobox.crop(*area))?);
        }
        Ok(plane)
    }

    /// Which pixels of the areas lie in an outline, as a plane; `None` where the areas have none.
    pub fn clip(&self) -> Result<Option<Vec<bool>>> {
        if self.outlines.is_empty() {
            return Ok(None);
        }
        let mut plane = Vec::with_capacity(self.areas.len());
        for area in self.areas() {
            plane.extend(self.inside(*area)?.unwrap_or_else(|| vec![false; area.shape().len()]));
        }
        Ok(Some(plane))
    }

    /// Writes a plane over the areas as a file of the grid; between the areas nothing is written.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write_plane(&self, path: &Path, plane: &[u8], options: CogOptions) -> Result<()> {
        let mut writer = CogWriter::create(path, self.geobox.clone(), 1, options)?;
        for (area, values) in self.areas.parts(plane) {
            writer.write_window(1, area, values)?;
        }
        Ok(writer.finish()?)
    }

    /// Pixels that lie in an area and in its outline.
    pub fn pixels(&self) -> Result<usize> {
        if self.outlines.is_empty() {
            return Ok(self.areas.len());
        }
        let mut pixels = 0;
        for window in self.areas().iter().flat_map(|area| windows_of(*area, COUNTED)) {
            pixels +=
                self.inside(window)?.map_or(0, |inside| inside.iter().filter(|inside| **inside).count());
        }
        Ok(pixels)
    }

    /// Windows around the areas that are larger by `reach` pixels or more on every side, as far as the grid goes, and end
    /// where windows of `side` pixels do that are counted from the origin of the grid's CRS; those that meet are one.
    /// Nothing between them is to be mapped.
    pub fn regions(&self, side: usize, reach: usize) -> Result<Vec<Window>> {
        let (whole, lattice) = (Window::whole(self.geobox.shape()), self.geobox.on_lattice());
        let side = side as i64;
        let down = |at: i64, first: i64| (at + first).div_euclid(side) * side - first;
        let up = |at: i64, first: i64| down(at + side - 1, first);
        let region = |area: &Window| {
            let grown = area.pad(reach);
            let (row, col) = (down(grown.row, lattice.row), down(grown.col, lattice.col));
            let (row_end, col_end) = (up(grown.row_end(), lattice.row), up(grown.col_end(), lattice.col));
            Window::new(row, col, (row_end - row) as usize, (col_end - col) as usize).intersection(whole)
        };
        let regions = self.areas().iter().filter_map(region).collect();
        Ok(AreaGrid::new(self.geobox.shape(), regions)?.areas().to_vec())
    }
}

/// The windows of at most `side` pixels that cover an area, row by row from its first pixel.
pub fn windows_of(area: Window, side: usize) -> impl Iterator<Item = Window> {
    let starts = move |extent: usize| (0..extent).step_by(side).map(move |at| (at, side.min(extent - at)));
    starts(area.rows).flat_map(move |(row, rows)| {
        starts(area.cols)
            .map(move |(col, cols)| Window::new(area.row + row as i64, area.col + col as i64, rows, cols))
    })
}

/// The places that areas of interest are made of, in a CRS.
pub fn parts(aoi: &[String], crs: &Crs) -> Result<Vec<AoiPart>> {
    let parts = aoi.iter().map(|aoi| Ok(read_aoi_parts(aoi, crs)?)).collect::<Result<Vec<_>>>()?;
    Ok(parts.concat())
}

/// The rectangles in degrees in which scenes of areas of interest are looked for: one each, or fewer that hold them all
/// where there are many.
pub fn searched(aoi: &[String]) -> Result<Vec<BoundingBox>> {
    let mut bounds: Vec<BoundingBox> = parts(aoi, &Crs::epsg(4326))?.iter().map(|part| part.bounds).collect();
    let mut side = 0.125;
    while bounds.len() > MOST_SEARCHED {
        bounds = in_cells(&bounds, side)?;
        side *= 2.0;
    }
    Ok(bounds)
}

/// Rectangles in degrees widened to whole cells of a lattice; those that then meet are one.
fn in_cells(bounds: &[BoundingBox], side: f64) -> Result<Vec<BoundingBox>> {
    let shape = Shape2d::new((180.0 / side).ceil() as usize, (360.0 / side).ceil() as usize);
    let cells = |from: f64, to: f64| {
        let (first, end) = ((from / side).floor(), (to / side).ceil());
        (first as i64, (end - first).max(1.0) as usize)
    };
    let window = |BoundingBox { min, max }: &BoundingBox| {
        let ((row, rows), (col, cols)) =
            (cells(min.y + 90.0, max.y + 90.0), cells(min.x + 180.0, max.x + 180.0));
        Window::new(row, col, rows, cols).intersection(Window::whole(shape))
    };
    let few = AreaGrid::new(shape, bounds.iter().filter_map(window).collect())?;
    // The last cell may reach beyond the Earth.
    let corner = |row: i64, col: i64| {
        XY::new((col as f64 * side - 180.0).min(180.0), (row as f64 * side - 90.0).min(90.0))
    };
    let rectangle = |window: &Window| BoundingBox {
        min: corner(window.row, window.col),
        max: corner(window.row_end(), window.col_end()),
    };
    Ok(few.areas().iter().map(rectangle).collect())
}

#[cfg(test)]
#[path = "site_tests.rs"]
mod tests;
