//! The folder that a run leaves behind, claimed once and never mixed with another's.

use crate::recipe::Recipe;
use crate::{Error, Result};
use std::path::{Path, PathBuf};

/// What to do where the folder holds a run already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Existing {
    /// Refuse.
    #[default]
    Refuse,
    /// Go on with it.
    Resume,
    /// Delete what a run leaves behind, and begin anew.
    Replace,
}

/// Everything a run writes, so that `--force` deletes that and nothing else.
const FILES: &[&str] = &[
    "recipe.toml",
    "model.safetensors",
    "history.csv",
    "map.tif",
    "map.tif.aux.xml",
    "confidence.tif",
    "confidence.tif.aux.xml",
    "probabilities.tif",
    "probabilities.tif.aux.xml",
    "map.json",
    "confusion.csv",
    "metrics.csv",
    "metrics.json",
    "baselines.json",
    "calibration.json",
    "truth.json",
    "labels.json",
    "labels.tif",
    "labels.tif.aux.xml",
    "years.json",
    "agreement.csv",
    "agreement.json",
    "transitions.csv",
    "changes.csv",
    "changes.tif",
    "changes.tif.aux.xml",
    "split.tif",
    "split.tif.aux.xml",
    "report.html",
    "manifest.json",
    "estimates.json",
    "estimates.csv",
    "proportions.csv",
    "comparison.json",
    "comparison.csv",
    "areas.csv",
    "probability_scores.json",
    "reliability.csv",
    "conformal.csv",
    "set_sizes.tif",
    "set_sizes.tif.aux.xml",
    "lines.json",
    "lines.csv",
    "points.csv",
    "tables.md",
    "tables.tex",
    "by-region.csv",
    "by-confidence.csv",
    "by-slope.csv",
    "by-aspect.csv",
    "by-edge.csv",
    "by-split.csv",
    "by-year.csv",
    "kept.csv",
    "dropped.csv",
    "clean.json",
    "forest.bin",
    "samples.csv",
    "left-out.csv",
    "importance.csv",
    "rules.txt",
    "uncertainty.tif",
    "uncertainty.tif.aux.xml",
];

/// Where unfinished work is kept for `--resume`.
const CHECKPOINT: &str = "checkpoint";
const STRIPS: &str = "strips";

/// Where a run of several years keeps the maps of all but the first year.
pub(crate) const YEARS: &str = "years";
/// Where it keeps what networks of single years make.
pub(crate) const SINGLE_YEARS: &str = "single-years";

/// A claimed run folder.
#[derive(Debug, Clone)]
pub(crate) struct RunFolder {
    root: PathBuf,
    resumed: bool,
}

impl RunFolder {
    /// Makes the folder, or takes over an existing one as `existing` says, and tries that it can be written to.
    ///
    /// # Errors
    /// When it holds a run and `existing` refuses, or cannot be written.
    pub(crate) fn claim(root: &Path, existing: Existing) -> Result<Self> {
        // A recipe, a split or cleaned labels alone are what a job left that failed before it had anything to keep.
        let early = ["recipe", "split", "labels."];
        let kept = FILES.iter().filter(|name| !early.iter().any(|early| name.starts_with(early)));
        let holds_run = kept.into_iter().any(|name| root.join(name).exists())
            || [CHECKPOINT, STRIPS].iter().any(|name| root.join(name).exists());
        match existing {
            Existing::Refuse if holds_run => return Err(Error::RunExists { path: root.to_owned() }),
            Existing::Replace => clear(root)?,
            _ => {}
        }
        std::fs::create_dir_all(root).map_err(|source| Error::WriteFile { path: root.to_owned(), source })?;
        let probe = root.join(".ecotone-write-test");
        let tried = std::fs::write(&probe, b"ok").and_then(|()| std::fs::remove_file(&probe));
        tried.map_err(|source| Error::WriteFile { path: root.to_owned(), source })?;
        Ok(Self { root: root.to_owned(), resumed: existing == Existing::Resume && holds_run })
    }

    /// A folder inside, made where it is not there.
    ///
    /// # Errors
    /// When it cannot be made.
    pub(crate) fn part(&self, name: &str) -> Result<Self> {
        let root = self.root.join(name);
        std::fs::create_dir_all(&root).map_err(|source| Error::WriteFile { path: root.clone(), source })?;
        Ok(Self { root, resumed: self.resumed })
    }

    /// A file in the folder.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// The folder itself.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Where the training keeps its last epoch.
    pub(crate) fn checkpoint(&self) -> PathBuf {
        self.root.join(CHECKPOINT)
    }

    /// Where the finished strips of a map wait.
    pub(crate) fn strips(&self) -> PathBuf {
        self.root.join(STRIPS)
    }

    /// True where an earlier run is continued.
    pub(crate) const fn resumed(&self) -> bool {
        self.resumed
    }

