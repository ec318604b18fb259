//! `ecotone label`: what can be typed, and the jobs that it means.

mod check;
mod clean;
mod crosswalk;
mod forest;
mod legends;
mod patches;
mod queue;
mod rasterize;
mod samples;
mod stable;

use crate::flags::Common;
use anyhow::Result;
use clap::Subcommand;
use ecotone_jobs::{Failure, Progress};

#[derive(Debug, Subcommand)]
pub(crate) enum Label {
    /// List the legends of common land-cover maps, and what each can be rewritten to
    Legends(legends::Legends),
    /// Draw labelled pixels, or take those of a file, and write them with their series
    Samples(samples::Samples),
    /// Leave out samples that are probably labelled wrongly, each with the reason why
    Clean(clean::Clean),
    /// Split samples, or take their parts from a column, and say whether test samples know training samples
    Check(check::Check),
    /// Burn lines, polygons or points onto the grid of a raster, lines as wide as they are on the ground
    Rasterize(rasterize::Rasterize),
    /// Rewrite a map of one legend in another
    Crosswalk(crosswalk::Crosswalk),
    /// Write a recipe's series and labels as patches, for programs that train by themselves
    Patches(patches::Patches),
    /// Keep the class of each pixel in which maps of several years agree
    Stable(stable::Stable),
    /// Learn from samples by a random forest, and map the area: a round of the operator's loop
    Forest(forest::Forest),
    /// Say which places to label next: where the forest of a round is unsure
    Queue(queue::Queue),
}

pub(crate) fn run(command: &Label, common: &Common, bars: &dyn Progress) -> Result<Vec<Failure>> {
    match command {
        Label::Forest(args) => forest::run(args, common, bars),
        Label::Legends(args) => legends::run(args),
        Label::Samples(args) => samples::run(args, common, bars),
        Label::Clean(args) => clean::run(args, common, bars),
        Label::Check(args) => check::run(args, common, bars),
        Label::Rasterize(args) => rasterize::run(args, bars),
        Label::Crosswalk(args) => crosswalk::run(args, bars),
        Label::Patches(args) => patches::run(args, common, bars),
        Label::Stable(args) => stable::run(args, bars),
        Label::Queue(args) => queue::run(args, common, bars),
    }
}
