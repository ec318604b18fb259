//! Confusion matrices and map accuracy.
//!
//! A [`ConfusionMatrix`] counts pixels or samples, **rows = map, columns = reference**, and answers with the usual
//! agreement measures; [`ClassScores`] is its table, one line a class. A measure whose denominator is zero is
//! `None`, never 0 or NaN. Counts come as class indices: turning codes on disk into indices is the business of
//! [`ecotone_core::Legend`].
//!
//! Maps are compared with maps by [`PairAgreement`], [`SeriesAgreement`] and [`FuzzyAgreement`], probabilities with a
//! reference by [`ProbabilityScores`] and [`ConformalSets`], lines by [`EdgeScores`]. All of them count windows of any
//! size in any order, and merge. Runs that were scored on the same blocks of ground are compared by [`BlockBootstrap`].
//!
//! ```
//! use ecotone_metrics::ConfusionMatrix;
//!
//! let map = [0, 0, 1, 1, 2, 255];
//! let reference = [0, 1, 1, 1, 255, 0];
//! let mut matrix = ConfusionMatrix::new(3);
//! matrix.add_many(&map, &reference)?; // 255 on either side is left out
//!
//! assert_eq!(matrix.total(), 4);
//! assert_eq!(matrix.count(0, 1), 1);
//! assert_eq!(matrix.overall_accuracy(), Some(0.75));
//! assert_eq!(matrix.users_accuracy(0), Some(0.5));
//! assert_eq!(matrix.producers_accuracy(2), None);
//! # Ok::<(), ecotone_metrics::Error>(())
//! ```

mod agreement;
mod auc;
mod block_bootstrap;
mod calibration;
mod changes;
mod conformal;
mod confusion;
mod design;
mod disagreement;
mod edge;
mod edge_distance;
mod error;
mod estimate;
mod exact_sum;
mod fuzzy;
mod halo;
mod probabilistic;
mod probability;
mod scores;
mod series;

pub use agreement::{ClassAgreement, PairAgreement};
pub use auc::area_under_curve;
pub use block_bootstrap::{BlockBootstrap, BlockCounts, BlockDifference, BlockMeasure, Landscape};
pub use calibration::{Binning, BrierParts, Calibration, CalibrationBin};
pub use changes::ChangeScores;
pub use conformal::{ConformalClass, ConformalCoverage, ConformalScores, ConformalSets};
pub use confusion::ConfusionMatrix;
pub use design::{
    Allocation, Draw, DrawnUnit, GridUnit, Pass, anticipated_standard_error, cochran_sample_size,
    olofsson_sample_size, systematic_grid,
};
pub use disagreement::Disagreement;
pub use ecotone_core::IGNORE;
pub use edge::EdgeScores;
pub use edge_distance::distance_transform;
pub use error::{Error, Result};
pub use estimate::{
    Assessment, Bootstrap, ClusterUnit, Estimate, Estimator, Interval, McNemar, Paired, PairedUnit,
    SampleUnit, Strata, wilson_interval,
};
pub use fuzzy::FuzzyAgreement;
pub use halo::Haloed;
pub use probabilistic::ProbabilityScores;
pub use probability::{Levels, Probability};
pub use scores::ClassScores;
pub use series::{Flow, SeriesAgreement, changes_per_pixel};