    /// Writes the recipe, or checks that a resumed run was started with the same.
    ///
    /// # Errors
    /// When a resumed run had another recipe; names the first key that differs.
    pub(crate) fn keep_recipe(&self, recipe: &Recipe) -> Result<()> {
        let path = self.file("recipe.toml");
        let text = recipe.to_toml()?;
        if self.resumed && path.exists() {
            let before = std::fs::read_to_string(&path).map_err(|source| Error::ReadFile {
                what: "recipe",
                path,
                source,
            })?;
            return match first_difference(&before, &text) {
                None => Ok(()),
                Some((key, before, now)) => {
                    Err(Error::OtherRecipe { path: self.root.clone(), key, before, now })
                }
            };
        }
        ecotone_io::write_atomic(&path, text.as_bytes())?;
        Ok(())
    }
}

fn clear(root: &Path) -> Result<()> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| Error::WriteFile { path, source }
    };
    for name in FILES {
        let path = root.join(name);
        if path.exists() {
            std::fs::remove_file(&path).map_err(failed(&path))?;
        }
    }
    for name in [CHECKPOINT, STRIPS] {
        let path = root.join(name);
        if path.exists() {
            std::fs::remove_dir_all(&path).map_err(failed(&path))?;
        }
    }
    [YEARS, SINGLE_YEARS].iter().try_for_each(|part| clear_folders_of(&root.join(part)))
}

/// Clears the run folders in a folder, and removes what is empty then: its name is one that others may use, too.
fn clear_folders_of(part: &Path) -> Result<()> {
    let Ok(entries) = std::fs::read_dir(part) else { return Ok(()) };
    for folder in entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()) {
        clear(&folder)?;
        remove_empty(&folder)?;
    }
    remove_empty(part)
}

fn remove_empty(folder: &Path) -> Result<()> {
    match std::fs::remove_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::DirectoryNotEmpty => Ok(()),
        removed => removed.map_err(|source| Error::WriteFile { path: folder.to_owned(), source }),
    }
}

/// The first line `key = value` in which two written-out recipes differ.
fn first_difference(before: &str, now: &str) -> Option<(String, String, String)> {
    let mut section = String::new();
    let mut later = now.lines();
    for old in before.lines() {
        let new = later.next().unwrap_or_default();
        if old.starts_with('[') {
            section = format!("{}.", old.trim_matches(['[', ']']));
        }
        if old != new {
            let (key, was) = old.split_once(" = ").unwrap_or((old, ""));
            let is = new.split_once(" = ").map_or(new, |(_, value)| value);
            return Some((format!("{section}{key}"), was.to_owned(), is.to_owned()));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_with_a_run_is_refused_resumed_or_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let claim = |existing| RunFolder::claim(dir.path(), existing);
        let first = claim(Existing::Refuse).unwrap();
        assert!(!first.resumed());
        first.keep_recipe(&Recipe::default()).unwrap();
        // The recipe alone is no run.
        claim(Existing::Refuse).unwrap();
        std::fs::write(dir.path().join("model.safetensors"), "weights").unwrap();
        std::fs::write(dir.path().join("notes.txt"), "mine").unwrap();
        for folder in ["years/2019", "years/2020", "single-years/2019/strips"] {
            std::fs::create_dir_all(dir.path().join(folder)).unwrap();
        }
        for file in
            ["years/2019/map.tif", "years/2019/notes.txt", "years/2020/map.tif", "single-years/2019/map.tif"]
        {
            std::fs::write(dir.path().join(file), "pixels").unwrap();
        }
        assert!(claim(Existing::Refuse).unwrap_err().to_string().contains("--resume"));

        let again = claim(Existing::Resume).unwrap();
        assert!(again.resumed());
        again.keep_recipe(&Recipe::default()).unwrap();
        let mut other = Recipe::default();
        other.train.epochs += 1;
        let refused = again.keep_recipe(&other).unwrap_err().to_string();
        assert!(refused.contains("train.epochs was 30, is 31"), "{refused}");

        claim(Existing::Replace).unwrap().keep_recipe(&other).unwrap();
        assert!(dir.path().join("notes.txt").exists());
        let left = |name: &str| dir.path().join(name).exists();
        assert!(left("years/2019/notes.txt") && !left("years/2019/map.tif"), "what is not ours stays");
        assert!(!left("years/2020") && !left("single-years"));
    }

    #[test]
    fn what_a_job_left_that_failed_early_is_no_run() {
        let dir = tempfile::tempdir().unwrap();
        for file in ["recipe.toml", "split.tif", "labels.json", "labels.tif"] {
            std::fs::write(dir.path().join(file), "").unwrap();
        }
        assert!(!RunFolder::claim(dir.path(), Existing::Refuse).unwrap().resumed());
    }

    #[test]
    fn a_folder_that_cannot_be_made_names_itself() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        std::fs::write(&file, "").unwrap();
        let refused = RunFolder::claim(&file.join("run"), Existing::Refuse).unwrap_err().to_string();
        assert!(refused.contains("file/run"), "{refused}");
    }
}
