//! One map's accuracy and areas, estimated from a sample.

use super::sampled::Sampled;
use super::{ClusterUnit, Estimate, Estimator, SampleUnit, Strata};
use crate::{ConfusionMatrix, Error, Result};

/// What a sample says about a map, **rows = map, columns = reference**.
///
/// Every figure is a ratio of two estimated totals, `R = Ŷ / X̂`, with the variance of its linearised values
/// `(y - R x) / X̂` under the design (Taylor series; Stehman 2014, eq. 28; Särndal et al. 1992, section 5.6); see
/// [`Estimator`] for the variances. A ratio is biased by order 1/n; a class seen in a few units only says little.
///
/// A figure whose denominator is 0 is `None`: the user's accuracy of a class that the sample never met on the map, the
/// producer's of one never met in the reference.
///
/// ```
/// use ecotone_metrics::{Assessment, ConfusionMatrix, Estimator, Strata};
///
/// // Olofsson et al. 2014, Table 8: deforestation, forest gain, stable forest, stable non-forest.
/// let counts = ConfusionMatrix::from_counts(
///     4,
///     vec![66, 0, 5, 4, 0, 55, 8, 12, 1, 0, 153, 11, 2, 1, 9, 313],
/// )?;
/// let hectares = Strata::new(&[18_000.0, 13_500.0, 288_000.0, 580_500.0])?;
/// let assessment = Assessment::from_matrix(&counts, &hectares, Estimator::Stratified)?;
///
/// let deforestation = assessment.area(0).unwrap();
/// assert_eq!(deforestation.value.round(), 21_158.0);
/// assert_eq!((deforestation.upper.unwrap() - deforestation.value).round(), 6_158.0);
/// assert_eq!((assessment.overall_accuracy().unwrap().value * 100.0).round(), 95.0);
/// # Ok::<(), ecotone_metrics::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Assessment {
    pub(super) sampled: Sampled<SampleUnit>,
    classes: usize,
    confidence: f64,
    z: f64,
    /// The whole area.
    total: f64,
    /// The part of the map that estimates are for, and its size where that is known.
    region: Option<(usize, Option<f64>)>,
    /// Each unit lies in the stratum of its map class.
    pub(super) by_map_class: bool,
}

impl Assessment {
    /// From units drawn one by one. Estimates are at the confidence 0.95.
    ///
    /// # Errors
    /// When there is no unit, a class index is not below `classes`, a unit's stratum has no size or the size 0, or a
    /// stratum with a size has no unit ([`Error::EmptyStratum`] says what to do).
    pub fn new(classes: usize, units: &[SampleUnit], strata: &Strata, estimator: Estimator) -> Result<Self> {
        units.iter().try_for_each(|unit| check_classes(classes, unit.map, unit.reference))?;
        let counted = units.iter().map(|unit| (unit.stratum, *unit, 1));
        Self::of(classes, Sampled::units(counted, strata, estimator)?, strata)
    }

    /// From an error matrix of sample counts, with the mapped areas as strata: for people who hold no more than that.
    ///
    /// The strata are the map's classes, in the order of the matrix.
    ///
    /// # Errors
    /// As [`new`](Self::new); also when the strata are not as many as the classes.
    pub fn from_matrix(counts: &ConfusionMatrix, strata: &Strata, estimator: Estimator) -> Result<Self> {
        let classes = counts.classes();
        if strata.len() != classes {
            return Err(Error::Strata { expected: classes, found: strata.len() });
        }
        let cell = |index: usize| {
            let (map, reference) = (index / classes, index % classes);
            (map, SampleUnit::new(map, reference).in_stratum(map), counts.count(map, reference))
        };
        let cells = (0..classes * classes).map(cell);
        Self::of(classes, Sampled::units(cells, strata, estimator)?, strata)
    }

    /// From a one-stage or two-stage cluster sample, by the ratio estimator over ultimate clusters: the variance is
    /// that between the clusters' weighted sums, whatever was done inside them (Cochran 1977, section 9A.5 and
    /// chapter 11; Särndal et al. 1992, section 4.6).
    ///
    /// `strata` are those that clusters were drawn from, one for a plain cluster sample; with
    /// [`Strata::with_units`] the number of clusters in each. Intervals take Student's quantile with as many degrees of
    /// freedom as there are clusters more than strata; a class that few clusters hold is known badly all the same.
    ///
    /// # Errors
    /// As [`new`](Self::new); also when a weight is not finite and greater than 0.
    pub fn from_clusters(classes: usize, units: &[ClusterUnit], strata: &Strata) -> Result<Self> {
        units.iter().try_for_each(|unit| check_classes(classes, unit.unit.map, unit.unit.reference))?;
        let flat = units.iter().map(|unit| (unit.unit.stratum, unit.cluster, unit.unit, unit.weight));
        Self::of(classes, Sampled::clusters(flat.collect(), strata)?, strata)
    }

