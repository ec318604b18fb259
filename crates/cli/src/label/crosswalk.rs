//! `ecotone label crosswalk`: what can be typed, and the job that it means.

use crate::stdout::print;
use anyhow::Result;
use clap::Args;
use ecotone_curation::{CrosswalkJob, crosswalk};
use ecotone_jobs::{Failure, Progress};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct Crosswalk {
    /// The map: class codes of any type; CORINE's as 1 to 44 or as 111 to 523
    pub(crate) map: PathBuf,
    /// Its legend: a name that `ecotone label legends` lists, or a CSV code,name,color [default: what the map describes]
    #[arg(long, value_name = "NAME|CSV")]
    pub(crate) from: Option<String>,
    /// The legend to write: a name or a CSV
    #[arg(long, value_name = "NAME|CSV")]
    pub(crate) to: String,
    /// CSV with the columns from_code,to_code and perhaps note, `drop` for no class [default: the program's own]
    #[arg(long, value_name = "CSV")]
    pub(crate) table: Option<PathBuf>,
    /// A value that stands for nothing, besides the one that the map declares
    #[arg(long, value_name = "VALUE", allow_negative_numbers = true)]
    pub(crate) nodata: Option<f64>,
    /// Codes that stand for nothing, with commas between; the nodata that a file declares does in any case
    #[arg(long, value_name = "CODE", value_delimiter = ',', allow_negative_numbers = true)]
    pub(crate) ignore: Vec<i64>,
    /// The new map, a COG; a table of the classes before and after goes beside as .csv
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// Replace the files
    #[arg(long)]
    pub(crate) force: bool,
}

pub(crate) fn run(args: &Crosswalk, bars: &dyn Progress) -> Result<Vec<Failure>> {
    let job = CrosswalkJob {
        map: args.map.clone(),
        from: args.from.clone(),
        to: args.to.clone(),
        table: args.table.clone(),
        nodata: args.nodata,
        ignore: args.ignore.clone(),
        out: args.out.clone(),
        replace: args.force,
    };
    print(&crosswalk(&job, bars)?)
}
