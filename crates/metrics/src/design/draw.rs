//! Which units a sample takes: ranks drawn from counts, then found in one pass over the raster.
//!
//! A draw needs the number of units of each stratum (or cluster), never the units themselves; its memory is that of
//! the sample and of one counter a stratum. The pass that follows maps "the 17th pixel of stratum 2" to a place.

use crate::{Error, Result};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeSet;

/// One unit of a drawn sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DrawnUnit {
    /// Its stratum; in a cluster design its cluster. 0 where there is but one.
    pub group: usize,
    /// Its rank among the units of its group, from 0, in the order in which a pass shows them.
    pub rank: u64,
    /// The probability with which the design includes it, in 0 (exclusive) to 1.
    pub inclusion_probability: f64,
    /// Its design weight, `1 / inclusion_probability`: the units that it stands for (Horvitz and Thompson 1952).
    pub weight: f64,
}

/// A sample drawn by rank. The same seed and counts draw the same ranks on every machine.
///
/// ```
/// use ecotone_metrics::Draw;
///
/// let strata = [0, 1, 0, 0, 1, 0]; // a tiny raster, row by row
/// let draw = Draw::stratified(&[4, 2], &[2, 1], 7)?;
/// let mut pass = draw.pass();
/// let mut drawn = vec![];
/// for (position, stratum) in strata.into_iter().enumerate() {
///     drawn.extend(pass.show(stratum)?.map(|unit| (position, unit.weight)));
/// }
/// pass.finish()?;
/// assert_eq!(drawn.len(), 3);
/// assert!(drawn.iter().all(|(position, weight)| *weight == 2.0 && *position < 6));
/// # Ok::<(), ecotone_metrics::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Draw {
    groups: Vec<Group>,
}

#[derive(Debug, Clone, PartialEq)]
struct Group {
    /// Units that it has.
    size: u64,
    /// Drawn, ascending.
    ranks: Vec<u64>,
    inclusion_probability: f64,
}

impl Draw {
    /// `units` of a population of `size` without replacement, each subset equally likely (Cochran 1977, section 2.1):
    /// inclusion probability `n / N`.
    ///
    /// # Errors
    /// When there are fewer units than asked for.
    pub fn simple(size: u64, units: u64, seed: u64) -> Result<Self> {
        Self::stratified(&[size], &[units], seed)
    }

    /// A simple random sample of `units[h]` in each stratum of `sizes[h]` units (Cochran 1977, section 5.1):
    /// inclusion probability `n_h / N_h`. See [`Allocation::units`](crate::Allocation::units) for the numbers.
    ///
    /// # Errors
    /// When sizes and units differ in number, or a stratum has fewer units than asked for.
    pub fn stratified(sizes: &[u64], units: &[u64], seed: u64) -> Result<Self> {
        if sizes.len() != units.len() {
            return Err(Error::Strata { expected: sizes.len(), found: units.len() });
        }
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut groups = vec![];
        for (stratum, (&size, &asked)) in sizes.iter().zip(units).enumerate() {
            check_units(stratum, asked, size)?;
            let ranks = subset(size, asked, &mut random);
            groups.push(Group { size, ranks, inclusion_probability: share(asked, size) });
        }
        Ok(Self { groups })
    }

    /// Every `N / n`-th of a list of `size` units from a random start (Cochran 1977, section 8.1; fractional
    /// intervals as in Särndal et al. 1992, section 3.4.2): inclusion probability `n / N`, and exactly `n` units.
    ///
    /// Along a raster's rows this spreads the sample over it; [`systematic_grid`](crate::systematic_grid) spreads it
    /// in both directions.
    ///
    /// # Errors
    /// When there are fewer units than asked for.
    pub fn systematic(size: u64, units: u64, seed: u64) -> Result<Self> {
        check_units(0, units, size)?;
        let start = ChaCha8Rng::seed_from_u64(seed).random_range(0..size.max(1));
        // With a start of whole steps among N, the i-th unit is floor((start + i N) / n): no rounding anywhere.
        let rank = |i| ((u128::from(start) + u128::from(i) * u128::from(size)) / u128::from(units)) as u64;
        let group =
            Group { size, ranks: (0..units).map(rank).collect(), inclusion_probability: share(units, size) };
        Ok(Self { groups: vec![group] })
    }

    /// One-stage cluster sample: all units of `clusters` clusters, which are drawn as a simple random sample among
    /// those of `sizes` (Cochran 1977, section 9A.1): inclusion probability `m / M`. Clusters without a unit count
    /// as clusters.
    ///
    /// # Errors
    /// When there are fewer clusters than asked for.
    pub fn clusters(sizes: &[u64], clusters: u64, seed: u64) -> Result<Self> {
        Self::two_stage(sizes, clusters, u64::MAX, seed)
    }

