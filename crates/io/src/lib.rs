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

mod access;
mod catalog;
mod earth;
mod error;
mod ffi;
mod gdal_failure;
mod open;
mod patience;
mod raster;
mod tables;
mod vector;
mod write;
mod xml;

pub use access::{Bucket, Credentials, unsigned_address, use_credentials, without_secrets};
pub use catalog::{
    ApiCatalog, Asset, AssetBand, BandStyle, Catalog, CatalogFailure, Client, CollectionInfo, Found,
    KnownScene, OffsetSource, Provider, ProviderCollection, ProviderMask, ProviderMaskKind, Query, Scene,
    SceneBand, SceneIndex, SceneList, StacItem, open_catalog, provider_named, providers, read_safe,
    read_safe_folder, scene_of_item, search_all, write_catalog,
};
pub use earth::{
    PixelAreas, footprint, gsd_metres, is_geographic, is_placed, lonlat_bounds, nominal_gsd, pixel_areas,
    pixel_side_metres, same_crs, transform_bounds, transform_each, transform_points,
};
pub use error::{Error, Result};
pub use ffi::limits::raise_open_files_limit;
pub use ffi::{gdal_version, ignore_file_size_signal, prefer_large_pages, set_cache_bytes};
pub use gdal_failure::GdalFailure;
pub use patience::{Patience, set_patience};
pub use raster::{
    BandInfo, DatasetPool, Glance, Glimpse, Nothing, Pixel, PixelType, RasterDataset, Resampling, Tiles,
};
pub use tables::{read_csv, read_legend, read_table, stage_csv, write_csv};
pub use vector::{
    Aoi, AoiPart, Area, Areas, Burn, BurnQuery, Burnt, Cell, CodeFrom, GroupName, Groups, LeftOut, LineTable,
    NoPlace, OddWidths, PointRecord, PointRecords, PointTable, TagFilter, VectorError, VectorLayer,
    inside_outlines, layer_bounds, rasterize, rasterize_areas, rasterize_groups, read_aoi, read_aoi_parts,
    read_point_records, write_lines, write_points,
};
pub use write::{CogOptions, CogWriter, Content, Staged, write_atomic, write_cog};
