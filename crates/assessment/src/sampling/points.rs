//! The drawn points as a file that an interpreter fills in, and the sizes of their strata beside it.

use super::choices::Design;
use super::drawn::{Drawn, Sampled};
use super::job::DrawJob;
use super::population::Population;
use crate::Result;
use ecotone_core::{ClassIndex, Crs, XY};
use ecotone_io::{Cell, PointTable, Staged, stage_csv, transform_each, write_points};
use ecotone_jobs::Summary;
use std::path::Path;

/// Writes points and strata; says what to do with them, and where they lie.
pub(super) fn write_sample(
    job: &DrawJob,
    design: Design,
    population: &Population,
    drawn: &Drawn,
    beside: &Path,
) -> Result<(Summary, Vec<XY<f64>>)> {
    let table = table(job, design, population, drawn)?;
    let (strata, unit) = stage_strata(population, drawn, beside)?;
    write_points(&job.out, &table)?;
    strata.name()?;
    let strata_are_classes = design == Design::Stratified && !population.has_own_strata();
    let mut summary = Summary::default();
    summary.fact("design", format!("{}, seed {}", job.design, job.seed));
    summary.fact("population", format!("{} pixels", drawn.counts.total()));
    summary.fact("drawn", format!("{} points", drawn.units.len()));
    if design.is_clustered() {
        let mut clusters: Vec<_> = drawn.units.iter().map(|unit| unit.cluster).collect();
        clusters.dedup();
        summary.fact("clusters", clusters.len().to_string());
    }
    summary.fact("points", job.out.display().to_string());
    summary.fact("strata", format!("{}, areas in {unit}", beside.display()));
    let blind = match (job.with_map_class, strata_are_classes) {
        (true, _) => "no: the points tell the map's class, which sways interpreters",
        (false, true) => "hide the column stratum from interpreters: it is the map's class",
        (false, false) => "yes: the points do not tell the map's class",
    };
    summary.fact("blind", blind);
    let words = match design {
        Design::Stratified if population.has_own_strata() => {
            "--design stratified --stratum-column stratum --areas strata.csv"
        }
        Design::Stratified => "--design stratified",
        Design::Simple => "--design simple",
        Design::Systematic => "--design systematic",
        Design::Cluster | Design::TwoStage => {
            "--design cluster --cluster-column cluster --weight-column weight"
        }
    };
    summary.fact(
        "next",
        format!("fill in the column code, then ecotone assess MAP --reference {} {words}", job.out.display()),
    );
    Ok((summary, table.places))
}

/// A row a point; `code` is for the interpreter.
fn table(job: &DrawJob, design: Design, population: &Population, drawn: &Drawn) -> Result<PointTable> {
    let grid = population.grid();
    let centre = |unit: &Sampled| {
        grid.transform().pixel_to_world(XY::new(unit.place.col as f64 + 0.5, unit.place.row as f64 + 0.5))
    };
    let places: Vec<XY<f64>> = drawn.units.iter().map(centre).collect();
    let degrees = transform_each(&places, grid.crs(), &Crs::epsg(4326))?;
    let mut columns: Vec<String> = "id,x,y,lon,lat,stratum,inclusion_probability,weight,cluster,code"
        .split(',')
        .map(str::to_owned)
        .collect();
    if job.with_map_class {
        columns.push("map_code".to_owned());
    }
    let has_stratum = design == Design::Stratified || population.has_own_strata();
    let row = |(i, unit): (usize, &Sampled)| {
        let stratum = drawn.counts.places[unit.place.stratum].filter(|_| has_stratum);
        let stratum = stratum.map(|place| Cell::Whole(i64::from(drawn.counts.strata[place].code)));
        let mut cells = vec![
            Cell::Whole(i as i64 + 1),
            Cell::Real(places[i].x),
            Cell::Real(places[i].y),
            degrees[i].map_or(Cell::Empty, |degrees| Cell::Real(rounded(degrees.x))),
            degrees[i].map_or(Cell::Empty, |degrees| Cell::Real(rounded(degrees.y))),
            stratum.unwrap_or(Cell::Empty),
            Cell::Real(unit.inclusion_probability),
            Cell::Real(unit.weight),
            unit.cluster.map_or(Cell::Empty, |cluster| Cell::Whole(cluster as i64)),
            Cell::Empty,
        ];
        if job.with_map_class {
            let code = population.legend().code_of(ClassIndex(usize::from(unit.place.class)));
            cells.push(code.map_or(Cell::Empty, |code| Cell::Whole(i64::from(code.0))));
        }
        cells
    };
    let rows = drawn.units.iter().enumerate().map(row).collect();
    Ok(PointTable { columns, places, rows, crs: grid.crs().clone() })
}

/// Degrees to about a millimetre.
fn rounded(degrees: f64) -> f64 {
    (degrees * 1e8).round() / 1e8
}

/// A line a stratum: its code, name, pixels, area, and how many were drawn in it; the table gets its name when the points
/// have theirs. Gives the unit of the area, too.
fn stage_strata(population: &Population, drawn: &Drawn, path: &Path) -> Result<(Staged, &'static str)> {
    let unit = if population.has_areas() { "hectares" } else { "pixels" };
    let mut taken = vec![0u64; drawn.counts.strata.len()];
    for place in drawn.units.iter().filter_map(|unit| drawn.counts.places[unit.place.stratum]) {
        taken[place] += 1;
    }
    let rows = drawn.counts.strata.iter().zip(taken).map(|(stratum, taken)| {
        (stratum.code, stratum.name.as_str(), stratum.units, stratum.area.to_string(), taken)
    });
    Ok((stage_csv(path, &["code", "name", "units", "area", "drawn"], rows)?, unit))
}
