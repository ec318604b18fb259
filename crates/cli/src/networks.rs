//! `ecotone networks`: what a recipe's `model.kind` can be.

use crate::list::{self, ListFormat};
use anyhow::Result;
use clap::Args;
use ecotone_jobs::Failure;
use ecotone_pipeline::{NetworkLine, networks};

#[derive(Debug, Args)]
pub(crate) struct Networks {
    /// Input channels: bands and indices
    #[arg(long, value_name = "N", default_value_t = 10)]
    bands: usize,
    /// Output classes
    #[arg(long, value_name = "N", default_value_t = 10)]
    classes: usize,
    /// How the list is written
    #[arg(long, value_enum, default_value_t = ListFormat::Table)]
    format: ListFormat,
}

pub(crate) fn run(args: &Networks) -> Result<Vec<Failure>> {
    let lines = networks(args.bands, args.classes)?;
    list::print(args.format, &lines, table)?;
    Ok(Vec::new())
}

fn table(lines: &[NetworkLine]) -> String {
    let mut rows = vec![["network", "parameters", "trainable", "input", "source"].map(str::to_owned)];
    rows.extend(lines.iter().map(|line| {
        [
            line.name.to_owned(),
            line.parameters.total.to_string(),
            line.parameters.trainable.to_string(),
            line.input_in_words(),
            line.source.to_owned(),
        ]
    }));
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let [name, total, trainable, input] = [0, 1, 2, 3].map(width);
    let line = |row: &[String; 5]| {
        let [a, b, c, d, e] = row;
        format!("{a:<name$}  {b:>total$}  {c:>trainable$}  {d:<input$}  {e}\n")
    };
    rows.iter().map(line).collect()
}
