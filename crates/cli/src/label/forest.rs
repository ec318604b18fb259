//! `ecotone label forest`.

use crate::flags::{Common, Output, existing, required_out, resources};
use crate::stdout::print;
use anyhow::{Context, Result};
use clap::Args;
use ecotone_curation::{ForestJob, label_forest};
use ecotone_jobs::{Failure, Progress};
use ecotone_pipeline::{recipe::Recipe, survey};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct Forest {
    /// The recipe whose series the forest sees, and whose area it maps
    pub(crate) recipe: PathBuf,
    /// Samples, once or more: CSV with x,y or lon,lat and code, or points of a vector file; later ones win
    #[arg(long, value_name = "FILE", required = true)]
    pub(crate) samples: Vec<PathBuf>,
    /// Column or attribute that holds the code; where it is empty, the sample is not answered yet
    #[arg(long, value_name = "NAME", default_value = "code")]
    pub(crate) attribute: String,
    /// Override a value of the recipe, such as timeline.steps=24
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) settings: Vec<String>,
    /// Trees of the forest
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(crate) trees: usize,
    /// Let every class count as much as another, however many samples it has
    #[arg(long)]
    pub(crate) balanced: bool,
    /// Write probabilities.tif, one band a class
    #[arg(long)]
    pub(crate) probabilities: bool,
    /// The folder of the round before, to compare the map with
    #[arg(long, value_name = "DIR")]
    pub(crate) before: Option<PathBuf>,
    /// Side of the windows that are read at a time; memory grows with its square
    #[arg(long, value_name = "PX", default_value_t = 256)]
    pub(crate) window: usize,
    #[command(flatten)]
    pub(crate) output: Output,
}

pub(crate) fn run(args: &Forest, common: &Common, bars: &dyn Progress) -> Result<Vec<Failure>> {
    let here = std::env::current_dir().context("finding the current folder")?;
    let (recipe, resources) = (Recipe::load(&args.recipe, &args.settings, &here)?, resources(common));
    let job = ForestJob {
        survey: survey(&recipe, &here, &resources, bars)?,
        samples: args.samples.clone(),
        attribute: args.attribute.clone(),
        trees: args.trees,
        balanced: args.balanced,
        seed: common.seed.unwrap_or(1),
        window: args.window,
        probabilities: args.probabilities,
        before: args.before.clone(),
        out: required_out(&args.output)?,
        existing: existing(&args.output),
    };
    print(&label_forest(&job, &resources, bars)?)
}
