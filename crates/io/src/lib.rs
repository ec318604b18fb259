//! Rasters, catalogues, vectors and tables on disk or behind a URL, as `ecotone-core` values.
//!
//! The one room that links GDAL, transforms coordinate reference systems, and touches raster files and the network.
//!
//! ```
//! use ecotone_core::{Crs, GeoBox, GeoTransform, Raster, Shape2d, XY};
//! use ecotone_io::{CogOptions, RasterDataset, Resampling, write_cog};
//!
//! # let folder = tempfile::tempdir().unwrap();
//! # let path = folder.path().join("red.tif");
//! let utm = GeoBox::new(
//!     Shape2d::new(64, 64),
//!     GeoTransform::north_up(XY::new(600_000.0, 5_100_000.0), 10.0),
//!     Crs::epsg(32633),
//! );
//! write_cog(&path, &Raster::filled(utm.clone(), 1, 700u16, None), &CogOptions::default())?;
//!
//! let half = RasterDataset::open(&path)?.read_onto::<u16>(1, &utm.zoom_out(2), Resampling::Average)?;
//! assert_eq!((half.shape(), half.data()[0]), (Shape2d::new(32, 32), 700));
//! # Ok::<(), ecotone_io::Error>(())
//! ```

mod absence;
mod areas;
mod atomic;
mod band_absence;
mod burn;
mod catalog;
mod codes;
mod cog;
mod crs;
mod dataset;
mod error;
mod features;
mod ffi;
mod footprint;
mod gdal_failure;
mod glance;
mod ground;
mod left_out;
mod nearest;
mod open;
mod open_catalog;
mod outline;
mod pixel;
mod pixel_areas;
mod place;
mod plain_shape;
mod point_records;
mod pool;
mod records;
mod resample;
mod resampling;
mod rewritten;
mod safe;
mod scene;
mod scene_index;
mod sidecar;
mod stac;
mod table;
mod vector;
mod vector_error;
mod vector_layer;
mod vector_write;
mod warp;

pub use areas::{Area, Areas, rasterize_areas};
pub use atomic::{Staged, write_atomic};
pub use burn::{Burn, BurnQuery, Burnt, CodeFrom, OddWidths, TagFilter};
pub use catalog::{Catalog, CatalogFailure, Found, Query, SceneList, search_all};
pub use codes::Nothing;
pub use cog::{CogOptions, CogWriter, Content, write_cog};
pub use crs::{same_crs, transform_bounds, transform_each, transform_points};
pub use dataset::{BandInfo, RasterDataset};
pub use error::{Error, Result};
pub use ffi::limits::raise_open_files_limit;
pub use ffi::{gdal_version, ignore_file_size_signal, prefer_large_pages, set_cache_bytes};
pub use footprint::{footprint, lonlat_bounds};
pub use gdal_failure::GdalFailure;
pub use glance::{Glance, Glimpse};
pub use left_out::{LeftOut, NoPlace};
pub use open_catalog::open_catalog;
pub use outline::{AoiPart, inside_outlines, read_aoi_parts};
pub use pixel::{Pixel, PixelType};
pub use pixel_areas::{PixelAreas, pixel_areas};
pub use place::{gsd_metres, is_geographic, is_placed, nominal_gsd, pixel_side_metres};
pub use point_records::{PointRecord, PointRecords, read_point_records};
pub use pool::DatasetPool;
pub use records::{Record, Records, read_records};
pub use resampling::Resampling;
pub use safe::{read_safe, read_safe_folder};
pub use scene::{Asset, AssetBand, Scene, SceneBand};
pub use scene_index::SceneIndex;
pub use stac::{
    ApiCatalog, BandStyle, Client, CollectionInfo, Retry, StacItem, scene_of_item, write_catalog,
};
pub use table::{read_csv, stage_csv, write_csv};
pub use vector::{Aoi, layer_bounds, rasterize, read_aoi};
pub use vector_error::VectorError;
pub use vector_layer::VectorLayer;
pub use vector_write::{Cell, LineTable, PointTable, write_lines, write_points};
