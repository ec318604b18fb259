//! What tells how the numbers of a collection become reflectance.

use std::fmt;

/// Where scale and offset of a collection come from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum OffsetSource {
    /// The item gives scale and offset of each band.
    Listed,
    /// A flag of the item says whether the offset of ESA's baselines since 04.00 was taken out.
    Flag,
    /// The numbers are ESA's own: those of baselines since 04.00 hold the offset, though the item does not say so.
    Held,
    /// They are the same for all items, which need not say so.
    Fixed {
        /// Reflectance of one count.
        scale: f64,
        /// What is added to that.
        offset: f64,
    },
    /// The values are no reflectance.
    NoReflectance,
}

impl OffsetSource {
    /// Landsat Collection 2 Level 2 (Science Product Guide, table 6-1).
    pub(super) const LANDSAT: Self = Self::Fixed { scale: 2.75e-5, offset: -0.2 };

    /// HLS (User Guide 2.0, table 7) and the analysis-ready data of Geoscience Australia.
    pub(super) const TEN_THOUSANDTHS: Self = Self::Fixed { scale: 1e-4, offset: 0.0 };
}

impl fmt::Display for OffsetSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listed => f.write_str("listed by the item"),
            Self::Flag => f.write_str("taken out where boa_offset_applied says so"),
            Self::Held => f.write_str("-1000 counts since baseline 04.00"),
            Self::Fixed { scale, offset } => write!(f, "scale {scale}, offset {offset}"),
            Self::NoReflectance => f.write_str("no reflectance"),
        }
    }
}
