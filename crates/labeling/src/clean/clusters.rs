//! Of each class, the dominant cluster.

use super::outcome::{Cleaned, Cluster, Reason, check_labels};
use super::silhouette;
use crate::{Error, Result};
use linfa::traits::{Fit, Predict};
use linfa::{DatasetBase, Float};
use linfa_clustering::KMeans;
use ndarray::{Array1, Array2, ArrayBase, Axis, Data, Ix2};
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use rand_xoshiro::Xoshiro256PlusPlus;
use rayon::prelude::*;

/// How many clusters a class is divided into.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ClusterCount {
    /// So many; 1 keeps every sample.
    Given(usize),
    /// The number, from 2 on, of the highest mean silhouette.
    BySilhouette {
        /// Most clusters to try.
        most: usize,
        /// Samples of a class that are looked at to choose, drawn by the seed.
        sample: usize,
        /// Below this silhouette the class is one cluster, and all of it is kept. Under 0.25 there is no substantial
        /// structure (Kaufman and Rousseeuw 1990, table 4).
        least: f64,
    },
}

/// What features are divided by before distances are measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scaling {
    /// Nothing.
    None,
    /// The standard deviation over the samples of all classes: what sets classes apart weighs most, whatever its unit.
    Standard,
}

/// Cleaning by clusters: the samples of a class are clustered by k-means, and those of the largest cluster are kept, as
/// the majority of a class's labels is right where the source map is any good.
///
/// The features to cluster in are few and robust: NDVI, EVI, NDWI, NDSI and the soil index B02 / B11 of each date, as
/// published for annual land-cover maps whose training samples come from an older map.
///
/// ```
/// use ecotone_labeling::{ClusterCleaning, Reason};
/// use ndarray::Array2;
///
/// // Forty pixels labelled forest, eight of which are bare.
/// let ndvi = Array2::from_shape_fn((40, 4), |(row, _)| if row < 32 { 0.8 } else { 0.2 } + row as f64 * 1e-3);
/// let cleaned = ClusterCleaning::default().clean(&ndvi, &[0; 40], &["forest".to_owned()])?;
/// assert_eq!(cleaned.kept, (0..32).collect::<Vec<_>>());
/// assert_eq!(cleaned.dropped[0].reason, Reason::OtherCluster { cluster: 1, share: 0.2 });
/// # Ok::<(), ecotone_labeling::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClusterCleaning {
    /// Clusters of each class.
    pub clusters: ClusterCount,
    /// What features are divided by.
    pub scaling: Scaling,
    /// Times that k-means starts anew; the tightest clusters count.
    pub runs: usize,
    /// Decides every draw.
    pub seed: u64,
}

impl Default for ClusterCleaning {
    /// Up to eight clusters by the silhouette of a thousand samples, standard scaling, ten runs.
    fn default() -> Self {
        let clusters = ClusterCount::BySilhouette { most: 8, sample: 1000, least: 0.25 };
        Self { clusters, scaling: Scaling::Standard, runs: 10, seed: 0 }
    }
}

/// The clusters of a class.
struct Clustered {
    /// Cluster of each sample, 0 the largest.
    of: Vec<usize>,
    clusters: Vec<Cluster>,
    silhouette: Option<f64>,
}

impl ClusterCleaning {
    /// Cleans features `[sample, feature]` with class indices, which `names` names.
    ///
    /// # Errors
    /// A value that is not finite, labels that do not go with the features or names, a class without samples, or
    /// parameters out of their ranges.
    pub fn clean<F: Float>(
        &self,
        features: &ArrayBase<impl Data<Elem = F>, Ix2>,
        labels: &[usize],
        names: &[String],
    ) -> Result<Cleaned> {
        self.check()?;
        check_labels(features.nrows(), labels, names.len())?;
        let scaled = self.scale(finite(features)?);
        let mut rows = vec![vec![]; names.len()];
        labels.iter().enumerate().for_each(|(row, class)| rows[*class].push(row));
        let found: Vec<Result<Clustered>> = rows
            .par_iter()
            .enumerate()
            .map(|(class, rows)| self.cluster(scaled.select(Axis(0), rows), class))
            .collect();
        let found = found.into_iter().collect::<Result<Vec<_>>>()?;
        let mut reasons = vec![None; labels.len()];
        for (rows, Clustered { of, clusters, .. }) in rows.iter().zip(&found) {
            for (row, &cluster) in rows.iter().zip(of).filter(|(_, cluster)| **cluster > 0) {
                reasons[*row] = Some(Reason::OtherCluster { cluster, share: clusters[cluster].share });
            }
        }
        let mut cleaned = Cleaned::new(labels, names, reasons)?;
        for (class, Clustered { clusters, silhouette, .. }) in cleaned.classes.iter_mut().zip(found) {
            (class.clusters, class.silhouette) = (clusters, silhouette);
        }
        Ok(cleaned)
    }

    fn check(&self) -> Result<()> {
        let at_least = |name, value: usize, least, expected| match value >= least {
            true => Ok(()),
            false => Err(Error::Parameter { name, value: value as f64, expected }),
        };
        at_least("runs", self.runs, 1, "1 or more")?;
        match self.clusters {
            ClusterCount::Given(clusters) => at_least("clusters", clusters, 1, "1 or more"),
            ClusterCount::BySilhouette { most, sample, least } => {
                at_least("most", most, 2, "2 or more")?;
                at_least("sample", sample, 3, "3 or more")?;
                match (-1.0..=1.0).contains(&least) {
                    true => Ok(()),
                    false => Err(Error::Parameter { name: "least", value: least, expected: "-1 to 1" }),
                }
            }
        }
    }

