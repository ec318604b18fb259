//! Drawing a sample of pixels: one pass that counts, one that finds what was drawn.

use super::chips::write_chips;
use super::choices::{Design, allocation, expected, missing};
use super::drawn::{Drawn, Sampled};
use super::job::{ChipsJob, DrawJob};
use super::points::write_sample;
use super::population::{Counts, Place, Population};
use crate::{Error, Result};
use ecotone_core::Shape2d;
use ecotone_jobs::Error as JobError;
use ecotone_jobs::{Progress, Summary, fresh, read_legend};
use ecotone_metrics::{Draw, DrawnUnit, systematic_grid};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Writes the points, in random order (clusters together), and strata.csv beside them.
///
/// Memory is bounded by a window, the sample and, in a cluster design, a count a cluster.
///
/// # Errors
/// When a word or a number makes no sense for the design, the map has no pixel of any class, fewer than asked for, or a
/// file cannot be read or written.
pub fn draw_sample(job: &DrawJob, progress: &dyn Progress) -> Result<Summary> {
    let design = Design::parse(&job.design)?;
    let beside = job.out.with_file_name("strata.csv");
    let inputs = [&job.map, &job.legend].into_iter().chain(&job.strata).cloned();
    let inputs: Vec<PathBuf> = inputs.chain(job.expected.as_ref().map(PathBuf::from)).collect();
    fresh(&[&job.out, &beside], job.replace, &inputs)?;
    ecotone_io::ignore_file_size_signal();
    // A sample that nobody can find on the ground is none: unlike a comparison, this needs a place.
    ecotone_io::RasterDataset::open(&job.map)?;
    let legend = read_legend(&job.legend)?;
    let population = Population::open(&job.map, legend, &job.ignore, job.strata.as_ref(), job.edge_stratum)?;
    let drawn = match design {
        Design::Systematic => systematic(job, &population, progress)?,
        design => by_rank(job, design, &population, progress)?,
    };
    let (mut summary, places) = write_sample(job, design, &population, &drawn, &beside)?;
    if let Some(ChipsJob { catalog, dates }) = &job.chips {
        let folder = job.out.with_file_name("chips");
        summary.failures = write_chips(&folder, catalog, *dates, &places, population.grid())?;
        summary.fact("chips", folder.display().to_string());
    }
    Ok(summary)
}

fn units(job: &DrawJob) -> Result<u64> {
    match job.units {
        Some(units) if units > 0 => Ok(units),
        Some(_) => {
            Err(JobError::Value { key: "--units", found: "0".to_owned(), expected: "at least 1".to_owned() }
                .into())
        }
        None => Err(missing("--units", "how many to draw")),
    }
}

fn by_rank(job: &DrawJob, design: Design, population: &Population, progress: &dyn Progress) -> Result<Drawn> {
    let asked = units(job)?;
    let blocks = Blocks::new(population.grid().shape(), job.cluster_size)?;
    let mut sizes = if design.is_clustered() { vec![0u64; blocks.count()] } else { Vec::new() };
    let counts = population.count(progress, |place| {
        if let Some(size) = sizes.get_mut(blocks.of(place)) {
            *size += 1;
        }
    })?;
    // Blocks without a pixel of the population are no clusters.
    let mut clusters = vec![u32::MAX; sizes.len()];
    let filled: Vec<usize> = (0..sizes.len()).filter(|block| sizes[*block] > 0).collect();
    for (group, block) in filled.iter().enumerate() {
        clusters[*block] = group as u32;
    }
    let sizes: Vec<u64> = filled.iter().map(|block| sizes[*block]).collect();
    let (what, available) = match design.is_clustered() {
        true => ("clusters", sizes.len() as u64),
        false => ("pixels", counts.total()),
    };
    if asked > available {
        return Err(Error::TooManyUnits { what, asked, available, path: job.map.clone() });
    }
    let draw = match design {
        Design::Stratified => stratified(job, &counts, asked)?,
        Design::Cluster => Draw::clusters(&sizes, asked, job.seed)?,
        Design::TwoStage => Draw::two_stage(&sizes, asked, job.per_cluster, job.seed)?,
        Design::Simple | Design::Systematic => Draw::simple(counts.total(), asked, job.seed)?,
    };
    let mut pass = draw.pass();
    let mut found: Vec<Sampled> = Vec::with_capacity(draw.len());
    population.visit("draw", progress, |place| {
        let group = match design {
            Design::Stratified => counts.places[place.stratum].unwrap_or(usize::MAX),
            Design::Cluster | Design::TwoStage => clusters[blocks.of(place)] as usize,
            Design::Simple | Design::Systematic => 0,
        };
        if let Some(DrawnUnit { inclusion_probability, weight, .. }) = pass.show(group)? {
            let cluster = design.is_clustered().then(|| blocks.of(place) as u64 + 1);
            found.push(Sampled { place, inclusion_probability, weight, cluster });
        }
        Ok(())
    })?;
    pass.finish()?;
    Ok(Drawn { counts, units: ordered(found, job.seed) })
}

