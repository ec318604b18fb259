//! Servers that some stories are told against: moto for S3, azurite for Azure Blob. Where they cannot be installed those
//! stories say that they were skipped.

use crate::shell::{run, say};
use anyhow::Result;
use std::path::Path;
use std::process::{Command, Stdio};

/// Installs what is missing under `target/test-servers`, where python and npm are there. Failing is said and no more.
pub(crate) fn install(target: &Path) -> Result<()> {
    let folder = target.join("test-servers");
    std::fs::create_dir_all(&folder)?;
    let python = folder.join("python");
    if !(answers("moto_server", "--help") || python.join("bin/moto_server").is_file()) {
        attempt("moto", "python3", || {
            run(Command::new("python3").args(["-m", "venv"]).arg(&python))?;
            let mut pip = Command::new(python.join("bin/pip"));
            run(pip.args(["install", "--quiet", "--timeout", "15", "moto[server]==5.2.1"]))
        });
    }
    if !(answers("azurite-blob", "--help") || folder.join("node_modules/.bin/azurite-blob").is_file()) {
        attempt("azurite", "npm", || {
            let mut npm = Command::new("npm");
            npm.args([
                "install",
                "--no-audit",
                "--no-fund",
                "--omit=dev",
                "--fetch-timeout=15000",
                "--prefix",
            ]);
            run(npm.arg(&folder).arg("azurite@3.37.0"))
        });
    }
    Ok(())
}

fn attempt(name: &str, needed: &str, install: impl Fn() -> Result<()>) {
    if !answers(needed, "--version") {
        say(format_args!("{name} is not installed, since {needed} is not there; its story is skipped"));
    } else if let Err(error) = install() {
        say(format_args!("{name} was not installed, its story is skipped: {error:#}"));
    }
}

/// Whether a program is there and runs.
fn answers(program: &str, flag: &str) -> bool {
    let mut command = Command::new(program);
    command.arg(flag).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
