//! `ecotone label clean`.

use crate::flags::{Common, resources};
use crate::stdout::print;
use anyhow::{Context, Result};
use clap::Args;
use ecotone_curation::{CleanJob, clean_samples};
use ecotone_jobs::{Existing, Failure, Progress};
use ecotone_pipeline::{recipe::Recipe, survey};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct Clean {
    /// The samples: CSV with x,y or lon,lat, code, and features named BAND@DATE, as `label samples` writes
    pub(crate) samples: PathBuf,
    /// CSV with the columns code,name,color
    #[arg(long, value_name = "CSV")]
    pub(crate) legend: PathBuf,
    /// Folder for the results; may not hold another run
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Read the series of the samples from the scenes of this recipe instead of their features
    #[arg(long, value_name = "TOML")]
    pub(crate) recipe: Option<PathBuf>,
    /// What drops a sample: clusters (it lies outside the largest cluster of its class), confident (a forest is confident
    /// that it is of another class), or both
    #[arg(long, value_name = "NAME", default_value = "clusters")]
    pub(crate) method: String,
    /// Clusters of each class: a number, or auto for the number of the highest silhouette
    #[arg(long, value_name = "N|auto", default_value = "auto")]
    pub(crate) clusters: String,
    /// What indices are divided by before distances are measured: none, or standard for their standard deviation
    #[arg(long, value_name = "RULE", default_value = "standard")]
    pub(crate) scale: String,
    /// The system of x,y, such as EPSG:32633; only --recipe needs it, where it is not that of the recipe's grid
    #[arg(long, value_name = "EPSG")]
    pub(crate) crs: Option<String>,
    /// Override a value of the recipe
    #[arg(long = "set", value_name = "KEY=VALUE", requires = "recipe")]
    pub(crate) settings: Vec<String>,
    /// Replace the run that the folder holds
    #[arg(long)]
    pub(crate) force: bool,
}

pub(crate) fn run(args: &Clean, common: &Common, bars: &dyn Progress) -> Result<Vec<Failure>> {
    let here = std::env::current_dir().context("finding the current folder")?;
    let resources = resources(common);
    let series = match &args.recipe {
        None => None,
        Some(path) => {
            let recipe = Recipe::load(path, &args.settings, &here)?;
            Some(survey(&recipe, &here, &resources, bars)?)
        }
    };
    let job = CleanJob {
        samples: args.samples.clone(),
        legend: args.legend.clone(),
        series,
        method: args.method.clone(),
        clusters: args.clusters.clone(),
        scaling: args.scale.clone(),
        crs: args.crs.clone(),
        seed: common.seed.unwrap_or(1),
        out: args.out.clone(),
        existing: if args.force { Existing::Replace } else { Existing::Refuse },
    };
    print(&clean_samples(&job, &resources, bars)?)
}