fn stratified(job: &DrawJob, counts: &Counts, asked: u64) -> Result<Draw> {
    let codes: Vec<u8> = counts.strata.iter().map(|stratum| stratum.code).collect();
    let accuracies = job.expected.as_deref().map(|text| expected(text, &codes)).transpose()?;
    let rule = allocation(&job.allocation, accuracies.as_deref())?;
    let sizes: Vec<u64> = counts.strata.iter().map(|stratum| stratum.units).collect();
    Ok(Draw::stratified(&sizes, &rule.units(asked, &sizes)?, job.seed)?)
}

/// A square grid from a random start; without a spacing, that which gives about the units asked for.
fn systematic(job: &DrawJob, population: &Population, progress: &dyn Progress) -> Result<Drawn> {
    let Shape2d { rows, cols } = population.grid().shape();
    let counts = population.count(progress, |_| ())?;
    let shorter = rows.min(cols) as u64;
    let step = match job.spacing {
        Some(step) if (1..=shorter).contains(&step) => step,
        Some(step) => {
            let expected = format!("1 to {shorter} pixels, the shorter side of the map");
            return Err(JobError::Value { key: "--spacing", found: step.to_string(), expected }.into());
        }
        None => {
            let (asked, available) = (units(job)?, counts.total());
            if asked > available {
                return Err(Error::TooManyUnits { what: "pixels", asked, available, path: job.map.clone() });
            }
            (((available / asked) as f64).sqrt().floor() as u64).clamp(1, shorter)
        }
    };
    let Some(first) = systematic_grid(rows as u64, cols as u64, step, job.seed)?.next() else {
        return Err(Error::NothingToDraw { path: job.map.clone() });
    };
    let mut found = Vec::new();
    population.visit("draw", progress, |place| {
        if place.row % step == first.row && place.col % step == first.col {
            let (inclusion_probability, weight) = (first.inclusion_probability, first.weight);
            found.push(Sampled { place, inclusion_probability, weight, cluster: None });
        }
        Ok(())
    })?;
    if found.is_empty() {
        return Err(Error::NothingToDraw { path: job.map.clone() });
    }
    Ok(Drawn { counts, units: ordered(found, job.seed) })
}

/// In random order, so that who interprets only the first so many has a random part and sees no stratum in a run.
/// Clusters stay together: they come in random order, and so do the points of each.
fn ordered(mut units: Vec<Sampled>, seed: u64) -> Vec<Sampled> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(1);
    units.shuffle(&mut random);
    if units.iter().any(|unit| unit.cluster.is_some()) {
        let mut clusters: Vec<Option<u64>> = units.iter().map(|unit| unit.cluster).collect();
        clusters.sort_unstable();
        clusters.dedup();
        clusters.shuffle(&mut random);
        let places: BTreeMap<Option<u64>, usize> = clusters.into_iter().zip(0..).collect();
        units.sort_by_key(|unit| places[&unit.cluster]);
    }
    units
}

/// Square blocks of the map's pixels.
struct Blocks {
    side: u64,
    across: u64,
    down: u64,
}

impl Blocks {
    fn new(shape: Shape2d, side: u64) -> Result<Self> {
        if side == 0 {
            let expected = "at least 1 pixel".to_owned();
            return Err(JobError::Value { key: "--cluster-size", found: "0".to_owned(), expected }.into());
        }
        Ok(Self {
            side,
            across: (shape.cols as u64).div_ceil(side),
            down: (shape.rows as u64).div_ceil(side),
        })
    }

    const fn count(&self) -> usize {
        (self.across * self.down) as usize
    }

    const fn of(&self, place: Place) -> usize {
        (place.row / self.side * self.across + place.col / self.side) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Clusters of 1 to 5 points, one a column of the map.
    fn units() -> Vec<Sampled> {
        let unit = |cluster: u64, row: u64| {
            let place = Place { row, col: cluster, class: 0, stratum: 0 };
            Sampled { place, inclusion_probability: 1.0, weight: 1.0, cluster: Some(cluster) }
        };
        (1..=5).flat_map(|cluster| (0..cluster).map(move |row| unit(cluster, row))).collect()
    }

    /// Who stops early has a random part of the clusters, whatever their size, and of the points of the last.
    #[test]
    fn clusters_come_in_random_order_and_stay_together() {
        let (mut first, mut lowest) = ([0; 6], 0);
        for seed in 0..2000 {
            let ordered = ordered(units(), seed);
            let mut runs: Vec<Option<u64>> = ordered.iter().map(|unit| unit.cluster).collect();
            runs.dedup();
            assert_eq!((runs.len(), ordered.len()), (5, 15), "each cluster is one run");
            first[runs[0].unwrap() as usize] += 1;
            let last = ordered.iter().find(|unit| unit.cluster == Some(5)).unwrap();
            lowest += u64::from(last.place.row == 0);
        }
        // 400 of each expected, with a standard deviation of 18.
        assert!(first[1..].iter().all(|count| (310..490).contains(count)), "{first:?}");
        assert!((310..490).contains(&lowest), "{lowest}");
    }

    #[test]
    fn the_same_seed_gives_the_same_order() {
        let rows = |seed| {
            ordered(units(), seed).iter().map(|unit| (unit.cluster, unit.place.row)).collect::<Vec<_>>()
        };
        assert_eq!(rows(7), rows(7));
        assert_ne!(rows(7), rows(8));
    }
}
