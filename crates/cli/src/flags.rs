//! Flags that several commands share, and what they mean to a job.

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use ecotone_jobs::{Existing, Resources};
use ecotone_pipeline::Compute;
use ecotone_pipeline::recipe::PriorKind;
use std::path::PathBuf;

/// Flags that are the same everywhere.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Common {
    /// Say more: -v a line a scene or window, -vv everything
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub(crate) verbose: u8,
    /// Say nothing but errors and the result
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// How log lines are written to stderr
    #[arg(long, value_enum, default_value_t = LogFormat::Text, global = true)]
    pub(crate) log_format: LogFormat,
    /// Threads to use [default: all cores]
    #[arg(long, value_name = "N", global = true, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) threads: Option<u16>,
    /// Seed of every random act of the command
    #[arg(long, value_name = "N", global = true)]
    pub(crate) seed: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    Text,
    Json,
}

/// Which shares of the classes a map is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PriorFlag {
    Natural,
    Drawn,
}

impl PriorFlag {
    pub(crate) const fn of_job(self) -> PriorKind {
        match self {
            Self::Natural => PriorKind::Natural,
            Self::Drawn => PriorKind::Drawn,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Output {
    /// Folder for the results; may not hold another run
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Go on with the run that the folder holds
    #[arg(long, conflicts_with = "force")]
    pub(crate) resume: bool,
    /// Replace the run that the folder holds
    #[arg(long)]
    pub(crate) force: bool,
}

pub(crate) fn required_out(output: &Output) -> Result<PathBuf> {
    output.out.clone().context("--out DIR is needed: the folder for the results")
}

pub(crate) fn existing(output: &Output) -> Existing {
    match (output.resume, output.force) {
        (true, _) => Existing::Resume,
        (_, true) => Existing::Replace,
        _ => Existing::Refuse,
    }
}

pub(crate) fn resources(common: &Common) -> Resources {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    Resources::new(common.threads.map_or(cores, usize::from))
}

pub(crate) fn compute(common: &Common, backend: &str) -> Result<Compute> {
    Ok(Compute::new(backend, resources(common).threads)?)
}
