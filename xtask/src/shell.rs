//! Running other programs in the open: each command is printed before it runs.

use anyhow::{Context, Result, bail};
use std::ffi::OsStr;
use std::fmt;
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Stdio};

/// One line for the person at the terminal. A closed stderr is no reason to stop.
pub(crate) fn say(line: impl fmt::Display) {
    writeln!(io::stderr(), "{line}").ok();
}

/// What was asked for, to stdout.
pub(crate) fn print(text: impl fmt::Display) -> Result<()> {
    write!(io::stdout(), "{text}").context("cannot write to stdout")
}

/// The workspace's folder.
pub(crate) fn root() -> &'static Path {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask)
}

/// Cargo in the workspace's folder, whatever folder we were called from.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    forget_cargo_run(&mut command);
    command
}

/// Removes what `cargo run` tells its child about the *xtask* package: a nested cargo's build scripts would see
/// it change from call to call, and run again.
pub(crate) fn forget_cargo_run(command: &mut Command) {
    let about_us = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_", "CARGO_PRIMARY_PACKAGE"];
    for (name, _) in std::env::vars_os() {
        if about_us.iter().any(|prefix| name.to_string_lossy().starts_with(prefix)) {
            command.env_remove(name);
        }
    }
}

/// Prints the command, runs it, and fails when it does.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    announce(command);
    let status = command.status().with_context(|| format!("cannot start {}", program(command)))?;
    if !status.success() {
        bail!("`{}` failed ({status})", words(command));
    }
    Ok(())
}

/// Prints the command as one could type it, with the variables that were set for it; of a list of folders the first.
pub(crate) fn announce(command: &Command) {
    let variables = command.get_envs().filter_map(|(name, value)| Some((name, value?)));
    let set: Vec<String> =
        variables.map(|(name, value)| format!("{}={} ", name.to_string_lossy(), first_of(value))).collect();
    say(format_args!("+ {}{}", set.concat(), words(command)));
}

/// Whether a probe runs and succeeds; its output is dropped.
pub(crate) fn succeeds(program: &str, arguments: &[&str]) -> bool {
    let quiet = || Stdio::null();
    Command::new(program)
        .args(arguments)
        .stdin(quiet())
        .stdout(quiet())
        .stderr(quiet())
        .status()
        .is_ok_and(|s| s.success())
}

/// What a probe prints, trimmed, or nothing when it is missing or fails.
pub(crate) fn output_of(program: impl AsRef<OsStr>, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn words(command: &Command) -> String {
    let program = command.get_program();
    let is_our_cargo = std::env::var_os("CARGO").is_some_and(|cargo| cargo == program);
    let program = if is_our_cargo { "cargo".as_ref() } else { program };
    std::iter::once(program).chain(command.get_args()).map(quoted).collect::<Vec<_>>().join(" ")
}

fn program(command: &Command) -> String {
    command.get_program().to_string_lossy().into_owned()
}

fn first_of(value: &OsStr) -> String {
    match value.to_string_lossy().split_once(':') {
        Some((first, _)) => format!("{}:…", quoted(first.as_ref())),
        None => quoted(value),
    }
}

fn quoted(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    let plain = |c: char| c.is_alphanumeric() || "-_=+./:,@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.into_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_command_is_an_error_that_quotes_it() {
        let error = run(Command::new("sh").args(["-c", "exit 3"])).unwrap_err().to_string();
        assert!(error.contains("sh -c 'exit 3'") && error.contains('3'), "{error}");
    }

    #[test]
    fn a_missing_program_is_an_error_that_names_it() {
        let error = run(&mut Command::new("no-such-program-here")).unwrap_err().to_string();
        assert!(error.contains("no-such-program-here"), "{error}");
        assert_eq!(output_of("no-such-program-here", &[]), None);
        assert!(!succeeds("no-such-program-here", &[]));
    }
}
