//! The bootstrap: what the spread of an estimate is when the sample itself is sampled again, as a cross-check of the
//! variance formulas.

use super::sampled::{Cluster, Sampled, Stratum};
use super::{Assessment, Estimator, Interval, Paired};
use crate::{Error, Result};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// What the replicates of a bootstrap say.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bootstrap {
    /// Mean of the replicates.
    pub mean: f64,
    /// Their standard deviation: the bootstrap's standard error.
    pub standard_error: f64,
    /// Their percentiles at the assessment's confidence.
    pub percentiles: Interval,
    /// Replicates in which the statistic had a value.
    pub replicates: usize,
}

impl Assessment {
    /// Resamples within strata (in a cluster design: whole clusters) and looks at a statistic each time.
    ///
    /// `n - 1` of the `n` units of each stratum are drawn with replacement and weighted up by `n / (n - 1)`, so that
    /// the variance is unbiased (Rao and Wu 1988, JASA 83:231-241); a post-stratified sample is drawn as a whole and
    /// stratified again. There is no finite population correction.
    ///
    /// `None` where a stratum has one unit only, or fewer than two replicates have a value.
    ///
    /// ```
    /// use ecotone_metrics::{Assessment, ConfusionMatrix, Estimator, Strata};
    ///
    /// let counts = ConfusionMatrix::from_counts(2, vec![45, 5, 10, 90])?;
    /// let assessment = Assessment::from_matrix(&counts, &Strata::new(&[20.0, 80.0])?, Estimator::Stratified)?;
    /// let bootstrap = assessment.bootstrap(500, 1, |sample| sample.overall_accuracy().map(|oa| oa.value))?.unwrap();
    /// let formula = assessment.overall_accuracy().and_then(|oa| oa.standard_error).unwrap();
    /// assert!((bootstrap.standard_error / formula - 1.0).abs() < 0.1);
    /// # Ok::<(), ecotone_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// When fewer than two replicates are asked for.
    pub fn bootstrap(
        &self,
        replicates: usize,
        seed: u64,
        statistic: impl Fn(&Self) -> Option<f64>,
    ) -> Result<Option<Bootstrap>> {
        let again = |random: &mut ChaCha8Rng| self.sampled.resampled(random).map(|new| self.with(new));
        summarised(replicates, seed, self.confidence(), again, statistic)
    }
}

impl Paired {
    /// As [`Assessment::bootstrap`].
    ///
    /// # Errors
    /// When fewer than two replicates are asked for.
    pub fn bootstrap(
        &self,
        replicates: usize,
        seed: u64,
        statistic: impl Fn(&Self) -> Option<f64>,
    ) -> Result<Option<Bootstrap>> {
        let again = |random: &mut ChaCha8Rng| self.sampled.resampled(random).map(|new| self.with(new));
        summarised(replicates, seed, self.confidence(), again, statistic)
    }
}

fn summarised<S>(
    replicates: usize,
    seed: u64,
    confidence: f64,
    again: impl Fn(&mut ChaCha8Rng) -> Option<S>,
    statistic: impl Fn(&S) -> Option<f64>,
) -> Result<Option<Bootstrap>> {
    if replicates < 2 {
        let (what, value) = ("number of replicates", replicates as f64);
        return Err(Error::Range { what, value, expected: "at least 2" });
    }
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut values: Vec<f64> =
        (0..replicates).filter_map(|_| again(&mut random).and_then(|sample| statistic(&sample))).collect();
    values.sort_by(f64::total_cmp);
    if values.len() < 2 {
        return Ok(None);
    }
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    let percentile = |share: f64| values[(share * (count - 1.0)).round() as usize];
    let percentiles =
        Interval { lower: percentile((1.0 - confidence) / 2.0), upper: percentile((1.0 + confidence) / 2.0) };
    let standard_error = (squares / (count - 1.0)).sqrt();
    Ok(Some(Bootstrap { mean, standard_error, percentiles, replicates: values.len() }))
}

impl<L: Copy> Sampled<L> {
    /// A bootstrap sample, `None` where a stratum has one cluster only or a post-stratum came out empty.
    fn resampled(&self, random: &mut impl rand::Rng) -> Option<Self> {
        let mut new = self.clone();
        new.clusters.iter_mut().for_each(|cluster| cluster.times = 0);
        if self.estimator == Estimator::PostStratified {
            draw_again(&self.clusters, &mut new.clusters, random)?;
            self.stratify_again(&mut new)?;
        } else {
            let mut rest = new.clusters.as_mut_slice();
            for old in self.clusters.chunk_by(|a, b| a.stratum == b.stratum) {
                let (part, after) = rest.split_at_mut(old.len());
                let drawn = draw_again(old, part, random)?;
                part.iter_mut().for_each(|cluster| cluster.scale((drawn + 1) as f64 / drawn as f64));
                new.strata[old[0].stratum].drawn = drawn;
                rest = after;
            }
        }
        new.clusters.retain(|cluster| cluster.times > 0);
        Some(new)
    }

    /// Weights each stratum of a new sample up to its share again.
    fn stratify_again(&self, new: &mut Self) -> Option<()> {
        new.strata.iter_mut().for_each(|stratum| stratum.drawn = 0);
        new.clusters.iter().for_each(|cluster| new.strata[cluster.stratum].drawn += cluster.times);
        let scale = |(old, new): (&Stratum, &Stratum)| {
            (old.drawn == 0 || new.drawn > 0).then(|| old.drawn as f64 / new.drawn as f64)
        };
        let scales: Vec<f64> = self.strata.iter().zip(&new.strata).map(scale).collect::<Option<_>>()?;
        new.clusters.iter_mut().for_each(|cluster| cluster.scale(scales[cluster.stratum]));
        Some(())
    }
}

impl<L> Cluster<L> {
    fn scale(&mut self, factor: f64) {
        self.members.iter_mut().for_each(|member| member.weight *= factor);
    }
}

/// Draws one fewer than there are, with replacement, into the `times` of `new`.
fn draw_again<L>(old: &[Cluster<L>], new: &mut [Cluster<L>], random: &mut impl rand::Rng) -> Option<u64> {
    let ends: Vec<u64> = old
        .iter()
        .scan(0, |end, cluster| {
            *end += cluster.times;
            Some(*end)
        })
        .collect();
    let all = *ends.last()?;
    if all < 2 {
        return None;
    }
    for _ in 1..all {
        let unit = random.random_range(0..all);
        new[ends.partition_point(|end| *end <= unit)].times += 1;
    }
    Some(all - 1)
}

#[cfg(test)]
mod tests;
