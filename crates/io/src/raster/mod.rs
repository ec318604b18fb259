//! Rasters, read by window or onto any grid.

mod absence;
mod band_absence;
mod codes;
mod dataset;
mod glance;
mod pixel;
mod pool;
mod resample;
mod resampling;
mod rewritten;
mod tiles;
mod tries;
#[cfg(test)]
mod tries_tests;
mod troubles;
mod warp;

pub use codes::Nothing;
pub use dataset::{BandInfo, RasterDataset};
pub use glance::{Glance, Glimpse};
pub use pixel::{Pixel, PixelType};
pub use pool::DatasetPool;
pub use resampling::Resampling;
pub use tiles::Tiles;
