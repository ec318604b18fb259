//! `ecotone label legends`.

use crate::list::{self, ListFormat};
use anyhow::Result;
use clap::Args;
use ecotone_curation::{LegendLine, legends};
use ecotone_jobs::Failure;

#[derive(Debug, Args)]
pub(crate) struct Legends {
    /// How the list is written
    #[arg(long, value_enum, default_value_t = ListFormat::Table)]
    format: ListFormat,
}

pub(crate) fn run(args: &Legends) -> Result<Vec<Failure>> {
    let lines = legends()?;
    list::print(args.format, &lines, |lines| lines.iter().map(line).collect())?;
    Ok(Vec::new())
}

fn line(legend: &LegendLine) -> String {
    let LegendLine { name, title, classes, to, .. } = legend;
    let to = if to.is_empty() { "none".to_owned() } else { to.join(", ") };
    format!("{name:<18}  {classes:>3} classes  {title}\n{:<18}  crosswalk to {to}\n", "")
}
