//! The sample as estimators see it: weighted units in clusters in strata, whatever their labels are.
//!
//! Every estimator of this crate is a ratio of two weighted totals, or made of such. The totals are the same sums for
//! every design; what differs is the variance, computed here from linearised values (Taylor series; Wolter 2007,
//! *Introduction to Variance Estimation*, chapter 6).

use super::normal::{normal_quantile, student_quantile};
use super::{Estimator, Strata};
use crate::{Error, Result};

/// A sample of units with labels `L`. Weights add up to 1 over the sample: totals are means.
#[derive(Debug, Clone)]
pub(super) struct Sampled<L> {
    /// Stratum by stratum.
    pub(super) clusters: Vec<Cluster<L>>,
    pub(super) strata: Vec<Stratum>,
    pub(super) estimator: Estimator,
    /// Of the variance, for intervals; `None` where normal quantiles are the custom.
    freedom: Option<u64>,
}

/// What is drawn at once: one unit, or the sample units of a cluster. Equal ones are kept once.
#[derive(Debug, Clone)]
pub(super) struct Cluster<L> {
    pub(super) stratum: usize,
    pub(super) times: u64,
    pub(super) members: Vec<Member<L>>,
}

/// The units of a cluster that have the same labels.
#[derive(Debug, Clone)]
pub(super) struct Member<L> {
    pub(super) labels: L,
    units: u64,
    /// Of all of them.
    pub(super) weight: f64,
}

#[derive(Debug, Clone)]
pub(super) struct Stratum {
    /// Of the whole.
    pub(super) share: f64,
    /// Clusters in the sample.
    pub(super) drawn: u64,
    /// Of the clusters that there are; 0 where their number is not known.
    pub(super) fraction: f64,
}

impl<L: Copy + Ord> Sampled<L> {
    /// Units that were drawn one by one: `(stratum, labels, how many such)`.
    pub(super) fn units(
        units: impl IntoIterator<Item = (usize, L, u64)>,
        strata: &Strata,
        estimator: Estimator,
    ) -> Result<Self> {
        let one = matches!(estimator, Estimator::Simple | Estimator::Systematic);
        let mut units: Vec<(usize, L, u64)> = units.into_iter().filter(|unit| unit.2 > 0).collect();
        check_strata(units.iter().map(|unit| unit.0), strata)?;
        units.iter_mut().for_each(|unit| unit.0 = if one { 0 } else { unit.0 });
        units.sort_unstable_by_key(|unit| (unit.0, unit.1));

        let merged = strata.merged();
        let strata = if one { &merged } else { strata };
        let drawn = count(strata.len(), units.iter().map(|unit| (unit.0, unit.2)));
        let frame = frame(strata, &drawn)?;
        let mut clusters: Vec<Cluster<L>> = vec![];
        for (stratum, labels, times) in units {
            match clusters.last_mut() {
                Some(last) if last.stratum == stratum && last.members[0].labels == labels => {
                    last.times += times
                }
                _ => {
                    let weight = frame[stratum].share / drawn[stratum] as f64;
                    clusters.push(Cluster {
                        stratum,
                        times,
                        members: vec![Member { labels, units: 1, weight }],
                    });
                }
            }
        }
        Ok(Self { clusters, strata: frame, estimator, freedom: None })
    }

    /// Units in clusters: `(stratum, cluster, labels, weight)`.
    pub(super) fn clusters(mut units: Vec<(usize, u64, L, f64)>, strata: &Strata) -> Result<Self> {
        if let Some(unit) = units.iter().position(|unit| !unit.3.is_finite() || unit.3 <= 0.0) {
            return Err(Error::Weight { unit, weight: units[unit].3 });
        }
        check_strata(units.iter().map(|unit| unit.0), strata)?;
        units.sort_by_key(|unit| (unit.0, unit.1, unit.2));
        let sum: f64 = units.iter().map(|unit| unit.3).sum();
        let of_a_cluster = |a: &(usize, u64, L, f64), b: &(usize, u64, L, f64)| (a.0, a.1) == (b.0, b.1);
        let member = |units: &[(usize, u64, L, f64)]| Member {
            labels: units[0].2,
            units: units.len() as u64,
            weight: units.iter().map(|unit| unit.3).sum::<f64>() / sum,
        };
        let cluster = |units: &[(usize, u64, L, f64)]| Cluster {
            stratum: units[0].0,
            times: 1,
            members: units.chunk_by(|a, b| a.2 == b.2).map(member).collect(),
        };
        let clusters: Vec<Cluster<L>> = units.chunk_by(of_a_cluster).map(cluster).collect();
        let drawn = count(strata.len(), clusters.iter().map(|cluster| (cluster.stratum, 1)));
        let frame = frame(strata, &drawn)?;
        let sampled = drawn.iter().filter(|drawn| **drawn > 0).count();
        let freedom = Some(clusters.len().saturating_sub(sampled).max(1) as u64);
        Ok(Self { clusters, strata: frame, estimator: Estimator::Stratified, freedom })
    }
}

impl<L: Copy> Sampled<L> {
    /// The weighted mean of a value.
    pub(super) fn total(&self, value: impl Fn(L) -> f64) -> f64 {
        self.clusters.iter().map(|cluster| cluster.times as f64 * cluster.sum(&value)).sum()
    }

