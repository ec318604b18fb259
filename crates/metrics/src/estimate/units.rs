//! What is known of one sample unit.

/// A sample unit: what the map shows there and what the reference says, as class indices from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct SampleUnit {
    /// The stratum that it was drawn from (or, in post-stratification, lies in), an index from 0.
    pub stratum: usize,
    /// A part of the map that estimates are wanted for, an index from 0; 0 where there is but one.
    pub region: usize,
    /// Class of the map.
    pub map: usize,
    /// Class of the reference.
    pub reference: usize,
}

impl SampleUnit {
    /// A unit of stratum 0 and region 0.
    pub const fn new(map: usize, reference: usize) -> Self {
        Self { stratum: 0, region: 0, map, reference }
    }

    /// The same in a stratum.
    #[must_use]
    pub const fn in_stratum(self, stratum: usize) -> Self {
        Self { stratum, ..self }
    }

    /// The same in a region.
    #[must_use]
    pub const fn in_region(self, region: usize) -> Self {
        Self { region, ..self }
    }
}

/// A sample unit of a one-stage or two-stage cluster sample. `unit.stratum` is the stratum of the *cluster*.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClusterUnit {
    /// Its classes, stratum and region.
    pub unit: SampleUnit,
    /// The cluster that it lies in, any number that is its own within the stratum.
    pub cluster: u64,
    /// Its design weight: one over its inclusion probability, see [`DrawnUnit::weight`](crate::DrawnUnit::weight).
    /// Only the weights' proportions matter.
    pub weight: f64,
}

/// A sample unit at which two maps are compared, as class indices from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct PairedUnit {
    /// The stratum that it was drawn from, an index from 0.
    pub stratum: usize,
    /// Class of the first map.
    pub first: usize,
    /// Class of the second map.
    pub second: usize,
    /// Class of the reference.
    pub reference: usize,
}
