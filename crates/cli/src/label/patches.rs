//! `ecotone label patches`: what can be typed, and the job that it means.

use crate::flags::{Common, resources};
use crate::stdout::print;
use anyhow::{Context, Result};
use clap::Args;
use ecotone_curation::{PatchesJob, label_patches};
use ecotone_jobs::{Existing, Failure, Progress};
use ecotone_pipeline::{recipe::Recipe, survey};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct Patches {
    /// The job as TOML: its series, labels and split
    pub(crate) recipe: PathBuf,
    /// Folder for the patches; may not hold others
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Side of a patch
    #[arg(long, value_name = "PX", default_value_t = 256)]
    pub(crate) size: usize,
    /// From a patch to the next [default: --size]
    #[arg(long, value_name = "PX")]
    pub(crate) stride: Option<usize>,
    /// Leave out patches with a smaller share of labelled pixels; those without any always are
    #[arg(long, value_name = "SHARE", default_value_t = 0.0, allow_negative_numbers = true)]
    pub(crate) least_labelled: f64,
    /// Override a value of the recipe, such as split.block_m=5120
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) settings: Vec<String>,
    /// Go on with the patches that the folder holds
    #[arg(long, conflicts_with = "force")]
    pub(crate) resume: bool,
    /// Replace the patches that the folder holds
    #[arg(long)]
    pub(crate) force: bool,
}

pub(crate) fn run(args: &Patches, common: &Common, bars: &dyn Progress) -> Result<Vec<Failure>> {
    let here = std::env::current_dir().context("finding the current folder")?;
    let (recipe, resources) = (Recipe::load(&args.recipe, &args.settings, &here)?, resources(common));
    let job = PatchesJob {
        survey: survey(&recipe, &here, &resources, bars)?,
        out: args.out.clone(),
        existing: match (args.resume, args.force) {
            (true, _) => Existing::Resume,
            (_, true) => Existing::Replace,
            _ => Existing::Refuse,
        },
        size: args.size,
        stride: args.stride,
        least_labelled: args.least_labelled,
    };
    print(&label_patches(&job, &resources, bars)?)
}
