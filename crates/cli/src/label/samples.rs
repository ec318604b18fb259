//! `ecotone label samples`.

use crate::flags::{Common, resources};
use crate::stdout::print;
use anyhow::{Context, Result};
use clap::Args;
use ecotone_curation::{SamplesJob, label_samples};
use ecotone_jobs::{Failure, Progress};
use ecotone_pipeline::{recipe::Recipe, survey};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct Samples {
    /// The job as TOML: its scenes, grid, labels and legend
    pub(crate) recipe: PathBuf,
    /// The samples: .csv, .gpkg or .geojson
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// Take the samples of this file, points or polygons, instead of drawing from the recipe's labels
    #[arg(long, value_name = "FILE")]
    pub(crate) from: Option<PathBuf>,
    /// The layer of that file, where several hold features
    #[arg(long, value_name = "NAME", requires = "from")]
    pub(crate) layer: Option<String>,
    /// The column or attribute of the class [default: that of the recipe, else code]
    #[arg(long, value_name = "NAME")]
    pub(crate) attribute: Option<String>,
    /// How many samples to draw [default: 10000 of the recipe's labels, all of a file]
    #[arg(long, value_name = "N")]
    pub(crate) count: Option<usize>,
    /// How a draw is shared among classes: balanced, or map for the shares that they have among the labels
    #[arg(long, value_name = "RULE", default_value = "map")]
    pub(crate) shares: String,
    /// Least distance of two samples
    #[arg(long, value_name = "M", default_value_t = 0.0, allow_negative_numbers = true)]
    pub(crate) distance: f64,
    /// Let samples of different classes lie closer than --distance
    #[arg(long)]
    pub(crate) per_class: bool,
    /// Write the samples without their series
    #[arg(long)]
    pub(crate) no_series: bool,
    /// Override a value of the recipe, such as timeline.steps=12
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) settings: Vec<String>,
    /// Replace a file that exists
    #[arg(long)]
    pub(crate) force: bool,
}

pub(crate) fn run(args: &Samples, common: &Common, bars: &dyn Progress) -> Result<Vec<Failure>> {
    let here = std::env::current_dir().context("finding the current folder")?;
    let (recipe, resources) = (Recipe::load(&args.recipe, &args.settings, &here)?, resources(common));
    let job = SamplesJob {
        survey: survey(&recipe, &here, &resources, bars)?,
        from: args.from.clone(),
        layer: args.layer.clone(),
        attribute: args.attribute.clone(),
        count: args.count,
        shares: args.shares.clone(),
        distance: args.distance,
        per_class: args.per_class,
        series: !args.no_series,
        seed: common.seed.unwrap_or(1),
        out: args.out.clone(),
        replace: args.force,
    };
    print(&label_samples(&job, &resources, bars)?)
}
