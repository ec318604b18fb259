//! How many units a sample needs, and how they are shared among the strata.

use super::choices::{allocation, expected, missing};
use super::coded::{Coded, read_coded};
use super::population::Population;
use crate::Result;
use ecotone_jobs::{Progress, read_legend};
use ecotone_metrics::{
    Allocation, Error as MetricsError, anticipated_standard_error, cochran_sample_size, olofsson_sample_size,
};
use serde::Serialize;
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
    /// Units that reach the standard error as well where they are shared optimally; `None` where no standard error was
    /// asked for, or no fewer do.
    pub optimal_units: Option<u64>,
    /// The standard error of the overall accuracy that is to be expected of these units, shared as they are; `None`
    /// without expected accuracies.
    pub standard_error: Option<f64>,
    /// The formula's source.
    pub formula: &'static str,
    /// A line a stratum.
    pub strata: Vec<SizeLine>,
}

/// Computes the size and shares it; writes the table where asked to.
///
/// A standard error that is asked for holds with the allocation that is asked for: the formula's number is for the optimal
/// one, and is raised as far as another needs.
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
    let least_units = ((exact - 1e-9).ceil() as u64).max(1);
    let rule = allocation(&job.allocation, accuracies.as_deref())?;
    let strata = Shared { rule, areas: &areas, whole: whole(&areas, population), population };
    let (units, shared) = match (&accuracies, job.precision) {
        (Some(accuracies), Precision::StandardError(target)) => {
            strata.reach(accuracies, target, least_units)?
        }
        _ => (least_units, strata.rule.units(least_units, &strata.whole)?),
    };
    let standard_error =
        accuracies.as_ref().map(|accuracies| strata.standard_error(accuracies, &shared)).transpose()?;
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
    let optimal_units = match (&accuracies, job.precision) {
        (Some(accuracies), Precision::StandardError(target)) if units > least_units => {
            let rule = allocation("optimal", Some(accuracies))?;
            // What cannot be shared so is no better.
            let found = Shared { rule, ..strata }.reach(accuracies, target, least_units).ok();
            found.map(|(found, _)| found).filter(|found| *found < units)
        }
        _ => None,
    };
    Ok(SizePlan { units, optimal_units, standard_error, formula, strata: lines })
}

/// Strata among which units are shared.
struct Shared<'a> {
    rule: Allocation,
    areas: &'a [f64],
    whole: Vec<u64>,
    population: Option<u64>,
}

impl Shared<'_> {
    fn standard_error(&self, accuracies: &[f64], units: &[u64]) -> Result<f64> {
        let available = self.population.map(|_| self.whole.as_slice());
        Ok(anticipated_standard_error(self.areas, accuracies, units, available)?)
    }

    /// The least units, but for the waves of rounding, that reach a standard error, and how they are shared.
    fn reach(&self, accuracies: &[f64], target: f64, least: u64) -> Result<(u64, Vec<u64>)> {
        let all: u64 = self.whole.iter().sum();
        // Rounding of the formula itself must not ask for a further unit.
        let most = target * (1.0 + 1e-9);
        let holds = |units: u64| -> Result<Option<(u64, Vec<u64>)>> {
            match self.rule.units(units, &self.whole) {
                Ok(shared) => {
                    Ok((self.standard_error(accuracies, &shared)? <= most).then_some((units, shared)))
                }
                // Too few for the minimum of each stratum are too few.
                Err(MetricsError::Minimum { .. }) => Ok(None),
                Err(error) => Err(error.into()),
            }
        };
        let (mut short, mut step) = (least.min(all), 1);
        let mut found = holds(short)?;
        if let Some(found) = found {
            return Ok(found);
        }
        while found.is_none() && short < all {
            let units = (short + step).min(all);
            found = holds(units)?;
            if found.is_none() {
                (short, step) = (units, step * 2);
            }
        }
        let Some(mut found) = found else {
            // All that there is: the rule says what is wrong.
            return Ok((all, self.rule.units(all, &self.whole)?));
        };
        while found.0 - short > 1 {
            let middle = short.midpoint(found.0);
            match holds(middle)? {
                Some(fewer) => found = fewer,
                None => short = middle,
            }
        }
        Ok(found)
    }
}

/// The strata without their units, and the pixels of the population where they are known.
fn strata(sizes: &Sizes, progress: &dyn Progress) -> Result<(Vec<SizeLine>, Option<u64>)> {
    let line = |code, name, area| SizeLine { code, name, area, share: 0.0, users_accuracy: None, units: 0 };
    match sizes {
        Sizes::Areas(path) => {
            let named = |Coded { code, name, number }: Coded| {
                line(code, name.unwrap_or_else(|| format!("class {code}")), number)
            };
            let areas = read_coded(path, "area", "an area, a number from 0")?;
            Ok((areas.into_iter().map(named).collect(), None))
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
