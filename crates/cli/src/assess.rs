//! `ecotone assess`: what can be typed, and the job that it means.

use crate::agree::mask;
use crate::flags::{Common, Output, existing, required_out, resources};
use crate::stdout::print;
use anyhow::Result;
use clap::Args;
use ecotone_assessment::{
    AssessJob, Breakdown, Design, LineJob, MatrixJob, ProbabilityJob, SampleColumns, assess, assess_matrix,
};
use ecotone_jobs::{Failure, Progress};
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(
    override_usage = "ecotone assess [OPTIONS] --reference <RASTER|POINTS> --legend <CSV> --out <DIR> <MAP>\n       \
                            ecotone assess [OPTIONS] --matrix <CSV> --areas <CSV> --out <DIR>"
)]
pub(crate) struct Assess {
    /// The map: any raster of class codes
    #[arg(required_unless_present = "matrix", requires_all = ["reference", "legend"])]
    pub(crate) map: Option<PathBuf>,
    /// Reference: a raster of class codes, or points (CSV, GPKG, GeoJSON) with their codes
    #[arg(long, value_name = "RASTER|POINTS", required_unless_present = "matrix")]
    pub(crate) reference: Option<PathBuf>,
    /// The layer of the points, where several of their file hold features
    #[arg(long, value_name = "NAME", conflicts_with = "matrix")]
    pub(crate) layer: Option<String>,
    /// Another map, judged at the same points: how much better is MAP, and is that more than chance?
    #[arg(long, value_name = "OTHER_MAP", conflicts_with = "matrix")]
    pub(crate) against: Option<PathBuf>,
    /// CSV with the columns code,name,color
    #[arg(long, value_name = "CSV", required_unless_present = "matrix")]
    pub(crate) legend: Option<PathBuf>,
    /// Codes that stand for nothing, with commas between; the nodata that a file declares does in any case
    #[arg(
        long,
        value_name = "CODE",
        value_delimiter = ',',
        conflicts_with = "matrix",
        allow_negative_numbers = true
    )]
    pub(crate) ignore: Vec<i64>,
    /// Score only pixels where this raster is VALUE, such as split.tif=3 for the test blocks
    #[arg(long, value_name = "RASTER=VALUE")]
    pub(crate) mask: Option<String>,
    /// Break scores down: region=RASTER, confidence=RASTER, slope=DEM, aspect=DEM, edge=PIXELS,… or year=YEAR,…
    /// where {year} stands in the names of map and reference
    #[arg(long, value_name = "NAME=RASTER", conflicts_with = "matrix")]
    pub(crate) by: Vec<String>,
    #[command(flatten)]
    pub(crate) output: Output,
    #[command(flatten)]
    pub(crate) sample: SampleFlags,
    #[command(flatten)]
    pub(crate) more: MoreScores,
}

/// Scores of other things than classes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Probabilities and lines")]
pub(crate) struct MoreScores {
    /// Class probabilities to be scored, too: a band of percents a class, as predict --probabilities writes
    #[arg(long, value_name = "RASTER", conflicts_with = "matrix")]
    pub(crate) probabilities: Option<PathBuf>,
    /// Share of each class that conformal sets may miss
    #[arg(long, value_name = "SHARE", default_value_t = 0.1, requires = "probabilities")]
    pub(crate) alpha: f64,
    /// Side of the blocks of ground that calibrate the sets or are scored, each as a whole [default: that of the split
    /// beside the map or in --mask, else an eighth of the longer side of the map, 128 pixels at
    /// most, or a sixty-fourth above 8192 pixels]
    #[arg(long, value_name = "METRES", requires = "probabilities", allow_negative_numbers = true)]
    pub(crate) block: Option<f64>,
    /// Code of a class of lines, such as roads, to be scored with a buffer against a reference raster
    #[arg(long, value_name = "CODE", value_delimiter = ',', requires = "buffer", conflicts_with = "matrix")]
    pub(crate) edge_class: Vec<u8>,
    /// How far off a line may lie: the error of position of the reference
    #[arg(long, value_name = "METRES", value_delimiter = ',', requires = "edge_class")]
    pub(crate) buffer: Vec<f64>,
}

