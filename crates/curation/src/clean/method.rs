//! The cleaning itself: clusters of indices, confident learning from a forest, or one after the other.

use super::series::Filled;
use crate::Result;
use ecotone_jobs::Error as JobError;
use ecotone_labeling::{
    Cleaned, ClusterCleaning, ClusterCount, ConfidentJoint, RandomForest, Reason, Scaling,
};
use ndarray::{Array2, Axis};

/// Trees of the forest: each sample is out of the bag of a third of them.
const TREES: usize = 200;

/// What drops a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Method {
    pub(super) clusters: bool,
    pub(super) confident: bool,
}

impl Method {
    pub(super) fn parse(text: &str) -> Result<Self> {
        match text {
            "clusters" => Ok(Self { clusters: true, confident: false }),
            "confident" => Ok(Self { clusters: false, confident: true }),
            "both" => Ok(Self { clusters: true, confident: true }),
            other => Err(JobError::word("--method", other, &["clusters", "confident", "both"]).into()),
        }
    }
}

/// `auto` or a number, and `none` or `standard`.
pub(super) fn cluster_cleaning(clusters: &str, scaling: &str, seed: u64) -> Result<ClusterCleaning> {
    let usual = ClusterCleaning { seed, ..ClusterCleaning::default() };
    let clusters = match (clusters, clusters.parse::<usize>()) {
        ("auto", _) => usual.clusters,
        (_, Ok(number)) if number > 0 => ClusterCount::Given(number),
        _ => {
            let expected = "auto, or a number from 1".to_owned();
            return Err(JobError::Value { key: "--clusters", found: clusters.to_owned(), expected }.into());
        }
    };
    let scaling = match scaling {
        "none" => Scaling::None,
        "standard" => Scaling::Standard,
        other => return Err(JobError::word("--scale", other, &["none", "standard"]).into()),
    };
    Ok(ClusterCleaning { clusters, scaling, ..usual })
}

/// What became of the samples that have a series.
pub(super) struct Cleaning {
    /// Kept and dropped rows of the series.
    pub(super) cleaned: Cleaned,
    /// Cluster of each row, 0 the dominant one of its class; `None` where no clusters were looked for.
    pub(super) cluster: Option<Vec<usize>>,
    /// How often samples labelled as one class (rows) confidently look like another (columns), where a forest was asked.
    pub(super) looks: Option<Array2<u64>>,
    /// Share of samples that the forest takes for another class, out of bag.
    pub(super) forest_error: Option<f64>,
}

/// Cleans samples by their indices `[sample, feature]` and series.
///
/// # Errors
/// When nothing is left of a class.
pub(super) fn clean(
    method: Method,
    config: &ClusterCleaning,
    indices: &Array2<f32>,
    series: &Filled,
    labels: &[usize],
    names: &[String],
) -> Result<Cleaning> {
    let by_clusters = method.clusters.then(|| config.clean(indices, labels, names)).transpose()?;
    let cluster = by_clusters.as_ref().map(|cleaned| clusters(cleaned, labels.len()));
    if !method.confident {
        let cleaned = by_clusters.map_or_else(|| config.clean(indices, labels, names), Ok)?;
        return Ok(Cleaning { cleaned, cluster, looks: None, forest_error: None });
    }
    let rows: Vec<usize> =
        by_clusters.as_ref().map_or_else(|| (0..labels.len()).collect(), |cleaned| cleaned.kept.clone());
    let labels: Vec<usize> = rows.iter().map(|row| labels[*row]).collect();
    let params = RandomForest::params().trees(TREES).out_of_bag(true).classes(names.len()).seed(config.seed);
    let forest = params.grow(&series.values.select(Axis(0), &rows), &labels)?;
    let Some(out) = forest.out_of_bag() else {
        return Err(ecotone_labeling::Error::NoBag.into());
    };
    let joint = ConfidentJoint::out_of_bag(out, &labels)?;
    let confident = joint.clean(names)?;
    let cleaned = match by_clusters {
        Some(before) => before.then(confident),
        None => confident,
    };
    Ok(Cleaning { cleaned, cluster, looks: Some(joint.counts().clone()), forest_error: out.error() })
}

fn clusters(cleaned: &Cleaned, rows: usize) -> Vec<usize> {
    let mut clusters = vec![0; rows];
    for dropped in &cleaned.dropped {
        if let Reason::OtherCluster { cluster, .. } = dropped.reason {
            clusters[dropped.row] = cluster;
        }
    }
    clusters
}

/// Why a sample is dropped, with the classes by their names.
pub(super) fn words(reason: &Reason, class: usize, names: &[String]) -> String {
    match reason {
        Reason::OtherCluster { cluster, share } => format!(
            "in cluster {cluster} of {}, which holds {:.1} % of its samples and is not the dominant one",
            names[class],
            100.0 * share
        ),
        Reason::LooksLike { class: other, probability, own } => format!(
            "looks like {} (probability {probability:.2}, that of {} {own:.2})",
            names[*other], names[class]
        ),
    }
}
