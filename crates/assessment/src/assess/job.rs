//! What an assessment is asked to do.

use super::breakdown::Breakdown;
use crate::Result;
use ecotone_io::VectorLayer;
use ecotone_jobs::Error as JobError;
use ecotone_jobs::Existing;
use ecotone_metrics::Estimator;
use std::path::PathBuf;

/// An assessment of a map.
#[derive(Debug, Clone)]
pub struct AssessJob {
    /// A raster of class codes.
    pub map: PathBuf,
    /// A raster of class codes, or points with theirs.
    pub reference: PathBuf,
    /// The layer of the points, where several hold features.
    pub layer: Option<String>,
    /// Another map, judged at the same points.
    pub against: Option<PathBuf>,
    /// `code,name,color`.
    pub legend: PathBuf,
    /// Codes of maps and reference that are no class, besides the nodata that a file declares.
    pub ignore: Vec<i64>,
    /// Only pixels where a raster has a value are scored.
    pub mask: Option<(PathBuf, u8)>,
    /// How the points were drawn; `None`: their counts are no estimate.
    pub design: Option<Design>,
    /// A raster of the strata that points were drawn from; `None`: the map's classes.
    pub strata: Option<PathBuf>,
    /// `code,area` of the strata, where the map's own pixel counts are not to be used.
    pub areas: Option<PathBuf>,
    /// A raster of regions, each of which gets estimates of its own.
    pub region: Option<PathBuf>,
    /// Which columns of the points say what.
    pub columns: SampleColumns,
    /// What else the scores are broken down by, against a reference raster.
    pub by: Vec<Breakdown>,
    /// Class probabilities that are scored, too.
    pub probabilities: Option<ProbabilityJob>,
    /// Classes that are lines, scored with a buffer, against a reference raster.
    pub lines: Option<LineJob>,
    /// Of the intervals, between 0 and 1.
    pub confidence: f64,
    /// The folder for the tables.
    pub out: PathBuf,
    /// What to do where the folder holds a run already.
    pub existing: Existing,
}

/// Which classes are lines, and how far off they may lie.
#[derive(Debug, Clone, PartialEq)]
pub struct LineJob {
    /// Codes of the legend.
    pub codes: Vec<u8>,
    /// Buffers in metres, each of which is scored.
    pub buffers: Vec<f64>,
}

/// What class probabilities are scored.
#[derive(Debug, Clone, PartialEq)]
pub struct ProbabilityJob {
    /// Percents 0 to 100, one band a class in the legend's order, 255 for no data.
    pub path: PathBuf,
    /// The share of each class that conformal sets may miss, between 0 and 1.
    pub alpha: f64,
    /// Side in metres of the blocks that calibrate or are scored as a whole, against a reference raster; `None`: that of
    /// the split of the run that made the map, else by the map's size.
    pub block: Option<f64>,
    /// Of the split into calibration and scoring.
    pub seed: u64,
}

/// An assessment by people who hold an error matrix and mapped areas only.
#[derive(Debug, Clone)]
pub struct MatrixJob {
    /// Sample counts: header and first column are class codes, rows = map.
    pub counts: PathBuf,
    /// `code,area`.
    pub areas: PathBuf,
    /// Names and colours of the codes.
    pub legend: Option<PathBuf>,
    /// How the sample was drawn.
    pub design: Design,
    /// Of the intervals, between 0 and 1.
    pub confidence: f64,
    /// The folder for the tables.
    pub out: PathBuf,
    /// What to do where the folder holds a run already.
    pub existing: Existing,
}

/// Which columns of a file of points say what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleColumns {
    /// The class code of the reference.
    pub code: String,
    /// The stratum that the point was drawn from.
    pub stratum: Option<String>,
    /// The cluster that it lies in.
    pub cluster: Option<String>,
    /// One over its inclusion probability, in any unit; `None`: in a sample of clusters the column called weight, where
    /// there is one.
    pub weight: Option<String>,
}

impl Default for SampleColumns {
    fn default() -> Self {
        Self { code: "code".to_owned(), stratum: None, cluster: None, weight: None }
    }
}

/// How a sample was drawn, which decides the right estimator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Design {
    /// Every pixel was as likely as any other.
    Simple,
    /// Simple within each stratum, so many in each.
    Stratified,
    /// Simple; the strata correct the estimate afterwards.
    Poststratified,
    /// On a grid.
    Systematic,
    /// Clusters of pixels.
    Cluster,
}

impl Design {
    const WORDS: [(&'static str, Self); 5] = [
        ("simple", Self::Simple),
        ("stratified", Self::Stratified),
        ("poststratified", Self::Poststratified),
        ("systematic", Self::Systematic),
        ("cluster", Self::Cluster),
    ];

    /// From its word.
    ///
    /// # Errors
    /// When it is none, with the nearest one.
    pub fn parse(word: &str) -> Result<Self> {
        let found = Self::WORDS.iter().find(|(known, _)| *known == word);
        found
            .map(|(_, design)| *design)
            .ok_or_else(|| JobError::word("--design", word, &Self::WORDS.map(|(known, _)| known)).into())
    }

    /// Its word.
    pub(crate) fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, design)| *design == self).map_or("", |(word, _)| word)
    }

    /// Whether sizes of strata go into the estimate.
    pub(crate) const fn has_strata(self) -> bool {
        matches!(self, Self::Stratified | Self::Poststratified)
    }

    pub(crate) const fn estimator(self) -> Estimator {
        match self {
            Self::Simple => Estimator::Simple,
            Self::Stratified | Self::Cluster => Estimator::Stratified,
            Self::Poststratified => Estimator::PostStratified,
            Self::Systematic => Estimator::Systematic,
        }
    }

    /// Where the formulas of value and variance come from.
    pub(crate) const fn source(self) -> &'static str {
        match self {
            Self::Simple => "ratio estimator of a simple random sample (Cochran 1977, chapter 2)",
            Self::Stratified => {
                "stratified estimator (Olofsson et al. 2014, RSE 148:42-57, eqs. 1-11; Stehman 2014, IJRS \
                 35:4923-4939, where strata are not the map's classes)"
            }
            Self::Poststratified => "post-stratified estimator (Cochran 1977, section 5A.9)",
            Self::Systematic => {
                "as a simple random sample (Cochran 1977, section 8.11), which as a rule overstates the error"
            }
            Self::Cluster => {
                "ratio estimator over ultimate clusters (Cochran 1977, section 9A.5 and chapter 11)"
            }
        }
    }
}

impl AssessJob {
    /// A map scored wall to wall against a raster, or at points, and nothing else asked for; the folder may not hold a run.
    pub fn new(
        map: impl Into<PathBuf>,
        reference: impl Into<PathBuf>,
        legend: impl Into<PathBuf>,
        out: impl Into<PathBuf>,
    ) -> Self {
        Self {
            map: map.into(),
            reference: reference.into(),
            layer: None,
            against: None,
            legend: legend.into(),
            ignore: Vec::new(),
            mask: None,
            design: None,
            strata: None,
            areas: None,
            region: None,
            columns: SampleColumns::default(),
            by: Vec::new(),
            probabilities: None,
            lines: None,
            confidence: 0.95,
            out: out.into(),
            existing: Existing::Refuse,
        }
    }

    /// The reference as a vector file, and which of its layers is meant.
    pub(super) fn reference_layer(&self) -> VectorLayer {
        VectorLayer::named(&self.reference, self.layer.as_deref())
    }
}