    fn scale(&self, mut features: Array2<f64>) -> Array2<f64> {
        if self.scaling == Scaling::Standard && features.nrows() > 0 {
            for mut column in features.columns_mut() {
                let mean = column.mean().unwrap_or(0.0);
                let deviation = column.std(0.0);
                // A constant column has no say, whatever it is divided by.
                let unit = if deviation > 0.0 { deviation } else { 1.0 };
                column.mapv_inplace(|value| (value - mean) / unit);
            }
        }
        features
    }

    /// Clusters the samples of one class.
    fn cluster(&self, samples: Array2<f64>, class: usize) -> Result<Clustered> {
        let mut random = draws(self.seed, class);
        let (count, silhouette) = match self.clusters {
            ClusterCount::Given(count) => (count, None),
            ClusterCount::BySilhouette { most, sample, least } => {
                match self.choose(&samples, most, sample, &mut random)? {
                    Some((count, silhouette)) if silhouette >= least => (count, Some(silhouette)),
                    found => (1, found.map(|(_, silhouette)| silhouette)),
                }
            }
        };
        let of = self.k_means(&samples, count.min(distinct(&samples)), &mut random)?;
        Ok(by_size(of, silhouette))
    }

    /// The number of clusters of the highest silhouette, and that; nothing where samples are too few or all alike.
    fn choose(
        &self,
        samples: &Array2<f64>,
        most: usize,
        sample: usize,
        random: &mut ChaCha8Rng,
    ) -> Result<Option<(usize, f64)>> {
        let mut rows: Vec<usize> = (0..samples.nrows()).collect();
        rows.shuffle(random);
        rows.truncate(sample);
        rows.sort_unstable();
        let some = samples.select(Axis(0), &rows);
        let distances = silhouette::distances(some.view());
        let mut best: Option<(usize, f64)> = None;
        // With every sample a cluster of its own there is nothing to choose.
        for count in 2..=most.min(distinct(&some)).min(some.nrows().saturating_sub(1)) {
            let found = silhouette::mean(&distances, &self.k_means(&some, count, random)?);
            if let Some(found) = found.filter(|found| best.is_none_or(|(_, best)| *found > best)) {
                best = Some((count, found));
            }
        }
        Ok(best)
    }

    /// The cluster of each sample.
    fn k_means(&self, samples: &Array2<f64>, count: usize, random: &mut ChaCha8Rng) -> Result<Vec<usize>> {
        if count <= 1 {
            return Ok(vec![0; samples.nrows()]);
        }
        // linfa draws by the traits of an older rand.
        let source =
            <Xoshiro256PlusPlus as rand_xoshiro::rand_core::SeedableRng>::seed_from_u64(seed_from(random));
        let params = KMeans::params_with_rng(count, source).n_runs(self.runs);
        let model = params.fit(&DatasetBase::from(samples.view()))?;
        let of: Array1<usize> = model.predict(samples);
        Ok(of.to_vec())
    }
}

fn draws(seed: u64, class: usize) -> ChaCha8Rng {
    use rand::SeedableRng;
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(class as u64);
    random
}

fn seed_from(random: &mut ChaCha8Rng) -> u64 {
    use rand::RngExt;
    random.random()
}

fn finite<F: Float>(features: &ArrayBase<impl Data<Elem = F>, Ix2>) -> Result<Array2<f64>> {
    let values = features.mapv(|value| value.to_f64().unwrap_or(f64::NAN));
    match values.indexed_iter().find(|(_, value)| !value.is_finite()) {
        Some(((row, column), &value)) => Err(Error::NotFinite { row, column, value }),
        None => Ok(values),
    }
}

/// Number of rows that differ.
fn distinct(samples: &Array2<f64>) -> usize {
    let mut rows: Vec<Vec<u64>> = samples
        .rows()
        .into_iter()
        .map(|row| row.iter().map(|value| (value + 0.0).to_bits()).collect())
        .collect();
    rows.sort_unstable();
    rows.dedup();
    rows.len()
}

/// Numbers clusters by size, and of the same size by their first sample.
fn by_size(of: Vec<usize>, silhouette: Option<f64>) -> Clustered {
    let mut found: Vec<(usize, usize, usize)> = vec![];
    for (row, &cluster) in of.iter().enumerate() {
        match found.iter_mut().find(|(known, ..)| *known == cluster) {
            Some((_, samples, _)) => *samples += 1,
            None => found.push((cluster, 1, row)),
        }
    }
    found.sort_by_key(|&(_, samples, first)| (std::cmp::Reverse(samples), first));
    let place = |cluster: usize| found.iter().position(|(known, ..)| *known == cluster).unwrap_or(0);
    let all = of.len() as f64;
    Clustered {
        of: of.iter().map(|cluster| place(*cluster)).collect(),
        clusters: found
            .iter()
            .map(|&(_, samples, _)| Cluster { samples, share: samples as f64 / all })
            .collect(),
        silhouette,
    }
}
