//! `ecotone label check`.

use crate::flags::Common;
use crate::stdout::print;
use anyhow::Result;
use clap::{Args, ValueEnum};
use ecotone_curation::{CheckJob, Splitting, check_samples};
use ecotone_jobs::{Failure, Progress};
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("split").required(true).args(["part", "block", "by"])))]
pub(crate) struct Check {
    /// The samples: CSV with x,y or lon,lat, code, and perhaps id, group and year
    pub(crate) samples: PathBuf,
    /// The column that says who is in which part: training, validation, test, unused
    #[arg(long, value_name = "COLUMN")]
    pub(crate) part: Option<String>,
    /// Split by square blocks of this side, in metres
    #[arg(long, value_name = "M", allow_negative_numbers = true)]
    pub(crate) block: Option<f64>,
    /// Least distance of samples in different parts of a split by blocks
    #[arg(long, value_name = "M", allow_negative_numbers = true, default_value_t = 0.0, requires = "block")]
    pub(crate) gap: f64,
    /// Split so that no group is in two parts, or by year with the last one for testing
    #[arg(long, value_enum)]
    pub(crate) by: Option<By>,
    /// Test samples this near to a training sample count as too close
    #[arg(long, value_name = "M", allow_negative_numbers = true, default_value_t = 100.0)]
    pub(crate) distance: f64,
    /// The system of x,y, such as EPSG:32633
    #[arg(long, value_name = "EPSG")]
    pub(crate) crs: Option<String>,
    /// Write the samples with their parts
    #[arg(long, value_name = "FILE.csv")]
    pub(crate) out: Option<PathBuf>,
    /// Replace a file that exists
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum By {
    Group,
    Year,
}

pub(crate) fn run(args: &Check, common: &Common, bars: &dyn Progress) -> Result<Vec<Failure>> {
    let splitting = match (&args.part, args.block, args.by) {
        (Some(column), ..) => Splitting::Column(column.clone()),
        (_, Some(block), _) => Splitting::Blocks { block, gap: args.gap },
        (_, _, Some(By::Year)) => Splitting::Year,
        _ => Splitting::Group,
    };
    let job = CheckJob {
        samples: args.samples.clone(),
        splitting,
        distance: args.distance,
        crs: args.crs.clone(),
        seed: common.seed.unwrap_or(1),
        out: args.out.clone(),
        replace: args.force,
    };
    print(&check_samples(&job, bars)?)
}
