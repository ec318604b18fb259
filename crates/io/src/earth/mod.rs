//! Where grids lie on the Earth: coordinate reference systems, outlines, lengths and areas on the ground.

pub(crate) mod crs;
mod footprint;
mod ground;
mod pixel_areas;
mod place;

pub use crs::{same_crs, transform_bounds, transform_each, transform_points};
pub(crate) use footprint::{bounds_of, cut_at_antimeridian, intersects, unwrapped};
pub use footprint::{footprint, lonlat_bounds};
pub use pixel_areas::{PixelAreas, pixel_areas};
pub(crate) use place::unplaced_crs;
pub use place::{gsd_metres, is_geographic, is_placed, nominal_gsd, pixel_side_metres};
