//! `ecotone label stable`: what can be typed, and the job that it means.

use crate::stdout::print;
use anyhow::Result;
use clap::Args;
use ecotone_curation::{StableJob, label_stable};
use ecotone_jobs::{Failure, Progress};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct Stable {
    /// Maps of the same ground, such as one a year: rasters of class codes
    #[arg(value_name = "MAP", required = true)]
    pub(crate) maps: Vec<PathBuf>,
    /// A thematic map that they must agree with, too
    #[arg(long, value_name = "MAP")]
    pub(crate) thematic: Option<PathBuf>,
    /// CSV with the columns code,name,color
    #[arg(long, value_name = "CSV")]
    pub(crate) legend: PathBuf,
    /// Codes that stand for nothing, with commas between; the nodata that a file declares does in any case
    #[arg(long, value_name = "CODE", value_delimiter = ',', allow_negative_numbers = true)]
    pub(crate) ignore: Vec<i64>,
    /// The labels, a COG of the classes of the pixels in which all maps agree
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// Replace the file
    #[arg(long)]
    pub(crate) force: bool,
}

pub(crate) fn run(args: &Stable, bars: &dyn Progress) -> Result<Vec<Failure>> {
    let job = StableJob {
        maps: args.maps.clone(),
        thematic: args.thematic.clone(),
        ignore: args.ignore.clone(),
        legend: args.legend.clone(),
        out: args.out.clone(),
        replace: args.force,
    };
    print(&label_stable(&job, bars)?)
}
