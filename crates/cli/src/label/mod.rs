//! `ecotone label`: what can be typed, and the jobs that it means.

mod crosswalk;
mod legends;
mod patches;
mod rasterize;

use crate::args::Common;
use anyhow::Result;
use clap::Subcommand;
use ecotone_pipeline::{Failure, Progress};

#[derive(Debug, Subcommand)]
pub(crate) enum Label {
    /// List the legends of common land-cover maps, and what each can be rewritten to
    Legends(legends::Legends),
    /// Burn lines, polygons or points onto the grid of a raster, lines as wide as they are on the ground
    Rasterize(rasterize::Rasterize),
    /// Rewrite a map of one legend in another
    Crosswalk(crosswalk::Crosswalk),
    /// Write a recipe's series and labels as patches, for programs that train by themselves
    Patches(patches::Patches),
}

pub(crate) fn run(command: &Label, common: &Common, bars: &dyn Progress) -> Result<Vec<Failure>> {
    match command {
        Label::Legends(args) => legends::run(args),
        Label::Rasterize(args) => rasterize::run(args, bars),
        Label::Crosswalk(args) => crosswalk::run(args, bars),
        Label::Patches(args) => patches::run(args, common, bars),
    }
}
