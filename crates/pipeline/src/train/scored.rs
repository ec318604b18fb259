//! What the maps of a training job came to.

use super::prior_scores::PriorScores;
use crate::baseline::Baselines;
use ecotone_assessment::AgainstTruth;
use ecotone_metrics::{ChangeScores, ConfusionMatrix, SeriesAgreement};

/// What the map came to.
pub(crate) struct Scored {
    /// Class indices of the map, a plane over the areas.
    pub(crate) map: Vec<u8>,
    /// On the test pixels.
    pub(crate) confusion: ConfusionMatrix,
    pub(crate) truth: Option<AgainstTruth>,
    /// What the network's probabilities on the test pixels are worth.
    pub(crate) priors: PriorScores,
    /// Where the recipe asks for them.
    pub(crate) baselines: Option<Baselines>,
    /// Where there are several years.
    pub(crate) years: Option<YearsScored>,
}

/// The maps of a network of all years and, where the recipe asks for them, of a network a year.
pub(crate) struct YearsScored {
    /// The years' names.
    pub(crate) names: Vec<String>,
    /// Of the one network.
    pub(crate) all: MapSeries,
    /// Of a network a year.
    pub(crate) single: Option<MapSeries>,
}

/// The maps of each year, and what they are worth.
pub(crate) struct MapSeries {
    /// Class indices `[y, x]` of each year.
    pub(crate) maps: Vec<Vec<u8>>,
    /// Over the whole map.
    pub(crate) agreement: SeriesAgreement,
    /// On the test blocks alone.
    pub(crate) held_out: SeriesAgreement,
    /// Of each year on the test blocks against its labels, and against the truth where that is known.
    pub(crate) accuracy: Vec<(ConfusionMatrix, Option<ConfusionMatrix>)>,
    /// On the test blocks, where the truth of every year is known.
    pub(crate) changes: Option<ChangeScores>,
}
