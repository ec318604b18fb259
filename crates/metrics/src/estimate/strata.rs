//! The strata of a sample, and how estimates use them.

use crate::design::check_sizes;
use crate::{Error, Result};

/// How the sample was drawn, and so which estimator and variance are right.
///
/// Formulas are in the linearised form `e = (y - R x) / X` of a ratio `R = Y / X` (overall accuracy and area shares
/// have `x = 1`), with `s_h²` the variance of `e` among the `n_h` sample units of stratum `h`, and `W_h` its share of
/// the area.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Estimator {
    /// Drawn by stratum: `V = Σ W_h² s_h² / n_h`.
    ///
    /// Where the strata are the map's classes these are the estimators of Olofsson et al. 2014 (RSE 148:42-57, eqs.
    /// 1-11) to the last digit; for any other strata those of Stehman 2014 (IJRS 35:4923-4939, eqs. 2-28), of which
    /// the former are a special case.
    Stratified,
    /// Drawn without strata; the strata correct the estimate afterwards.
    ///
    /// The value is that of [`Stratified`](Self::Stratified), the variance is not: how many units fell into each
    /// stratum is chance, too, so that `V = (1 - f)/n Σ W_h s_h² + 1/n² Σ (1 - W_h) s_h²` (Cochran 1977, *Sampling
    /// Techniques*, section 5A.9). Using the stratified formula, as is common, understates it.
    PostStratified,
    /// Drawn without strata, and estimated without: `V = (1 - f) s² / n` (Cochran 1977, chapter 2); of the strata only
    /// the total counts.
    Simple,
    /// Drawn on a grid with a random start: treated as [`Simple`](Self::Simple), since one systematic sample does not
    /// show its own variance; that overstates the error unless the map repeats with the grid's step (Cochran 1977,
    /// section 8.11).
    Systematic,
}

/// Sizes of the strata: their areas or pixel counts.
#[derive(Debug, Clone, PartialEq)]
pub struct Strata {
    sizes: Vec<f64>,
    total: f64,
    /// Sample units that the population has, a stratum.
    units: Option<Vec<f64>>,
}

impl Strata {
    /// From areas or pixel counts, in any unit; estimated areas come in the same. A stratum of size 0 is left out.
    ///
    /// ```
    /// use ecotone_metrics::Strata;
    ///
    /// let hectares = Strata::new(&[18_000.0, 13_500.0, 288_000.0, 580_500.0])?;
    /// assert_eq!(hectares.total(), 900_000.0);
    /// # Ok::<(), ecotone_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// When a size is negative or not finite, or all are 0.
    pub fn new(sizes: &[f64]) -> Result<Self> {
        Ok(Self { sizes: sizes.to_vec(), total: check_sizes(sizes)?, units: None })
    }

    /// From shares of the area; areas are estimated as shares, too.
    ///
    /// # Errors
    /// As [`new`](Self::new), and when the shares do not add up to 1 within 1e-6.
    pub fn from_proportions(proportions: &[f64]) -> Result<Self> {
        let strata = Self::new(proportions)?;
        if (strata.total - 1.0).abs() > 1e-6 {
            return Err(Error::Proportions { sum: strata.total });
        }
        Ok(strata)
    }

    /// With the number of sample units (pixels; in a cluster design: clusters) that each stratum has, so that
    /// variances get the finite population correction `1 - n_h / N_h` (Cochran 1977, section 2.6).
    ///
    /// Without it the correction is left out, as Olofsson et al. 2014 do: it hardly matters for maps, where the
    /// sample is a small part of the pixels.
    ///
    /// # Errors
    /// When they are not one per stratum.
    pub fn with_units(mut self, units: &[u64]) -> Result<Self> {
        if units.len() != self.sizes.len() {
            return Err(Error::Strata { expected: self.sizes.len(), found: units.len() });
        }
        self.units = Some(units.iter().map(|units| *units as f64).collect());
        Ok(self)
    }

    /// Number of strata.
    pub fn len(&self) -> usize {
        self.sizes.len()
    }

    /// Whether there is no stratum; never so, since sizes add up to more than 0.
    pub fn is_empty(&self) -> bool {
        self.sizes.is_empty()
    }

    /// The sizes as given.
    pub fn sizes(&self) -> &[f64] {
        &self.sizes
    }

    /// Their sum.
    pub const fn total(&self) -> f64 {
        self.total
    }

    /// All strata as one.
    pub(super) fn merged(&self) -> Self {
        let units = self.units.as_ref().map(|units| vec![units.iter().sum()]);
        Self { sizes: vec![self.total], total: self.total, units }
    }

    /// Share of the whole.
    pub(super) fn share(&self, stratum: usize) -> f64 {
        self.sizes[stratum] / self.total
    }

    /// Part of a stratum's units that the sample holds, 0 where their number is not known.
    pub(super) fn sampled_fraction(&self, stratum: usize, sampled: u64) -> Result<f64> {
        let Some(units) = &self.units else { return Ok(0.0) };
        if sampled as f64 > units[stratum] {
            return Err(Error::TooManyUnits { stratum, available: units[stratum] as u64, asked: sampled });
        }
        Ok(if sampled == 0 { 0.0 } else { sampled as f64 / units[stratum] })
    }

    /// Fails when a stratum has an area and no unit, or a unit and no area.
    pub(super) fn check_sampled(&self, sampled: &[u64]) -> Result<()> {
        if sampled.iter().all(|units| *units == 0) {
            return Err(Error::EmptySample);
        }
        for (stratum, (&size, &units)) in self.sizes.iter().zip(sampled).enumerate() {
            match (size > 0.0, units > 0) {
                (true, false) => return Err(Error::EmptyStratum { stratum, size }),
                (false, true) => return Err(Error::NoArea { stratum, units }),
                _ => {}
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_that_are_none_are_named() {
        assert_eq!(Strata::new(&[1.0, -2.0]), Err(Error::StratumSize { stratum: 1, size: -2.0 }));
        assert!(matches!(Strata::new(&[f64::NAN]), Err(Error::StratumSize { stratum: 0, .. })));
        assert_eq!(Strata::new(&[]), Err(Error::NothingToSample));
        assert_eq!(Strata::new(&[0.0, 0.0]), Err(Error::NothingToSample));
        assert_eq!(Strata::from_proportions(&[0.5, 0.4]), Err(Error::Proportions { sum: 0.9 }));
        assert!(Strata::from_proportions(&[0.3, 0.3, 0.4]).is_ok());
        let units = Strata::new(&[1.0]).unwrap().with_units(&[1, 2]);
        assert_eq!(units, Err(Error::Strata { expected: 1, found: 2 }));
    }
}
