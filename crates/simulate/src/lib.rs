//! Seeded landscapes with phenology, clouds, terrain and disturbance: satellite series with known truth.
//!
//! [`Forest`] is a landscape of stands, fields, towns and water over terrain, to which fellings, storms, fires, bark
//! beetles and thinnings happen; its scenes look as Sentinel-2 Level-2A products do, faults included. All is in
//! memory. [`Amazon`], [`Roads`] and [`Multiyear`] are other places, with maps of them that are partly wrong. The README
//! lists the assumptions.
//!
//! ```
//! use ecotone_simulate::{Forest, ForestConfig};
//!
//! let forest = Forest::new(ForestConfig { size: 64, revisit_days: 30, ..ForestConfig::default() })?;
//! let scene = forest.scene(0)?;
//! assert_eq!(scene.bands.len(), 10);
//! assert_eq!(scene.scl.len(), forest.truth().len());
//! # Ok::<(), ecotone_simulate::Error>(())
//! ```

mod amazon;
mod config;
mod error;
mod events;
mod fingerprint;
mod forest;
mod landscape;
mod mistakes;
mod multiyear;
mod noise;
mod optics;
mod pieces;
mod plan;
mod render;
mod roads;
mod schedule;
mod scl;
mod season;
mod speckle;
mod spectra;
mod story;
mod sun;
mod terrain;
mod texture;
mod vote;
mod weather;

#[cfg(test)]
mod tests;

pub use amazon::{Amazon, AmazonConfig, RadarScene, RadarSpec};
pub use config::ForestConfig;
pub use error::{Error, Result};
pub use forest::Forest;
pub use multiyear::{Multiyear, MultiyearConfig};
pub use optics::{SimulatedBand, SimulatedScene};
pub use roads::{Highway, MappedRoad, Roads, RoadsConfig, TrueColour};
pub use schedule::SceneSpec;
