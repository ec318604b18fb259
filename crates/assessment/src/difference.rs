//! How two sides of runs differ on the same blocks: the lines of comparison.csv, and of baselines.json.

use crate::Result;
use ecotone_metrics::{BlockBootstrap, BlockMeasure, Landscape};
use serde::Serialize;

/// A figure of both sides and their difference, first less second, with its percentile interval.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DifferenceLine {
    /// `overall_accuracy`, `macro_f1`, `f1` or `area_error`.
    pub measure: &'static str,
    /// The class; `None` for figures of all classes.
    pub code: Option<u8>,
    /// The first side, mean of its runs.
    pub first: Option<f64>,
    /// The second side.
    pub second: Option<f64>,
    /// First less second.
    pub difference: Option<f64>,
    /// Lower end of the interval; `None` where fewer than two blocks say anything.
    pub lower: Option<f64>,
    /// Upper end.
    pub upper: Option<f64>,
    /// Blocks that say anything.
    pub blocks: usize,
}

impl DifferenceLine {
    /// Names of the columns.
    pub(crate) const HEADER: [&'static str; 8] =
        ["measure", "code", "first", "second", "difference", "lower", "upper", "blocks"];

    /// True where the interval lies above 0.
    pub fn is_above(&self) -> bool {
        self.lower.is_some_and(|lower| lower > 0.0)
    }

    /// True where the interval lies below 0.
    pub fn is_below(&self) -> bool {
        self.upper.is_some_and(|upper| upper < 0.0)
    }
}

/// Accuracy and macro-F1, then F1 and area error of each class that occurs; classes of the landscapes are in the order of
/// `codes`.
///
/// # Errors
/// When the landscapes do not fit each other.
pub fn differences(
    codes: &[u8],
    landscapes: &[Landscape],
    bootstrap: &BlockBootstrap,
) -> Result<Vec<DifferenceLine>> {
    let overall = [
        ("overall_accuracy", None, BlockMeasure::OverallAccuracy),
        ("macro_f1", None, BlockMeasure::MacroF1),
    ];
    let of_class = |name, measure: fn(usize) -> BlockMeasure| {
        codes.iter().enumerate().map(move |(class, code)| (name, Some(*code), measure(class)))
    };
    let asked: Vec<_> = (overall.into_iter())
        .chain(of_class("f1", BlockMeasure::F1))
        .chain(of_class("area_error", BlockMeasure::AreaError))
        .collect();
    let measures: Vec<BlockMeasure> = asked.iter().map(|(.., measure)| *measure).collect();
    let found = bootstrap.compare(landscapes, &measures)?;
    let line = |((measure, code, _), found): (&(&'static str, Option<u8>, BlockMeasure), _)| {
        let found: ecotone_metrics::BlockDifference = found;
        DifferenceLine {
            measure,
            code: *code,
            first: found.first,
            second: found.second,
            difference: found.difference,
            lower: found.interval.map(|ends| ends.lower),
            upper: found.interval.map(|ends| ends.upper),
            blocks: found.blocks,
        }
    };
    Ok(asked.iter().zip(found).map(line).filter(|line| line.code.is_none() || line.blocks > 0).collect())
}
