//! Lists as a table or as JSON.

use crate::stdout::say;
use anyhow::{Context, Result};
use clap::ValueEnum;
use serde::Serialize;

/// How a list is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    Table,
    Json,
}

/// Prints the lines as JSON, or as the table that `table` makes of them.
pub(crate) fn print<T: Serialize>(
    format: ListFormat,
    lines: &[T],
    table: impl Fn(&[T]) -> String,
) -> Result<()> {
    match format {
        ListFormat::Json => {
            let json = serde_json::to_string_pretty(lines).context("writing the list as JSON")?;
            say(&format!("{json}\n"))
        }
        ListFormat::Table => say(&table(lines)),
    }
}
