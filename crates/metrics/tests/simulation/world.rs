//! A landscape, its map with known errors, and the samples drawn from it.

use ecotone_metrics::{
    Allocation, Assessment, ClusterUnit, Draw, DrawnUnit, Error, Estimator, SampleUnit, Strata,
    systematic_grid,
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

pub(crate) const CLASSES: usize = 4;
const SIDE: usize = 480;
const PATCH: usize = 8;
/// Sides of the square clusters.
const CLUSTER: usize = 6;
const SHARES: [f64; CLASSES] = [0.55, 0.30, 0.12, 0.03];
/// Chance of each reference class where the map shows the row's class.
const TRUTH: [[f64; CLASSES]; CLASSES] =
    [[0.90, 0.07, 0.02, 0.01], [0.08, 0.85, 0.06, 0.01], [0.05, 0.14, 0.80, 0.01], [0.10, 0.10, 0.10, 0.70]];

/// How a sample is drawn and estimated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Design {
    Simple,
    Systematic,
    PostStratified,
    /// The strata are the map's classes.
    Olofsson,
    /// The strata are not.
    Stehman,
    OneStage,
    TwoStage,
}

/// A landscape of patches, its map, and strata of neither.
pub(crate) struct World {
    units: Vec<SampleUnit>,
    /// Positions of the pixels of each map class, other stratum, and cluster.
    by_class: Vec<Vec<usize>>,
    by_other: Vec<Vec<usize>>,
    by_cluster: Vec<Vec<usize>>,
}

impl World {
    pub(crate) fn new(seed: u64) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let patches: Vec<usize> =
            (0..(SIDE / PATCH).pow(2)).map(|_| choose(&SHARES, random.random())).collect();
        let across = SIDE / CLUSTER;
        let mut world = Self {
            units: vec![],
            by_class: vec![vec![]; CLASSES],
            by_other: vec![vec![]; 3],
            by_cluster: vec![vec![]; across * across],
        };
        for position in 0..SIDE * SIDE {
            let (row, col) = (position / SIDE, position % SIDE);
            let map = patches[row / PATCH * (SIDE / PATCH) + col / PATCH];
            let reference = choose(&TRUTH[map], random.random());
            // An older map, say: it knows something of the classes, but has its own.
            let other = if random.random::<f64>() < 0.7 { map.min(2) } else { random.random_range(0..3) };
            world.units.push(SampleUnit::new(map, reference));
            world.by_class[map].push(position);
            world.by_other[other].push(position);
            world.by_cluster[row / CLUSTER * across + col / CLUSTER].push(position);
        }
        world
    }

    /// All pixels.
    pub(crate) fn truth(&self) -> Result<Assessment, Error> {
        Assessment::new(CLASSES, &self.units, &Strata::new(&[self.units.len() as f64])?, Estimator::Simple)
    }

    /// About `size` units, drawn and estimated.
    pub(super) fn sample(&self, design: Design, size: u64, seed: u64) -> Result<Sample, Error> {
        let whole = Strata::new(&[self.units.len() as f64])?;
        let at = |position: usize| self.units[position];
        match design {
            Design::Simple | Design::PostStratified => {
                let draw = Draw::simple(self.units.len() as u64, size, seed)?;
                let units = draw.units().map(|unit| at(unit.rank as usize));
                if design == Design::Simple {
                    return Sample::of(units.collect(), &whole, Estimator::Simple);
                }
                let units = units.map(|unit| unit.in_stratum(unit.map)).collect();
                Sample::of(units, &sizes(&self.by_class)?, Estimator::PostStratified)
            }
            Design::Systematic => {
                let step = (self.units.len() as f64 / size as f64).sqrt().round() as u64;
                let grid = systematic_grid(SIDE as u64, SIDE as u64, step, seed)?;
                let units = grid.map(|unit| at(unit.row as usize * SIDE + unit.col as usize)).collect();
                Sample::of(units, &whole, Estimator::Systematic)
            }
            Design::Olofsson => {
                self.stratified(&self.by_class, &Allocation::ProportionalWithMinimum(size / 8), size, seed)
            }
            Design::Stehman => self.stratified(&self.by_other, &Allocation::Equal, size, seed),
            Design::OneStage => self.clustered(size / 6, u64::MAX, seed),
            Design::TwoStage => self.clustered(size / 3, 6, seed),
        }
    }

    fn stratified(
        &self,
        strata: &[Vec<usize>],
        rule: &Allocation,
        size: u64,
        seed: u64,
    ) -> Result<Sample, Error> {
        let counts: Vec<u64> = strata.iter().map(|positions| positions.len() as u64).collect();
        let draw = Draw::stratified(&counts, &rule.units(size, &counts)?, seed)?;
        let unit =
            |unit: DrawnUnit| self.units[strata[unit.group][unit.rank as usize]].in_stratum(unit.group);
        Sample::of(
            draw.units().map(unit).collect(),
            &sizes(strata)?.with_units(&counts)?,
            Estimator::Stratified,
        )
    }

    fn clustered(&self, clusters: u64, each: u64, seed: u64) -> Result<Sample, Error> {
        let counts: Vec<u64> = self.by_cluster.iter().map(|positions| positions.len() as u64).collect();
        let draw = Draw::two_stage(&counts, clusters, each, seed)?;
        let unit = |unit: DrawnUnit| ClusterUnit {
            unit: self.units[self.by_cluster[unit.group][unit.rank as usize]],
            cluster: unit.group as u64,
            weight: unit.weight,
        };
        let units: Vec<ClusterUnit> = draw.units().map(unit).collect();
        let strata = Strata::new(&[self.units.len() as f64])?;
        let strata = if each == u64::MAX { strata.with_units(&[counts.len() as u64])? } else { strata };
        Ok(Sample { assessment: Assessment::from_clusters(CLASSES, &units, &strata)?, units })
    }
}

/// A sample, its estimates, and its units with their weights, each its own cluster unless it was drawn in one.
pub(super) struct Sample {
    pub(super) assessment: Assessment,
    pub(super) units: Vec<ClusterUnit>,
}

impl Sample {
    fn of(units: Vec<SampleUnit>, strata: &Strata, estimator: Estimator) -> Result<Self, Error> {
        let assessment = Assessment::new(CLASSES, &units, strata, estimator)?;
        let mut counts = vec![0; strata.len()];
        units.iter().for_each(|unit| counts[unit.stratum] += 1);
        let mut weighted: Vec<ClusterUnit> = (0..)
            .zip(units)
            .map(|(cluster, unit)| {
                let weight = strata.sizes()[unit.stratum] / f64::from(counts[unit.stratum]);
                ClusterUnit { unit, cluster, weight }
            })
            .collect();
        weighted.sort_by_key(|unit| unit.unit.stratum);
        Ok(Self { assessment, units: weighted })
    }
}

fn sizes(strata: &[Vec<usize>]) -> Result<Strata, Error> {
    Strata::new(&strata.iter().map(|positions| positions.len() as f64).collect::<Vec<_>>())
}

fn choose(shares: &[f64], mut place: f64) -> usize {
    for (index, share) in shares.iter().enumerate() {
        place -= share;
        if place < 0.0 {
            return index;
        }
    }
    shares.len() - 1
}
