//! What can be typed.

use crate::flags::{Common, Output, PriorFlag};
use crate::{agree, assess, compare, label, networks, providers, sample};
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// Land-cover and forest-disturbance maps from Sentinel time series, with honest accuracy.
#[derive(Debug, Parser)]
#[command(name = "ecotone", version, max_term_width = 100, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write a STAC catalogue of COGs with known truth
    Simulate(Simulate),
    /// Train a network, map the area, score the map on held-out blocks, and report
    Train(Train),
    /// Map an area with a trained model
    Predict(Predict),
    /// Score a map against a reference
    Assess(Box<assess::Assess>),
    /// Compare maps of one place with each other: two of them, or a series
    Agree(agree::Agree),
    /// Compare training runs on the test blocks that they share, with intervals
    Compare(compare::Compare),
    /// Plan and draw the reference sample of an accuracy assessment
    #[command(subcommand)]
    Sample(sample::Sample),
    /// Make, clean and draw labels to learn from
    #[command(subcommand)]
    Label(label::Label),
    /// List the networks: size, input and source
    Networks(networks::Networks),
    /// List the public catalogues that go by a name: collections, masks, offsets
    Providers(providers::Providers),
    /// Say what a model, map, catalogue, recipe or run folder is
    Info(Info),
}

#[derive(Debug, Args)]
pub(crate) struct Simulate {
    /// The landscape: forest, amazon, roads or multiyear
    pub(crate) preset: String,
    /// Folder for the catalogue
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Side of the landscape in pixels: of 20 m for forest, else of 10 m [default: 512; roads: 768]
    #[arg(long, value_name = "PX")]
    pub(crate) size: Option<usize>,
    /// Years of scenes [default: 2; multiyear: 3; amazon and roads: 1, no more]
    #[arg(long, value_name = "N")]
    pub(crate) years: Option<u32>,
    /// Keep every Nth acquisition only, for small samples
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) every: usize,
    /// Replace a catalogue in the folder
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Train {
    /// The job as TOML [default: a small simulated forest, minutes on two cores]
    pub(crate) recipe: Option<PathBuf>,
    /// Override a value of the recipe, such as train.epochs=20
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) settings: Vec<String>,
    /// Where the network runs: flex, tch, tch-cuda, vulkan or cuda
    #[arg(long, value_name = "NAME", default_value = "flex")]
    pub(crate) backend: String,
    /// Print the recipe with every default and what each key means, and stop
    #[arg(long)]
    pub(crate) explain: bool,
    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Debug, Args)]
pub(crate) struct Predict {
    /// The model's weights, model.safetensors
    pub(crate) model: PathBuf,
    /// STAC catalogue, collection, item collection, API address, name that `providers` lists, or folder of SAFE products
    #[arg(long, value_name = "CATALOG", required = true)]
    pub(crate) catalog: Vec<String>,
    /// Collection to use, once or more [default: those of the training]
    #[arg(long, value_name = "NAME")]
    pub(crate) collection: Vec<String>,
    /// Layer of the scenes that holds the mask [default: that of the training]
    #[arg(long, value_name = "NAME")]
    pub(crate) mask_asset: Option<String>,
    /// What is added to each DN: auto, provider, pixels, none or a number, as inputs.offset has it [default: as in the training]
    #[arg(long, value_name = "RULE", allow_hyphen_values = true)]
    pub(crate) offset: Option<String>,
    /// Grid of the map: a raster to match, a CRS, or CRS@RESOLUTION such as EPSG:3035@20 [default: the first scene's CRS]
    #[arg(long, value_name = "GRID")]
    pub(crate) grid: Option<String>,
    /// Area to map, once or more: the polygons of FILE or FILE#LAYER, or west,south,east,north in degrees [default: the
    /// scenes' extent]
    #[arg(long, value_name = "FILE|BBOX", allow_hyphen_values = true)]
    pub(crate) aoi: Vec<String>,
    /// Heights in metres, for a model trained with inputs.dem
    #[arg(long, value_name = "RASTER")]
    pub(crate) dem: Option<PathBuf>,
    /// First day of the series, YYYY-MM-DD [default: that of the training]
    #[arg(long, value_name = "DATE")]
    pub(crate) start: Option<String>,
    /// Shares of the classes that probabilities hold for: those on the ground, or those of the training, where rare ones were
    /// drawn more often [default: that of the training]
    #[arg(long, value_enum)]
    pub(crate) prior: Option<PriorFlag>,
    /// Give each pixel the most frequent class of a square of so many pixels, an odd number [default: no filter]
    #[arg(long, value_name = "PX", default_value_t = 0, hide_default_value = true)]
    pub(crate) majority: usize,
    /// Write probabilities.tif, one band a class
    #[arg(long)]
    pub(crate) probabilities: bool,
    /// Where the network runs: flex, tch, tch-cuda, vulkan or cuda
    #[arg(long, value_name = "NAME", default_value = "flex")]
    pub(crate) backend: String,
    /// Scenes read at the same time [default: --threads]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) jobs: Option<u16>,
    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Debug, Args)]
pub(crate) struct Info {
    /// A model, map, catalogue, recipe or run folder
    pub(crate) file: PathBuf,
}
