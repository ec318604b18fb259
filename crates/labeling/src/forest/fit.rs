//! Growing a forest from a data set.

use super::bootstrap;
use super::grow::{Grower, Grown, Limits};
use super::model::RandomForest;
use super::out_of_bag::OutOfBag;
use super::params::{ClassWeights, Criterion, ForestParams, ForestValidParams};
use super::ranks::{self, Key};
use super::score::{Entropy, Gini, Score};
use super::split::Sample;
use super::table;
use super::training::Training;
use crate::{Error, Result};
use linfa::dataset::AsSingleTargets;
use linfa::traits::Fit;
use linfa::{DatasetBase, Float};
use ndarray::{ArrayBase, ArrayView1, Data, Ix2};
use rayon::prelude::*;

/// Rows whose ranks and places fit into 16 bits.
const SHORT_ROWS: usize = 1 << 16;

impl<F, D, T> Fit<ArrayBase<D, Ix2>, T, Error> for ForestValidParams
where
    F: Float,
    D: Data<Elem = F>,
    T: AsSingleTargets<Elem = usize>,
{
    type Object = RandomForest;

    /// Grows a forest from records `[sample, feature]` and class indices, with the weights of the data set.
    ///
    /// Samples of weight 0 are not learnt from.
    ///
    /// # Errors
    /// A value that is not finite in single precision, labels or weights that do not go with the records or the number
    /// of classes, or nothing to learn from.
    fn fit(&self, dataset: &DatasetBase<ArrayBase<D, Ix2>, T>) -> Result<RandomForest> {
        let records = dataset.records();
        let targets = dataset.as_single_targets();
        let (rows, features) = records.dim();
        count("samples", rows, u32::MAX as usize)?;
        count("features", features, u32::MAX as usize)?;
        match (rows, features) {
            (0, _) => return Err(Error::NoSamples),
            (_, 0) => return Err(Error::NoFeatures),
            _ => {}
        }
        if targets.len() != rows {
            return Err(Error::Unpaired { what: "labels", samples: rows, found: targets.len() });
        }
        let labels = targets.to_vec();
        let classes = self.classes_of(&labels)?;
        let samples = self.samples(&labels, classes, dataset.weights())?;
        let values = table::finite(records.view(), 0)?;
        let training = Training { values: &values, features, labels: &labels, classes, samples: &samples };
        let grown = self.grow(&training);
        let impurity_importance = impurity_importance(&grown, features);
        let trees: Vec<_> = grown.into_iter().map(|grown| grown.tree).collect();
        let out_of_bag =
            self.out_of_bag.then(|| OutOfBag::new(&trees, self.seed, &training, self.permutation_importance));
        Ok(RandomForest { trees, classes, features, impurity_importance, out_of_bag })
    }
}

impl ForestParams {
    /// Grows a forest from records `[sample, feature]` and class indices, for callers who do not use linfa.
    ///
    /// # Errors
    /// As [`Fit::fit`].
    pub fn grow<F: Float>(
        &self,
        records: &ArrayBase<impl Data<Elem = F>, Ix2>,
        labels: &[usize],
    ) -> Result<RandomForest> {
        self.fit(&DatasetBase::new(records.view(), ArrayView1::from(labels)))
    }
}

impl ForestValidParams {
    fn classes_of(&self, labels: &[usize]) -> Result<usize> {
        let occurring = labels.iter().max().map_or(1, |largest| largest.saturating_add(1));
        let classes = self.classes.unwrap_or(occurring);
        count("classes", classes, u16::MAX as usize)?;
        match labels.iter().position(|class| *class >= classes) {
            Some(row) => Err(Error::Class { row, class: labels[row], classes }),
            None => Ok(classes),
        }
    }

    /// The samples to learn from, each with its class weight x its own.
    fn samples(&self, labels: &[usize], classes: usize, weights: Option<&[f32]>) -> Result<Vec<Sample>> {
        if let Some(weights) = weights {
            if weights.len() != labels.len() {
                return Err(Error::Unpaired { what: "weights", samples: labels.len(), found: weights.len() });
            }
            if let Some(row) = weights.iter().position(|weight| !(weight.is_finite() && *weight >= 0.0)) {
                return Err(Error::SampleWeight { row, weight: weights[row] });
            }
        }
        let class_weights = self.class_weights.of(labels, classes)?;
        let samples: Vec<Sample> = labels
            .iter()
            .enumerate()
            .map(|(row, &class)| {
                let own = weights.map_or(1.0, |weights| f64::from(weights[row]));
                Sample { row: row as u32, class: class as u32, weight: own * class_weights[class] }
            })
            .filter(|sample| sample.weight > 0.0)
            .collect();
        if samples.is_empty() { Err(Error::NoWeight) } else { Ok(samples) }
    }

    fn grow(&self, training: &Training<'_>) -> Vec<Grown> {
        match (training.labels.len() <= SHORT_ROWS, self.criterion) {
            (true, Criterion::Gini) => self.grow_by::<u32, Gini>(training),
            (true, Criterion::Entropy) => self.grow_by::<u32, Entropy>(training),
            (false, Criterion::Gini) => self.grow_by::<u64, Gini>(training),
            (false, Criterion::Entropy) => self.grow_by::<u64, Entropy>(training),
        }
    }

    fn grow_by<K: Key, S: Score>(&self, training: &Training<'_>) -> Vec<Grown> {
        let Training { values, features, classes, samples, .. } = *training;
        let columns = ranks::columns::<K>(values, features);
        let limits = Limits {
            max_features: self.max_features.of(features),
            max_depth: self.max_depth.unwrap_or(usize::MAX),
            min_samples_split: self.min_samples_split,
            min_samples_leaf: self.min_samples_leaf,
        };
        let one = |tree| {
            let mut random = bootstrap::stream(self.seed, tree);
            let drawn = match self.bootstrap {
                true => bootstrap::draw(&mut random, samples),
                false => samples.to_vec(),
            };
            Grower::<K, S>::new(&columns, classes, limits, drawn).grow(&mut random)
        };
        (0..self.trees).into_par_iter().map(one).collect()
    }
}

impl ClassWeights {
    /// The weight of each class.
    fn of(&self, labels: &[usize], classes: usize) -> Result<Vec<f64>> {
        match self {
            Self::None => Ok(vec![1.0; classes]),
            Self::Given(weights) if weights.len() == classes => Ok(weights.clone()),
            Self::Given(weights) => Err(Error::ClassWeights { classes, found: weights.len() }),
            Self::Balanced => {
                let mut counts = vec![0usize; classes];
                labels.iter().for_each(|class| counts[*class] += 1);
                let occurring = counts.iter().filter(|count| **count > 0).count();
                let weight = |count: usize| labels.len() as f64 / (occurring * count.max(1)) as f64;
                Ok(counts.into_iter().map(weight).collect())
            }
        }
    }
}

fn count(what: &'static str, found: usize, most: usize) -> Result<()> {
    if found > most { Err(Error::TooMany { what, found, most }) } else { Ok(()) }
}

/// Mean over the trees that split of each feature's share in what they lowered.
fn impurity_importance(grown: &[Grown], features: usize) -> Vec<f64> {
    let mut mean = vec![0.0; features];
    for Grown { lowered, .. } in grown {
        let sum: f64 = lowered.iter().sum();
        if sum > 0.0 {
            mean.iter_mut().zip(lowered).for_each(|(mean, lowered)| *mean += lowered / sum);
        }
    }
    let sum: f64 = mean.iter().sum();
    if sum > 0.0 {
        mean.iter_mut().for_each(|mean| *mean /= sum);
    }
    mean
}
