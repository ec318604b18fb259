//! How a forest is grown.

use crate::{Error, Result};
use linfa::ParamGuard;

/// How mixed a node is: what a split is to lower.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Criterion {
    /// Gini impurity, 1 - sum of squared class shares (Breiman et al. 1984, chapter 4).
    #[default]
    Gini,
    /// Shannon entropy of the class shares, in nats (Quinlan 1986).
    Entropy,
}

/// How many features a node looks at, drawn anew for each node.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum MaxFeatures {
    /// The square root of their number, rounded down (Breiman 2001's usual choice).
    #[default]
    Sqrt,
    /// The logarithm to base 2 of their number, rounded down.
    Log2,
    /// Every one: no drawing.
    All,
    /// So many; at least 1 and at most all.
    Count(usize),
    /// This share of them, above 0 and at most 1, rounded down.
    Share(f64),
}

impl MaxFeatures {
    /// The number for so many features: at least 1, at most `features`.
    pub fn of(self, features: usize) -> usize {
        let wanted = match self {
            Self::Sqrt => features.isqrt(),
            Self::Log2 => features.checked_ilog2().unwrap_or(0) as usize,
            Self::All => features,
            Self::Count(count) => count,
            Self::Share(share) => (share * features as f64) as usize,
        };
        wanted.clamp(1, features.max(1))
    }
}

/// What a sample counts for, by its class. Multiplies the weights of the samples, where the data set has such.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum ClassWeights {
    /// One each.
    #[default]
    None,
    /// Samples / (classes that occur x samples of the class): every class counts as much as another.
    Balanced,
    /// One weight a class, finite and not negative.
    Given(Vec<f64>),
}

/// Parameters of a forest that have been checked.
#[derive(Debug, Clone, PartialEq)]
pub struct ForestValidParams {
    pub(super) trees: usize,
    pub(super) criterion: Criterion,
    pub(super) max_features: MaxFeatures,
    pub(super) max_depth: Option<usize>,
    pub(super) min_samples_split: usize,
    pub(super) min_samples_leaf: usize,
    pub(super) bootstrap: bool,
    pub(super) class_weights: ClassWeights,
    pub(super) classes: Option<usize>,
    pub(super) out_of_bag: bool,
    pub(super) permutation_importance: bool,
    pub(super) seed: u64,
}

/// Parameters of a forest, as typed. [`ParamGuard::check`] makes them [`ForestValidParams`]; fitting does so by itself.
///
/// ```
/// use ecotone_labeling::{ClassWeights, MaxFeatures, RandomForest};
/// use linfa::ParamGuard;
///
/// let params = RandomForest::params().trees(300).max_features(MaxFeatures::Share(0.3));
/// assert!(params.clone().class_weights(ClassWeights::Balanced).check().is_ok());
/// let error = params.trees(0).check().unwrap_err();
/// assert_eq!(error.to_string(), "trees is 0, expected 1 or more");
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ForestParams(ForestValidParams);

impl Default for ForestParams {
    /// A hundred fully grown trees on bootstrap samples, each node splitting by Gini the best of the square root of
    /// the features: scikit-learn's defaults.
    fn default() -> Self {
        Self(ForestValidParams {
            trees: 100,
            criterion: Criterion::Gini,
            max_features: MaxFeatures::Sqrt,
            max_depth: None,
            min_samples_split: 2,
            min_samples_leaf: 1,
            bootstrap: true,
            class_weights: ClassWeights::None,
            classes: None,
            out_of_bag: false,
            permutation_importance: false,
            seed: 0,
        })
    }
}

impl ForestParams {
    /// Number of trees; 1 or more.
    pub fn trees(mut self, trees: usize) -> Self {
        self.0.trees = trees;
        self
    }

    /// What splits lower.
    pub fn criterion(mut self, criterion: Criterion) -> Self {
        self.0.criterion = criterion;
        self
    }

