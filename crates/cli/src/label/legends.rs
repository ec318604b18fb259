//! `ecotone label legends`.

use crate::commands::say;
use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use ecotone_pipeline::{Failure, LegendLine, legends};

#[derive(Debug, Args)]
pub(crate) struct Legends {
    /// How the list is written
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Table,
    Json,
}

pub(crate) fn run(args: &Legends) -> Result<Vec<Failure>> {
    let lines = legends()?;
    match args.format {
        Format::Json => {
            let json = serde_json::to_string_pretty(&lines).context("writing the legends as JSON")?;
            say(&format!("{json}\n"))?;
        }
        Format::Table => say(&lines.iter().map(line).collect::<String>())?,
    }
    Ok(Vec::new())
}

fn line(legend: &LegendLine) -> String {
    let LegendLine { name, title, classes, to, .. } = legend;
    let to = if to.is_empty() { "none".to_owned() } else { to.join(", ") };
    format!("{name:<18}  {classes:>3} classes  {title}\n{:<18}  crosswalk to {to}\n", "")
}