    /// Two-stage cluster sample: `clusters` clusters as a simple random sample, then in each drawn one a simple random
    /// sample of `units_each` of its units, or all where it has fewer (Cochran 1977, section 11.1): inclusion
    /// probability `m / M * n_i / N_i`.
    ///
    /// # Errors
    /// When there are fewer clusters than asked for, or no unit is to be taken in them.
    pub fn two_stage(sizes: &[u64], clusters: u64, units_each: u64, seed: u64) -> Result<Self> {
        check_units(0, clusters, sizes.len() as u64)?;
        if units_each == 0 {
            let expected = "at least 1";
            return Err(Error::Range { what: "units in each cluster", value: 0.0, expected });
        }
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let drawn: BTreeSet<u64> = subset(sizes.len() as u64, clusters, &mut random).into_iter().collect();
        let first = share(clusters, sizes.len() as u64);
        let mut group = |(cluster, &size): (usize, &u64)| {
            let asked = if drawn.contains(&(cluster as u64)) { units_each.min(size) } else { 0 };
            let ranks = subset(size, asked, &mut random);
            Group { size, ranks, inclusion_probability: first * share(asked, size) }
        };
        Ok(Self { groups: sizes.iter().enumerate().map(&mut group).collect() })
    }

    /// Units drawn.
    pub fn len(&self) -> usize {
        self.groups.iter().map(|group| group.ranks.len()).sum()
    }

    /// Whether nothing was drawn.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The units, group by group, ascending by rank.
    pub fn units(&self) -> impl Iterator<Item = DrawnUnit> {
        let of = |(index, group): (usize, &Group)| (0..group.ranks.len()).map(move |i| (index, i));
        self.groups.iter().enumerate().flat_map(of).map(|(index, i)| self.groups[index].unit(index, i))
    }

    /// Starts the pass that finds the units: show it the group of each unit of the population, in any fixed order.
    pub fn pass(&self) -> Pass<'_> {
        Pass { draw: self, seen: vec![0; self.groups.len()], next: vec![0; self.groups.len()] }
    }
}

impl Group {
    fn unit(&self, group: usize, index: usize) -> DrawnUnit {
        DrawnUnit {
            group,
            rank: self.ranks[index],
            inclusion_probability: self.inclusion_probability,
            weight: 1.0 / self.inclusion_probability,
        }
    }
}

/// A pass over the population that recognises the drawn units, see [`Draw::pass`].
#[derive(Debug, Clone)]
pub struct Pass<'a> {
    draw: &'a Draw,
    /// Units shown, a group.
    seen: Vec<u64>,
    /// Drawn units recognised, a group.
    next: Vec<usize>,
}

impl Pass<'_> {
    /// Shows the next unit of a group; answers with the drawn unit where it is one.
    ///
    /// Pixels outside every group are not shown.
    ///
    /// # Errors
    /// When the draw knows no such group.
    #[inline]
    pub fn show(&mut self, group: usize) -> Result<Option<DrawnUnit>> {
        let Some(seen) = self.seen.get_mut(group) else {
            return Err(Error::Stratum { stratum: group, strata: self.seen.len() });
        };
        let rank = *seen;
        *seen += 1;
        let drawn = &self.draw.groups[group];
        let next = self.next[group];
        if drawn.ranks.get(next) != Some(&rank) {
            return Ok(None);
        }
        self.next[group] += 1;
        Ok(Some(drawn.unit(group, next)))
    }

    /// Ends the pass.
    ///
    /// # Errors
    /// When a group showed more or fewer units than the draw was made from: the probabilities are not true then.
    pub fn finish(self) -> Result<()> {
        for (stratum, (group, found)) in self.draw.groups.iter().zip(self.seen).enumerate() {
            if group.size != found {
                return Err(Error::PassEnded { stratum, expected: group.size, found });
            }
        }
        Ok(())
    }
}

fn share(units: u64, size: u64) -> f64 {
    if size == 0 { 0.0 } else { units as f64 / size as f64 }
}

fn check_units(stratum: usize, asked: u64, available: u64) -> Result<()> {
    if asked > available { Err(Error::TooManyUnits { stratum, available, asked }) } else { Ok(()) }
}

/// `units` of `0..size`, ascending, each subset equally likely, in memory of the subset (Floyd; Bentley and Floyd
/// 1987, CACM 30:754-757).
fn subset(size: u64, units: u64, random: &mut impl rand::Rng) -> Vec<u64> {
    let mut chosen = BTreeSet::new();
    for last in size - units..size {
        let candidate = random.random_range(0..=last);
        if !chosen.insert(candidate) {
            chosen.insert(last);
        }
    }
    chosen.into_iter().collect()
}

#[cfg(test)]
mod tests;
