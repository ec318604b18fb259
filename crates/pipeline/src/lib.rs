//! The whole mapping job: simulate, train, predict, assess, report.
//!
//! This is where the rooms meet: scenes of a catalogue (`ecotone-io`) become a masked series (`ecotone-preprocessing`),
//! a network (`ecotone-models`) learns from blocks of it (`ecotone-tiling`), and the map is scored (`ecotone-metrics`)
//! on blocks that it never saw. A job says how far it is through [`Progress`] and prints nothing.
//!
//! ```no_run
//! use ecotone_pipeline::recipe::Recipe;
//! use ecotone_pipeline::{Existing, Resources, Silent, TrainJob, train};
//! use std::path::Path;
//!
//! let here = Path::new(".").to_owned();
//! let recipe = Recipe::load(Path::new("recipes/first-run.toml"), &["train.epochs=5".to_owned()], &here)?;
//! let job = TrainJob { recipe, out: "runs/mine".into(), existing: Existing::Refuse, here };
//! let summary = train(&job, &Resources::new("flex", 2)?, &Silent)?;
//! assert!(summary.failures.is_empty());
//! # Ok::<(), ecotone_pipeline::Error>(())
//! ```

mod accuracy;
mod agree;
mod assess;
mod baseline;
mod codes;
mod dates;
mod error;
mod failed_scenes;
mod filtered_strips;
mod find;
mod grid;
mod info;
mod inputs;
mod label;
mod labels;
mod layers;
mod leaks;
mod load_cube;
mod manifest;
mod map_item;
mod mapping;
mod networks;
mod nothing;
mod outcome;
mod outcome_years;
mod pair_scenes;
mod patches;
mod predict;
mod progress;
mod radiometry;
pub mod recipe;
mod regions;
mod report;
mod run_folder;
mod sample;
mod sampling;
mod scene_open;
mod scene_plan;
mod series;
mod site;
mod source;
mod strips;
mod summary;
mod terrain;
mod train;
mod words;

pub use agree::{AgreeJob, agree};
pub use assess::{
    AssessError, AssessJob, Breakdown, Design, LineJob, MatrixJob, ProbabilityJob, SampleColumns, assess,
    assess_matrix,
};
pub use ecotone_io::raise_open_files_limit;
pub use error::{Error, Result};
pub use info::info;
pub use label::{
    CheckJob, CleanJob, CleanSeries, CrosswalkJob, ForestJob, LabelError, LegendLine, PatchesJob, QueueJob,
    RasterizeJob, SamplesJob, Splitting, StableJob, check_samples, clean_samples, crosswalk, label_forest,
    label_patches, label_queue, label_samples, label_stable, legends, rasterize,
};
pub use load_cube::load_cube;
pub use networks::{NetworkLine, networks};
pub use predict::{PredictJob, predict};
pub use progress::{Progress, Silent};
pub use report::{
    Accuracy, Baseline, Fact, HistoryPoint, Picture, PictureSection, Png, Report, SceneSummary, Stretch,
    Swatch, Timing, class_map, composite, error_key, error_map, legend_key, render, split_key, split_map,
};
pub use run_folder::Existing;
pub use sample::{SimulateJob, simulate};
pub use sampling::{
    ChipsJob, DrawJob, Precision, SizeJob, SizeLine, SizePlan, Sizes, draw_sample, sample_size,
};
pub use series::AreaCubes;
pub use summary::{Failure, Resources, Summary};
pub use train::{TrainJob, train};
