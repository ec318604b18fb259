//! The front door and the chores of this workspace: `cargo xtask <command>`. It depends on no crate of ours.

mod chores;
mod forward;
mod libtorch;
mod native;
mod servers;
mod shell;
mod test;
mod tidy;

use anyhow::{Result, bail};
use std::process::ExitCode;

const HELP: &str = "\
The front door and the chores of ecotone. Each sets up the native libraries it needs, and prints a command before running it.

Usage: cargo xtask <command> [arguments]

Product commands go to the `ecotone` binary, built in release with the features that their flags need:
  simulate  train  predict  plan  mosaic  assess  agree  networks  providers  label  sample  sar  info
  `cargo xtask <command> --help` explains each; `--backend tch|tch-cuda|vulkan|cuda` builds that backend in.

Chores:
  test [--backend tch] [-- ARGS]  formatting, lints, tidy, tests, docs, packages; with `tch`: the networks on libtorch.
                                  ARGS go to `cargo test`
  ci                              what continuous integration runs: `test`, then `test --backend tch`
  tidy                            who may depend on whom, circles of files, and the manners of files
  samples                         make data-samples/ again and compare its checksums
  bench [ARGS]                    every criterion bench; then names the comparisons with peers
  docs [ARGS]                     the API documentation, warnings as errors
  dist                            package every published crate and build each from its package
";

const CHORES: &[&str] = &["test", "ci", "tidy", "samples", "bench", "docs", "dist", "help"];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            shell::say(format_args!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<()> {
    let Some((command, rest)) = arguments.split_first() else {
        return shell::print(HELP);
    };
    match command.as_str() {
        "help" | "--help" | "-h" => shell::print(HELP),
        "test" => test::run(rest),
        "bench" => chores::bench(rest),
        "docs" => chores::docs(rest),
        "ci" | "tidy" | "samples" | "dist" if !rest.is_empty() => {
            bail!("`cargo xtask {command}` takes no arguments, found `{}`", rest.join(" "))
        }
        "ci" => test::ci(),
        "tidy" => tidy::run(),
        "samples" => chores::samples(),
        "dist" => chores::dist(),
        product if forward::COMMANDS.contains(&product) => forward::run(arguments),
        unknown => bail!("{}", unknown_command(unknown)),
    }
}

fn unknown_command(word: &str) -> String {
    let known = || forward::COMMANDS.iter().chain(CHORES);
    let nearest = known()
        .map(|name| (strsim::damerau_levenshtein(word, name), name))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, name)| *distance <= name.len() / 2);
    let hint = nearest.map(|(_, name)| format!(" Did you mean `{name}`?")).unwrap_or_default();
    let list: Vec<&str> = known().copied().collect();
    format!("there is no command `{word}`.{hint}\ncommands: {}", list.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_command_is_named_with_its_nearest_neighbour() {
        assert!(unknown_command("trian").contains("Did you mean `train`?"));
        assert!(unknown_command("tdy").contains("Did you mean `tidy`?"));
        let nothing_near = unknown_command("qqqqqqqq");
        assert!(!nothing_near.contains("Did you mean"));
        assert!(nothing_near.contains("simulate") && nothing_near.contains("dist"));
    }

    #[test]
    fn help_names_every_command() {
        for name in forward::COMMANDS.iter().chain(CHORES).filter(|name| **name != "help") {
            assert!(HELP.contains(name), "help does not name `{name}`");
        }
    }

    #[test]
    fn chores_refuse_arguments_that_they_would_ignore() {
        let error = run(&["tidy".to_owned(), "--fix".to_owned()]).unwrap_err();
        assert!(error.to_string().contains("--fix"));
    }
}
