//! What Earth observation talks about: grids, bands, rasters, cubes, timelines and legends, as plain data.
//!
//! Everything here is an immutable description. Nothing reads a file, transforms a coordinate reference
//! system or draws a random number; the other `ecotone` crates do that and speak to each other in these types.
//!
//! ```
//! use ecotone_core::{Crs, GeoBox, GeoTransform, Shape2d, XY};
//!
//! let grid = GeoBox::new(
//!     Shape2d::new(256, 512),
//!     GeoTransform::north_up(XY::new(600_000.0, 5_300_000.0), 20.0),
//!     Crs::epsg(32633),
//! );
//! let world = grid.transform().pixel_to_world(XY::new(0.5, 0.5));
//! assert_eq!(world, XY::new(600_010.0, 5_299_990.0));
//! ```

mod area_grid;
mod band;
mod crs;
mod cube;
mod error;
mod geobox;
mod gridspec;
mod lattice;
mod legend;
mod nodata;
mod raster;
mod resolution;
mod table;
mod timeline;
mod transform;
mod window;
mod xy;

pub use area_grid::AreaGrid;
pub use band::{Band, Sensor};
pub use crs::Crs;
pub use cube::Cube;
pub use error::{Error, Result};
pub use geobox::GeoBox;
pub use gridspec::{GridSpec, TileIndex};
pub use legend::{ClassCode, ClassIndex, IGNORE, Legend, LegendEntry, Rgb};
pub use nodata::Nodata;
pub use raster::Raster;
pub use resolution::Resolution;
pub use table::{PlaceColumns, Table, TableEncoding, TableError, TableRow};
pub use timeline::Timeline;
pub use transform::{BoundingBox, GeoTransform};
pub use window::Window;
pub use xy::{Shape2d, XY};