    /// Features that a node looks at. It looks on beyond their number while all it saw were constant.
    pub fn max_features(mut self, max_features: MaxFeatures) -> Self {
        self.0.max_features = max_features;
        self
    }

    /// Most splits between the root and a leaf; `None` for no limit.
    pub fn max_depth(mut self, max_depth: impl Into<Option<usize>>) -> Self {
        self.0.max_depth = max_depth.into();
        self
    }

    /// Distinct samples that a node needs to be split; 2 or more.
    pub fn min_samples_split(mut self, samples: usize) -> Self {
        self.0.min_samples_split = samples;
        self
    }

    /// Distinct samples that a leaf has at least; 1 or more.
    pub fn min_samples_leaf(mut self, samples: usize) -> Self {
        self.0.min_samples_leaf = samples;
        self
    }

    /// Whether each tree learns from as many samples as there are, drawn with replacement; else from all of them.
    pub fn bootstrap(mut self, bootstrap: bool) -> Self {
        self.0.bootstrap = bootstrap;
        self
    }

    /// What samples count for, by class.
    pub fn class_weights(mut self, class_weights: ClassWeights) -> Self {
        self.0.class_weights = class_weights;
        self
    }

    /// Number of classes, where it is more than the largest index in the data tells.
    pub fn classes(mut self, classes: impl Into<Option<usize>>) -> Self {
        self.0.classes = classes.into();
        self
    }

    /// Whether samples are also classified by the trees that did not learn from them; see
    /// [`RandomForest::out_of_bag`](crate::RandomForest::out_of_bag).
    pub fn out_of_bag(mut self, out_of_bag: bool) -> Self {
        self.0.out_of_bag = out_of_bag;
        self
    }

    /// Whether each feature's importance is found on the samples that trees did not learn from; see
    /// [`OutOfBag::permutation_importance`](crate::OutOfBag::permutation_importance). Asks for
    /// [`out_of_bag`](Self::out_of_bag), too, and takes about as long as classifying the samples once a feature.
    pub fn permutation_importance(mut self, permutation_importance: bool) -> Self {
        self.0.permutation_importance = permutation_importance;
        self.0.out_of_bag |= permutation_importance;
        self
    }

    /// Decides every draw. The number of threads decides none.
    pub fn seed(mut self, seed: u64) -> Self {
        self.0.seed = seed;
        self
    }
}

impl ParamGuard for ForestParams {
    type Checked = ForestValidParams;
    type Error = Error;

    fn check_ref(&self) -> Result<&ForestValidParams> {
        let params = &self.0;
        at_least("trees", params.trees, 1)?;
        at_least("min_samples_split", params.min_samples_split, 2)?;
        at_least("min_samples_leaf", params.min_samples_leaf, 1)?;
        if let Some(classes) = params.classes {
            at_least("classes", classes, 1)?;
        }
        if params.out_of_bag && !params.bootstrap {
            return Err(Error::NoBag);
        }
        match params.max_features {
            MaxFeatures::Count(count) => at_least("max_features", count, 1)?,
            MaxFeatures::Share(share) if !(share > 0.0 && share <= 1.0) => {
                let expected = "a share above 0 and at most 1";
                return Err(Error::Parameter { name: "max_features", value: share, expected });
            }
            _ => {}
        }
        if let ClassWeights::Given(weights) = &params.class_weights {
            for (class, &weight) in weights.iter().enumerate() {
                if !(weight.is_finite() && weight >= 0.0) {
                    return Err(Error::ClassWeight { class, weight });
                }
            }
        }
        Ok(params)
    }

    fn check(self) -> Result<ForestValidParams> {
        self.check_ref()?;
        Ok(self.0)
    }
}

fn at_least(name: &'static str, value: usize, least: usize) -> Result<()> {
    if value >= least {
        return Ok(());
    }
    let expected = if least == 1 { "1 or more" } else { "2 or more" };
    Err(Error::Parameter { name, value: value as f64, expected })
}
