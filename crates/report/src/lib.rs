//! Pages, charts and pictures of maps and their accuracy.
//!
//! A page is one HTML file with its styles, pictures and charts in it; it runs no script and fetches nothing. [`render`] makes
//! that of a training run from a [`Report`]. Pages of other jobs are composed beside these jobs from the same pieces:
//! [`whole_page`] of [`Part`]s, tables, charts, and pictures of rasters. Nothing here reads a file, and all text comes in as
//! typed: [`escape`] makes it safe.
//!
//! ```
//! use ecotone_report::{Fact, Part, Report, row, table, whole_page};
//!
//! let report = Report {
//!     title: "Forest of the <north>".to_owned(),
//!     summary: vec![Fact::new("Pixel size", "20 m")],
//!     ..Report::default()
//! };
//! let areas = table("Areas", "numbers", &["Class", "Hectares"], &row("", "forest", &["12.5".to_owned()]));
//! let page = whole_page(&report, &Part::new("areas", "Areas", areas).into_iter().collect::<Vec<_>>());
//! assert!(page.contains("Forest of the &lt;north&gt;") && page.contains("<td>12.5</td>"));
//! ```

mod alluvial;
mod chart;
mod class_matrix;
mod composite;
mod content;
mod differences;
mod interval_parts;
mod intervals;
mod page;
mod palette;
mod png;
mod reliability;
mod run_tables;
mod steps;
mod table;
mod text;

pub use alluvial::alluvial;
pub use class_matrix::{ShadeBy, class_matrix};
pub use composite::{Stretch, composite};
pub use content::{
    Accuracy, Baseline, Baselines, ClassSum, Fact, HistoryPoint, Picture, PictureSection, Prior, Report,
    SceneSummary, Span, Timing,
};
pub use differences::difference_chart;
pub use intervals::interval_chart;
pub use page::{Part, accuracy_section, pictures_section, recipe_section, render, run_section, whole_page};
pub use palette::{Swatch, class_map, error_key, error_map, legend_key, split_key, split_map};
pub use png::Png;
pub use reliability::reliability_diagram;
pub use steps::{Curve, agreement_chart, step_lines};
pub use table::{chip, row, table};
pub use text::{ABSENT, Escaped, area, count, escape, number};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
