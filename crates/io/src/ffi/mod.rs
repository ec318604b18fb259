//! What the `gdal` crate lacks: strided reads, warping, identifying a CRS, transforming points one by one, straight
//! shapes of curves, and GDAL's error and cache state.
#![expect(
    unsafe_code,
    reason = "the one module that calls GDAL's C API directly; every block says why it is sound"
)]

mod band;
mod crs;
mod failure;
mod heard;
pub(crate) mod limits;
mod read;
mod remote;
mod shape;
mod start;
mod system;
mod warp;

pub(crate) use band::{attribute_table, category_names, is_complex};
pub(crate) use crs::{epsg_of, find_epsg, transform_each};
pub(crate) use failure::{failure_since_reset, reset_errors};
pub(crate) use heard::{Heard, listen};
pub(crate) use read::{Layout, read, read_mask};
pub(crate) use remote::{forget_remote, set_path_option};
pub(crate) use shape::{faces, straight};
pub(crate) use start::init;
pub use start::{gdal_version, set_cache_bytes};
pub use system::{ignore_file_size_signal, prefer_large_pages};
pub(crate) use warp::{virtual_dataset, warp};
