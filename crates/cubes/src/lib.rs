//! Masked, regular cubes from the scenes of STAC catalogues, without networks.

mod calendar;
mod dates;
mod error;
mod find;
mod grid;
mod map_grid;
mod mask;
mod nothing;
mod nothing_seen;
mod pair_scenes;
mod plan;
mod radiometry;
mod readers;
mod scene_open;
mod scene_plan;
mod series;
mod series_spec;
mod site;
mod sought;
mod source;
mod source_spec;
mod terrain;

pub use calendar::Calendar;
pub use dates::Dates;
pub use error::{Error, Result};
pub use find::{COUNTED, Catalogs, Place, Wanted};
pub use grid::{
    check_resolution, extent, has_resolution, is_same_resolution, pixel_in_words, resolution_for, shared,
};
pub use map_grid::{Known, MapGrid};
pub use mask::{Mask, MaskFormat};
pub use nothing_seen::nothing_seen;
pub use pair_scenes::paired;
pub use plan::{Pass, Plan, PlannedSource};
pub use scene_plan::PlannedScene;
pub use series::{AreaCubes, Series};
pub use series_spec::SeriesSpec;
pub use site::{Site, parts, searched, windows_of};
pub use sought::Sought;
pub use source_spec::{FillKind, RadarUnits, SourceSpec, StepKind, told_scale};
pub use terrain::ILLUMINATION;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
