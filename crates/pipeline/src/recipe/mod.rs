//! One TOML file that says a whole mapping job.

mod check;
mod choices;
mod explain;
mod inputs;
mod load;
mod loss;
mod model;
mod paths;
mod sections;
mod values;
mod years;

pub use ecotone_cubes::{FillKind, MapGrid as Grid, Mask, MaskFormat, RadarUnits, StepKind};
pub use ecotone_curation::Split;
pub(crate) use paths::catalog_folder;

pub use explain::explain;
pub use load::Recipe;
pub(crate) use sections::reach;
pub use sections::{
    Assess, BlendKind, ClassWeighting, Cleaning, Inputs, Labels, Model, Predict, PriorKind, Sar, Series,
    Simulate, StepLength, Timeline, Train,
};
