//! The report of a run: one self-contained HTML page of maps, curves and tables, without scripts or links to fetch.

mod agreement;
mod alluvial;
mod assessment;
mod chart;
mod cleaning;
mod clusters;
mod comparison;
mod composite;
mod forest;
mod intervals;
mod lines;
mod page;
mod palette;
mod png;
mod probabilities;
mod steps;
mod table;
mod text;

pub(crate) use agreement::{Agreement, agreement_page};
pub(crate) use assessment::{AssessmentPage, assessment_page};
pub(crate) use cleaning::{CleanedClass, CleaningPage, ClusterSeries, Scatter, cleaning_page};
pub use composite::{Stretch, composite};
pub(crate) use forest::{FeatureWeight, ForestPage, forest_page};
pub use page::{
    Accuracy, Baseline, Fact, HistoryPoint, Picture, PictureSection, Report, SceneSummary, Timing, render,
};
pub use palette::{Swatch, class_map, error_key, error_map, legend_key, split_key, split_map};
pub use png::Png;
