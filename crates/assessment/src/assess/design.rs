//! From located points and the sizes of their strata to estimates.

use super::areas::{Population, Stratum, canonical};
use super::estimates::{Basis, Estimates};
use super::point::Point;
use super::points::Points;
use super::{AssessJob, Classes, Design};
use crate::{Error, Result};
use ecotone_metrics::{Assessment, ClusterUnit, SampleUnit, Strata};
use std::collections::BTreeMap;

/// The region of a point that lies in none.
const NO_REGION: usize = 256;

/// Estimates by a design.
///
/// # Errors
/// When a point lies in no stratum that has an area, or a stratum with an area has no point.
pub(super) fn estimate(
    job: &AssessJob,
    design: Design,
    classes: &Classes,
    points: &Points,
    population: &Population,
) -> Result<Estimates> {
    let (strata, sizes) = strata_of(job, design, classes, points, population)?;
    let mut drawn = vec![0u64; population.strata.len()];
    strata.iter().for_each(|stratum| drawn[*stratum] += 1);
    let unit = |(point, stratum): (&Point, &usize)| {
        let region = point.region_code.map_or(NO_REGION, usize::from);
        SampleUnit::new(point.map, point.reference).in_stratum(*stratum).in_region(region)
    };
    let units: Vec<SampleUnit> = points.scored().zip(&strata).map(unit).collect();
    let assessment = if design == Design::Cluster {
        let mut numbers: BTreeMap<&str, u64> = BTreeMap::new();
        let cluster = |(unit, point): (SampleUnit, &Point)| (unit, point.cluster.clone(), point.weight);
        let named: Vec<_> = units.into_iter().zip(points.scored()).map(cluster).collect();
        let mut clustered = Vec::with_capacity(named.len());
        for (unit, name, weight) in &named {
            let next = numbers.len() as u64;
            let cluster = *numbers.entry(name).or_insert(next);
            clustered.push(ClusterUnit { unit: *unit, cluster, weight: *weight });
        }
        Assessment::from_clusters(classes.len(), &clustered, &sizes)?
    } else {
        Assessment::new(classes.len(), &units, &sizes, design.estimator())?
    };
    let assessment = assessment.with_confidence(job.confidence)?;
    let mut notices = population.notices.clone();
    notices.extend(lonely(design, &population.strata, &drawn));
    let basis = Basis {
        design: design.word(),
        source: design.source(),
        unit: population.unit.clone(),
        mapped: population.mapped.clone(),
        regions: population.regions.clone(),
        notices,
    };
    Estimates::of(&assessment, classes, basis)
}

/// The stratum of each scored point, and how large the strata are.
///
/// # Errors
/// When a point lies in no stratum that has an area, or a stratum with an area has no point.
pub(super) fn strata_of(
    job: &AssessJob,
    design: Design,
    classes: &Classes,
    points: &Points,
    population: &Population,
) -> Result<(Vec<usize>, Strata)> {
    let strata = &population.strata;
    let mut found = Vec::new();
    let mut drawn = vec![0u64; strata.len()];
    for point in points.scored() {
        let stratum = if design.has_strata() { stratum_of(job, classes, points, point, strata)? } else { 0 };
        drawn[stratum] += 1;
        found.push(stratum);
    }
    check_drawn(points, strata, &drawn)?;
    let sizes: Vec<f64> = strata.iter().map(|stratum| stratum.size).collect();
    Ok((found, Strata::new(&sizes)?))
}

/// The index of a point's stratum: by its column, else by the raster of strata, else by its map class.
fn stratum_of(
    job: &AssessJob,
    classes: &Classes,
    points: &Points,
    point: &Point,
    strata: &[Stratum],
) -> Result<usize> {
    let code = if job.columns.stratum.is_some() {
        canonical(&point.stratum)
    } else if job.strata.is_some() {
        point.stratum_code.map_or_else(|| "none".to_owned(), |code| code.to_string())
    } else {
        classes.iter().nth(point.map).map_or_else(String::new, |class| class.code.clone())
    };
    // By name too: a sample may call its strata as the legend calls the map's classes.
    let named = || classes.iter().find(|class| class.name == code).map(|class| class.code.clone());
    let find = |code: &str| strata.iter().position(|stratum| stratum.code == code && stratum.size > 0.0);
    find(&code).or_else(|| named().and_then(|code| find(&code))).ok_or_else(|| {
        let known: Vec<&str> =
            strata.iter().filter(|stratum| stratum.size > 0.0).map(|stratum| stratum.code.as_str()).collect();
        let (path, id, known) = (points.path.clone(), point.id.clone(), known.join(", "));
        Error::UnknownStratum { path, id, stratum: code, known }
    })
}

fn check_drawn(points: &Points, strata: &[Stratum], drawn: &[u64]) -> Result<()> {
    let total: f64 = strata.iter().map(|stratum| stratum.size).sum();
    match strata.iter().zip(drawn).find(|(stratum, drawn)| stratum.size > 0.0 && **drawn == 0) {
        None => Ok(()),
        Some((stratum, _)) => Err(Error::StratumWithoutPoint {
            path: points.path.clone(),
            stratum: stratum.code.clone(),
            percent: 100.0 * stratum.size / total,
        }),
    }
}

/// Strata whose variance is undefined.
fn lonely(design: Design, strata: &[Stratum], drawn: &[u64]) -> Option<String> {
    let alone = strata.iter().zip(drawn).filter(|(_, drawn)| **drawn == 1);
    let codes: Vec<&str> = alone.map(|(stratum, _)| stratum.code.as_str()).collect();
    (design.has_strata() && !codes.is_empty()).then(|| one_unit(&codes))
}

/// What to say where strata have one unit.
pub(super) fn one_unit(codes: &[&str]) -> String {
    format!(
        "One sample unit only lies in stratum {}: the variance is undefined there, and figures that rest on it have no \
         standard error and no interval. Sample more, or merge strata.",
        codes.join(", ")
    )
}
