//! `ecotone label rasterize`: what can be typed, and the job that it means.

use crate::stdout::print;
use anyhow::Result;
use clap::{ArgGroup, Args};
use ecotone_curation::{RasterizeJob, rasterize};
use ecotone_jobs::{Failure, Progress};
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("class").required(true).args(["attribute", "code"]))]
pub(crate) struct Rasterize {
    /// Lines, polygons or points: GeoJSON, GeoPackage, Shapefile or .osm.pbf; the last of several that overlap wins
    pub(crate) vector: PathBuf,
    /// The raster whose grid the labels get
    #[arg(long, value_name = "RASTER")]
    pub(crate) like: PathBuf,
    /// The labels, a COG of class codes
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// The layer, where several hold features; of OSM lines or multipolygons
    #[arg(long, value_name = "NAME")]
    pub(crate) layer: Option<String>,
    /// The attribute that holds the class code
    #[arg(long, value_name = "NAME")]
    pub(crate) attribute: Option<String>,
    /// Give all features this class code
    #[arg(long, value_name = "CODE")]
    pub(crate) code: Option<u8>,
    /// Use only features with one of these values in an attribute or OSM tag, or with any value; all that are given must
    /// hold. Double quotes hold a value with commas together: 'name="a, b"'
    #[arg(long = "where", value_name = "KEY[=VALUE,…]")]
    pub(crate) filters: Vec<String>,
    /// Width of lines, and diameter of points, in metres [default: a pixel, and never less]
    #[arg(long, value_name = "METRES", allow_negative_numbers = true)]
    pub(crate) width: Option<f64>,
    /// The attribute or OSM tag that holds the width, in metres or as OSM has it (1200 cm, 12'6"); --width counts where it
    /// is empty or no length
    #[arg(long, value_name = "NAME")]
    pub(crate) width_attribute: Option<String>,
    /// Leave ground this near to a feature out as nodata: lines of maps lie some metres off what images show
    #[arg(long, value_name = "METRES", default_value_t = 0.0, allow_negative_numbers = true)]
    pub(crate) tolerance: f64,
    /// The code of ground without a feature [default: nodata]
    #[arg(long, value_name = "CODE")]
    pub(crate) fill: Option<u8>,
    /// CSV with the columns code,name,color [default: made from the codes]
    #[arg(long, value_name = "CSV")]
    pub(crate) legend: Option<PathBuf>,
    /// Replace the file
    #[arg(long)]
    pub(crate) force: bool,
}

pub(crate) fn run(args: &Rasterize, bars: &dyn Progress) -> Result<Vec<Failure>> {
    let job = RasterizeJob {
        vector: args.vector.clone(),
        like: args.like.clone(),
        out: args.out.clone(),
        layer: args.layer.clone(),
        attribute: args.attribute.clone(),
        code: args.code,
        filters: args.filters.clone(),
        width: args.width,
        width_attribute: args.width_attribute.clone(),
        tolerance: args.tolerance,
        fill: args.fill,
        legend: args.legend.clone(),
        replace: args.force,
    };
    print(&rasterize(&job, bars)?)
}
