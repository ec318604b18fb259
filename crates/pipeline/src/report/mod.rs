//! The report of a run: one self-contained HTML page of maps, curves and tables, without scripts or links to fetch.

mod chart;
mod composite;
mod page;
mod palette;
mod png;
mod table;
mod text;

pub use composite::{Stretch, composite};
pub use page::{
    Accuracy, Baseline, Fact, HistoryPoint, Picture, PictureSection, Report, SceneSummary, Timing, render,
};
pub use palette::{Swatch, class_map, error_key, error_map, legend_key, split_key, split_map};
pub use png::Png;
