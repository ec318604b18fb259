//! How large the pixels of a grid are on the ground.

use super::crs;
use super::ground::{Ground, LOOKS, PixelSize};
use crate::Result;
use ecotone_core::{GeoBox, XY};
use std::f64::consts::FRAC_PI_2;
use std::ops::Range;

/// Sums of areas stay below so many parts, with room to spare in 64 bits.
const PARTS: f64 = (1u64 << 62) as f64;

/// How far the area of a pixel may be off that is taken to be as large as its neighbours.
const ALIKE: f64 = 5e-5;

/// How far it may be off where it lies between two rows that were measured.
const BETWEEN: f64 = 1e-5;

/// How large the pixels of a grid are on the ground.
///
/// Areas are whole multiples of a part, so that the sum over any pixels of the grid is exact in `u64`, whatever the
/// order and the number of threads.
#[derive(Debug, Clone, PartialEq)]
pub struct PixelAreas {
    part: f64,
    /// `None` where all pixels are one part.
    table: Option<Table>,
}

/// Areas in parts, measured on some rows and for runs of columns.
#[derive(Debug, Clone, PartialEq)]
struct Table {
    /// Rows from one that was measured to the next; areas between them are interpolated.
    step: usize,
    /// Columns that share an area.
    run: usize,
    /// Runs in a row.
    runs: usize,
    /// For each measured row its runs.
    parts: Vec<u64>,
}

impl Table {
    fn at(&self, row: usize, run: usize) -> u64 {
        let (above, below) = (row / self.step, row % self.step);
        let measured = |node: usize| self.parts.get(node * self.runs + run).copied();
        let Some(first) = measured(above) else { return 1 };
        match measured(above + 1) {
            Some(second) if below > 0 => {
                let share = below as f64 / self.step as f64;
                (first as f64 + (second as f64 - first as f64) * share).round() as u64
            }
            _ => first,
        }
    }
}

impl PixelAreas {
    /// Square metres of a part.
    pub const fn part(&self) -> f64 {
        self.part
    }

    /// Whether pixels are not all alike, and one part each.
    pub const fn vary(&self) -> bool {
        self.table.is_some()
    }

    /// Parts of a pixel; 1 below the grid.
    pub fn of_pixel(&self, row: usize, col: usize) -> u64 {
        self.table.as_ref().map_or(1, |table| table.at(row, (col / table.run).min(table.runs - 1)))
    }

    /// Some columns of a row as runs of pixels that are alike, from west to east of the raster, with the parts of a pixel
    /// in each. The runs are counted from the first column.
    pub fn runs(&self, row: usize, cols: Range<usize>) -> impl Iterator<Item = (Range<usize>, u64)> {
        let run = self.table.as_ref().map_or(usize::MAX, |table| table.run);
        let first = cols.start / run;
        let last = cols.end.saturating_sub(1) / run;
        let (start, end) = (cols.start, cols.end);
        (first..=last).filter(move |_| start < end).map(move |at| {
            let within = (at * run).max(start)..at.saturating_add(1).saturating_mul(run).min(end);
            let parts = self.of_pixel(row, within.start);
            (within.start - start..within.end - start, parts)
        })
    }

    /// Square metres of the smallest and the largest pixel.
    pub fn range(&self) -> (f64, f64) {
        let parts = self.table.as_ref().map_or(&[1][..], |table| &table.parts);
        let of = |parts: Option<&u64>| parts.map_or(0.0, |parts| *parts as f64 * self.part);
        (of(parts.iter().min()), of(parts.iter().max()))
    }

    /// From areas in square metres that were measured on every `step`-th of a number of pixels' rows.
    fn measured(areas: &[f64], step: usize, run: usize, runs: usize, pixels: usize) -> Self {
        let largest = areas.iter().copied().fold(0.0, f64::max);
        let part = (largest * pixels as f64 / PARTS).max(f64::MIN_POSITIVE);
        let parts = areas.iter().map(|area| (area / part).round() as u64).collect();
        Self { part, table: Some(Table { step, run, runs, parts }) }
    }
}

