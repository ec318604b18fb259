//! Splits of samples by blocks of ground, by group and by year.

use super::leaks::check;
use crate::samples::{Coordinates, DEGREE, Points, Samples, tree_of};
use crate::{Error, Result};
use ecotone_tiling::{Fractions, Part, stratify};
use rstar::PointDistance;
use std::collections::BTreeMap;

/// How samples are split by blocks of ground.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SampleBlocks {
    /// Side of a block, in metres or the units of the projection; more than 0. Take it well above the distance over which
    /// samples resemble each other.
    pub block: f64,
    /// Least distance of samples in different parts; 0 or more.
    pub gap: f64,
    /// Shares of the parts, of each class as well as blocks allow.
    pub fractions: Fractions,
    /// Decides between blocks that serve equally well.
    pub seed: u64,
}

/// Splits samples by square blocks. Samples within the gap of a part that goes before theirs stay unused: test keeps
/// all of its own, then validation, then training.
///
/// Blocks of longitude and latitude are a block high and about a block wide.
///
/// # Errors
/// A block or gap that is no such length, or fractions that are no shares.
pub fn split_by_blocks(samples: &Samples, config: &SampleBlocks) -> Result<Vec<Part>> {
    if !(config.block > 0.0 && config.block.is_finite()) {
        let expected = "more than 0, in metres or the units of the projection";
        return Err(Error::Parameter { name: "block", value: config.block, expected });
    }
    let block = |sample: &crate::Sample| {
        let (x, y) = (sample.place.x, sample.place.y);
        if samples.coordinates != Coordinates::LonLat {
            return ((y / config.block).floor() as i64, (x / config.block).floor() as i64);
        }
        let row = (y * DEGREE / config.block).floor();
        let middle = ((row + 0.5) * config.block / DEGREE).clamp(-90.0, 90.0).to_radians();
        (row as i64, (x * DEGREE * middle.cos() / config.block).floor() as i64)
    };
    let keys = samples.rows.iter().map(block).collect();
    let parts = split_by_key(samples, keys, config.fractions, config.seed)?;
    widen_gap(samples, &parts, config.gap)
}

/// Splits samples so that no group (field, scene, region, survey) is in two parts.
///
/// # Errors
/// A sample without a group, or fractions that are no shares.
pub fn split_by_group(samples: &Samples, fractions: Fractions, seed: u64) -> Result<Vec<Part>> {
    let group = |sample: &crate::Sample| {
        sample.group.clone().ok_or_else(|| Error::Unknown { id: sample.id.clone(), what: "group" })
    };
    let keys = samples.rows.iter().map(group).collect::<Result<_>>()?;
    split_by_key(samples, keys, fractions, seed)
}

/// Splits samples by year: those named are for validation and test, all others for training.
///
/// A place that is sampled in several years is on both sides, which is what [`LeakReport`](crate::LeakReport) finds.
///
/// # Errors
/// A sample without a year.
pub fn split_by_year(samples: &Samples, validation: &[i32], test: &[i32]) -> Result<Vec<Part>> {
    let part = |sample: &crate::Sample| match sample.year {
        None => Err(Error::Unknown { id: sample.id.clone(), what: "year" }),
        Some(year) if test.contains(&year) => Ok(Part::Test),
        Some(year) if validation.contains(&year) => Ok(Part::Validation),
        Some(_) => Ok(Part::Train),
    };
    samples.rows.iter().map(part).collect()
}

/// Takes samples out of their part where one of a part that goes before it lies closer than `gap`: training samples near
/// validation or test, and validation samples near test.
///
/// # Errors
/// Parts that are not one a sample, or a gap that is negative or no number.
pub fn widen_gap(samples: &Samples, parts: &[Part], gap: f64) -> Result<Vec<Part>> {
    check(samples, parts, gap)?;
    let points = Points::new(samples);
    let least = points.straight(gap).powi(2);
    let mut parts = parts.to_vec();
    for (yields, before) in
        [(Part::Validation, [Part::Test].as_slice()), (Part::Train, &[Part::Test, Part::Validation])]
    {
        let tree = tree_of(&points, (0..parts.len()).filter(|row| before.contains(&parts[*row])));
        for (row, part) in parts.iter_mut().enumerate().filter(|(_, part)| **part == yields) {
            let place = points.place(row);
            let mut near = tree.locate_within_distance(place, least);
            if near.any(|near| near.distance_2(&place) < least) {
                *part = Part::Unused;
            }
        }
    }
    Ok(parts)
}

/// Splits samples so that those of one key stay together, and every part gets its fraction of each class.
fn split_by_key<K: Ord>(
    samples: &Samples,
    keys: Vec<K>,
    fractions: Fractions,
    seed: u64,
) -> Result<Vec<Part>> {
    fractions.check()?;
    let Fractions { train, validation, test } = fractions;
    let order = [Part::Train, Part::Test, Part::Validation];
    let mut counts: BTreeMap<&K, Vec<u64>> = BTreeMap::new();
    for (key, sample) in keys.iter().zip(&samples.rows) {
        counts.entry(key).or_insert_with(|| vec![0; 256])[usize::from(sample.code.0)] += 1;
    }
    let groups: Vec<&K> = counts.keys().copied().collect();
    let counts: Vec<Vec<u64>> = counts.values().cloned().collect();
    let found = stratify(&counts, &[train, test, validation], seed);
    let part = |key: &K| {
        let group = groups.binary_search(&key).ok().and_then(|group| found[group]);
        group.map_or(Part::Unused, |part| order[part])
    };
    Ok(keys.iter().map(part).collect())
}
