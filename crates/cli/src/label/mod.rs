//! `ecotone label`: what can be typed, and the jobs that it means.

mod forest;
mod legends;
mod queue;

use crate::args::Common;
use anyhow::Result;
use clap::Subcommand;
use ecotone_pipeline::{Failure, Progress};

#[derive(Debug, Subcommand)]
pub(crate) enum Label {
    /// Learn from samples by a random forest, and map the area: a round of the operator's loop
    Forest(forest::Forest),
    /// List the legends of common land-cover maps, and what each can be rewritten to
    Legends(legends::Legends),
    /// Say which places to label next: where the forest of a round is unsure
    Queue(queue::Queue),
}

pub(crate) fn run(command: &Label, common: &Common, bars: &dyn Progress) -> Result<Vec<Failure>> {
    match command {
        Label::Forest(args) => forest::run(args, common, bars),
        Label::Legends(args) => legends::run(args),
        Label::Queue(args) => queue::run(args, common, bars),
    }
}
