//! From what was typed to a job of the pipeline, and its summary to stdout.

use crate::args::{Cli, Command, Common, Info, Output, Predict, Simulate, Train};
use crate::bars::Bars;
use anyhow::{Context, Result};
use ecotone_pipeline::recipe::{Recipe, explain};
use ecotone_pipeline::{
    Existing, Failure, PredictJob, Progress, Resources, SimulateJob, Summary, TrainJob, info, predict,
    simulate, train,
};
use std::io::Write;
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
        Command::Assess(args) => crate::assess::run(args, &cli.common, &bars),
        Command::Agree(args) => crate::agree::run(args, &bars),
        Command::Sample(command) => crate::sample::run(command, cli.common.seed.unwrap_or(1), &bars),
        Command::Label(command) => crate::label::run(command, &cli.common, &bars),
        Command::Networks(args) => crate::networks::run(args),
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
    print(&simulate(&job, &resources(common, "flex")?, bars)?)
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
    print(&train(&job, &resources(common, &args.backend)?, bars)?)
}

fn run_predict(args: &Predict, common: &Common, bars: &dyn Progress) -> Result<Vec<Failure>> {
    let mut resources = resources(common, &args.backend)?;
    if let Some(jobs) = args.jobs {
        resources.readers = usize::from(jobs);
    }
    let job = PredictJob {
        model: args.model.clone(),
        catalogs: args.catalog.clone(),
        grid: args.grid.clone(),
        aoi: args.aoi.clone(),
        dem: args.dem.clone(),
        start: args.start.clone(),
        majority: args.majority,
        probabilities: args.probabilities,
        out: required_out(&args.output)?,
        existing: existing(&args.output),
    };
    print(&predict(&job, &resources, bars)?)
}

fn run_info(args: &Info) -> Result<Vec<Failure>> {
    print(&info(&args.file)?)
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

pub(crate) fn resources(common: &Common, backend: &str) -> Result<Resources> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = common.threads.map_or(cores, usize::from);
    Ok(Resources::new(backend, threads)?)
}

pub(crate) fn print(summary: &Summary) -> Result<Vec<Failure>> {
    let width = summary.facts.iter().map(|(label, _)| label.chars().count()).max().unwrap_or(0);
    let lines: String =
        summary.facts.iter().map(|(label, value)| format!("{label:<width$}  {value}\n")).collect();
    say(&lines)?;
    Ok(summary.failures.clone())
}

pub(crate) fn say(text: &str) -> Result<()> {
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        // `ecotone info model | head` is no failure.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => other.context("writing to stdout"),
    }
}
