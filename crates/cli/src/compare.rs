//! `ecotone compare`: what can be typed, and the job that it means.

use crate::stdout::print;
use anyhow::{Result, bail};
use clap::Args;
use ecotone_assessment::{CompareJob, compare};
use ecotone_jobs::{Existing, Failure, Progress};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct Compare {
    /// Folders of training runs: two of them, or those of the first side, such as several seeds of one network
    #[arg(value_name = "RUN", num_args = 1.., required = true)]
    pub(crate) runs: Vec<PathBuf>,
    /// Folders of the training runs of the second side; each landscape needs a run of either side
    #[arg(long, value_name = "RUN", num_args = 1..)]
    pub(crate) against: Vec<PathBuf>,
    /// Folder for the results; may not hold another run
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// How often blocks, runs and landscapes are drawn again
    #[arg(long, value_name = "N", default_value_t = 2000, value_parser = clap::value_parser!(u32).range(100..=100_000))]
    pub(crate) replicates: u32,
    /// Replace the comparison that the folder holds
    #[arg(long)]
    pub(crate) force: bool,
}

pub(crate) fn run(args: &Compare, seed: u64, bars: &dyn Progress) -> Result<Vec<Failure>> {
    let (first, second) = sides(args)?;
    let job = CompareJob {
        first,
        second,
        replicates: args.replicates as usize,
        seed,
        out: args.out.clone(),
        existing: if args.force { Existing::Replace } else { Existing::Refuse },
    };
    print(&compare(&job, bars)?)
}

/// The runs of both sides.
fn sides(args: &Compare) -> Result<(Vec<PathBuf>, Vec<PathBuf>)> {
    match (args.runs.as_slice(), args.against.as_slice()) {
        ([first, second], []) => Ok((vec![first.clone()], vec![second.clone()])),
        (runs, []) => bail!(
            "{} without --against: name two runs, or the runs of the first side, then --against those of the second",
            if runs.len() == 1 { "one run".to_owned() } else { format!("{} runs", runs.len()) }
        ),
        (first, second) => Ok((first.to_vec(), second.to_vec())),
    }
}
