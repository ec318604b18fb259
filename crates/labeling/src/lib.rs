//! Making labels that can be learnt from.
//!
//! A [`RandomForest`] learns from samples and says how sure it is; [`Rules`] say in words what sets classes apart.
//! [`ClusterCleaning`] and [`ConfidentJoint`] leave out samples whose label is probably wrong, each with its [`Reason`].
//! [`Samples`] are places with classes: they are thinned, drawn and split, and a [`LeakReport`] says whether test samples
//! know the training samples. [`entropy`], [`margin`] and
//! [`disagreement`] say which places to label next, [`Spread`] and [`core_set`] keep those apart. A [`Crosswalk`] rewrites a map of one of the [`LEGENDS`], or of one's own, in another, and
//! tells what is lost. Features and codes come as arrays; nothing here reads a raster.
//!
//! ```
//! use ecotone_labeling::RandomForest;
//! use linfa::DatasetBase;
//! use linfa::traits::Fit;
//! use ndarray::{Array1, Array2};
//!
//! let records = Array2::from_shape_fn((200, 4), |(row, feature)| ((row % 3) * feature + row % 7) as f32);
//! let labels = Array1::from_shape_fn(200, |row| row % 3);
//! let samples = DatasetBase::new(records, labels);
//! let forest = RandomForest::params().trees(50).out_of_bag(true).seed(7).fit(&samples)?;
//!
//! assert!(forest.out_of_bag().and_then(|out| out.error()) < Some(0.05));
//! let probabilities = forest.probabilities(samples.records())?; // [sample, class]
//! assert_eq!(probabilities.dim(), (200, 3));
//! # Ok::<(), ecotone_labeling::Error>(())
//! ```

mod active;
mod atomic;
mod clean;
mod crosswalk;
mod error;
mod forest;
mod legend;
mod samples;
mod split;

pub use active::{Spread, core_set, disagreement, entropy, margin, standardised};
pub use clean::{
    ClassOutcome, Cleaned, Cluster, ClusterCleaning, ClusterCount, ConfidentJoint, Dropped, Reason, Scaling,
    silhouette,
};
pub use crosswalk::{
    CROSSWALKS, Crosswalk, CrosswalkLoss, HarmoniseNodata, Harmonised, Harmoniser, Mapping, Merged,
    NamedCrosswalk,
};
pub use error::{Error, Result};
pub use forest::{
    ClassWeights, ClassifiedChunk, Condition, Criterion, ForestParams, ForestValidParams, Importance,
    MaxFeatures, OutOfBag, RandomForest, Rule, RuleConfig, Rules,
};
pub use legend::{CorineCodes, LEGENDS, NamedLegend, corine_code, corine_value, legend};
pub use samples::{ClassDraw, Coordinates, Draw, Sample, Samples, Shares, Thinning};
pub use split::{LeakReport, SampleBlocks, split_by_blocks, split_by_group, split_by_year, widen_gap};
