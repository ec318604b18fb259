//! Whether what a command reads lies among what it would delete or write.

use crate::{Error, Result};
use std::path::{Path, PathBuf};

/// Refuses a job one of whose inputs is among `written`, or in a folder of them, by whatever way the path leads there.
///
/// # Errors
/// When one is; names it.
pub(super) fn spare(inputs: &[PathBuf], written: &[impl AsRef<Path>]) -> Result<()> {
    let written: Vec<PathBuf> = written.iter().filter_map(|path| path.as_ref().canonicalize().ok()).collect();
    let hit = inputs.iter().find(|input| {
        real(input).is_some_and(|real| written.iter().any(|written| real.starts_with(written)))
    });
    match hit {
        Some(input) => Err(Error::InputAtRisk { input: input.clone() }),
        None => Ok(()),
    }
}

/// Sees that files may be written: that none exists unless it may be replaced, and none is an input of the job.
///
/// # Errors
/// When one is or does; names it.
pub fn fresh(files: &[&Path], replace: bool, inputs: &[PathBuf]) -> Result<()> {
    spare(inputs, files)?;
    match files.iter().find(|path| path.exists() && !replace) {
        Some(path) => Err(Error::FileExists { path: (*path).to_owned() }),
        None => Ok(()),
    }
}

/// Where an input really lies; `None` for what is no file here, such as an address, or a box of coordinates.
fn real(input: &Path) -> Option<PathBuf> {
    let text = input.to_str()?;
    let text = text.strip_prefix("file://").unwrap_or(text);
    // A layer of a file stands after it.
    let file = || Path::new(text.rsplit_once('#')?.0).canonicalize().ok();
    Path::new(text).canonicalize().ok().or_else(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_are_known_by_any_path_to_them() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        std::fs::create_dir_all(at("run/strips")).unwrap();
        for name in ["run/points.csv", "run/strips/a.bin", "mine.csv"] {
            std::fs::write(at(name), "").unwrap();
        }
        let written = [at("run/points.csv"), at("run/strips"), at("run/not-there.csv")];
        let check = |input: PathBuf| spare(&[at("mine.csv"), input], &written);
        for hit in ["run/points.csv", "run/../run/./points.csv", "run/strips/a.bin", "run/points.csv#layer"] {
            let message = check(at(hit)).unwrap_err().to_string();
            assert!(message.contains(hit) && !message.contains("--force"), "{message}");
        }
        let address = format!("file://{}", at("run/points.csv").display());
        check(address.into()).unwrap_err();
        for miss in ["run/not-there.csv", "run/points.csv.bak", "mine.csv"] {
            check(at(miss)).unwrap();
        }
        for miss in ["https://a.org/run/points.csv", "1,2,3,4"] {
            check(miss.into()).unwrap();
        }
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(at("run/points.csv"), at("link.csv")).unwrap();
            check(at("link.csv")).unwrap_err();
        }
    }
}
