//! Masked, regular cubes from the scenes of STAC catalogues, without networks.

mod dates;
mod error;
mod find;
mod grid;
mod map_grid;
mod margin;
mod mask;
mod nothing;
mod nothing_seen;
mod pair_scenes;
mod radiometry;
mod scene_open;
mod scene_plan;
mod series;
mod series_spec;
mod site;
mod source;
mod source_spec;
mod terrain;

pub use dates::Dates;
pub use error::{Error, Result};
pub use find::{COUNTED, Catalogs, Place, Wanted};
pub use grid::{
    check_resolution, extent, has_resolution, is_same_resolution, pixel_in_words, resolution_for, shared,
};
pub use map_grid::{Known, MapGrid};
pub use margin::{grown, metres_at_most};
pub use mask::{Mask, MaskFormat};
pub use nothing_seen::nothing_seen;
pub use pair_scenes::paired;
pub use scene_plan::PlannedScene;
pub use series::{AreaCubes, Loaded, Series};
pub use series_spec::SeriesSpec;
pub use site::{Site, parts, searched, windows_of};
pub use source::Sought;
pub use source_spec::{FillKind, RadarUnits, SourceSpec, StepKind, told_scale};
pub use terrain::ILLUMINATION;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
