//! The chores that are a few commands each: samples, benches, documentation, packages.

use crate::shell::{self, cargo, run, say, succeeds};
use crate::{forward, native};
use anyhow::{Context, Result, bail};
use std::path::Path;
use std::process::Command;

/// Every criterion bench, then the names of the comparisons with peers, which need a Python of their own.
pub(crate) fn bench(extra: &[String]) -> Result<()> {
    native::gdal()?;
    run(cargo().args(["bench", "--workspace"]).args(extra))?;
    let peers = shell::root().join("benches/peers");
    let entries = peers.read_dir().with_context(|| format!("cannot list {}", peers.display()))?;
    let mut scripts: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    scripts.retain(|path| path.extension().is_some_and(|extension| extension == "py" || extension == "sh"));
    scripts.sort();
    say("comparisons with peers, each printing one ratio a line:");
    for script in scripts {
        say(format_args!("  {}", script.display()));
    }
    Ok(())
}

/// The API documentation, with warnings (broken links among them) as errors.
pub(crate) fn docs(extra: &[String]) -> Result<()> {
    native::gdal()?;
    run(cargo().env("RUSTDOCFLAGS", "-D warnings").args(["doc", "--no-deps", "--workspace"]).args(extra))
}

/// Packs every published crate: what is missing from a manifest or a package shows here.
pub(crate) fn package() -> Result<()> {
    pack(&["--no-verify"])
}

/// Packs every published crate and builds each from its package.
pub(crate) fn dist() -> Result<()> {
    native::gdal()?;
    pack(&[])
}

fn pack(extra: &[&str]) -> Result<()> {
    let mut metadata = cargo_metadata::MetadataCommand::new();
    let metadata = metadata.no_deps().current_dir(shell::root()).exec().context("cargo metadata failed")?;
    let mut command = cargo();
    command.args(["package", "--allow-dirty", "--quiet"]).args(extra);
    for package in metadata.packages.iter().filter(|package| package.publish.is_none()) {
        command.args(["--package", package.name.as_str()]);
    }
    run(&mut command)
}

/// Makes the committed samples again, by the command in their README, and compares them with their checksums.
pub(crate) fn samples() -> Result<()> {
    let folder = shell::root().join("data-samples");
    let readme = folder.join("README.md");
    let text =
        std::fs::read_to_string(&readme).with_context(|| format!("cannot read {}", readme.display()))?;
    let command = sample_command(&text)
        .with_context(|| format!("{} has no line `cargo xtask simulate …`", readme.display()))?;
    // A process of its own, because a product command replaces the one that runs it.
    let this = std::env::current_exe().context("cannot find this program")?;
    run(Command::new(this).current_dir(shell::root()).args(command).arg("--force"))?;
    verify(&folder)
}

/// The arguments of the README's `cargo xtask simulate` line.
fn sample_command(readme: &str) -> Option<Vec<&str>> {
    let line = readme.lines().find(|line| line.starts_with("cargo xtask simulate "))?;
    let words: Vec<&str> = line.split_whitespace().skip(2).collect();
    words.first().is_some_and(|word| forward::COMMANDS.contains(word)).then_some(words)
}

fn verify(folder: &Path) -> Result<()> {
    let (tool, arguments): (&str, &[&str]) = match succeeds("sha256sum", &["--version"]) {
        true => ("sha256sum", &[]),
        false => ("shasum", &["-a", "256"]),
    };
    let mut command = Command::new(tool);
    command.current_dir(folder).args(arguments).args(["--check", "SHA256SUMS"]);
    let result = run(&mut command);
    if result.is_err() {
        bail!(
            "{} differs from its SHA256SUMS: another GDAL packs the same pixels into other bytes, so compare pixels before blaming the simulator",
            folder.display()
        );
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_command_is_the_readmes() {
        let readme =
            "# Samples\n\n```\ncargo xtask simulate forest --size 64 --out data-samples/forest\n```\n";
        let expected = ["simulate", "forest", "--size", "64", "--out", "data-samples/forest"];
        assert_eq!(sample_command(readme), Some(expected.to_vec()));
        assert_eq!(sample_command("no command here"), None);
    }
}
