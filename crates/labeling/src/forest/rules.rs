//! A shallow tree, written as rules that a person can read.

use super::model::RandomForest;
use super::params::{Criterion, MaxFeatures};
use super::tree::Tree;
use crate::{Error, Result};
use linfa::traits::Fit;
use linfa::{DatasetBase, Float};
use ndarray::{Array2, ArrayBase, Data, Ix1, Ix2};
use std::fmt;

/// How long rules may get.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RuleConfig {
    /// Most conditions on the way to a class, before those on one feature are joined. 3 or 4 can still be read.
    pub max_depth: usize,
    /// Fewest samples that a rule speaks of.
    pub min_samples: usize,
    /// What conditions are chosen by.
    pub criterion: Criterion,
}

impl Default for RuleConfig {
    fn default() -> Self {
        Self { max_depth: 3, min_samples: 5, criterion: Criterion::Gini }
    }
}

/// What a feature's value must be: above one bound, at most another, or both.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// The feature's name.
    pub feature: String,
    /// Its column.
    pub column: usize,
    /// The value is greater than this.
    pub above: Option<f32>,
    /// The value is at most this.
    pub at_most: Option<f32>,
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.above, self.at_most) {
            (Some(above), Some(at_most)) => write!(f, "{above} < {} <= {at_most}", self.feature),
            (Some(above), None) => write!(f, "{} > {above}", self.feature),
            (None, Some(at_most)) => write!(f, "{} <= {at_most}", self.feature),
            (None, None) => f.write_str(&self.feature),
        }
    }
}

/// Conditions that hold together, and the class of most samples that meet them.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// All of them hold; none for a rule about everything.
    pub conditions: Vec<Condition>,
    /// Name of the commonest class.
    pub class: String,
    /// Its index.
    pub class_index: usize,
    /// Samples that meet the conditions.
    pub samples: usize,
    /// Share of them that is of the class, above 0 and at most 1.
    pub purity: f64,
}

impl Rule {
    /// Whether a record, one value a feature, meets all conditions.
    pub fn holds(&self, record: &[f32]) -> bool {
        self.conditions.iter().all(|condition| {
            let value = record[condition.column];
            condition.above.is_none_or(|bound| value > bound)
                && condition.at_most.is_none_or(|bound| value <= bound)
        })
    }
}

impl fmt::Display for Rule {
    /// `NDVI 2021-07-05 <= 0.41 and NBR 2021-07-05 > 0.2: water (120, 97.5 %)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let conditions: Vec<_> = self.conditions.iter().map(Condition::to_string).collect();
        let conditions = if conditions.is_empty() { "always".to_owned() } else { conditions.join(" and ") };
        write!(f, "{conditions}: {} ({}, {:.1} %)", self.class, self.samples, 100.0 * self.purity)
    }
}

/// The rules of a shallow classification tree: every sample meets just one. `Display` writes one a line, those of most
/// samples first.
///
/// They show what sets classes apart; a forest classifies better. Bounds are written with as few digits as leave every
/// sample on its side.
///
/// ```
/// use ecotone_labeling::{RuleConfig, Rules};
/// use ndarray::array;
///
/// let ndvi = array![[0.12f32], [0.17], [0.75], [0.82], [0.79]];
/// let config = RuleConfig { min_samples: 1, ..RuleConfig::default() };
/// let names = (["NDVI 2021-07-05".to_owned()], ["soil".to_owned(), "forest".to_owned()]);
/// let rules = Rules::learn(&ndvi, &array![0, 0, 1, 1, 1], &config, &names.0, &names.1)?;
/// assert_eq!(
///     rules.to_string(),
///     "NDVI 2021-07-05 > 0.5: forest (3, 100.0 %)\nNDVI 2021-07-05 <= 0.5: soil (2, 100.0 %)\n"
/// );
/// # Ok::<(), ecotone_labeling::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Rules(Vec<Rule>);

impl Rules {
    /// Learns rules from records `[sample, feature]` and class indices, which `classes` names.
    ///
    /// # Errors
    /// As fitting a forest has, or where names are not one a feature.
    pub fn learn<F: Float>(
        records: &ArrayBase<impl Data<Elem = F>, Ix2>,
        labels: &ArrayBase<impl Data<Elem = usize>, Ix1>,
        config: &RuleConfig,
        features: &[String],
        classes: &[String],
    ) -> Result<Self> {
        if features.len() != records.ncols() {
            return Err(Error::FeatureNames { features: records.ncols(), found: features.len() });
        }
        let params = RandomForest::params().trees(1).bootstrap(false).max_features(MaxFeatures::All);
        let params = params.max_depth(config.max_depth).min_samples_leaf(config.min_samples);
        let samples = DatasetBase::new(records.view(), labels.view());
        let forest = params.criterion(config.criterion).classes(classes.len()).fit(&samples)?;
        // Finite by now, or the forest would not have grown.
        let values = records.mapv(|value| value.to_f32().unwrap_or(f32::NAN));
        let mut writer = Writer::new(&forest.trees[0], &values, features, classes);
        labels.iter().zip(values.rows()).for_each(|(class, record)| writer.count(*class, record.as_slice()));
        let mut rules = writer.below(0, &[]);
        rules.sort_by_key(|rule| std::cmp::Reverse(rule.samples));
        Ok(Self(rules))
    }

