//! How far maps of one place agree: two of them, or a series.

mod compared;
mod count;
mod job;
mod page;
mod tables;

pub use job::AgreeJob;

use crate::{Error, Result};
use compared::{Compared, same_grid};
use ecotone_core::GeoBox;
use ecotone_jobs::Error as JobError;
use ecotone_jobs::{
    Codes, Command, GDAL_CACHE, Mask, Progress, RunFolder, Summary, check_places, read_legend,
};
use ecotone_metrics::{ConfusionMatrix, PairAgreement};
use ecotone_report::Fact;
use page::{Agreement, agreement_page};
use std::path::PathBuf;

/// The farthest tolerance: beyond it, anything agrees with anything.
const MAX_TOLERANCE: usize = 64;

/// Writes agreement.csv, agreement.json, transitions.csv, changes.csv, report.html, and changes.tif for three maps or
/// more. Memory is bounded by a window, whatever the size of the maps.
///
/// # Errors
/// When a file cannot be read, a code is not in the legend, or a map shares no pixel with the next.
pub fn agree(job: &AgreeJob, progress: &dyn Progress) -> Result<Summary> {
    if !(2..=255).contains(&job.maps.len()) {
        let found = job.maps.len().to_string();
        return Err(JobError::Value {
            key: "MAP",
            found: found + " of them",
            expected: "2 to 255 maps".into(),
        }
        .into());
    }
    if job.tolerance > MAX_TOLERANCE {
        let (found, expected) = (job.tolerance.to_string(), format!("0 to {MAX_TOLERANCE} pixels"));
        return Err(JobError::Value { key: "--tolerance", found, expected }.into());
    }
    ecotone_io::set_cache_bytes(GDAL_CACHE);
    let legend = read_legend(&job.legend)?;
    let maps: Vec<Codes> =
        job.maps.iter().map(|path| Ok(Codes::open(path, &legend, &job.ignore)?)).collect::<Result<_>>()?;
    let grid = maps[0].geobox().clone();
    check_all_places(&maps)?;
    let names = names(job)?;
    let inputs = job.maps.iter().chain([&job.legend]).chain(job.mask.as_ref().map(|(path, _)| path));
    let inputs: Vec<PathBuf> = inputs.cloned().collect();
    let folder = RunFolder::claim(Command::Agree, &job.out, job.existing, &inputs)?;
    // Opened again where it is read; nothing is cleared before it is known to be there.
    job.mask.as_ref().map(Mask::open).transpose()?;
    folder.clear()?;
    let counted = count::count(job, &legend, &maps, &folder, progress)?;
    for (step, matrix) in counted.series.consecutive().enumerate() {
        if matrix.total() == 0 {
            let [first, second] = [step, step + 1].map(|map| maps[map].path().to_owned());
            return Err(Error::NoSharedPixel { first, second });
        }
    }
    let all = Compared { names, legend, counted, tolerance: job.tolerance };
    tables::write(&folder, &all, &maps)?;
    let mut summary = summary(&all, &maps, &grid);
    let page = Agreement {
        subtitle: all.names.join(", "),
        facts: summary.facts.iter().map(|(label, value)| Fact::new(label, value)).collect(),
        names: &all.names,
        legend: &all.legend,
        series: &all.counted.series,
        areas: all.areas(),
        hectares: all.counted.hectares,
        version: env!("CARGO_PKG_VERSION"),
    };
    ecotone_io::write_atomic(folder.file("report.html"), agreement_page(&page)?)?;
    summary.fact("report", folder.file("report.html").display().to_string());
    Ok(summary)
}

/// A map without a place can be compared with another of its kind and size only.
fn check_all_places(maps: &[Codes]) -> Result<()> {
    let first = maps[0].geobox();
    for other in &maps[1..] {
        check_places((maps[0].path(), first), (other.path(), other.geobox()))?;
        if !ecotone_io::is_placed(first)? && first.shape() != other.geobox().shape() {
            let [one, another] = [&maps[0], other].map(|map| map.path().to_owned());
            return Err(Error::NoCommonPlace { first: one, second: another });
        }
    }
    Ok(())
}

fn names(job: &AgreeJob) -> Result<Vec<String>> {
    if !job.names.is_empty() {
        if job.names.len() == job.maps.len() {
            return Ok(job.names.clone());
        }
        let expected = format!("{} names, one a map, with commas between", job.maps.len());
        return Err(JobError::Value { key: "--names", found: job.names.join(","), expected }.into());
    }
    let stem = |path: &PathBuf| {
        path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned())
    };
    let stems: Vec<String> = job.maps.iter().map(stem).collect();
    // Maps of one name in folders of their own: numbered, as their folders may say nothing either.
    let name = |(i, stem): (usize, &String)| {
        let twice = stems.iter().filter(|other| *other == stem).count() > 1;
        if twice { format!("{stem} #{}", i + 1) } else { stem.clone() }
    };
    Ok(stems.iter().enumerate().map(name).collect())
}

fn summary(all: &Compared, maps: &[Codes], grid: &GeoBox) -> Summary {
    let mut summary = Summary::default();
    let share = crate::accuracy::share;
    let series = &all.counted.series;
    let compared: u64 = series.consecutive().map(ConfusionMatrix::total).sum();
    summary.fact("maps", all.names.join(", "));
    summary.fact("compared", format!("{compared} pixels with a class in both maps of a step"));
    let percent =
        |share: Option<f64>| share.map_or_else(|| "–".to_owned(), |share| format!("{:.1} %", 100.0 * share));
    summary.fact("overall agreement", percent(all.overall()));
    if let ([fuzzy], Some(matrix)) = (all.counted.fuzzy.as_slice(), series.pair(0, 1)) {
        let pair = PairAgreement::of(matrix);
        summary.fact("kappa (no measure to rank by)", share(pair.kappa));
        summary.fact("quantity disagreement", share(pair.disagreement.map(|parts| parts.quantity)));
        summary.fact("allocation disagreement", share(pair.disagreement.map(|parts| parts.allocation)));
        summary.fact(&format!("agreement within {} px", all.tolerance), share(fuzzy.overall()));
    } else {
        for (first, second, matrix) in
            all.pairs().into_iter().filter(|(first, second, _)| second - first == 1)
        {
            let label = format!("{} to {}", all.names[first], all.names[second]);
            summary.fact(&label, share(matrix.overall_accuracy()));
        }
        summary.fact("one class in all maps", share(series.stable_share()));
    }
    let warped: Vec<&str> = (maps.iter().zip(&all.names))
        .filter(|(map, _)| !same_grid(grid, map.geobox()))
        .map(|(_, name)| name.as_str())
        .collect();
    if !warped.is_empty() {
        summary.fact(
            "grids",
            format!("differ: {} taken to the first map's pixels by nearest neighbour", warped.join(", ")),
        );
    }
    let assumed: Vec<String> = (maps.iter().zip(&all.names))
        .filter_map(|(map, name)| Some(format!("{name} as {}", map.assumed_nodata()?)))
        .collect();
    if !assumed.is_empty() {
        summary.fact("nodata undeclared, taken", assumed.join(", "));
    }
    summary
}
