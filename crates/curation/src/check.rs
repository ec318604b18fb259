//! Whether test samples know training samples: any set of samples, split anew or as it is.

use super::on_ground::in_metres;
use crate::{Error, Result};
use ecotone_core::Crs;
use ecotone_io::write_csv;
use ecotone_jobs::{Progress, Summary, fresh};
use ecotone_labeling::{
    Coordinates, LeakReport, SampleBlocks, Samples, split_by_blocks, split_by_group, split_by_year,
};
use ecotone_tiling::{Fractions, Part};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Shares of blocks and groups.
const FRACTIONS: Fractions = Fractions { train: 0.6, validation: 0.2, test: 0.2 };

/// How samples are split.
#[derive(Debug, Clone, PartialEq)]
pub enum Splitting {
    /// As a column says: training, validation, test, unused, or their codes.
    Column(String),
    /// By square blocks of ground, three fifths of them for training and one fifth for each other part.
    Blocks {
        /// Side of a block in metres.
        block: f64,
        /// Least distance of samples in different parts.
        gap: f64,
    },
    /// No group in two parts, in the same shares.
    Group,
    /// The last year is for testing, all others for training.
    Year,
}

/// A leak check.
#[derive(Debug, Clone)]
pub struct CheckJob {
    /// CSV with `x,y` or `lon,lat`, `code`, and perhaps `id`, `group`, `year`; other columns may hold anything.
    pub samples: PathBuf,
    /// Who is in which part.
    pub splitting: Splitting,
    /// Test samples this near to a training sample are too close, in metres.
    pub distance: f64,
    /// The system of `x,y`, such as EPSG:32633.
    pub crs: Option<String>,
    /// Decides between blocks or groups that serve equally well.
    pub seed: u64,
    /// Where the samples with their parts go, as CSV.
    pub out: Option<PathBuf>,
    /// Replace it where it exists.
    pub replace: bool,
}

/// Splits samples and says what test and training samples have in common.
///
/// # Errors
/// When the samples cannot be read, `x,y` come without a CRS, or the split needs a group, year or column that is not there.
pub fn check_samples(job: &CheckJob, _progress: &dyn Progress) -> Result<Summary> {
    if let Some(path) = &job.out {
        fresh(&[path], job.replace, std::slice::from_ref(&job.samples))?;
    }
    let crs = job.crs.as_deref().map(str::parse::<Crs>).transpose()?;
    let column = match &job.splitting {
        Splitting::Column(column) => Some(column.as_str()),
        _ => None,
    };
    let (samples, words) = Samples::read_places(&job.samples, crs.as_ref(), column)?;
    if samples.rows.is_empty() {
        return Err(Error::Empty { path: job.samples.clone() });
    }
    let on_ground = in_metres(&samples)?;
    let (parts, how) = match &job.splitting {
        Splitting::Column(column) => {
            (parts_of(job, &samples, &words, column)?, format!("as column {column} says"))
        }
        Splitting::Blocks { block, gap } => {
            let config = SampleBlocks { block: *block, gap: *gap, fractions: FRACTIONS, seed: job.seed };
            let how = format!("blocks of {block}, gap {gap}, seed {}", job.seed);
            (split_by_blocks(&on_ground, &config)?, how)
        }
        Splitting::Group => {
            (split_by_group(&samples, FRACTIONS, job.seed)?, format!("by group, seed {}", job.seed))
        }
        Splitting::Year => by_year(&samples)?,
    };
    let report = LeakReport::new(&on_ground, &parts, job.distance)?;
    if let Some(path) = &job.out {
        write_parts(path, &samples, &parts)?;
    }
    Ok(summary(job, &samples, &parts, &report, how))
}

fn parts_of(job: &CheckJob, samples: &Samples, words: &[String], column: &str) -> Result<Vec<Part>> {
    let part = |(sample, word): (&ecotone_labeling::Sample, &String)| {
        Ok(match word.to_lowercase().as_str() {
            "training" | "train" | "1" => Part::Train,
            "validation" | "val" | "2" => Part::Validation,
            "test" | "3" => Part::Test,
            "unused" | "not used" | "" | "0" => Part::Unused,
            _ => {
                let (path, id) = (job.samples.clone(), sample.id.clone());
                return Err(Error::Part { path, id, column: column.to_owned(), found: word.clone() });
            }
        })
    };
    samples.rows.iter().zip(words).map(part).collect()
}

/// The last year against all others.
fn by_year(samples: &Samples) -> Result<(Vec<Part>, String)> {
    let mut years: Vec<i32> = samples.rows.iter().filter_map(|sample| sample.year).collect();
    years.sort_unstable();
    years.dedup();
    let last = years.last().copied();
    let parts = split_by_year(samples, &[], last.as_slice())?;
    match (last, years.len()) {
        (Some(year), 1) => Err(Error::OneYear { year }),
        (last, _) => Ok((parts, format!("by year, {} for testing", last.unwrap_or_default()))),
    }
}

fn write_parts(path: &PathBuf, samples: &Samples, parts: &[Part]) -> Result<()> {
    let place = match samples.coordinates {
        Coordinates::LonLat => ["lon", "lat"],
        Coordinates::Projected(_) => ["x", "y"],
    };
    let header = ["id", place[0], place[1], "code", "group", "year", "part"];
    let rows = samples.rows.iter().zip(parts).map(|(sample, part)| {
        // As text, so that numbers come back as they were.
        let (x, y) = (sample.place.x.to_string(), sample.place.y.to_string());
        (&sample.id, x, y, sample.code.0, &sample.group, sample.year, part.to_string())
    });
    Ok(write_csv(path, &header, rows)?)
}

fn summary(job: &CheckJob, samples: &Samples, parts: &[Part], report: &LeakReport, how: String) -> Summary {
    let mut summary = Summary::default();
    summary.fact("split", how);
    for wanted in [Part::Train, Part::Validation, Part::Test, Part::Unused] {
        let mut codes: BTreeMap<u8, usize> = BTreeMap::new();
        for (sample, _) in samples.rows.iter().zip(parts).filter(|(_, part)| **part == wanted) {
            *codes.entry(sample.code.0).or_default() += 1;
        }
        let all: usize = codes.values().sum();
        let by_code: Vec<String> =
            codes.iter().map(|(code, number)| format!("{number} of class {code}")).collect();
        if all > 0 || wanted != Part::Unused {
            let by_code = if all > 0 { format!(" ({})", by_code.join(", ")) } else { String::new() };
            summary.fact(&wanted.to_string(), format!("{all} samples{by_code}"));
        }
    }
    summary.fact("leaks", report.to_string());
    let verdict = match (report.train.min(report.test), report.is_clean()) {
        (0, _) => "nothing to compare: training or test is empty",
        (_, true) => "clean: no test sample is near a training sample or of its group",
        (_, false) => "not clean: scores on these test samples will be too good",
    };
    summary.fact("verdict", verdict);
    if let Some(path) = &job.out {
        summary.fact("parts", path.display().to_string());
    }
    summary
}
