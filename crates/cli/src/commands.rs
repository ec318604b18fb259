//! From what was typed to a job of the pipeline, and its summary to stdout.

use crate::args::{Cli, Command, Info, Predict, Simulate, Train};
use crate::bars::Bars;
use crate::flags::{Common, PriorFlag, compute, existing, required_out, resources};
use crate::stdout::{print, say};
use crate::{agree, assess, compare, label, networks, providers, sample};
use anyhow::{Context, Result};
use ecotone_jobs::{Failure, Progress};
use ecotone_pipeline::{
    PredictJob, SimulateJob, TrainJob, info, predict,
    recipe::{Recipe, explain},
    simulate, train,
};
use std::path::PathBuf;

/// The job that `train` does when it is told none.
const FIRST_RUN: &str = include_str!("../first-run.toml");

/// Does the command; gives back the scenes that failed.
pub(crate) fn run(cli: &Cli) -> Result<Vec<Failure>> {
    let bars = Bars::new(cli.common.quiet);
    match &cli.command {
        Command::Simulate(args) => run_simulate(args, &cli.common, &bars),
        Command::Train(args) => run_train(args, &cli.common, &bars),
        Command::Predict(args) => run_predict(args, &cli.common, &bars),
        Command::Assess(args) => assess::run(args, &cli.common, &bars),
        Command::Agree(args) => agree::run(args, &bars),
        Command::Compare(args) => compare::run(args, cli.common.seed.unwrap_or(1), &bars),
        Command::Sample(command) => sample::run(command, cli.common.seed.unwrap_or(1), &bars),
        Command::Label(command) => label::run(command, &cli.common, &bars),
        Command::Networks(args) => networks::run(args),
        Command::Providers(args) => providers::run(args),
        Command::Info(args) => run_info(args),
    }
}

fn run_simulate(args: &Simulate, common: &Common, bars: &dyn Progress) -> Result<Vec<Failure>> {
    let job = SimulateJob {
        preset: args.preset.clone(),
        out: args.out.clone(),
        size: args.size,
        seed: common.seed.unwrap_or(1),
        years: args.years,
        every: args.every,
        replace: args.force,
    };
    print(&simulate(&job, &resources(common), bars)?)
}

fn run_train(args: &Train, common: &Common, bars: &dyn Progress) -> Result<Vec<Failure>> {
    let here = std::env::current_dir().context("finding the current folder")?;
    let mut settings = args.settings.clone();
    if let Some(seed) = common.seed {
        settings.push(format!("train.seed={seed}"));
    }
    let recipe = match &args.recipe {
        Some(path) => Recipe::load(path, &settings, &here)?,
        None => Recipe::from_text(FIRST_RUN, "first-run.toml", &settings, &here)?,
    };
    if args.explain {
        say(&explain(&recipe)?)?;
        return Ok(Vec::new());
    }
    let out = args.output.out.clone().unwrap_or_else(|| PathBuf::from("runs").join(&recipe.name));
    let job = TrainJob { recipe, out, existing: existing(&args.output), here };
    print(&train(&job, &compute(common, &args.backend)?, bars)?)
}

fn run_predict(args: &Predict, common: &Common, bars: &dyn Progress) -> Result<Vec<Failure>> {
    let mut compute = compute(common, &args.backend)?;
    if let Some(jobs) = args.jobs {
        compute.machine.readers = usize::from(jobs);
    }
    let job = PredictJob {
        model: args.model.clone(),
        catalogs: args.catalog.clone(),
        collections: args.collection.clone(),
        mask_asset: args.mask_asset.clone(),
        offset: args.offset.clone(),
        grid: args.grid.clone(),
        aoi: args.aoi.clone(),
        dem: args.dem.clone(),
        start: args.start.clone(),
        prior: args.prior.map(PriorFlag::of_job),
        majority: args.majority,
        probabilities: args.probabilities,
        out: required_out(&args.output)?,
        existing: existing(&args.output),
    };
    print(&predict(&job, &compute, bars)?)
}

fn run_info(args: &Info) -> Result<Vec<Failure>> {
    print(&info(&args.file)?)
}
