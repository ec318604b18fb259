//! What can go wrong on the way from numbers to series.

use crate::{BackscatterEvidence, BackscatterUnits, OffsetEvidence};

/// The result of preprocessing.
pub type Result<T> = std::result::Result<T, Error>;

/// Input that cannot be used as it is, and what was expected instead.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The witnesses of the reflectance offset contradict each other.
    #[error(
        "scene {scene}: no agreement on the reflectance offset: {evidence}; settle it with inputs.offset = \"-1000\" \
         (digital numbers hold it), \"0\" (they do not) or \"provider\" (what the catalogue says)"
    )]
    OffsetDisagreement {
        /// The scene.
        scene: String,
        /// What each witness says.
        evidence: Box<OffsetEvidence>,
    },
    /// No witness of the reflectance offset says anything.
    #[error(
        "scene {scene}: nothing tells whether digital numbers hold an offset: {evidence}; settle it with {}",
        evidence.way_out()
    )]
    OffsetUnknown {
        /// The scene.
        scene: String,
        /// What each witness says: nothing.
        evidence: Box<OffsetEvidence>,
    },
    /// The pixels of a scene contradict those of the scenes that should hold the offset as it does.
    #[error(
        "scene {scene}: its pixels and those of its kin disagree on the reflectance offset: {evidence}; settle it with \
         inputs.offset = \"-1000\" (all hold it), \"0\" (none does) or \"pixels\" (each as its own pixels show)"
    )]
    OffsetKin {
        /// The scene.
        scene: String,
        /// What each witness says.
        evidence: Box<OffsetEvidence>,
    },
    /// The pixels of a radar scene fit neither linear power nor decibels, or not what the user says.
    #[error(
        "scene {scene}: {} of {} pixels are below 0, which {}; settle it with inputs.sar.units = \"power\" (linear, \
         never below 0) or \"decibel\"", evidence.negative, evidence.pixels,
        told.map_or_else(|| "is neither linear power nor decibels".to_owned(), |told| format!("is not {told}"))
    )]
    BackscatterUnits {
        /// The scene.
        scene: String,
        /// What the user says.
        told: Option<BackscatterUnits>,
        /// What the pixels say.
        evidence: BackscatterEvidence,
    },
    /// The catalogue's scale and offset are to be used, but it has none.
    #[error(
        "scene {scene}: the catalogue gives no scale and offset, though inputs.offset = \"provider\" asks for it"
    )]
    NoProviderOffset {
        /// The scene.
        scene: String,
    },
    /// A scale or offset that is no number, or that no reflectance has.
    #[error(
        "scene {scene}: scale {scale} and offset {offset} do not make reflectance of digital numbers: expected a scale \
         above 0, at most 0.1, and an offset from -1 to 1 in reflectance (not in counts); settle it with inputs.scale \
         and inputs.offset"
    )]
    Scale {
        /// The scene.
        scene: String,
        /// The scale found.
        scale: f64,
        /// The offset found.
        offset: f64,
    },
    /// A word that is no rule for the offset.
    #[error(
        "offset `{found}`: expected \"auto\", \"provider\", \"pixels\", \"none\" or a number of digital counts such as \"-1000\""
    )]
    OffsetRule {
        /// The word found.
        found: String,
    },
    /// A text that is no processing baseline.
    #[error("processing baseline `{found}`: expected a number such as `04.00` or `N0400`")]
    Baseline {
        /// The text found.
        found: String,
    },
    /// Band algebra that cannot be understood.
    #[error("index `{text}`: expected {expected} at character {position}")]
    Expression {
        /// The whole expression.
        text: String,
        /// Where, counted from 1.
        position: usize,
        /// What should stand there.
        expected: &'static str,
    },
    /// A band that an index needs and the input lacks.
    #[error("index {index} needs band `{band}` (the input has {known})")]
    UnknownBand {
        /// The index.
        index: String,
        /// The band it needs.
        band: String,
        /// The bands there are, comma-separated.
        known: String,
    },
    /// A name that is no built-in index.
    #[error(
        "no index is called `{name}` (built in: {known}); write a new one as `name = (B8A - B04) / (B8A + B04)`"
    )]
    UnknownIndex {
        /// The name asked for.
        name: String,
        /// The names there are, comma-separated.
        known: String,
    },
    /// An array of the wrong size.
    #[error("{what}: expected {expected} values, found {found}")]
    Length {
        /// Which array.
        what: &'static str,
        /// Values needed.
        expected: usize,
        /// Values found.
        found: usize,
    },
    /// A series that does not make a cube.
    #[error("making a cube of a series of {expected} values")]
    Cube {
        /// Values of the series.
        expected: usize,
        /// What the cube says.
        #[source]
        source: ecotone_core::Error,
    },
    /// A scene given twice.
    #[error("scene {id} was added twice to one series")]
    SceneTwice {
        /// The scene.
        id: String,
    },
    /// A value that is not a number where one was promised.
    #[error("channel {channel} holds a value that is not finite at a valid pixel")]
    NotFinite {
        /// Place of the channel.
        channel: usize,
    },
    /// Statistics of nothing.
    #[error("no valid pixel to learn normalisation from")]
    NothingToLearn,
    /// Statistics that cannot normalise.
    #[error("normalisation of channel {channel} by mean {mean} and standard deviation {std} is impossible")]
    Normalisation {
        /// Place of the channel.
        channel: usize,
        /// Mean found.
        mean: f32,
        /// Standard deviation found.
        std: f32,
    },
    /// Terrain on a rotated grid.
    #[error("terrain lies on a rotated grid; slope and aspect need rows along x")]
    RotatedTerrain,
}

pub(crate) fn check_length(what: &'static str, expected: usize, found: usize) -> Result<()> {
    if expected == found { Ok(()) } else { Err(Error::Length { what, expected, found }) }
}
