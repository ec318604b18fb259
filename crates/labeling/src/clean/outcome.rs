//! What cleaning keeps, what it drops, and why.

use crate::{Error, Result};
use std::fmt;

/// Why a sample is dropped.
#[derive(Debug, Clone, PartialEq)]
pub enum Reason {
    /// It lies in a cluster of its class that is not the dominant one.
    OtherCluster {
        /// Number of the cluster, by size: 0 is the dominant one.
        cluster: usize,
        /// Share of the class's samples that lies in this cluster.
        share: f64,
    },
    /// It looks like another class.
    LooksLike {
        /// Index of that class.
        class: usize,
        /// Probability of that class.
        probability: f32,
        /// Probability of the class that it is labelled as.
        own: f32,
    },
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherCluster { cluster, share } => {
                write!(f, "in cluster {cluster}, which holds {:.1} % of its class", 100.0 * share)
            }
            Self::LooksLike { class, probability, own } => {
                write!(
                    f,
                    "looks like class {class} (probability {probability:.2}, of its own class {own:.2})"
                )
            }
        }
    }
}

/// A sample that is dropped.
#[derive(Debug, Clone, PartialEq)]
pub struct Dropped {
    /// Its row.
    pub row: usize,
    /// Index of the class that it is labelled as.
    pub class: usize,
    /// Why.
    pub reason: Reason,
}

/// A cluster of the samples of one class.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cluster {
    /// Samples in it.
    pub samples: usize,
    /// Their share in the class.
    pub share: f64,
}

/// What became of a class.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassOutcome {
    /// Its name.
    pub name: String,
    /// Samples before.
    pub samples: usize,
    /// Samples that are kept.
    pub kept: usize,
    /// Its clusters, the dominant one first; none where no clusters were looked for.
    pub clusters: Vec<Cluster>,
    /// Mean silhouette of the number of clusters that was chosen, -1 to 1; none where none was computed.
    pub silhouette: Option<f64>,
}

/// Samples sorted into kept and dropped ones, both in the order of their rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Cleaned {
    /// Rows of the samples to keep.
    pub kept: Vec<usize>,
    /// The others, with reasons.
    pub dropped: Vec<Dropped>,
    /// One entry a class, in the order of class indices.
    pub classes: Vec<ClassOutcome>,
}

impl Cleaned {
    /// From the reason of each sample that is to go.
    pub(super) fn new(labels: &[usize], names: &[String], mut reasons: Vec<Option<Reason>>) -> Result<Self> {
        let outcome = |name: &String| ClassOutcome {
            name: name.clone(),
            samples: 0,
            kept: 0,
            clusters: vec![],
            silhouette: None,
        };
        let mut cleaned =
            Self { kept: vec![], dropped: vec![], classes: names.iter().map(outcome).collect() };
        for (row, &class) in labels.iter().enumerate() {
            cleaned.classes[class].samples += 1;
            match reasons[row].take() {
                Some(reason) => cleaned.dropped.push(Dropped { row, class, reason }),
                None => {
                    cleaned.kept.push(row);
                    cleaned.classes[class].kept += 1;
                }
            }
        }
        match cleaned.classes.iter().find(|class| class.kept == 0) {
            Some(class) => Err(Error::EmptyClass { name: class.name.clone(), samples: class.samples }),
            None => Ok(cleaned),
        }
    }

    /// This cleaning followed by another of what it kept, whose rows are places in [`kept`](Self::kept).
    pub fn then(mut self, next: Self) -> Self {
        let rows = &self.kept;
        let again = next.dropped.into_iter().map(|dropped| Dropped { row: rows[dropped.row], ..dropped });
        self.dropped.extend(again);
        self.dropped.sort_by_key(|dropped| dropped.row);
        self.kept = next.kept.iter().map(|row| rows[*row]).collect();
        for (class, next) in self.classes.iter_mut().zip(next.classes) {
            class.kept = next.kept;
            if class.clusters.is_empty() {
                (class.clusters, class.silhouette) = (next.clusters, next.silhouette);
            }
        }
        self
    }
}

/// Labels that are one a sample and all named.
pub(super) fn check_labels(samples: usize, labels: &[usize], classes: usize) -> Result<()> {
    if labels.len() != samples {
        return Err(Error::Unpaired { what: "labels", samples, found: labels.len() });
    }
    match labels.iter().position(|class| *class >= classes) {
        Some(row) => Err(Error::Class { row, class: labels[row], classes }),
        None => Ok(()),
    }
}
