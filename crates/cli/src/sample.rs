//! `ecotone sample`: what can be typed, and the jobs that it means.

use crate::stdout::{print, say};
use anyhow::Result;
use clap::{Args, Subcommand};
use ecotone_assessment::{ChipsJob, DrawJob, Precision, SizeJob, SizePlan, Sizes, draw_sample, sample_size};
use ecotone_jobs::{Failure, Progress};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum Sample {
    /// Say how many reference points an accuracy assessment needs, and in which classes
    Size(Size),
    /// Draw reference points on a map, for interpreters to fill in
    Draw(Draw),
}

#[derive(Debug, Args)]
pub(crate) struct Size {
    /// Sizes of the classes: CSV with the columns code,area
    #[arg(long, value_name = "CSV", required_unless_present = "map", conflicts_with = "map")]
    pub(crate) areas: Option<PathBuf>,
    /// Count the classes of this map instead
    #[arg(long, value_name = "MAP", requires = "legend")]
    pub(crate) map: Option<PathBuf>,
    /// CSV with the columns code,name,color
    #[arg(long, value_name = "CSV")]
    pub(crate) legend: Option<PathBuf>,
    /// Codes that stand for nothing, with commas between; the nodata that a file declares does in any case
    #[arg(long, value_name = "CODE", requires = "map", value_delimiter = ',', allow_negative_numbers = true)]
    pub(crate) ignore: Vec<i64>,
    /// User's accuracy that is expected: a value for all classes, or a CSV code,users_accuracy
    #[arg(long, value_name = "VALUE|CSV")]
    pub(crate) expected: Option<String>,
    /// Standard error that the overall accuracy may have, such as 0.01 (Olofsson et al. 2014)
    #[arg(long, value_name = "SE", required_unless_present = "half_width", conflicts_with = "half_width")]
    pub(crate) target_se: Option<f64>,
    /// Half the width that the interval of a proportion may have, such as 0.05 (Cochran 1977)
    #[arg(long, value_name = "SHARE")]
    pub(crate) half_width: Option<f64>,
    /// The proportion that --half-width is about; 0.5 needs the most points
    #[arg(long, value_name = "SHARE", default_value_t = 0.5)]
    pub(crate) proportion: f64,
    /// Confidence of the interval of --half-width
    #[arg(long, value_name = "SHARE", default_value_t = 0.95)]
    pub(crate) confidence: f64,
    /// How points are shared among classes: equal, proportional, optimal or minimum:N
    #[arg(long, value_name = "RULE", default_value = "proportional")]
    pub(crate) allocation: String,
    /// Write the table as CSV, too
    #[arg(long, value_name = "CSV")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Draw {
    /// The map: any georeferenced raster of class codes
    pub(crate) map: PathBuf,
    /// CSV with the columns code,name,color
    #[arg(long, value_name = "CSV")]
    pub(crate) legend: PathBuf,
    /// How points are drawn: simple, stratified, systematic, cluster or two-stage
    #[arg(long, value_name = "DESIGN", default_value = "stratified")]
    pub(crate) design: String,
    /// How many points; in cluster and two-stage designs, how many clusters
    #[arg(long, value_name = "N", required_unless_present = "spacing")]
    pub(crate) units: Option<u64>,
    /// How points are shared among strata: equal, proportional, optimal or minimum:N
    #[arg(long, value_name = "RULE", default_value = "proportional")]
    pub(crate) allocation: String,
    /// Strata other than the map's classes: a raster of whole numbers
    #[arg(long, value_name = "RASTER")]
    pub(crate) strata: Option<PathBuf>,
    /// Make pixels within so many of a class edge a stratum of their own
    #[arg(long, value_name = "PX", default_value_t = 0)]
    pub(crate) edge_stratum: usize,
    /// Side of a square cluster
    #[arg(long, value_name = "PX", default_value_t = 10)]
    pub(crate) cluster_size: u64,
    /// Points in each cluster of a two-stage design
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub(crate) per_cluster: u64,
    /// Step of a systematic grid [default: one that gives about --units points]
    #[arg(long, value_name = "PX")]
    pub(crate) spacing: Option<u64>,
    /// User's accuracy that is expected, for optimal allocation: a value, or a CSV code,users_accuracy
    #[arg(long, value_name = "VALUE|CSV")]
    pub(crate) expected: Option<String>,
    /// Codes that stand for nothing, with commas between; the nodata that a file declares does in any case
    #[arg(long, value_name = "CODE", value_delimiter = ',', allow_negative_numbers = true)]
    pub(crate) ignore: Vec<i64>,
    /// The points, .gpkg, .csv or .geojson; strata.csv goes beside
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// Tell interpreters what the map shows; blind interpretation is good practice
    #[arg(long)]
    pub(crate) with_map_class: bool,
    /// Draw pictures of the ground around each point, from a STAC catalogue, into the folder chips beside the points
    #[arg(long, value_name = "CATALOG")]
    pub(crate) chips: Option<String>,
    /// Dates on each picture, the clearest, 1 to 6
    #[arg(long, value_name = "N", default_value_t = 3, requires = "chips")]
    pub(crate) dates: usize,
    /// Replace points that exist
    #[arg(long)]
    pub(crate) force: bool,
}

