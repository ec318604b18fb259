//! What is known about the offset in a scene's digital numbers; what follows from it is decided elsewhere.

use crate::scale_offset::{LANDSAT_OFFSET, LANDSAT_SCALE, SENTINEL2_OFFSET, SENTINEL2_SCALE, ScaleOffset};
use crate::{Baseline, KinEvidence, PixelEvidence};
use ecotone_core::Sensor;
use std::fmt;

/// All that is known about the offset of a scene; what is not known is `None`.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct OffsetEvidence {
    /// Scale and offset that the catalogue or the product's metadata gives.
    pub provider: Option<ScaleOffset>,
    /// Whether the provider says that it already applied the offset, as `earthsearch:boa_offset_applied` does.
    pub provider_applied: Option<bool>,
    /// The Sentinel-2 processing baseline.
    pub baseline: Option<Baseline>,
    /// A look at the pixels.
    pub pixels: Option<PixelEvidence>,
    /// The same of all scenes of its kind, this one among them.
    pub kin: Option<KinEvidence>,
    /// Reflectance of one count, as the user says.
    pub scale: Option<f64>,
    /// The instrument, which the way out of a refusal depends on.
    pub sensor: Option<Sensor>,
}

impl OffsetEvidence {
    /// What to set where nothing tells the offset.
    pub(crate) fn way_out(&self) -> String {
        match self.sensor {
            Some(Sensor::Landsat | Sensor::LandsatTm) => format!(
                "inputs.scale = \"{LANDSAT_SCALE}\" with inputs.offset = \"{:.3}\" (Landsat Collection 2, level 2) or \
                 inputs.offset = \"0\" (they do not)",
                LANDSAT_OFFSET / LANDSAT_SCALE
            ),
            _ => format!(
                "inputs.offset = \"{SENTINEL2_OFFSET}\" (they do) or \"0\" (they do not), and inputs.scale where one \
                 count is not {SENTINEL2_SCALE}"
            ),
        }
    }
}

impl fmt::Display for OffsetEvidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.provider {
            Some(ScaleOffset { scale, offset }) => {
                write!(f, "the catalogue gives scale {scale} and offset {offset}")?;
            }
            None => write!(f, "the catalogue gives no scale and offset")?,
        }
        match self.provider_applied {
            Some(true) => write!(f, " and says the offset is applied")?,
            Some(false) => write!(f, " and says the offset is not applied")?,
            None => {}
        }
        match self.baseline {
            Some(baseline) if baseline >= Baseline::WITH_OFFSET => {
                write!(f, ", processing baseline {baseline} adds 1000 counts")?;
            }
            Some(baseline) => write!(f, ", processing baseline {baseline} adds no counts")?,
            None => write!(f, ", the processing baseline is unknown")?,
        }
        match self.pixels {
            Some(seen) => write!(f, ", {seen}")?,
            None => write!(f, ", and no pixel was looked at")?,
        }
        match self.kin.filter(|kin| kin.scenes > 1) {
            Some(kin) => write!(f, ", {kin}"),
            None => Ok(()),
        }
    }
}
