//! What every mapping job needs, whatever it maps: how it tells how far it is, what it may use of the machine, the folder that it
//! leaves, the record of what it did, the codes of class rasters, and finished rows on their way to a map.
//!
//! A job takes [`Resources`] and a [`Progress`], claims a [`RunFolder`], and gives a [`Summary`]; it prints nothing. What is kept
//! here knows neither scenes nor networks.
//!
//! ```
//! use ecotone_jobs::{Command, Existing, RunFolder};
//!
//! let place = std::env::temp_dir().join("ecotone-jobs-doc");
//! # std::fs::remove_dir_all(&place).ok();
//! let folder = RunFolder::claim(Command::Assess, &place, Existing::Refuse, &[])?;
//! ecotone_jobs::write_json(&folder.file("metrics.json"), &serde_json::json!({ "pixels": 12 }))?;
//! drop(folder); // A folder has one writer at a time.
//! let again = RunFolder::claim(Command::Assess, &place, Existing::Refuse, &[]).unwrap_err();
//! assert!(again.to_string().contains("already holds a run"));
//! # std::fs::remove_dir_all(&place).ok();
//! # Ok::<(), ecotone_jobs::Error>(())
//! ```

mod codes;
mod error;
mod events;
mod failed_scenes;
mod filtered_strips;
mod ground;
mod heights;
mod layers;
mod legend_codes;
mod manifest;
mod map_item;
mod mask;
mod progress;
mod regions;
mod resources;
mod run_folder;
mod strips;
mod summary;
mod words;

pub use codes::{Codes, NO_BYTE, NO_CODE, declared_byte, inner, no_code};
pub use ecotone_io::{Bucket, Credentials, Patience, raise_open_files_limit, set_patience, use_credentials};
pub use error::{Error, Result, reasons};
pub use events::{Earlier, Event, Events, Timing, Told, What, read_events};
pub use failed_scenes::FailedScenes;
pub use filtered_strips::FilteredStrips;
pub use ground::{check_metres, check_places, is_coarser, is_in_metres};
pub use heights::{HeightTile, Heights, open_heights};
pub use layers::{LayerFile, NO_PERCENT, class_builder, percent, write_layers};
pub use legend_codes::{check_nodata, known_codes, nodata_code, read_legend};
pub use manifest::{Manifest, OfBands, UsedScene, sha256, write_json};
pub use map_item::write_map_item;
pub use mask::Mask;
pub use progress::{Progress, Silent};
pub use regions::Region;
pub use resources::{GDAL_CACHE, Resources, apply_to_files};
pub use run_folder::{Command, Existing, PAIRS, RunFolder, SINGLE_YEARS, YEARS, fresh};
pub use strips::{RowsOf, Strips};
pub use summary::{Failure, Summary};
pub use words::{article, hint, nearest};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
