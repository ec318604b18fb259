//! The system libraries that a build needs: looked for first, installed by apt where that is the package manager,
//! and elsewhere named in the command to run.

use crate::shell::{output_of, run, say, succeeds};
use anyhow::{Result, bail};
use std::process::Command;

/// Something the system has to provide, and what each package manager calls it.
struct Need {
    what: &'static str,
    present: fn() -> bool,
    apt: &'static [&'static str],
    dnf: &'static [&'static str],
    brew: &'static [&'static str],
}

const GDAL_AT_LEAST: &str = "3.6";

const GDAL: Need = Need {
    what: "GDAL 3.6 or later (with its headers, found by pkg-config)",
    present: || succeeds("pkg-config", &[&format!("--atleast-version={GDAL_AT_LEAST}"), "gdal"]),
    // PROJ's data comes with the library on every one of these.
    apt: &["libgdal-dev", "pkg-config"],
    dnf: &["gdal-devel", "pkgconf-pkg-config"],
    brew: &["gdal", "pkgconf"],
};

const CPP: Need = Need {
    what: "a C++ compiler",
    present: || std::env::var_os("CXX").is_some() || succeeds("c++", &["--version"]),
    apt: &["g++"],
    dnf: &["gcc-c++"],
    brew: &["gcc"],
};

const PYTHON: Need = Need {
    what: "Python 3 with venv",
    present: || succeeds("python3", &["-c", "import venv, ensurepip"]),
    apt: &["python3", "python3-venv"],
    dnf: &["python3", "python3-pip"],
    brew: &["python3"],
};

/// GDAL, which every build of the product needs.
pub(crate) fn gdal() -> Result<()> {
    ensure(&GDAL)?;
    if (GDAL.present)() {
        return Ok(());
    }
    let found = output_of("pkg-config", &["--modversion", "gdal"]).unwrap_or_else(|| "none".to_owned());
    bail!(
        "this system's packages have GDAL {found}, and ecotone needs {GDAL_AT_LEAST} or later; install one, and set PKG_CONFIG_PATH to the folder of its gdal.pc"
    )
}

/// The compiler of libtorch's bindings.
pub(crate) fn cpp_compiler() -> Result<()> {
    ensure(&CPP)
}

/// A Python that can make a virtual environment.
pub(crate) fn python() -> Result<()> {
    ensure(&PYTHON)
}

fn ensure(need: &Need) -> Result<()> {
    if (need.present)() {
        return Ok(());
    }
    if succeeds("apt-get", &["--version"]) {
        say(format_args!("{} is missing: installing it with apt", need.what));
        run(&mut apt(&["update"]))?;
        return run(apt(&["install", "-y", "--no-install-recommends"]).args(need.apt));
    }
    let by_hand = if succeeds("dnf", &["--version"]) {
        format!("run `sudo dnf install {}`", need.dnf.join(" "))
    } else if succeeds("brew", &["--version"]) {
        format!("run `brew install {}`", need.brew.join(" "))
    } else {
        "install it with this system's package manager".to_owned()
    };
    bail!("{} is missing: {by_hand}, then try again", need.what)
}

fn apt(arguments: &[&str]) -> Command {
    let root = output_of("id", &["-u"]).as_deref() == Some("0");
    let mut words = if root { vec![] } else { vec!["sudo"] };
    words.extend(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
    words.extend(arguments);
    let mut command = Command::new(words[0]);
    command.args(&words[1..]);
    command
}