/// Areas of a grid's pixels on the ground; `None` where it lies nowhere.
///
/// In a projected system it is the area on the plane wherever that is the ground's within a hundredth: of equal-area
/// systems (EPSG:3035, say), and of UTM, which is off by at most 0.2 % in its zone. In degrees it is the area on the
/// system's ellipsoid between two parallels and two meridians (Snyder 1987, *Map Projections: A Working Manual*, USGS
/// Professional Paper 1395, on the authalic latitude), which shrinks towards the poles. Of all other grids, such as
/// EPSG:3857 and others of Mercator, polar ones far from their parallel, UTM far from its zone, and turned ones in
/// degrees, it is the area on the ellipsoid within one part in ten thousand, by how the plane is stretched there.
///
/// ```
/// use ecotone_core::{Crs, GeoBox, GeoTransform, Shape2d, XY};
///
/// let grid = |crs, y, side| GeoBox::new(Shape2d::new(2, 4), GeoTransform::north_up(XY::new(0.0, y), side), crs);
/// let utm = ecotone_io::pixel_areas(&grid(Crs::epsg(32633), 60.0, 20.0))?.unwrap();
/// assert!(!utm.vary() && utm.part() == 400.0);
/// let degrees = ecotone_io::pixel_areas(&grid(Crs::epsg(4326), 60.0, 1.0))?.unwrap();
/// let (smallest, largest) = degrees.range();
/// assert!(6.2e9 < smallest && smallest < largest && largest < 6.5e9);
/// // At 60 degrees north Web Mercator draws everything four times as large.
/// let mercator = ecotone_io::pixel_areas(&grid(Crs::epsg(3857), 8_400_000.0, 20.0))?.unwrap();
/// assert!(99.0 < mercator.range().0 && mercator.range().1 < 101.0);
/// # Ok::<(), ecotone_io::Error>(())
/// ```
///
/// # Errors
/// When the system is not understood.
pub fn pixel_areas(grid: &GeoBox) -> Result<Option<PixelAreas>> {
    if let Some(zones) = zones(grid)? {
        return Ok(Some(PixelAreas::measured(&zones, 1, grid.shape().cols.max(1), 1, grid.shape().len())));
    }
    let Some(ground) = Ground::under(grid)? else { return Ok(None) };
    let looked_at = ground.look();
    if let Some(flat) = ground.flat(&looked_at, |pixel| pixel.area) {
        return Ok(Some(PixelAreas { part: flat.area, table: None }));
    }
    let (rows, cols) = (grid.shape().rows, grid.shape().cols);
    let (step, run) = spacing(&looked_at, rows, cols);
    let runs = cols.div_ceil(run).max(1);
    let middle = |at: usize| (at * run + ((at + 1) * run).min(cols)) as f64 / 2.0;
    let mut areas = Vec::new();
    for node in 0..=rows.saturating_sub(1).div_ceil(step) {
        let places: Vec<XY<f64>> =
            (0..runs).map(|at| XY::new(middle(at), (node * step) as f64 + 0.5)).collect();
        areas.extend(ground.pixels(&places).iter().map(|pixel| pixel.map(|pixel| pixel.area)));
    }
    let areas = filled(&areas, ground.on_plane().area);
    Ok(Some(PixelAreas::measured(&areas, step, run, runs, grid.shape().len())))
}

/// Square metres of a pixel in each row of an upright grid in degrees.
fn zones(grid: &GeoBox) -> Result<Option<Vec<f64>>> {
    let (system, transform) = (crs::spatial_ref(grid.crs())?, grid.transform());
    let axes = (system.semi_major(), system.semi_minor());
    let (true, true, (Ok(major), Ok(minor))) = (system.is_geographic(), transform.is_axis_aligned(), axes)
    else {
        return Ok(None);
    };
    let radians = system.angular_units();
    let width = transform.pixel_size().x * radians;
    let latitude = |row: usize| {
        let y = transform.pixel_to_world(XY::new(0.0, row as f64)).y * radians;
        y.clamp(-FRAC_PI_2, FRAC_PI_2)
    };
    let zone = |row: usize| {
        width
            * (to_parallel(latitude(row), major, minor) - to_parallel(latitude(row + 1), major, minor)).abs()
    };
    Ok(Some((0..grid.shape().rows).map(zone).collect()))
}

/// Area of an ellipsoid from the equator to a parallel, per radian of longitude.
fn to_parallel(latitude: f64, major: f64, minor: f64) -> f64 {
    let square = 1.0 - (minor / major).powi(2);
    let (e, sine) = (square.max(0.0).sqrt(), latitude.sin());
    let curved = if e > 0.0 { (e * sine).atanh() / e } else { sine };
    minor * minor / 2.0 * (sine / (1.0 - square * sine * sine) + curved)
}

/// From how many rows to the next areas bend by less than [`BETWEEN`], and over how many columns they change by less than
/// [`ALIKE`] from the middle, by the areas at even distances over the grid.
fn spacing(looked_at: &[Option<PixelSize>], rows: usize, cols: usize) -> (usize, usize) {
    let area = |row: usize, col: usize| looked_at[row * LOOKS + col].map(|pixel| pixel.area.ln());
    let all = |count: usize| (0..LOOKS).flat_map(move |a| (0..count).map(move |b| (a, b)));
    let slope = |(row, col): (usize, usize)| Some((area(row, col + 1)? - area(row, col)?).abs());
    let bend = |(col, row): (usize, usize)| {
        Some((area(row, col)? - 2.0 * area(row + 1, col)? + area(row + 2, col)?).abs())
    };
    let steepest = all(LOOKS - 1).filter_map(slope).fold(0.0, f64::max);
    let sharpest = all(LOOKS - 2).filter_map(bend).fold(0.0, f64::max);
    // A straight line is off by an eighth of the bend; half of a run lies on either side of its middle.
    let (row, col) = (rows as f64 / (LOOKS - 1) as f64, cols as f64 / (LOOKS - 1) as f64);
    let pixels = |length: f64, most: usize| (length as usize).clamp(1, most.max(1));
    (pixels(row * (8.0 * BETWEEN / sharpest).sqrt(), rows), pixels(col * 2.0 * ALIKE / steepest, cols))
}

/// Areas where the system does not reach: those of the last place where it does, in order of rows.
fn filled(areas: &[Option<f64>], none: f64) -> Vec<f64> {
    let mut last = areas.iter().flatten().next().copied().unwrap_or(none);
    let fill = |area: &Option<f64>| {
        last = area.unwrap_or(last);
        last
    };
    areas.iter().map(fill).collect()
}

#[cfg(test)]
#[path = "pixel_areas_tests.rs"]
mod tests;
