//! Vector files: their features, areas of interest, what is burnt of them, and writing them.

mod aoi;
mod areas;
mod burn;
mod error;
mod features;
mod groups;
mod layer;
mod left_out;
mod nearest;
mod outline;
mod plain_shape;
mod point_records;
mod rasterize;
#[cfg(test)]
mod tests;
mod write;

pub use aoi::{Aoi, layer_bounds, read_aoi};
pub use areas::{Area, Areas, rasterize_areas};
pub use burn::{Burn, BurnQuery, Burnt, CodeFrom, OddWidths, TagFilter};
pub use error::VectorError;
pub use groups::{GroupName, Groups, rasterize_groups};
pub use layer::VectorLayer;
pub use left_out::{LeftOut, NoPlace};
pub use outline::{AoiPart, inside_outlines, read_aoi_parts};
pub use point_records::{PointRecord, PointRecords, read_point_records};
pub use rasterize::rasterize;
pub use write::{Cell, LineTable, PointTable, write_lines, write_points};
