//! A reference point on the map, and whether it counts.

use ecotone_core::{Window, XY};

/// A point on the map.
#[derive(Debug, Clone)]
pub(super) struct Point {
    pub(super) id: String,
    /// Where it lies; `None` where it has no shape or the map's projection does not reach.
    pub(super) position: Option<XY<f64>>,
    /// Row and column of the map; far off it where the point has no position.
    pub(super) pixel: Window,
    pub(super) state: State,
    /// Class index of the map, where the point is scored.
    pub(super) map: usize,
    /// Class index of the map that is compared with it, where there is one and the point is scored.
    pub(super) other: usize,
    /// Class index of the reference, where the point is scored.
    pub(super) reference: usize,
    /// Why the reference has no class there, where it has none.
    pub(super) unknown: Option<State>,
    /// As typed in their columns; empty where there is no such column.
    pub(super) stratum: String,
    pub(super) cluster: String,
    pub(super) weight: f64,
    /// Codes of the rasters of strata and regions.
    pub(super) stratum_code: Option<u8>,
    pub(super) region_code: Option<u8>,
}

/// Whether a point is scored, and why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum State {
    Scored,
    NoShape,
    NoPoint,
    Outside,
    Nodata,
    Masked,
    OneMap,
    NoCode,
    Ignored,
}

impl State {
    /// All of them; those that do not count in the order in which they are told.
    pub(super) const ALL: [Self; 9] = [
        Self::Scored,
        Self::NoShape,
        Self::NoPoint,
        Self::Outside,
        Self::Nodata,
        Self::Masked,
        Self::OneMap,
        Self::NoCode,
        Self::Ignored,
    ];

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Scored => "scored",
            Self::NoShape => "without a shape",
            Self::NoPoint => "not a point",
            Self::Outside => "outside the map",
            Self::Nodata => "on nodata of the map",
            Self::Masked => "masked",
            Self::OneMap => "without a class on the other map",
            Self::NoCode => "without a code",
            Self::Ignored => "of an ignored code",
        }
    }
}
