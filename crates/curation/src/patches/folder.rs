//! The folder of patches: its recipe and its settings are those of the job that began it.

use super::job::PatchesJob;
use super::name::name;
use crate::Result;
use ecotone_core::Window;
use ecotone_jobs::Error as JobError;
use ecotone_jobs::{Command, Existing, PAIRS, RunFolder, write_json};
use std::path::{Path, PathBuf};

/// A claimed folder.
pub(super) struct PatchFolder {
    run: RunFolder,
    resumed: bool,
}

impl PatchFolder {
    pub(super) fn claim(job: &PatchesJob) -> Result<Self> {
        let root = &job.out;
        let run = RunFolder::claim(Command::Patches, root, job.existing, &job.survey.files)?;
        // A recipe that an earlier job left before it had patches binds nobody.
        let resumed = job.existing == Existing::Resume && run.file("patches.json").exists();
        let before = run.file("recipe.toml");
        if resumed && before.exists() {
            compare(&before, &job.survey.recipe, root)?;
        }
        Ok(Self { run, resumed })
    }

    /// Deletes earlier patches where they are to be replaced, and keeps the recipe: once all inputs are read.
    pub(super) fn begin(&self, job: &PatchesJob) -> Result<()> {
        self.run.clear()?;
        let recipe = self.run.file("recipe.toml");
        if !(self.resumed && recipe.exists()) {
            ecotone_io::write_atomic(&recipe, &job.survey.recipe)?;
        }
        Ok(())
    }

    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.run.file(name)
    }

    pub(super) fn image(&self, window: Window) -> PathBuf {
        self.file("images").join(name(window))
    }

    pub(super) fn label(&self, window: Window) -> PathBuf {
        self.file("labels").join(name(window))
    }

    /// Makes the folders of the pairs, and writes patches.json or sees that the resumed job had the same.
    pub(super) fn keep_settings(&self, settings: &serde_json::Value) -> Result<()> {
        for name in PAIRS {
            let path = self.file(name);
            std::fs::create_dir_all(&path).map_err(|source| JobError::WriteFile { path, source })?;
        }
        let path = self.file("patches.json");
        if self.resumed {
            let now = format!("{settings:#}\n");
            return compare(&path, &now, self.run.root());
        }
        Ok(write_json(&path, settings)?)
    }
}

fn compare(path: &Path, now: &str, root: &Path) -> Result<()> {
    let before = std::fs::read_to_string(path).map_err(|source| JobError::ReadFile {
        what: "settings",
        path: path.to_owned(),
        source,
    })?;
    let differs = before.lines().zip(now.lines()).find(|(before, now)| before != now);
    match differs {
        None if before.lines().count() == now.lines().count() => Ok(()),
        other => {
            let (before, now) = other.unwrap_or(("shorter or longer", ""));
            let split = |line: &str| {
                line.trim()
                    .trim_end_matches(',')
                    .split_once([':', '='])
                    .map(|(key, value)| (key.trim().trim_matches('"').to_owned(), value.trim().to_owned()))
            };
            let (key, before) =
                split(before).unwrap_or_else(|| ("settings".to_owned(), before.trim().to_owned()));
            let now = split(now).map_or_else(|| now.trim().to_owned(), |(_, value)| value);
            Err(JobError::OtherRecipe { path: root.to_owned(), key, before, now }.into())
        }
    }
}
