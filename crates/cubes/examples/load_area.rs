//! How much of an area was seen in each step: `load_area CATALOG WEST,SOUTH,EAST,NORTH [FIRST-DAY [RESOLUTION]]`.

use chrono::NaiveDate;
use ecotone_cubes::{SeriesSpec, SourceSpec};
use ecotone_jobs::{Resources, Silent};
use std::io::Write;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(catalog), Some(aoi)) = (arguments.next(), arguments.next()) else {
        return Err("usage: load_area CATALOG WEST,SOUTH,EAST,NORTH [FIRST-DAY [RESOLUTION]]".into());
    };
    let start: NaiveDate = arguments.next().as_deref().unwrap_or("2021-01-01").parse()?;
    let source = SourceSpec { step_days: 30, ..SourceSpec::new(&["B04", "B8A"], start, 12) };
    let mut spec = SeriesSpec::new(&catalog, source, &aoi);
    if let Some(metres) = arguments.next() {
        spec.grid.resolution = metres.parse()?;
    }
    let found = spec.load(&Resources::new(2), &Silent)?;
    let cube = &found.areas[0][0];
    let mut out = std::io::stdout().lock();
    for step in 0..cube.timeline().steps() {
        let valid = cube.valid_at(step);
        let share = valid.iter().filter(|valid| **valid).count() as f64 / valid.len() as f64;
        writeln!(out, "{} {:.0} %", cube.timeline().step_start(step), 100.0 * share)?;
    }
    for failure in found.failures {
        writeln!(out, "left out: {failure}")?;
    }
    Ok(())
}
