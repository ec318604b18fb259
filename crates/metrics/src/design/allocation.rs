//! How the units of a stratified sample are shared among the strata.

use super::size::{check_sizes, deviations};
use crate::{Error, Result};

/// A rule that says how many units each stratum gets. Strata of size 0 get none.
#[derive(Debug, Clone, PartialEq)]
pub enum Allocation {
    /// As many in each: best for comparing user's accuracies.
    Equal,
    /// By size: best for overall accuracy and areas when nothing is known of the strata.
    Proportional,
    /// By size times expected deviation, `n_h ∝ W_h √(U_h (1 - U_h))`: least variance of the overall accuracy
    /// (Neyman 1934; Cochran 1977, eq. 5.26). Holds the expected user's accuracy of each stratum.
    Optimal(Vec<f64>),
    /// By size, but no stratum below this many: the compromise recommended by Olofsson et al. 2014, section 5.1.2
    /// (their Al1 to Al3), for rare classes.
    ProportionalWithMinimum(u64),
}

impl Allocation {
    /// The exact share of each stratum; they add up to `units`.
    ///
    /// ```
    /// use ecotone_metrics::Allocation;
    ///
    /// let shares = Allocation::ProportionalWithMinimum(50).shares(640.0, &[0.02, 0.015, 0.32, 0.645])?;
    /// assert_eq!(shares[..2], [50.0, 50.0]);
    /// assert!((shares[2] - 540.0 * 0.32 / 0.965).abs() < 1e-9);
    /// # Ok::<(), ecotone_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// When a size is negative or not finite, all are 0, `units` is too few for the minimum, or the expected
    /// accuracies of [`Optimal`](Self::Optimal) are not one per stratum, not in 0 to 1, or all of them 0 or 1.
    pub fn shares(&self, units: f64, sizes: &[f64]) -> Result<Vec<f64>> {
        let total = check_sizes(sizes)?;
        if !units.is_finite() || units < 0.0 {
            let expected = "a finite number not below 0";
            return Err(Error::Range { what: "sample size", value: units, expected });
        }
        let minimum = match self {
            Self::ProportionalWithMinimum(minimum) => *minimum,
            _ => 0,
        };
        let strata = sizes.iter().filter(|size| **size > 0.0).count();
        if minimum as f64 * strata as f64 > units {
            return Err(Error::Minimum { asked: units, minimum, strata });
        }
        let least: Vec<f64> =
            sizes.iter().map(|size| if *size > 0.0 { minimum as f64 } else { 0.0 }).collect();
        let most = vec![f64::INFINITY; sizes.len()];
        Ok(share_between(units, &self.measures(sizes, total)?, &least, &most))
    }

    /// Whole units of each stratum, given the units that it has: the [`shares`](Self::shares) rounded by largest
    /// remainder, so that they add up to `units`, and never more than a stratum has; what a small stratum cannot
    /// take goes to the others by the same rule.
    ///
    /// A stratum smaller than the minimum is taken whole.
    ///
    /// ```
    /// use ecotone_metrics::Allocation;
    ///
    /// assert_eq!(Allocation::Proportional.units(10, &[100, 100, 100])?, [4, 3, 3]);
    /// assert_eq!(Allocation::Equal.units(10, &[2, 100, 100])?, [2, 4, 4]);
    /// # Ok::<(), ecotone_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`shares`](Self::shares); also when `units` is more than all strata have.
    pub fn units(&self, units: u64, sizes: &[u64]) -> Result<Vec<u64>> {
        let available: u64 = sizes.iter().sum();
        if units > available {
            return Err(Error::TooManyUnits { stratum: 0, available, asked: units });
        }
        let most: Vec<f64> = sizes.iter().map(|size| *size as f64).collect();
        let total = check_sizes(&most)?;
        let minimum = match self {
            Self::ProportionalWithMinimum(minimum) => *minimum,
            _ => 0,
        };
        let least: Vec<f64> = sizes.iter().map(|size| minimum.min(*size) as f64).collect();
        if least.iter().sum::<f64>() > units as f64 {
            let strata = sizes.iter().filter(|size| **size > 0).count();
            return Err(Error::Minimum { asked: units as f64, minimum, strata });
        }
        let shares = share_between(units as f64, &self.measures(&most, total)?, &least, &most);
        Ok(largest_remainder(units, &shares, sizes))
    }

    /// What each stratum's share is in proportion to.
    fn measures(&self, sizes: &[f64], total: f64) -> Result<Vec<f64>> {
        match self {
            Self::Equal => Ok(sizes.iter().map(|size| f64::from(u8::from(*size > 0.0))).collect()),
            Self::Proportional | Self::ProportionalWithMinimum(_) => {
                Ok(sizes.iter().map(|size| size / total).collect())
            }
            Self::Optimal(users_accuracies) => {
                let spread = deviations(sizes.len(), users_accuracies)?;
                let measures: Vec<f64> = sizes.iter().zip(spread).map(|(size, s)| size / total * s).collect();
                if measures.iter().all(|measure| *measure == 0.0) {
                    let (what, expected) =
                        ("every expected user's accuracy", "one between 0 and 1, exclusive");
                    let value = users_accuracies.first().copied().unwrap_or(0.0);
                    return Err(Error::Range { what, value, expected });
                }
                Ok(measures)
            }
        }
    }
}

/// Shares in proportion to `measures` within bounds, adding up to `units` where the bounds allow it: strata that
/// break a bound are set to it, and the rest is shared again.
fn share_between(units: f64, measures: &[f64], least: &[f64], most: &[f64]) -> Vec<f64> {
    let mut fixed: Vec<Option<f64>> = vec![None; measures.len()];
    loop {
        let rest = units - fixed.iter().flatten().sum::<f64>();
        let free = (0..measures.len()).filter(|h| fixed[*h].is_none());
        let measure: f64 = free.clone().map(|h| measures[h]).sum();
        let share = |h: usize| if measure > 0.0 { rest * measures[h] / measure } else { 0.0 };
        // Minima first: raising a stratum takes from the others, which may then no longer exceed their maximum.
        let low = free.clone().find(|h| share(*h) < least[*h]).map(|h| (h, least[h]));
        let high = || free.clone().find(|h| share(*h) > most[*h]).map(|h| (h, most[h]));
        match low.or_else(high) {
            Some((h, bound)) => fixed[h] = Some(bound),
            None => return (0..measures.len()).map(|h| fixed[h].unwrap_or_else(|| share(h))).collect(),
        }
    }
}

/// Whole numbers near the shares that add up to `units`: rounded down, then one more to the largest remainders (ties:
/// to the first), and around again while strata with room are left.
fn largest_remainder(units: u64, shares: &[f64], most: &[u64]) -> Vec<u64> {
    let mut whole: Vec<u64> =
        shares.iter().zip(most).map(|(share, most)| (share.floor() as u64).min(*most)).collect();
    let mut left = units.saturating_sub(whole.iter().sum());
    let mut order: Vec<usize> = (0..shares.len()).collect();
    order.sort_by(|a, b| shares[*b].fract().total_cmp(&shares[*a].fract()).then(a.cmp(b)));
    while left > 0 && whole.iter().zip(most).any(|(n, most)| n < most) {
        for &h in &order {
            if left > 0 && whole[h] < most[h] {
                whole[h] += 1;
                left -= 1;
            }
        }
    }
    whole
}

#[cfg(test)]
mod tests;
