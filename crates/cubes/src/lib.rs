//! Masked, regular cubes from the scenes of STAC catalogues, without networks.
//!
//! A [`SeriesSpec`] says which scenes and which ground: a [`SourceSpec`] for each sensor, a [`MapGrid`]. Planned, it is a
//! [`Series`]: scenes that were opened once, whose numbers are understood, and of which no pixel is held. A series gives the
//! cube of any window, `[time, band, y, x]` with a mask, reflectance of optical scenes and decibels of radar; a scene that
//! cannot be read is listed and left out. What digital numbers mean is never guessed silently: [`PlannedScene::used`] tells it.
//!
//! ```
//! use ecotone_cubes::{Mask, MaskFormat, SourceSpec};
//!
//! // Ten-day steps from January on, masked by HLS's Fmask: bits 1 (cloud), 2 (beside cloud) and 3 (shadow) are dropped.
//! let mask = Mask { kind: MaskFormat::Fmask, asset: "Fmask".to_owned(), values: vec![1, 2, 3], dilate: 0 };
//! let spec = SourceSpec { mask, ..SourceSpec::new(&["red", "nir08"], "2021-01-01".parse().unwrap(), 36) };
//! assert_eq!(spec.timeline()?.end().to_string(), "2021-12-27");
//! assert!(spec.mask_kind()?.is_some());
//! # Ok::<(), ecotone_cubes::Error>(())
//! ```
//!
//! The README loads a cube in ten lines.

mod band_meaning;
mod calendar;
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
mod plan;
mod provider_rule;
mod providers;
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

pub use band_meaning::MeantBand;
pub use calendar::Calendar;
pub use dates::Dates;
pub use error::{Error, Result};
pub use find::{COUNTED, Catalogs, Place, Wanted};
pub use grid::{
    check_resolution, extent, first_band, is_same_resolution, pixel_in_words, resolution_for, shared,
};
pub use map_grid::{Known, MapGrid};
pub use margin::{grown, metres_at_most};
pub use mask::{Mask, MaskFormat};
pub use nothing_seen::nothing_seen;
pub use pair_scenes::paired;
pub use plan::{Pass, Plan, PlannedSource};
pub use providers::{ProviderLine, providers};
pub use scene_plan::PlannedScene;
pub use series::{AreaCubes, Loaded, Series};
pub use series_spec::SeriesSpec;
pub use site::{Site, parts, searched, windows_of};
pub use sought::Sought;
pub use source_spec::{FillKind, RadarUnits, SourceSpec, StepKind, told_scale};
pub use terrain::ILLUMINATION;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