/// How a reference sample was drawn.
#[derive(Debug, Args)]
#[command(next_help_heading = "Estimates from a sample")]
pub(crate) struct SampleFlags {
    /// How the points were drawn: simple, stratified, poststratified, systematic or cluster
    #[arg(long, value_name = "NAME")]
    pub(crate) design: Option<String>,
    /// Raster of the strata that points were drawn from [default: the map's classes]
    #[arg(long, value_name = "RASTER", conflicts_with = "matrix")]
    pub(crate) strata: Option<PathBuf>,
    /// CSV with the columns code,area, of the strata [default: counted on the map]
    #[arg(long, value_name = "CSV")]
    pub(crate) areas: Option<PathBuf>,
    /// An error matrix of sample counts instead of map and reference: header and first column are class codes,
    /// rows are the map
    #[arg(long, value_name = "CSV", requires = "areas", conflicts_with_all = ["map", "reference", "mask"])]
    pub(crate) matrix: Option<PathBuf>,
    /// Raster of regions, each of which gets estimates of its own
    #[arg(long, value_name = "RASTER", conflicts_with = "matrix")]
    pub(crate) region: Option<PathBuf>,
    /// Column of the points with the reference's class code
    #[arg(long, value_name = "NAME", default_value = "code")]
    pub(crate) code_column: String,
    /// Column with the stratum that a point was drawn from [default: looked up]
    #[arg(long, value_name = "NAME")]
    pub(crate) stratum_column: Option<String>,
    /// Column with the cluster that a point lies in
    #[arg(long, value_name = "NAME")]
    pub(crate) cluster_column: Option<String>,
    /// Column with one over the inclusion probability of a point [default: weight, for clusters]
    #[arg(long, value_name = "NAME")]
    pub(crate) weight_column: Option<String>,
    /// Confidence of the intervals
    #[arg(long, value_name = "SHARE", default_value_t = 0.95)]
    pub(crate) confidence: f64,
}

pub(crate) fn run(args: &Assess, common: &Common, bars: &dyn Progress) -> Result<Vec<Failure>> {
    let (sample, out, existing) = (&args.sample, required_out(&args.output)?, existing(&args.output));
    let design = sample.design.as_deref().map(Design::parse).transpose()?;
    if let (Some(counts), Some(areas)) = (&sample.matrix, &sample.areas) {
        let job = MatrixJob {
            counts: counts.clone(),
            areas: areas.clone(),
            legend: args.legend.clone(),
            design: design.unwrap_or(Design::Stratified),
            confidence: sample.confidence,
            out,
            existing,
        };
        return print(&assess_matrix(&job)?);
    }
    let job = AssessJob {
        map: args.map.clone().unwrap_or_default(),
        reference: args.reference.clone().unwrap_or_default(),
        layer: args.layer.clone(),
        legend: args.legend.clone().unwrap_or_default(),
        against: args.against.clone(),
        ignore: args.ignore.clone(),
        mask: args.mask.as_deref().map(mask).transpose()?,
        design,
        strata: sample.strata.clone(),
        areas: sample.areas.clone(),
        region: sample.region.clone(),
        columns: SampleColumns {
            code: sample.code_column.clone(),
            stratum: sample.stratum_column.clone(),
            cluster: sample.cluster_column.clone(),
            weight: sample.weight_column.clone(),
        },
        by: args.by.iter().map(|text| Breakdown::parse(text)).collect::<ecotone_assessment::Result<_>>()?,
        probabilities: args.more.probabilities.clone().map(|path| ProbabilityJob {
            path,
            alpha: args.more.alpha,
            block: args.more.block,
            seed: common.seed.unwrap_or(1),
        }),
        lines: (!args.more.edge_class.is_empty())
            .then(|| LineJob { codes: args.more.edge_class.clone(), buffers: args.more.buffer.clone() }),
        confidence: sample.confidence,
        out,
        existing,
    };
    print(&assess(&job, &resources(common), bars)?)
}
