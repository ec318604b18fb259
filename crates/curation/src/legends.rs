//! The legends that labels are most often taken from, and where each can be rewritten to.

use crate::Result;
use ecotone_labeling::{Crosswalk, LEGENDS};

/// A legend that comes with the program.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct LegendLine {
    /// What commands call it.
    pub name: &'static str,
    /// The product, its version and its publisher.
    pub title: &'static str,
    /// Number of its classes.
    pub classes: usize,
    /// Where it was read, and what could not be confirmed.
    pub source: &'static str,
    /// The legends that there is a crosswalk to.
    pub to: Vec<&'static str>,
}

/// Lists the legends.
///
/// # Errors
/// When a table that was built in is no legend.
pub fn legends() -> Result<Vec<LegendLine>> {
    let line = |legend: &ecotone_labeling::NamedLegend| {
        let name = legend.name;
        let reached = |to: &&str| *to != name && Crosswalk::named(name, to).is_ok();
        Ok(LegendLine {
            name,
            title: legend.title,
            classes: legend.legend()?.len(),
            source: legend.source,
            to: LEGENDS.iter().map(|other| other.name).filter(reached).collect(),
        })
    };
    LEGENDS.iter().map(line).collect()
}