    /// Clusters (where drawn one by one: units) with a unit that the test accepts.
    pub(super) fn drawn_with(&self, test: impl Fn(L) -> bool) -> u64 {
        let has = |cluster: &&Cluster<L>| cluster.members.iter().any(|member| test(member.labels));
        self.clusters.iter().filter(has).map(|cluster| cluster.times).sum()
    }

    /// Each label with the number of its units.
    pub(super) fn labels(&self) -> impl Iterator<Item = (L, u64)> {
        let of = |cluster: &Cluster<L>| {
            let times = cluster.times;
            cluster
                .members
                .iter()
                .map(move |member| (member.labels, times * member.units))
                .collect::<Vec<_>>()
        };
        self.clusters.iter().flat_map(of)
    }

    /// Whether a test holds for the stratum and labels of each unit.
    pub(super) fn all(&self, test: impl Fn(usize, L) -> bool) -> bool {
        self.clusters.iter().all(|c| c.members.iter().all(|member| test(c.stratum, member.labels)))
    }

    /// What to multiply a standard error with.
    pub(super) fn quantile(&self, confidence: f64) -> Result<f64> {
        match self.freedom {
            Some(freedom) => student_quantile(confidence, freedom),
            None => normal_quantile(confidence),
        }
    }

    /// Number of strata.
    pub(super) fn strata(&self) -> usize {
        self.strata.len()
    }

    /// The variance of the weighted mean of a linearised value, `None` where a stratum has one cluster only.
    ///
    /// For units and for the ultimate clusters of any further stages (Hansen et al. 1953; Särndal et al. 1992,
    /// section 4.5): `Σ_h (1 - f_h) n_h/(n_h - 1) Σ_i (z_hi - z̄_h)²` of the clusters' weighted sums `z_hi`, which for units
    /// is `Σ W_h² (1 - f_h) s_h² / n_h`. With several stages and a correction `f_h` this leaves out the variance
    /// within clusters, `f_h` times small. After post-stratification see [`Estimator::PostStratified`].
    ///
    /// Where the value is known to be 0 outside the stratum `only`, the others are not looked at.
    pub(super) fn variance(&self, value: impl Fn(L) -> f64, only: Option<usize>) -> Option<f64> {
        let post_stratified = self.estimator == Estimator::PostStratified;
        let sampled = || self.strata.iter().filter(|stratum| stratum.drawn > 0);
        let sample: f64 = sampled().map(|stratum| stratum.drawn as f64).sum();
        let fraction = sample / sampled().map(|stratum| stratum.drawn as f64 / stratum.fraction).sum::<f64>();
        let looked_at = |index: &usize| only.is_none_or(|only| only == *index);
        let mut variance = 0.0;
        for (index, stratum) in self.strata.iter().enumerate().filter(|(index, _)| looked_at(index)) {
            if stratum.drawn == 0 || (stratum.fraction >= 1.0 && !post_stratified) {
                continue;
            }
            let drawn = stratum.drawn as f64;
            let spread = self.spread(index, drawn, &value)?;
            variance += if post_stratified {
                let of_units = spread * (drawn / stratum.share).powi(2);
                let corrected = (1.0 - fraction) * stratum.share / sample;
                of_units * (corrected + (1.0 - stratum.share) / (sample * sample))
            } else {
                (1.0 - stratum.fraction) * drawn * spread
            };
        }
        Some(variance)
    }

    /// The variance of the clusters' weighted sums in a stratum.
    fn spread(&self, stratum: usize, drawn: f64, value: &impl Fn(L) -> f64) -> Option<f64> {
        if drawn < 2.0 {
            return None;
        }
        let sums = || {
            let inside = self.clusters.iter().filter(|cluster| cluster.stratum == stratum);
            inside.map(|cluster| (cluster.times as f64, cluster.sum(value)))
        };
        let mean = sums().map(|(times, sum)| times * sum).sum::<f64>() / drawn;
        Some(sums().map(|(times, sum)| times * (sum - mean).powi(2)).sum::<f64>() / (drawn - 1.0))
    }
}

impl<L: Copy> Cluster<L> {
    fn sum(&self, value: &impl Fn(L) -> f64) -> f64 {
        self.members.iter().map(|member| member.weight * value(member.labels)).sum()
    }
}

fn check_strata(found: impl Iterator<Item = usize>, strata: &Strata) -> Result<()> {
    match found.max() {
        Some(stratum) if stratum >= strata.len() => Err(Error::Stratum { stratum, strata: strata.len() }),
        Some(_) => Ok(()),
        None => Err(Error::EmptySample),
    }
}

fn count(strata: usize, units: impl Iterator<Item = (usize, u64)>) -> Vec<u64> {
    let mut counts = vec![0; strata];
    units.for_each(|(stratum, times)| counts[stratum] += times);
    counts
}

fn frame(strata: &Strata, drawn: &[u64]) -> Result<Vec<Stratum>> {
    strata.check_sampled(drawn)?;
    let stratum = |(index, &drawn): (usize, &u64)| {
        Ok(Stratum { share: strata.share(index), drawn, fraction: strata.sampled_fraction(index, drawn)? })
    };
    drawn.iter().enumerate().map(stratum).collect()
}
