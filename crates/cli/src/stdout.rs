//! What a command says when it is done, to stdout.

use anyhow::{Context, Result};
use ecotone_jobs::{Failure, Summary};
use std::io::Write;

pub(crate) fn print(summary: &Summary) -> Result<Vec<Failure>> {
    let width = summary.facts.iter().map(|(label, _)| label.chars().count()).max().unwrap_or(0);
    let lines: String =
        summary.facts.iter().map(|(label, value)| format!("{label:<width$}  {value}\n")).collect();
    say(&lines)?;
    Ok(summary.failures.clone())
}

pub(crate) fn say(text: &str) -> Result<()> {
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        // `ecotone info model | head` is no failure.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => other.context("writing to stdout"),
    }
}
