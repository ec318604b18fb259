//! Where libtorch comes from, asked for only by the `tch` backend: the first that is there of `LIBTORCH`, a Python with
//! PyTorch, an environment made here before, torch-sys' own download, and an environment made now.

use crate::native;
use crate::shell::{self, output_of, run, say, succeeds};
use anyhow::{Context, Result, bail};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The one version that torch-sys 0.22 builds against.
const VERSION: &str = "2.9.0";

/// What torch-sys fetches when it is told of no folder.
const DOWNLOAD: &str = "https://download.pytorch.org/libtorch/cpu/libtorch-shared-with-deps-2.9.0%2Bcpu.zip";

/// Prints PyTorch's version and folder without importing it, which would take seconds.
const FIND_TORCH: &str = "from importlib import metadata, util
print(metadata.version('torch'), util.find_spec('torch').submodule_search_locations[0])";

#[cfg(target_os = "macos")]
const LIBRARY_PATH: &str = "DYLD_LIBRARY_PATH";
#[cfg(not(target_os = "macos"))]
const LIBRARY_PATH: &str = "LD_LIBRARY_PATH";

/// A libtorch to build against and to run with.
pub(crate) struct Libtorch {
    /// The folder with `include/` and `lib/`; none when torch-sys downloads its own.
    folder: Option<PathBuf>,
}

