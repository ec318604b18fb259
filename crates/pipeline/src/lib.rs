//! Recipes, training and prediction: from catalogues to maps with networks.
//!
//! This is where the rooms meet: a recipe says which scenes (`ecotone-cubes`) and which labels (`ecotone-curation`), a network
//! (`ecotone-models`) learns from blocks of the series, and the map is scored (`ecotone-assessment`) on blocks that it never
//! saw. A job says how far it is through [`Progress`](ecotone_jobs::Progress) and prints nothing.
//!
//! ```no_run
//! use ecotone_pipeline::recipe::Recipe;
//! use ecotone_jobs::{Existing, Silent};
//! use ecotone_pipeline::{Compute, TrainJob, train};
//! use std::path::Path;
//!
//! let here = Path::new(".").to_owned();
//! let recipe = Recipe::load(Path::new("recipes/first-run.toml"), &["train.epochs=5".to_owned()], &here)?;
//! let job = TrainJob { recipe, out: "runs/mine".into(), existing: Existing::Refuse, here };
//! let summary = train(&job, &Compute::new("flex", 2)?, &Silent)?;
//! assert!(summary.failures.is_empty());
//! # Ok::<(), ecotone_pipeline::Error>(())
//! ```

mod baseline;
mod compute;
mod error;
#[cfg(test)]
mod illumination_tests;
mod info;
mod input_card;
mod leaks;
mod mapping;
mod networks;
mod outcome;
mod outcome_priors;
mod outcome_years;
mod patches;
mod predict;
pub mod recipe;
mod sample;
mod survey;
mod train;

pub use compute::{Compute, set_instructions};
pub use error::{Error, Result};
pub use info::info;
pub use mapping::{CUBES_IN_MEMORY, TileJob, TileOutcome, TileSink, map_tile};
pub use networks::{NetworkLine, networks};
pub use predict::{PredictJob, predict};
pub use sample::{SimulateJob, simulate};
pub use survey::{load_cube, survey};
pub use train::{TrainJob, train};