    /// The rules, those of most samples first.
    pub fn rules(&self) -> &[Rule] {
        &self.0
    }

    /// Share of the samples that are of the class of the rule that they meet.
    pub fn accuracy(&self) -> f64 {
        let samples: usize = self.0.iter().map(|rule| rule.samples).sum();
        let right: f64 = self.0.iter().map(|rule| rule.purity * rule.samples as f64).sum();
        right / samples as f64
    }
}

impl fmt::Display for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|rule| writeln!(f, "{rule}"))
    }
}

/// A tree on its way to rules.
struct Writer<'a> {
    tree: &'a Tree,
    /// Samples of each node by class, `[node, class]`.
    counts: Array2<usize>,
    bounds: Vec<f32>,
    features: &'a [String],
    classes: &'a [String],
}

impl<'a> Writer<'a> {
    fn new(tree: &'a Tree, values: &Array2<f32>, features: &'a [String], classes: &'a [String]) -> Self {
        let bound = |node: &super::tree::Node| match node.threshold.is_finite() {
            true => shortest(values.column(node.feature as usize).iter().copied(), node.threshold),
            false => node.threshold,
        };
        let bounds = tree.nodes.iter().map(bound).collect();
        Self { tree, counts: Array2::zeros((tree.nodes.len(), classes.len())), bounds, features, classes }
    }

    /// Counts a sample in all nodes on its way.
    fn count(&mut self, class: usize, record: Option<&[f32]>) {
        let Some(record) = record else { return };
        let mut at = 0;
        loop {
            self.counts[[at, class]] += 1;
            let node = self.tree.nodes[at];
            if node.child as usize == at {
                return;
            }
            at = node.child as usize + usize::from(record[node.feature as usize] > node.threshold);
        }
    }

    /// The class of most samples of a node; the lowest of those that have as many.
    fn class_of(&self, node: usize) -> usize {
        let counts = self.counts.row(node);
        (1..counts.len()).fold(0, |best, class| if counts[class] > counts[best] { class } else { best })
    }

    /// Whether all leaves below a node have one class.
    fn is_uniform(&self, node: usize, class: usize) -> bool {
        let child = self.tree.nodes[node].child as usize;
        match child == node {
            true => self.class_of(node) == class,
            false => self.is_uniform(child, class) && self.is_uniform(child + 1, class),
        }
    }

    /// The rules of the leaves below a node that is reached by `conditions`. Depth is limited, and so is recursion.
    fn below(&self, at: usize, conditions: &[Condition]) -> Vec<Rule> {
        let (node, class) = (self.tree.nodes[at], self.class_of(at));
        if self.is_uniform(at, class) {
            let samples = self.counts.row(at).sum();
            let purity = self.counts[[at, class]] as f64 / samples as f64;
            let conditions = conditions.to_vec();
            return vec![Rule {
                conditions,
                class: self.classes[class].clone(),
                class_index: class,
                samples,
                purity,
            }];
        }
        let (bound, child) = (self.bounds[at], node.child as usize);
        let with = |change: &dyn Fn(&mut Condition)| {
            let mut conditions = conditions.to_vec();
            let column = node.feature as usize;
            let place = conditions.iter().position(|known| known.column == column).unwrap_or_else(|| {
                let feature = self.features[column].clone();
                conditions.push(Condition { feature, column, above: None, at_most: None });
                conditions.len() - 1
            });
            change(&mut conditions[place]);
            conditions
        };
        let mut rules = self.below(child, &with(&|condition| condition.at_most = Some(bound)));
        rules.extend(self.below(child + 1, &with(&|condition| condition.above = Some(bound))));
        rules
    }
}

/// The bound of fewest decimals that parts `values` as `threshold` does.
fn shortest(values: impl Iterator<Item = f32>, threshold: f32) -> f32 {
    let (mut below, mut above) = (f32::NEG_INFINITY, f32::INFINITY);
    for value in values {
        if value <= threshold {
            below = below.max(value);
        } else {
            above = above.min(value);
        }
    }
    let rounded = (0..12).filter_map(|decimals| format!("{threshold:.decimals$}").parse::<f32>().ok());
    rounded.map(|bound| bound + 0.0).find(|bound| below <= *bound && *bound < above).unwrap_or(threshold)
}
