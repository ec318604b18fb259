//! Brings a band of any raster onto a grid in another CRS and writes it as a COG.
//!
//! `cargo run --example warp_to_cog -- SOURCE TARGET.tif [EPSG:3035] [20]`; without arguments it makes its own source.

#![expect(clippy::print_stdout, reason = "an example tells what it did")]

use ecotone_core::{Crs, GeoBox, GeoTransform, Raster, Shape2d, XY};
use ecotone_io::{CogOptions, RasterDataset, Resampling, transform_bounds, write_cog};
use std::error::Error;
use std::path::{Path, PathBuf};

fn make_source(path: &Path) -> ecotone_io::Result<()> {
    let transform = GeoTransform::north_up(XY::new(600_000.0, 5_100_000.0), 10.0);
    let grid = GeoBox::new(Shape2d::new(300, 300), transform, Crs::epsg(32633));
    write_cog(path, &Raster::filled(grid, 1, 700u16, None), &CogOptions::default())
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let scratch = std::env::temp_dir();
    let source = arguments.first().map_or_else(|| scratch.join("ecotone-source.tif"), PathBuf::from);
    let target = arguments.get(1).map_or_else(|| scratch.join("ecotone-warped.tif"), PathBuf::from);
    let crs: Crs = arguments.get(2).map_or("EPSG:3035", String::as_str).parse()?;
    let gsd: f64 = arguments.get(3).map_or("20", String::as_str).parse()?;
    if arguments.is_empty() {
        make_source(&source)?;
    }

    let dataset = RasterDataset::open(&source)?;
    let bounds = transform_bounds(dataset.geobox().bounds(), dataset.geobox().crs(), &crs)?;
    let grid = GeoBox::covering(bounds, gsd, crs);
    let warped = dataset.read_onto::<f32>(1, &grid, Resampling::Bilinear)?;
    let valid = warped.valid_mask().iter().filter(|valid| **valid).count();
    write_cog(&target, &warped, &CogOptions::default())?;
    println!("{}: {} of {} pixels valid", target.display(), valid, grid.shape().len());
    Ok(())
}
