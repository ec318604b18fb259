//! What of a vector file is not used, and why: left out and told, so that one odd feature does not end a job.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

/// How many features are named where some are left out.
const SHOWN: usize = 5;

/// Why a feature, or a line of a table, has no place on a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoPlace {
    /// Its geometry is null or empty.
    NoShape,
    /// It is a line or an area, where points are asked for.
    NoPoint,
    /// It lies where the map's projection does not reach.
    OutOfReach,
    /// Only a part of it lies within reach of the map's projection; that part is used.
    PartOutOfReach,
    /// GDAL cannot make its shape one of points, lines and polygons.
    OddShape,
}

impl fmt::Display for NoPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoShape => "without a shape",
            Self::NoPoint => "not a point",
            Self::OutOfReach => "beyond the reach of the projection",
            Self::PartOutOfReach => "in part beyond the reach of the projection",
            Self::OddShape => "of a shape that is neither point, line nor polygon",
        })
    }
}

/// Features that were left out, by reason.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LeftOut(BTreeMap<NoPlace, Vec<u64>>);

impl LeftOut {
    pub(crate) fn push(&mut self, reason: NoPlace, feature: u64) {
        self.0.entry(reason).or_default().push(feature);
    }

    /// Each reason and the numbers of its features, in the order of the file.
    pub fn reasons(&self) -> impl Iterator<Item = (NoPlace, &[u64])> {
        self.0.iter().map(|(reason, features)| (*reason, features.as_slice()))
    }

    /// A line for each reason, with the number and the first few features.
    ///
    /// ```text
    /// 2 without a shape: features 4, 9
    /// ```
    pub fn lines(&self) -> Vec<String> {
        let line = |(reason, features): (NoPlace, &[u64])| {
            let named: Vec<String> = features.iter().take(SHOWN).map(u64::to_string).collect();
            let (word, more) = (
                if features.len() == 1 { "feature" } else { "features" },
                if features.len() > SHOWN { ", …" } else { "" },
            );
            format!("{} {reason}: {word} {}{more}", features.len(), named.join(", "))
        };
        self.reasons().map(line).collect()
    }

    /// Tells the log, for readers whose result has no place for a list.
    pub(crate) fn warn(&self, path: &Path) {
        for line in self.lines() {
            tracing::warn!("{} has features that are left out: {line}", path.display());
        }
    }
}
