//! Ground of counted pixels for the tests of patches.

use chrono::NaiveDate;
use ecotone_core::{AreaGrid, Crs, Cube, GeoBox, GeoTransform, Shape2d, Timeline, Window, XY};
use ecotone_tiling::{BlockSplit, Fractions, Part, SplitConfig};

/// Steps of the cubes.
pub(super) const STEPS: usize = 2;

/// Two steps of one channel, whose values count from 1 on.
pub(super) fn cube_of(shape: Shape2d) -> Cube<f32> {
    let geobox = GeoBox::new(shape, GeoTransform::north_up(XY::new(0.0, 0.0), 20.0), Crs::epsg(32633));
    let timeline = Timeline::new(NaiveDate::from_ymd_opt(2020, 1, 1).unwrap(), 10, STEPS).unwrap();
    let size = STEPS * shape.len();
    let values = (1..=size).map(|i| i as f32).collect();
    Cube::new(geobox, timeline, vec!["NDVI".to_owned()], values, vec![true; size]).unwrap()
}

/// The ground of a simulated or a real recipe has labels in patches, and more of some classes than of others.
pub(super) fn label(row: usize, col: usize) -> u8 {
    match (row * 31 + col * 17) % 23 {
        0 => 2,
        at if at < 6 => 1,
        _ => 0,
    }
}

pub(super) fn labels(areas: &AreaGrid) -> Vec<u8> {
    areas.pixels().map(|(row, col)| label(row, col)).collect()
}

/// Three parts in shares of 60, 20 and 20 %.
pub(super) fn split(areas: impl Into<AreaGrid>, block: usize, gap: usize, seed: u64) -> BlockSplit {
    let (areas, fractions) = (areas.into(), Fractions { train: 0.6, validation: 0.2, test: 0.2 });
    let labels = labels(&areas);
    BlockSplit::stratified(areas, &SplitConfig { block, gap, fractions, seed }, 3, &labels).unwrap()
}

/// Rows and columns of a window.
pub(super) fn pixels(window: Window) -> impl Iterator<Item = (i64, i64)> {
    (window.row..window.row_end())
        .flat_map(move |row| (window.col..window.col_end()).map(move |col| (row, col)))
}

/// What a pixel is used for; nothing where it lies beyond the map.
pub(super) fn part_at(split: &BlockSplit, (row, col): (i64, i64)) -> Part {
    match (usize::try_from(row), usize::try_from(col)) {
        (Ok(row), Ok(col)) => split.part_at(row, col),
        _ => Part::Unused,
    }
}
