//! How many units a sample needs, and how they are shared among the strata.

use super::choices::{allocation, expected, missing};
use super::population::Population;
use crate::Result;
use ecotone_jobs::Error as JobError;
use ecotone_jobs::{Progress, read_legend};
use ecotone_metrics::{cochran_sample_size, olofsson_sample_size};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// A question of how many.
#[derive(Debug, Clone)]
pub struct SizeJob {
    /// The sizes of the strata.
    pub sizes: Sizes,
    /// User's accuracies: one value or a CSV `code,users_accuracy`.
    pub expected: Option<String>,
    /// What is to be reached.
    pub precision: Precision,
    /// equal, proportional, optimal or minimum:N.
    pub allocation: String,
    /// Where the table is to be written as CSV, too.
    pub out: Option<PathBuf>,
}

/// Where the sizes of the strata come from.
#[derive(Debug, Clone)]
pub enum Sizes {
    /// A CSV with the columns `code,area`, and `name` if it likes.
    Areas(PathBuf),
    /// Counted on a map.
    Map {
        /// A raster of class codes.
        map: PathBuf,
        /// `code,name,color`.
        legend: PathBuf,
        /// Codes of the map that are no class, besides the nodata that it declares.
        ignore: Vec<i64>,
    },
}

/// The precision asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Precision {
    /// Standard error of the overall accuracy of a stratified sample (Olofsson et al. 2014, eq. 13).
    StandardError(f64),
    /// Half the width of the confidence interval of a proportion from a simple random sample (Cochran 1977, chapter 4).
    HalfWidth {
        /// Half the width.
        half_width: f64,
        /// The proportion expected; 0.5 needs the most.
        proportion: f64,
        /// Confidence, such as 0.95.
        confidence: f64,
    },
}

/// A stratum's part of the sample.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SizeLine {
    /// Class code.
    pub code: u8,
    /// What it is called.
    pub name: String,
    /// Area, in the unit of the areas; pixels of a map.
    pub area: f64,
    /// Share of all area, 0 to 1.
    pub share: f64,
    /// The user's accuracy expected of it.
    pub users_accuracy: Option<f64>,
    /// Units of the sample.
    pub units: u64,
}

/// The answer.
#[derive(Debug, Clone, PartialEq)]
pub struct SizePlan {
    /// Units of the whole sample.
    pub units: u64,
    /// The formula's source.
    pub formula: &'static str,
    /// A line a stratum.
    pub strata: Vec<SizeLine>,
}

#[derive(Debug, Deserialize)]
struct AreaLine {
    code: u8,
    area: f64,
    #[serde(default)]
    name: Option<String>,
}

/// Computes the size and shares it; writes the table where asked to.
///
/// # Errors
/// When a file cannot be read, a number is out of its range, or the expected accuracies are missing.
pub fn sample_size(job: &SizeJob, progress: &dyn Progress) -> Result<SizePlan> {
    let (mut lines, population) = strata(&job.sizes, progress)?;
    let codes: Vec<u8> = lines.iter().map(|line| line.code).collect();
    let areas: Vec<f64> = lines.iter().map(|line| line.area).collect();
    let accuracies = job.expected.as_deref().map(|text| expected(text, &codes)).transpose()?;
    let (exact, formula) = match job.precision {
        Precision::StandardError(target) => {
            let Some(accuracies) = &accuracies else {
                return Err(missing(
                    "--expected",
                    "a user's accuracy, such as 0.9, or a CSV code,users_accuracy",
                ));
            };
            (olofsson_sample_size(&areas, accuracies, target, population)?, "Olofsson et al. 2014, eq. 13")
        }
        Precision::HalfWidth { half_width, proportion, confidence } => {
            let exact = cochran_sample_size(proportion, half_width, confidence, population)?;
            (exact, "Cochran 1977, chapter 4")
        }
    };
    // A hair above a whole number is rounding, no further unit.
    let units = ((exact - 1e-9).ceil() as u64).max(1);
    let shared =
        allocation(&job.allocation, accuracies.as_deref())?.units(units, &whole(&areas, population))?;
    let total: f64 = areas.iter().sum();
    for (i, line) in lines.iter_mut().enumerate() {
        line.share = line.area / total;
        line.users_accuracy = accuracies.as_ref().map(|accuracies| accuracies[i]);
        line.units = shared[i];
    }
    if let Some(path) = &job.out {
        let header = ["code", "name", "area", "share", "users_accuracy", "units"];
        ecotone_io::write_csv(path, &header, &lines)?;
    }
    Ok(SizePlan { units, formula, strata: lines })
}

/// The strata without their units, and the pixels of the population where they are known.
fn strata(sizes: &Sizes, progress: &dyn Progress) -> Result<(Vec<SizeLine>, Option<u64>)> {
    let line = |code, name, area| SizeLine { code, name, area, share: 0.0, users_accuracy: None, units: 0 };
    match sizes {
        Sizes::Areas(path) => {
            let read: Vec<AreaLine> = ecotone_io::read_csv(path)?;
            if let Some(twice) =
                (1..read.len()).find(|i| read[..*i].iter().any(|line| line.code == read[*i].code))
            {
                let expected = "each code once".to_owned();
                return Err(JobError::Value {
                    key: "--areas",
                    found: format!("code {} twice", read[twice].code),
                    expected,
                }
                .into());
            }
            let named = |read: AreaLine| {
                line(read.code, read.name.unwrap_or_else(|| format!("class {}", read.code)), read.area)
            };
            Ok((read.into_iter().map(named).collect(), None))
        }
        Sizes::Map { map, legend, ignore } => {
            let population = Population::open(map, read_legend(legend)?, ignore, None, 0)?;
            let counts = population.count(progress, |_| ())?;
            let total = counts.total();
            let lines = counts.strata.into_iter().map(|s| line(s.code, s.name, s.units as f64)).collect();
            Ok((lines, Some(total)))
        }
    }
}

/// Sizes as whole numbers for the allocation: pixels as they are, areas in parts so fine that none limits the sample.
fn whole(areas: &[f64], population: Option<u64>) -> Vec<u64> {
    const PARTS: f64 = 1e15;
    let total: f64 = areas.iter().sum();
    let part = |area: &f64| if population.is_some() { *area as u64 } else { (area / total * PARTS) as u64 };
    areas.iter().map(part).collect()
}