    fn of(classes: usize, sampled: Sampled<SampleUnit>, strata: &Strata) -> Result<Self> {
        let by_map_class =
            sampled.strata() == classes && sampled.all(|stratum, labels| stratum == labels.map);
        let (confidence, total) = (0.95, strata.total());
        let z = sampled.quantile(confidence)?;
        Ok(Self { sampled, classes, confidence, z, total, region: None, by_map_class })
    }

    /// The same with another sample.
    pub(super) fn with(&self, sampled: Sampled<SampleUnit>) -> Self {
        Self { sampled, ..self.clone() }
    }

    /// The same with intervals at another confidence.
    ///
    /// # Errors
    /// When it is not between 0 and 1.
    pub fn with_confidence(self, confidence: f64) -> Result<Self> {
        Ok(Self { z: self.sampled.quantile(confidence)?, confidence, ..self })
    }

    /// The confidence of the intervals.
    pub const fn confidence(&self) -> f64 {
        self.confidence
    }

    /// Number of classes.
    pub const fn classes(&self) -> usize {
        self.classes
    }

    /// The same for one region of the map, a domain of the sample (Cochran 1977, section 5A.14).
    ///
    /// With the region's size, areas are its size times the share estimated inside it, the more precise way; without,
    /// they come from the whole sample, and the region's own size is estimated, too.
    #[must_use]
    pub fn in_region(&self, region: usize, size: Option<f64>) -> Self {
        Self { region: Some((region, size)), ..self.clone() }
    }

    /// Sample counts, without weights.
    ///
    /// # Errors
    /// None: the counts fill the matrix.
    pub fn counts(&self) -> Result<ConfusionMatrix> {
        let mut counts = vec![0; self.classes * self.classes];
        for (unit, times) in self.sampled.labels().filter(|(unit, _)| self.inside(unit)) {
            counts[unit.map * self.classes + unit.reference] += times;
        }
        ConfusionMatrix::from_counts(self.classes, counts)
    }

    /// Estimated shares of the area `p_ij`, `[map, reference]` row by row, adding up to 1 (Olofsson et al. 2014,
    /// eq. 4). `None` where the sample has no unit in the region.
    pub fn area_proportions(&self) -> Option<Vec<f64>> {
        let whole = self.sampled.total(|unit| f64::from(self.inside(&unit)));
        let cell = |index: usize| {
            let (map, reference) = (index / self.classes, index % self.classes);
            let inside =
                |unit: &SampleUnit| self.inside(unit) && (unit.map, unit.reference) == (map, reference);
            self.sampled.total(|unit| f64::from(inside(&unit))) / whole
        };
        (whole > 0.0).then(|| (0..self.classes * self.classes).map(cell).collect())
    }

    /// Share of the area that is mapped right, `Σ p_ii` (Olofsson et al. 2014, eqs. 1 and 5).
    pub fn overall_accuracy(&self) -> Option<Estimate> {
        self.ratio(|unit| unit.map == unit.reference, |_| true, None)
    }

    /// Share of what is mapped as a class that is it, `p_ii / p_i+` (Olofsson et al. 2014, eqs. 2 and 6).
    pub fn users_accuracy(&self, class: usize) -> Option<Estimate> {
        let only = self.by_map_class.then_some(class);
        self.ratio(|unit| unit.reference == class, |unit| unit.map == class, only)
    }

    /// Share of a class's area that is mapped as it, `p_ii / p_+i` (Olofsson et al. 2014, eqs. 3 and 7).
    pub fn producers_accuracy(&self, class: usize) -> Option<Estimate> {
        let accuracy = self.ratio(|unit| unit.map == class, |unit| unit.reference == class, None)?;
        Some(self.with_omitted_part(class, accuracy))
    }

