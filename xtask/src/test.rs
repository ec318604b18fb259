//! `cargo xtask test`: every check, cheapest first, stopping at the first that fails, with what each took.

use crate::libtorch::{Libtorch, target_directory};
use crate::shell::{cargo, run as run_command, say};
use crate::{chores, native, servers, tidy};
use anyhow::{Context, Result, bail};
use std::time::{Duration, Instant};

/// Runs the checks that the arguments name: all of them, or the networks on another backend.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let request = Request::parse(arguments)?;
    match request.backend {
        Backend::Flex => all(&request.to_cargo_test),
        Backend::Tch => on_tch(&request.to_cargo_test),
    }
}

/// What continuous integration runs.
pub(crate) fn ci() -> Result<()> {
    all(&[])?;
    on_tch(&[])
}

fn all(extra: &[String]) -> Result<()> {
    let mut steps = Steps::default();
    steps.run("set-up", native::gdal)?;
    steps.run("formatting", || run_command(cargo().args(["fmt", "--all", "--check"])))?;
    steps.run("tidy", tidy::run)?;
    steps.run("lints", || {
        run_command(cargo().args(["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"]))
    })?;
    steps.run("servers for stories", || servers::install(&target_directory()?))?;
    // The stories run the binary, which `cargo test` alone would not build. `--tests` keeps the features those of the
    // next step, so that nothing is compiled twice.
    steps.run("build", || run_command(cargo().args(["build", "--workspace", "--bins", "--tests"])))?;
    steps.run("tests", || run_command(cargo().args(["test", "--workspace"]).args(extra)))?;
    steps.run("docs", || chores::docs(&[]))?;
    steps.run("packages", chores::package)?;
    steps.summarise();
    Ok(())
}

/// The networks on libtorch, built in a folder of their own so that the other feature set stays built.
fn on_tch(extra: &[String]) -> Result<()> {
    let mut steps = Steps::default();
    let target = target_directory()?;
    let mut libtorch = None;
    steps.run("set-up of libtorch", || {
        libtorch = Some(Libtorch::set_up(&target, false)?);
        Ok(())
    })?;
    steps.run("tests of the networks on tch", || {
        let mut command = cargo();
        command.args(["test", "--package", "ecotone-models", "--features", "tch", "--target-dir"]);
        command.arg(target.join("tch")).args(extra);
        libtorch.as_ref().context("libtorch was set up")?.apply(&mut command)?;
        run_command(&mut command)
    })?;
    steps.summarise();
    Ok(())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Backend {
    Flex,
    Tch,
}

#[derive(Debug)]
struct Request {
    backend: Backend,
    to_cargo_test: Vec<String>,
}

impl Request {
    fn parse(arguments: &[String]) -> Result<Self> {
        let mut request = Self { backend: Backend::Flex, to_cargo_test: vec![] };
        let mut words = arguments.iter().map(String::as_str);
        while let Some(word) = words.next() {
            let backend = match word.split_once('=') {
                _ if word == "--" => {
                    request.to_cargo_test = words.map(str::to_owned).collect();
                    break;
                }
                Some(("--backend", value)) => value,
                _ if word == "--backend" => words.next().unwrap_or_default(),
                _ => bail!(
                    "`cargo xtask test` takes `--backend flex|tch` and `-- ARGS for cargo test`, found `{word}`"
                ),
            };
            request.backend = match backend {
                "flex" => Backend::Flex,
                "tch" => Backend::Tch,
                other => bail!("tests run on the backends `flex` and `tch`, found `{other}`"),
            };
        }
        Ok(request)
    }
}

/// The steps so far and what each took.
#[derive(Default)]
struct Steps(Vec<(&'static str, Duration)>);

impl Steps {
    fn run(&mut self, name: &'static str, step: impl FnOnce() -> Result<()>) -> Result<()> {
        say(format_args!("\n== {name}"));
        let start = Instant::now();
        let result = step();
        self.0.push((name, start.elapsed()));
        if result.is_err() {
            self.summarise();
            say(format_args!("{name} failed, and nothing after it was run"));
        }
        result.context(name)
    }

    fn summarise(&self) {
        say("");
        for (name, duration) in &self.0 {
            say(format_args!("{:>8.1} s  {name}", duration.as_secs_f64()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Request> {
        Request::parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn backend_and_arguments_for_cargo_are_told_apart() {
        assert_eq!(parse("").unwrap().backend, Backend::Flex);
        assert_eq!(parse("--backend tch").unwrap().backend, Backend::Tch);
        let both = parse("--backend=tch -- -p ecotone-core -- --nocapture").unwrap();
        assert_eq!(both.backend, Backend::Tch);
        assert_eq!(both.to_cargo_test, ["-p", "ecotone-core", "--", "--nocapture"]);
    }

    #[test]
    fn what_would_be_ignored_is_refused() {
        assert!(parse("core").unwrap_err().to_string().contains("`core`"));
        assert!(parse("--backend cuda").unwrap_err().to_string().contains("`cuda`"));
        assert!(parse("--backend").is_err());
    }

    #[test]
    fn the_first_failure_is_passed_on_with_its_step() {
        let mut steps = Steps::default();
        assert!(steps.run("fine", || Ok(())).is_ok());
        let error = steps.run("broken", || bail!("why")).unwrap_err();
        assert_eq!(format!("{error:#}"), "broken: why");
        assert_eq!(steps.0.len(), 2);
    }
}
