//! `cargo xtask tidy`: the walls between the rooms, circles of files, and the manners of crates and files. Each rule says why it is one.

mod breach;
mod circles;
mod crates;
mod edges;
mod files;

use crate::shell::{self, say};
use anyhow::{Context, Result, bail};
use std::path::PathBuf;

/// Checks everything, prints each breach, and fails when there is one.
pub(crate) fn run() -> Result<()> {
    let mut metadata = cargo_metadata::MetadataCommand::new();
    let metadata = metadata.no_deps().current_dir(shell::root()).exec().context("cargo metadata failed")?;
    let files = files_of_the_repository()?;

    let mut breaches = edges::check(&edges::read(&metadata.packages));
    breaches.extend(crates::check(&metadata.packages));
    breaches.extend(files::check(&files)?);
    breaches.extend(circles::check(&files)?);
    breaches.sort();

    for breach in &breaches {
        say(format_args!("{}: {}", breach.place, breach.rule));
    }
    match breaches.len() {
        0 => say(format_args!(
            "tidy: {} crates and {} files keep the rules",
            metadata.packages.len(),
            files.len()
        )),
        count => bail!(
            "{count} rules of the house are broken (docs/architecture.md and CONTRIBUTING.md say why they are rules)"
        ),
    }
    Ok(())
}

/// What git keeps or would keep, relative to the root.
fn files_of_the_repository() -> Result<Vec<PathBuf>> {
    // The clone may belong to another user (containers do this), and reading names from it is harmless.
    let arguments = [
        "-c",
        "safe.directory=*",
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
        "--deduplicate",
    ];
    let mut git = std::process::Command::new("git");
    let output = git.args(arguments).current_dir(shell::root()).output().context("cannot start git")?;
    if !output.status.success() {
        bail!("git cannot list the files: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    let names = String::from_utf8(output.stdout).context("a file name is not UTF-8")?;
    let files = names.split_terminator('\0').map(PathBuf::from);
    Ok(files.filter(|path| shell::root().join(path).is_file()).collect())
}
