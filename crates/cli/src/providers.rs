//! `ecotone providers`: the public catalogues that `inputs.catalog` takes by name.

use crate::list::{self, ListFormat};
use anyhow::Result;
use clap::Args;
use ecotone_cubes::{ProviderLine, providers};
use ecotone_jobs::Failure;

#[derive(Debug, Args)]
pub(crate) struct Providers {
    /// How the list is written
    #[arg(long, value_enum, default_value_t = ListFormat::Table)]
    format: ListFormat,
}

pub(crate) fn run(args: &Providers) -> Result<Vec<Failure>> {
    list::print(args.format, &providers(), table)?;
    Ok(Vec::new())
}

fn table(lines: &[ProviderLine]) -> String {
    let mut rows = vec![["name", "mask", "offset", "collections", "url"].map(str::to_owned)];
    rows.extend(lines.iter().map(|line| {
        let mask = [&[line.mask_kind][..], &line.mask_assets[..]].concat();
        [
            line.name.to_owned(),
            mask.join(" "),
            line.offset_rule.clone(),
            line.collections.join(" "),
            line.url.to_owned(),
        ]
    }));
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let [name, mask, offset, collections] = [0, 1, 2, 3].map(width);
    let line = |row: &[String; 5]| {
        let [a, b, c, d, e] = row;
        format!("{a:<name$}  {b:<mask$}  {c:<offset$}  {d:<collections$}  {e}\n")
    };
    rows.iter().map(line).collect()
}
