//! One TOML file that says a whole mapping job.

mod check;
mod choices;
mod explain;
mod load;
mod loss;
mod model;
mod paths;
mod sections;
mod values;
mod years;

pub use explain::explain;
pub use load::Recipe;
pub use sections::{
    Assess, BlendKind, ClassWeighting, Cleaning, FillKind, Grid, Inputs, Labels, Mask, MaskFormat, Model,
    Predict, RadarUnits, Sar, Series, Simulate, Split, StepKind, Timeline, Train,
};