impl Libtorch {
    /// Finds a libtorch or gets one, and says which it took. With `cuda` it takes none that was built without; what
    /// torch-sys downloads is.
    pub(crate) fn set_up(target: &Path, cuda: bool) -> Result<Self> {
        let torch_of = |python: &Path| torch_of(python).filter(|folder| !cuda || has_cuda(folder));
        native::cpp_compiler()?;
        if let Some(folder) = std::env::var_os("LIBTORCH").map(PathBuf::from) {
            return Self::chosen_by_user(folder);
        }
        for python in ["python3", "python"] {
            if let Some(folder) = torch_of(Path::new(python)) {
                return Ok(Self::found(folder, &format!("the PyTorch of `{python}`")));
            }
        }
        let venv = target.join("libtorch-venv");
        let python = venv.join("bin/python");
        if let Some(folder) = torch_of(&python) {
            return Ok(Self::found(folder, "the environment made here before"));
        }
        if !cuda && can_download() {
            say(format_args!("libtorch {VERSION}: torch-sys downloads its own while it builds"));
            return Ok(Self { folder: None });
        }
        native::python()?;
        run(Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
        run(Command::new(&python).args(["-m", "pip", "install", "--quiet", &format!("torch=={VERSION}")]))?;
        let folder = torch_of(&python).context(match cuda {
            true => "pip finished, but the new environment has no PyTorch that was built for CUDA",
            false => "pip finished, but the new environment has no PyTorch",
        })?;
        Ok(Self::found(folder, "an environment made now"))
    }

    fn chosen_by_user(folder: PathBuf) -> Result<Self> {
        for part in ["include", "lib"] {
            if !folder.join(part).is_dir() {
                bail!(
                    "LIBTORCH={} has no folder `{part}`: expected an unpacked libtorch {VERSION}",
                    folder.display()
                );
            }
        }
        Ok(Self::found(folder, "the LIBTORCH variable"))
    }

    fn found(folder: PathBuf, source: &str) -> Self {
        say(format_args!("libtorch {VERSION}: {} (from {source})", folder.display()));
        Self { folder: Some(folder) }
    }

    /// The variables for a build, and for programs that cargo runs (it knows where a download went).
    pub(crate) fn apply(&self, command: &mut Command) -> Result<()> {
        // One way in: this variable would make torch-sys ask whichever Python it meets.
        command.env_remove("LIBTORCH_USE_PYTORCH");
        if let Some(folder) = &self.folder {
            command.env("LIBTORCH", folder);
        }
        self.apply_to_run(command, &[])
    }

    /// The variables for a program run outside cargo; `linked` are the folders that the build linked from.
    pub(crate) fn apply_to_run(&self, command: &mut Command, linked: &[PathBuf]) -> Result<()> {
        let mut folders = linked.to_vec();
        if let Some(folder) = &self.folder {
            folders.push(folder.join("lib"));
            folders.extend(companions(folder)?);
        }
        if !folders.is_empty() {
            command.env(LIBRARY_PATH, joined(folders)?);
        }
        Ok(())
    }
}

/// The folder of PyTorch in this Python, when it has the version that we need.
fn torch_of(python: &Path) -> Option<PathBuf> {
    wanted_torch(&output_of(python, &["-c", FIND_TORCH])?)
}

fn has_cuda(folder: &Path) -> bool {
    folder.join("lib/libtorch_cuda.so").is_file()
}

fn wanted_torch(answer: &str) -> Option<PathBuf> {
    let (version, folder) = answer.split_once(' ')?;
    let release = version.split('+').next()?;
    (release == VERSION).then(|| PathBuf::from(folder))
}

/// The libraries that the wheels of PyTorch keep in packages beside it: `nvidia/*/lib`, needed even on a CPU.
fn companions(torch: &Path) -> Result<Vec<PathBuf>> {
    let Some(nvidia) =
        torch.parent().map(|packages| packages.join("nvidia")).filter(|folder| folder.is_dir())
    else {
        return Ok(vec![]);
    };
    let entries = nvidia.read_dir().and_then(Iterator::collect::<std::io::Result<Vec<_>>>);
    let entries = entries.with_context(|| format!("cannot list {}", nvidia.display()))?;
    let mut folders: Vec<PathBuf> = entries.iter().map(|entry| entry.path().join("lib")).collect();
    folders.retain(|folder| folder.is_dir());
    folders.sort();
    Ok(folders)
}

/// Puts folders in front of the library path that we were called with.
fn joined(mut folders: Vec<PathBuf>) -> Result<OsString> {
    if let Some(before) = std::env::var_os(LIBRARY_PATH) {
        // An empty entry would mean the folder that we happen to be in.
        folders.extend(std::env::split_paths(&before).filter(|folder| !folder.as_os_str().is_empty()));
    }
    std::env::join_paths(folders).context("a library folder has a `:` in its name")
}

/// Whether torch-sys' own download would work: it has one for this platform, and reaches it as torch-sys does,
/// without a proxy.
fn can_download() -> bool {
    let probe = ["--silent", "--fail", "--head", "--noproxy", "*", "--max-time", "5", DOWNLOAD];
    cfg!(all(target_os = "linux", target_arch = "x86_64")) && succeeds("curl", &probe)
}

/// Where cargo puts what it builds.
pub(crate) fn target_directory() -> Result<PathBuf> {
    let mut command = cargo_metadata::MetadataCommand::new();
    let metadata = command.no_deps().current_dir(shell::root()).exec().context("cargo metadata failed")?;
    Ok(metadata.target_directory.into_std_path_buf())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_exact_version_is_taken_whatever_it_was_built_for() {
        let folder = Some(PathBuf::from("/a b/torch"));
        assert_eq!(wanted_torch("2.9.0 /a b/torch"), folder);
        assert_eq!(wanted_torch("2.9.0+cu128 /a b/torch"), folder);
        assert_eq!(wanted_torch("2.9.1 /a b/torch"), None);
        assert_eq!(wanted_torch("2.10.0+cpu /a b/torch"), None);
        assert_eq!(wanted_torch(""), None);
    }

    #[test]
    fn a_libtorch_folder_without_its_parts_is_refused_by_name() {
        let error = Libtorch::chosen_by_user(PathBuf::from("/nowhere")).err().map(|e| e.to_string());
        assert!(error.is_some_and(|text| text.contains("LIBTORCH=/nowhere") && text.contains("`include`")));
    }

    #[test]
    fn the_download_is_of_the_version_that_we_look_for() {
        assert!(DOWNLOAD.contains(&format!("-{VERSION}%2Bcpu")));
    }
}