pub(crate) fn run(command: &Sample, seed: u64, bars: &dyn Progress) -> Result<Vec<Failure>> {
    match command {
        Sample::Size(args) => run_size(args, bars),
        Sample::Draw(args) => run_draw(args, seed, bars),
    }
}

fn run_size(args: &Size, bars: &dyn Progress) -> Result<Vec<Failure>> {
    let sizes = match (&args.areas, &args.map, &args.legend) {
        (_, Some(map), Some(legend)) => {
            Sizes::Map { map: map.clone(), legend: legend.clone(), ignore: args.ignore.clone() }
        }
        (areas, ..) => Sizes::Areas(areas.clone().unwrap_or_default()),
    };
    let precision = match (args.target_se, args.half_width) {
        (None, Some(half_width)) => {
            Precision::HalfWidth { half_width, proportion: args.proportion, confidence: args.confidence }
        }
        (target, _) => Precision::StandardError(target.unwrap_or_default()),
    };
    let (expected, allocation, out) = (args.expected.clone(), args.allocation.clone(), args.out.clone());
    let plan = sample_size(&SizeJob { sizes, expected, precision, allocation, out }, bars)?;
    say(&table(&plan))?;
    Ok(Vec::new())
}

fn table(plan: &SizePlan) -> String {
    let width =
        plan.strata.iter().map(|line| line.name.chars().count()).max().unwrap_or(0).max("class".len());
    let head = format!("code  {:<width$}   share  expected   units\n", "class");
    let lines = plan.strata.iter().map(|line| {
        let expected = line.users_accuracy.map_or_else(|| "–".to_owned(), |value| format!("{value:.2}"));
        format!(
            "{:>4}  {:<width$}  {:>6.4}  {expected:>8}  {:>6}\n",
            line.code, line.name, line.share, line.units
        )
    });
    let all = format!("      {:<width$}                    {:>6}  ({})\n", "all", plan.units, plan.formula);
    let raised = plan.optimal_units.map(|units| format!("; by optimal allocation {units} units were enough"));
    let error = plan.standard_error.map(|error| {
        let raised = raised.unwrap_or_default();
        format!(
            "standard error of the overall accuracy to be expected of this allocation: {error:.4}{raised}\n"
        )
    });
    std::iter::once(head).chain(lines).chain([all]).chain(error).collect()
}

fn run_draw(args: &Draw, seed: u64, bars: &dyn Progress) -> Result<Vec<Failure>> {
    let job = DrawJob {
        map: args.map.clone(),
        legend: args.legend.clone(),
        design: args.design.clone(),
        units: args.units,
        allocation: args.allocation.clone(),
        strata: args.strata.clone(),
        edge_stratum: args.edge_stratum,
        cluster_size: args.cluster_size,
        per_cluster: args.per_cluster,
        spacing: args.spacing,
        expected: args.expected.clone(),
        ignore: args.ignore.clone(),
        seed,
        with_map_class: args.with_map_class,
        out: args.out.clone(),
        replace: args.force,
        chips: args.chips.clone().map(|catalog| ChipsJob { catalog, dates: args.dates }),
    };
    print(&draw_sample(&job, bars)?)
}
