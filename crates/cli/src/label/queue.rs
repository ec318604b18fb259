//! `ecotone label queue`.

use crate::agree::mask;
use crate::flags::{Common, resources};
use crate::stdout::print;
use anyhow::{Context, Result};
use clap::Args;
use ecotone_assessment::ChipsJob;
use ecotone_curation::{QueueJob, label_queue};
use ecotone_jobs::{Failure, Progress};
use ecotone_pipeline::{recipe::Recipe, survey};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct Queue {
    /// The folder of a round that `ecotone label forest` made
    pub(crate) round: PathBuf,
    /// The recipe of the round [default: the round's own recipe.toml]
    #[arg(long, value_name = "FILE")]
    pub(crate) recipe: Option<PathBuf>,
    /// Override a value of the recipe, as the round did
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) settings: Vec<String>,
    /// How many places to ask about
    #[arg(long, value_name = "N")]
    pub(crate) count: usize,
    /// What makes a place worth asking about: margin, entropy, disagreement or random
    #[arg(long, value_name = "WORD", default_value = "margin")]
    pub(crate) by: String,
    /// Least distance of places from each other and from labels, in metres
    #[arg(long, value_name = "M", default_value_t = 0.0)]
    pub(crate) spread: f64,
    /// Of the best places take such as differ in their series, too
    #[arg(long)]
    pub(crate) diverse: bool,
    /// Points not to ask about, once or more; those that the round learnt from never are
    #[arg(long, value_name = "FILE")]
    pub(crate) exclude: Vec<PathBuf>,
    /// Ask only about pixels where this raster is VALUE, such as split.tif=1
    #[arg(long, value_name = "RASTER=VALUE")]
    pub(crate) mask: Option<String>,
    /// Draw pictures of each place from a STAC catalogue, and its series, into a folder beside the points
    #[arg(long, value_name = "CATALOG")]
    pub(crate) chips: Option<String>,
    /// Dates on each picture, the clearest, 1 to 6
    #[arg(long, value_name = "N", default_value_t = 3, requires = "chips")]
    pub(crate) dates: usize,
    /// Tell the operator what the map shows; blind interpretation is good practice
    #[arg(long)]
    pub(crate) with_map_class: bool,
    /// Side of the windows that are read at a time; memory grows with its square
    #[arg(long, value_name = "PX", default_value_t = 256)]
    pub(crate) window: usize,
    /// The points, .gpkg, .geojson or .csv
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// Replace points that exist
    #[arg(long)]
    pub(crate) force: bool,
}

pub(crate) fn run(args: &Queue, common: &Common, bars: &dyn Progress) -> Result<Vec<Failure>> {
    let here = std::env::current_dir().context("finding the current folder")?;
    let recipe = args.recipe.clone().unwrap_or_else(|| args.round.join("recipe.toml"));
    let (recipe, resources) = (Recipe::load(&recipe, &args.settings, &here)?, resources(common));
    let job = QueueJob {
        round: args.round.clone(),
        survey: survey(&recipe, &here, &resources, bars)?,
        count: args.count,
        by: args.by.clone(),
        spread: args.spread,
        diverse: args.diverse,
        exclude: args.exclude.clone(),
        mask: args.mask.as_deref().map(mask).transpose()?,
        window: args.window,
        seed: common.seed.unwrap_or(1),
        with_map_class: args.with_map_class,
        chips: args.chips.clone().map(|catalog| ChipsJob { catalog, dates: args.dates }),
        out: args.out.clone(),
        replace: args.force,
    };
    print(&label_queue(&job, &resources, bars)?)
}
