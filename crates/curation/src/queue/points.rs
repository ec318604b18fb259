//! The queue as a file that an operator fills in, with pictures and plots beside it.

use super::asked::Asked;
use super::candidates::Candidate;
use super::plot;
use crate::Result;
use ecotone_assessment::{ChipsJob, write_chips};
use ecotone_core::{ClassIndex, Crs, XY};
use ecotone_io::{Cell, PointTable, transform_each, write_points};
use ecotone_jobs::Error as JobError;
use ecotone_jobs::Summary;
use std::path::PathBuf;

/// Writes the points and what is beside them; says where they lie and what to do with them.
pub(super) fn write(asked: &Asked<'_>, chosen: &[Candidate]) -> Result<Summary> {
    let job = asked.job;
    let places: Vec<XY<f64>> = chosen.iter().map(|candidate| candidate.place).collect();
    let beside = beside(job.out.as_path());
    write_points(&job.out, &table(asked, chosen, &places)?)?;
    let mut summary = Summary::default();
    summary.fact("places", format!("{} of {} that were asked for, by {}", chosen.len(), job.count, job.by));
    if let Some(ChipsJob { catalog, dates }) = &job.chips {
        std::fs::create_dir_all(&beside)
            .map_err(|source| JobError::WriteFile { path: beside.clone(), source })?;
        summary.failures = write_chips(&beside, catalog, *dates, &places, asked.pixels.series().geobox())?;
        let channel = plot::channel(asked.pixels.names());
        for (number, candidate) in chosen.iter().enumerate() {
            let svg = plot::svg(&channel, asked.pixels.names(), &candidate.features);
            ecotone_io::write_atomic(beside.join(format!("{}.svg", number + 1)), svg.as_bytes())?;
        }
        summary.fact("pictures", format!("{}, and the {channel} of each place", beside.display()));
    }
    summary.fact("points", job.out.display().to_string());
    let blind = match job.with_map_class {
        true => "no: the points tell the map's class, which sways operators",
        false => "yes: the points do not tell the map's class",
    };
    summary.fact("blind", blind);
    let (samples, round) = (job.round.join("samples.csv"), job.round.display());
    summary.fact(
        "next",
        format!(
            "fill in the column code, then ecotone label forest RECIPE --samples {} --samples {} --before {round} --out DIR",
            samples.display(),
            job.out.display()
        ),
    );
    Ok(summary)
}

/// The folder of pictures: named as the points are, so that those of two queues do not mix.
fn beside(out: &std::path::Path) -> PathBuf {
    let stem = out.file_stem().map_or_else(|| "queue".to_owned(), |stem| stem.to_string_lossy().into_owned());
    out.with_file_name(format!("{stem}-chips"))
}

/// A row a place; `code` is for the operator.
fn table(asked: &Asked<'_>, chosen: &[Candidate], places: &[XY<f64>]) -> Result<PointTable> {
    let job = asked.job;
    let crs = asked.pixels.series().geobox().crs();
    let degrees = transform_each(places, crs, &Crs::epsg(4326))?;
    let mut columns: Vec<String> =
        ["id", "x", "y", "lon", "lat", "score", "code"].map(str::to_owned).to_vec();
    if job.with_map_class {
        columns.extend(["map_code", "map_probability"].map(str::to_owned));
    }
    if job.chips.is_some() {
        columns.extend(["chip", "plot"].map(str::to_owned));
    }
    let folder = beside(&job.out);
    let folder = folder.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let rounded = |value: f64, digits: f64| Cell::Real((value * digits).round() / digits);
    let row = |(number, candidate): (usize, &Candidate)| {
        let id = number + 1;
        let mut cells = vec![
            Cell::Whole(id as i64),
            Cell::Real(places[number].x),
            Cell::Real(places[number].y),
            degrees[number].map_or(Cell::Empty, |degrees| rounded(degrees.x, 1e8)),
            degrees[number].map_or(Cell::Empty, |degrees| rounded(degrees.y, 1e8)),
            rounded(candidate.score, 1e6),
            Cell::Empty,
        ];
        if job.with_map_class {
            let code = asked.legend.code_of(ClassIndex(candidate.class));
            cells.push(code.map_or(Cell::Empty, |code| Cell::Whole(i64::from(code.0))));
            cells.push(rounded(f64::from(candidate.probability), 1e6));
        }
        if job.chips.is_some() {
            cells.extend(["png", "svg"].map(|kind| Cell::Text(format!("{folder}/{id}.{kind}"))));
        }
        cells
    };
    let rows = chosen.iter().enumerate().map(row).collect();
    Ok(PointTable { columns, places: places.to_vec(), rows, crs: crs.clone() })
}
