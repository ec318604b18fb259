//! `ecotone label`: what can be typed, and the jobs that it means.

mod forest;

use crate::args::Common;
use anyhow::Result;
use clap::Subcommand;
use ecotone_pipeline::{Failure, Progress};

#[derive(Debug, Subcommand)]
pub(crate) enum Label {
    /// Grow a forest from samples and map the area with it: a round of the operator's loop
    Forest(forest::Forest),
}

pub(crate) fn run(command: &Label, common: &Common, bars: &dyn Progress) -> Result<Vec<Failure>> {
    match command {
        Label::Forest(args) => forest::run(args, common, bars),
    }
}
