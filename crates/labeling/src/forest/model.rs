//! A forest that has been grown.

use super::out_of_bag::OutOfBag;
use super::params::ForestParams;
use super::tree::Tree;

/// A forest of classification trees (Breiman 2001) that votes with the class shares of its leaves.
///
/// Same data, parameters and seed: the same forest, bit for bit, on any number of threads.
///
/// ```
/// use ecotone_labeling::RandomForest;
/// use linfa::DatasetBase;
/// use linfa::traits::{Fit, Predict};
/// use ndarray::array;
///
/// let records = array![[0.1f32, 7.0], [0.2, 3.0], [0.8, 4.0], [0.9, 6.0]];
/// let samples = DatasetBase::new(records, array![0usize, 0, 1, 1]);
/// let forest = RandomForest::params().trees(50).seed(1).fit(&samples)?;
///
/// assert_eq!(forest.predict(&samples), array![0, 0, 1, 1]);
/// let probabilities = forest.probabilities(&array![[0.15f32, 5.0]])?;
/// assert!(probabilities[[0, 0]] > 0.5);
/// # Ok::<(), ecotone_labeling::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct RandomForest {
    pub(super) trees: Vec<Tree>,
    pub(super) classes: usize,
    pub(super) features: usize,
    pub(super) impurity_importance: Vec<f64>,
    pub(super) out_of_bag: Option<OutOfBag>,
}

impl RandomForest {
    /// Parameters to start from: a hundred trees, as scikit-learn grows them.
    pub fn params() -> ForestParams {
        ForestParams::default()
    }

    /// Number of trees.
    pub fn trees(&self) -> usize {
        self.trees.len()
    }

    /// Number of classes: columns of [`probabilities`](Self::probabilities).
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// Number of features that it takes.
    pub fn features(&self) -> usize {
        self.features
    }

    /// Number of nodes, leaves included, of all trees.
    pub fn nodes(&self) -> usize {
        self.trees.iter().map(|tree| tree.nodes.len()).sum()
    }

    /// The share of each feature in what splits lowered impurity by, mean over trees; they sum to 1, or are all 0 where
    /// no tree has a split.
    ///
    /// Biased towards features of many distinct values (Strobl et al. 2007); permutation tells more.
    pub fn impurity_importance(&self) -> &[f64] {
        &self.impurity_importance
    }

    /// What trees make of the samples that they did not learn from, where the parameters asked for it. It is not kept
    /// in files.
    pub fn out_of_bag(&self) -> Option<&OutOfBag> {
        self.out_of_bag.as_ref()
    }
}
