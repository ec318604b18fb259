//! Lists the 10 km tiles of an equal-area grid that an area of interest touches.

use ecotone_core::{BoundingBox, Crs, GridSpec, Resolution, Shape2d, XY};
use std::io::Write;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let grid =
        GridSpec::new(Crs::epsg(3035), Resolution::square(20.0)?, Shape2d::new(500, 500), XY::new(0.0, 0.0));
    let area = BoundingBox { min: XY::new(4_318_000.0, 3_205_000.0), max: XY::new(4_334_000.0, 3_212_000.0) };
    let mut out = std::io::stdout().lock();
    for tile in grid.tiles(area) {
        let bounds = grid.geobox(tile).bounds();
        writeln!(out, "{tile}: {:?} to {:?}", bounds.min, bounds.max)?;
    }
    Ok(())
}
