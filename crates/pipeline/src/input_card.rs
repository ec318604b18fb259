//! What the card of a model says of its input.

use crate::recipe::BlendKind;
use ecotone_cubes::SourceSpec;
use serde::{Deserialize, Serialize};

/// What the pipeline adds to a model's card: how the series was made, and how windows meet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct InputCard {
    /// How the scenes of each sensor become channels and steps.
    pub(crate) sources: Vec<SourceSpec>,
    /// How overlapping windows are put together.
    pub(crate) blend: BlendKind,
}
