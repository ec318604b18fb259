//! `ecotone agree`: what can be typed, and the job that it means.

use crate::stdout::print;
use anyhow::{Context, Result, bail};
use clap::Args;
use ecotone_assessment::{AgreeJob, agree};
use ecotone_jobs::{Existing, Failure, Progress};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct Agree {
    /// Rasters of class codes, of a series the earliest first; all are compared on the first one's grid
    #[arg(value_name = "MAP", num_args = 2.., required = true)]
    pub(crate) maps: Vec<PathBuf>,
    /// CSV with the columns code,name,color
    #[arg(long, value_name = "CSV")]
    pub(crate) legend: PathBuf,
    /// Folder for the results; may not hold another run
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// How far a class may lie off and still count as there, for the fuzzy agreement
    #[arg(long, value_name = "PX", default_value_t = 1)]
    pub(crate) tolerance: usize,
    /// Codes that stand for nothing, with commas between; the nodata that a file declares does in any case
    #[arg(long, value_name = "CODE", value_delimiter = ',', allow_negative_numbers = true)]
    pub(crate) ignore: Vec<i64>,
    /// Compare only pixels where this raster is VALUE
    #[arg(long, value_name = "RASTER=VALUE")]
    pub(crate) mask: Option<String>,
    /// What the maps are called, such as 2018,2019,2020 [default: their files' names]
    #[arg(long, value_name = "A,B,…", value_delimiter = ',')]
    pub(crate) names: Vec<String>,
    /// Replace the run that the folder holds
    #[arg(long)]
    pub(crate) force: bool,
}

pub(crate) fn run(args: &Agree, bars: &dyn Progress) -> Result<Vec<Failure>> {
    let job = AgreeJob {
        maps: args.maps.clone(),
        legend: args.legend.clone(),
        names: args.names.clone(),
        tolerance: args.tolerance,
        ignore: args.ignore.clone(),
        mask: args.mask.as_deref().map(mask).transpose()?,
        out: args.out.clone(),
        existing: if args.force { Existing::Replace } else { Existing::Refuse },
    };
    print(&agree(&job, bars)?)
}

/// RASTER=VALUE.
pub(crate) fn mask(text: &str) -> Result<(PathBuf, u8)> {
    let Some((path, value)) = text.rsplit_once('=') else {
        bail!("--mask {text}: expected RASTER=VALUE, such as split.tif=3");
    };
    let number = value.parse();
    Ok((path.into(), number.with_context(|| format!("--mask {text}: expected a value from 0 to 255"))?))
}
