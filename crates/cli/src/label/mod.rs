//! `ecotone label`: what can be typed, and the jobs that it means.

mod legends;

use crate::args::Common;
use anyhow::Result;
use clap::Subcommand;
use ecotone_pipeline::{Failure, Progress};

#[derive(Debug, Subcommand)]
pub(crate) enum Label {
    /// List the legends of common land-cover maps, and what each can be rewritten to
    Legends(legends::Legends),
}

pub(crate) fn run(command: &Label, _common: &Common, _bars: &dyn Progress) -> Result<Vec<Failure>> {
    match command {
        Label::Legends(args) => legends::run(args),
    }
}