    /// Harmonic mean of user's and producer's accuracy, `2 p_ii / (p_i+ + p_+i)`, linearised as the ratio that it is
    /// (Särndal et al. 1992, section 5.5). The Wilson interval takes it for a proportion.
    pub fn f1(&self, class: usize) -> Option<Estimate> {
        let both = |unit: SampleUnit| {
            f64::from(u8::from(unit.map == class)) + f64::from(u8::from(unit.reference == class))
        };
        let twice = move |unit: SampleUnit| if both(unit) == 2.0 { 2.0 } else { 0.0 };
        self.ratio_of(twice, both, None)
    }

    /// Share of the area that is a class by the reference, `p_+i`, which corrects the mapped share for the map's errors
    /// (Olofsson et al. 2014, eqs. 9 and 10).
    pub fn area_proportion(&self, class: usize) -> Option<Estimate> {
        let share = self.ratio(|unit| unit.reference == class, |_| true, None)?;
        Some(self.with_omitted_share(class, share))
    }

    /// Area of a class by the reference, in the unit of the strata's sizes (Olofsson et al. 2014, eq. 11).
    pub fn area(&self, class: usize) -> Option<Estimate> {
        match self.region {
            None => self.area_proportion(class).map(|share| share.scaled(self.total)),
            Some((_, Some(size))) => self.area_proportion(class).map(|share| share.scaled(size)),
            Some((_, None)) => {
                let inside = |unit: SampleUnit| f64::from(self.inside(&unit) && unit.reference == class);
                let value = self.sampled.total(inside);
                let variance = self.sampled.variance(|unit| inside(unit) - value, None);
                let units = self.sampled.drawn_with(|_| true) as f64;
                let share = Estimate::proportion(value, variance, units, self.z);
                Some(self.with_omitted_area(class, share).scaled(self.total))
            }
        }
    }

    /// Kappa of the [`area_proportions`](Self::area_proportions), for comparison with older papers only.
    ///
    /// **Not recommended**: chance agreement is no baseline of a map, kappa hides which kind of error there is, and it
    /// follows overall accuracy so closely that it adds nothing (Pontius and Millones 2011, IJRS 32:4407-4429; Olofsson
    /// et al. 2014, section 4.3). That is why there is no interval for it.
    pub fn kappa(&self) -> Option<f64> {
        let p = self.area_proportions()?;
        let at = |map: usize, reference: usize| p[map * self.classes + reference];
        let classes = || 0..self.classes;
        let observed: f64 = classes().map(|i| at(i, i)).sum();
        let margin = |i: usize| -> f64 {
            classes().map(|j| at(i, j)).sum::<f64>() * classes().map(|j| at(j, i)).sum::<f64>()
        };
        let expected: f64 = classes().map(margin).sum();
        (expected < 1.0).then(|| (observed - expected) / (1.0 - expected))
    }

    pub(super) fn inside(&self, unit: &SampleUnit) -> bool {
        self.region.is_none_or(|(region, _)| unit.region == region)
    }

    /// Of what is in `whole`, the share that is in `part`, too.
    fn ratio(
        &self,
        part: impl Fn(SampleUnit) -> bool,
        whole: impl Fn(SampleUnit) -> bool + Copy,
        only: Option<usize>,
    ) -> Option<Estimate> {
        let one = |truth| f64::from(u8::from(truth));
        self.ratio_of(|unit| one(whole(unit) && part(unit)), |unit| one(whole(unit)), only)
    }

    fn ratio_of(
        &self,
        y: impl Fn(SampleUnit) -> f64,
        x: impl Fn(SampleUnit) -> f64,
        only: Option<usize>,
    ) -> Option<Estimate> {
        let inside = |unit: SampleUnit| f64::from(self.inside(&unit));
        let whole = self.sampled.total(|unit| inside(unit) * x(unit));
        if whole <= 0.0 {
            return None;
        }
        let value = self.sampled.total(|unit| inside(unit) * y(unit)) / whole;
        let variance = self.sampled.variance(|unit| inside(unit) * (y(unit) - value * x(unit)) / whole, only);
        let units = self.sampled.drawn_with(|unit| inside(unit) * x(unit) > 0.0);
        Some(Estimate::proportion(value, variance, units as f64, self.z))
    }
}

pub(super) fn check_classes(classes: usize, map: usize, reference: usize) -> Result<()> {
    for (side, index) in [("map", map), ("reference", reference)] {
        if index >= classes {
            return Err(Error::Class { side, index, classes });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
