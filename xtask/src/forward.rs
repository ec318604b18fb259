//! Product commands: builds `ecotone` in release with the features that the flags need, then becomes it.

use crate::libtorch::{Libtorch, target_directory};
use crate::{native, shell};
use anyhow::{Context, Result, bail};
use cargo_metadata::Message;
use std::io::BufReader;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The commands of the `ecotone` binary.
pub(crate) const COMMANDS: &[&str] = &[
    "simulate",
    "train",
    "predict",
    "plan",
    "mosaic",
    "assess",
    "agree",
    "networks",
    "providers",
    "label",
    "sample",
    "sar",
    "info",
];

/// Runs `ecotone` with these arguments in the caller's folder. It replaces this process, so that signals and exit
/// codes (0 clean, 1 fatal, 2 finished with listed failures) are the binary's own; it returns only to fail.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    native::gdal()?;
    let backend = backend_of(arguments);
    let feature = feature_of(backend);
    let libtorch = match feature {
        Some("tch") => Some(Libtorch::set_up(&target_directory()?, backend == Some("tch-cuda"))?),
        _ => None,
    };
    let built = build(feature, libtorch.as_ref())?;
    let mut product = Command::new(&built.executable);
    product.args(arguments);
    shell::forget_cargo_run(&mut product);
    if let Some(libtorch) = &libtorch {
        libtorch.apply_to_run(&mut product, &built.torch_folders)?;
    }
    Err(product.exec()).with_context(|| format!("cannot start {}", built.executable.display()))
}

/// What the last `--backend` asks for. A wrong name is left to `ecotone`, which knows them all.
fn backend_of(arguments: &[String]) -> Option<&str> {
    let mut backend = None;
    let mut words = arguments.iter().map(String::as_str).take_while(|word| *word != "--");
    while let Some(word) = words.next() {
        if word == "--backend" {
            backend = words.next();
        } else if let Some(value) = word.strip_prefix("--backend=") {
            backend = Some(value);
        }
    }
    backend
}

/// The feature of the build that a backend needs; `flex` is always in it.
fn feature_of(backend: Option<&str>) -> Option<&'static str> {
    match backend? {
        "tch" | "tch-cuda" => Some("tch"),
        "vulkan" => Some("vulkan"),
        "cuda" => Some("cuda"),
        _ => None,
    }
}

struct Built {
    executable: PathBuf,
    torch_folders: Vec<PathBuf>,
}

fn build(feature: Option<&str>, libtorch: Option<&Libtorch>) -> Result<Built> {
    let mut cargo = shell::cargo();
    cargo.args(["build", "--release", "--package", "ecotone", "--message-format=json-render-diagnostics"]);
    if let Some(feature) = feature {
        cargo.args(["--features", feature]);
    }
    if let Some(libtorch) = libtorch {
        libtorch.apply(&mut cargo)?;
    }
    if let Some(commit) = commit() {
        cargo.env("ECOTONE_COMMIT", commit);
    }
    shell::announce(&cargo);
    let mut child = cargo.stdout(Stdio::piped()).spawn().context("cannot start cargo")?;
    let stdout = child.stdout.take().context("cargo has no stdout")?;
    let (mut executable, mut torch_folders) = (None, vec![]);
    for message in Message::parse_stream(BufReader::new(stdout)) {
        match message.context("cannot read cargo's messages")? {
            Message::CompilerArtifact(artifact)
                if artifact.target.name == "ecotone" && artifact.executable.is_some() =>
            {
                executable = artifact.executable;
            }
            Message::BuildScriptExecuted(script) if script.package_id.repr.contains("torch-sys") => {
                let path = |linked: &str| PathBuf::from(linked.strip_prefix("native=").unwrap_or(linked));
                torch_folders.extend(script.linked_paths.iter().map(|linked| path(linked.as_str())));
            }
            _ => {}
        }
    }
    let status = child.wait().context("cannot wait for cargo")?;
    if !status.success() {
        bail!("`ecotone` did not build ({status})");
    }
    let executable = executable.context("cargo built no binary named `ecotone`")?.into_std_path_buf();
    Ok(Built { executable, torch_folders })
}

/// The commit of the sources, for the manifests of runs; none outside a checkout.
fn commit() -> Option<String> {
    let output =
        Command::new("git").args(["rev-parse", "--short=12", "HEAD"]).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok().filter(|_| output.status.success())?;
    Some(text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: Option<&str>) {
        let arguments: Vec<String> = line.split(' ').map(str::to_owned).collect();
        assert_eq!(feature_of(backend_of(&arguments)), expected, "{line}");
    }

    #[test]
    fn the_feature_follows_the_flag() {
        check("train recipe.toml", None);
        check("train --backend flex", None);
        check("train --backend tch recipe.toml", Some("tch"));
        check("train --backend tch-cuda", Some("tch"));
        check("predict m --backend=vulkan --out o", Some("vulkan"));
        check("train --backend tch --backend cuda", Some("cuda"));
        check("train --backend tch --backend flex", None);
        check("train --backend tcch", None);
        check("train --backend", None);
        check("label clean -- --backend tch", None);
    }
}
