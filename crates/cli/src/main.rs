//! The `ecotone` command: arguments in, exit code out; all science lives in the library crates.

mod access;
mod agree;
mod args;
mod assess;
mod bars;
mod commands;
mod compare;
mod flags;
mod instructions;
mod label;
mod list;
mod logging;
mod networks;
mod patience;
mod providers;
mod sample;
mod stdout;

use args::Cli;
use clap::Parser;
use std::io::Write;
use std::process::ExitCode;

/// Everything worked.
const CLEAN: u8 = 0;
/// Wrong usage or configuration, or a job that could not go on.
const FATAL: u8 = 1;
/// The job finished, but some scenes failed; they were listed.
const LISTED_FAILURES: u8 = 2;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let usage = error.use_stderr();
            // Nothing is left to say where even the terminal is gone.
            let _ = error.print();
            return ExitCode::from(if usage { FATAL } else { CLEAN });
        }
    };
    logging::install(&cli.common);
    ecotone_jobs::raise_open_files_limit();
    match patience::set()
        .and_then(|()| instructions::set())
        .and_then(|()| access::install())
        .and_then(|()| commands::run(&cli))
    {
        Ok(failures) if failures.is_empty() => ExitCode::from(CLEAN),
        Ok(failures) => {
            let mut err = std::io::stderr().lock();
            let _ = writeln!(err, "finished, but {} left out:", count(failures.len()));
            for failure in failures {
                let _ = writeln!(err, "  {failure}");
            }
            ExitCode::from(LISTED_FAILURES)
        }
        Err(error) => {
            let _ = writeln!(std::io::stderr().lock(), "error: {}", chain(&error));
            ExitCode::from(FATAL)
        }
    }
}

fn count(scenes: usize) -> String {
    if scenes == 1 {
        "1 scene could not be read and was".to_owned()
    } else {
        format!("{scenes} scenes could not be read and were")
    }
}

/// An error and its causes in one line, each said once.
fn chain(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain() {
        let cause = cause.to_string();
        if !text.contains(&cause) {
            text = if text.is_empty() { cause } else { format!("{text}: {cause}") };
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context;

    #[test]
    fn a_cause_is_said_once() {
        let error =
            Err::<(), _>(anyhow::anyhow!("disk full")).context("writing map.tif: disk full").unwrap_err();
        assert_eq!(chain(&error), "writing map.tif: disk full");
        let error = Err::<(), _>(anyhow::anyhow!("disk full")).context("writing map.tif").unwrap_err();
        assert_eq!(chain(&error), "writing map.tif: disk full");
    }
}
