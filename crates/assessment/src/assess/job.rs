//! What an assessment is asked to do.

use super::years::{check_years, of_year, years};
use super::{Breakdown, LineJob, ProbabilityJob};
use crate::{Error, Result};
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
    /// One over its inclusion probability, in any unit.
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
    /// What it reads, with the name of each year in place of `{year}`.
    pub(super) fn files(&self) -> Vec<PathBuf> {
        let by = self.by.iter().filter_map(Breakdown::raster);
        let optional = [&self.against, &self.strata, &self.areas, &self.region].into_iter().flatten();
        let mask = self.mask.as_ref().map(|(path, _)| path);
        let probabilities = self.probabilities.as_ref().map(|asked| &asked.path);
        let all = [&self.map, &self.reference, &self.legend].into_iter().chain(optional);
        let all: Vec<&PathBuf> = all.chain(mask).chain(probabilities).chain(by).collect();
        match years(self) {
            None => all.into_iter().cloned().collect(),
            Some(years) => {
                years.iter().flat_map(|year| all.iter().map(move |path| of_year(path, year))).collect()
            }
        }
    }

    /// The reference as a vector file, and which of its layers is meant.
    pub(super) fn reference_layer(&self) -> VectorLayer {
        VectorLayer::named(&self.reference, self.layer.as_deref())
    }

    /// Sees that the flags go together.
    pub(super) fn check(&self, points: bool) -> Result<()> {
        check_confidence(self.confidence)?;
        check_years(self)?;
        if let Some(alpha) = self.probabilities.as_ref().map(|asked| asked.alpha)
            && !(alpha > 0.0 && alpha < 1.0)
        {
            let expected = "a share between 0 and 1, such as 0.1".to_owned();
            return Err(JobError::Value { key: "--alpha", found: alpha.to_string(), expected }.into());
        }
        let refuse = |flag, needs| Err(Error::Flag { flag, needs }.into());
        if !points && self.layer.is_some() {
            return refuse("--layer", "a reference of points (GPKG, GeoJSON): a raster has no layers");
        }
        if points && self.lines.is_some() {
            return refuse("--edge-class", "a reference raster: points do not show how far off a line is");
        }
        let columns = &self.columns;
        if !points && self.design.is_some() {
            return refuse("--design", "a reference of points (CSV, GPKG, GeoJSON): a raster covers the map");
        }
        if points && !self.by.is_empty() {
            return refuse(
                "--by",
                "a reference raster; for points, --design with --region gives estimates of parts",
            );
        }
        if self.against.is_some() && (!points || self.design.is_none_or(|design| design == Design::Cluster)) {
            return refuse(
                "--against",
                "a sample of points and its --design: simple, stratified, poststratified or systematic",
            );
        }
        let strata = self.design.is_some_and(Design::has_strata);
        let cluster = self.design == Some(Design::Cluster);
        if self.strata.is_some() && !strata {
            return refuse("--strata", "--design stratified or poststratified");
        }
        if columns.stratum.is_some() && !strata {
            return refuse("--stratum-column", "--design stratified or poststratified");
        }
        if self.region.is_some() && self.design.is_none() {
            return refuse("--region", "--design; with a reference raster, --by region=RASTER");
        }
        if self.areas.is_some() && self.design.is_none() {
            return refuse("--areas", "--design, which says how the areas are used");
        }
        if columns.weight.is_some() && self.design.is_none() {
            return refuse("--weight-column", "--design");
        }
        match (cluster, columns.cluster.is_some()) {
            (true, false) => {
                refuse("--design cluster", "--cluster-column NAME: which cluster a point lies in")
            }
            (false, true) => refuse("--cluster-column", "--design cluster"),
            _ => Ok(()),
        }
    }
}

pub(super) fn check_confidence(confidence: f64) -> Result<()> {
    if confidence > 0.0 && confidence < 1.0 {
        return Ok(());
    }
    let expected = "a share between 0 and 1, such as 0.95".to_owned();
    Err(JobError::Value { key: "--confidence", found: confidence.to_string(), expected }.into())
}
