//! The folder that a run leaves behind, claimed once, by one writer, and never mixed with another's.

mod command;
mod inputs;
mod lock;

pub use command::{Command, PAIRS, SINGLE_YEARS, YEARS};
pub use inputs::fresh;

use crate::{Error, Result};
use command::{CHECKPOINT, EVENTS, PLAN, STRIPS};
use inputs::spare;
use lock::Lock;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What to do where the folder holds a run already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Existing {
    /// Refuse.
    #[default]
    Refuse,
    /// Go on with it.
    Resume,
    /// Delete what an earlier run of the same command left behind, and begin anew.
    Replace,
}

/// A claimed run folder; no other process claims it until the last copy of this is dropped.
#[derive(Debug, Clone)]
pub struct RunFolder {
    root: PathBuf,
    command: Command,
    existing: Existing,
    resumed: bool,
    _lock: Arc<Lock>,
}

impl RunFolder {
    /// Makes the folder, or takes over an existing one as `existing` says, and locks it. Nothing is deleted before
    /// [`RunFolder::clear`].
    ///
    /// # Errors
    /// When it holds a run and `existing` refuses, or a run of another command; when one of `inputs` is among what the
    /// command would delete or write; when another process writes to it, or nobody can.
    pub fn claim(command: Command, root: &Path, existing: Existing, inputs: &[PathBuf]) -> Result<Self> {
        std::fs::create_dir_all(root).map_err(|source| Error::WriteFile { path: root.to_owned(), source })?;
        let lock = Arc::new(Lock::take(root)?);
        if let Some(other) = command.other_in(root) {
            let [found, wanted] = [other, command].map(Command::name);
            return Err(Error::OtherCommand { path: root.to_owned(), found, wanted });
        }
        let mut left = command.left_in(root);
        let holds_run = command.holds_run(root);
        if existing == Existing::Resume {
            // Compared with what is asked for now, and kept.
            left.retain(|path| path != &root.join("recipe.toml"));
        }
        spare(inputs, &left)?;
        let in_the_way = command.in_the_way(root);
        spare(inputs, in_the_way.as_slice())?;
        if let Some(path) = in_the_way {
            return Err(Error::NotOfARun { path });
        }
        if existing == Existing::Refuse && holds_run {
            return Err(Error::RunExists { path: root.to_owned() });
        }
        let resumed = existing == Existing::Resume && holds_run;
        Ok(Self { root: root.to_owned(), command, existing, resumed, _lock: lock })
    }

    /// Deletes what an earlier run of the command left, where it is to be replaced. To be called before the first file is
    /// written and after all inputs are read, so that a job that cannot be done destroys nothing.
    ///
    /// # Errors
    /// When something cannot be deleted.
    pub fn clear(&self) -> Result<()> {
        if self.existing != Existing::Replace {
            return Ok(());
        }
        let left = self.command.left_in(&self.root);
        for path in &left {
            let removed =
                if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
            removed.map_err(|source| Error::WriteFile { path: path.clone(), source })?;
        }
        // Folders that are empty now, the inner ones first; the names of the others are some that people may use, too.
        let inside = |path: &PathBuf| -> Vec<PathBuf> {
            path.ancestors().skip(1).take_while(|folder| *folder != self.root).map(Path::to_owned).collect()
        };
        let folders: BTreeSet<PathBuf> = left.iter().flat_map(inside).collect();
        folders.iter().rev().try_for_each(|folder| remove_empty(folder))
    }

    /// A folder inside, made where it is not there.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn part(&self, name: &str) -> Result<Self> {
        let root = self.root.join(name);
        std::fs::create_dir_all(&root).map_err(|source| Error::WriteFile { path: root.clone(), source })?;
        Ok(Self { root, ..self.clone() })
    }

    /// A file in the folder.
    pub fn file(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where the training keeps its last epoch.
    pub fn checkpoint(&self) -> PathBuf {
        self.root.join(CHECKPOINT)
    }

    /// Where the finished strips of a map wait.
    pub fn strips(&self) -> PathBuf {
        self.root.join(STRIPS)
    }

    /// Where the run tells what happens in it.
    pub fn events(&self) -> PathBuf {
        self.root.join(EVENTS)
    }

    /// Where the scenes of the map are written down, and how each is read.
    pub fn plan(&self) -> PathBuf {
        self.root.join(PLAN)
    }

    /// True where an earlier run is continued.
    pub const fn resumed(&self) -> bool {
        self.resumed
    }

    /// Sees that a resumed run was started with the same recipe, written out as TOML with every default.
    ///
    /// # Errors
    /// When it had another; names the first key that differs.
    pub fn check_recipe(&self, recipe: &str) -> Result<()> {
        let path = self.file("recipe.toml");
        if !self.resumed || !path.exists() {
            return Ok(());
        }
        let read = std::fs::read_to_string(&path);
        let before = read.map_err(|source| Error::ReadFile { what: "recipe", path, source })?;
        match first_difference(&before, recipe) {
            None => Ok(()),
            Some((key, before, now)) => Err(Error::OtherRecipe { path: self.root.clone(), key, before, now }),
        }
    }

    /// Writes the recipe; that of a resumed run stands there already.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn keep_recipe(&self, recipe: &str) -> Result<()> {
        let path = self.file("recipe.toml");
        if !self.resumed || !path.exists() {
            ecotone_io::write_atomic(&path, recipe)?;
        }
        Ok(())
    }
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

    /// Empty files in a fresh folder.
    fn folder(files: &[&str]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for file in files {
            let path = dir.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        dir
    }

    #[test]
    fn a_folder_with_a_run_is_refused_resumed_or_replaced() {
        let dir = folder(&[]);
        let claim = |existing| RunFolder::claim(Command::Train, dir.path(), existing, &[]);
        let first = claim(Existing::Refuse).unwrap();
        assert!(!first.resumed());
        first.keep_recipe("[train]\nepochs = 30\n").unwrap();
        let in_use = claim(Existing::Resume).unwrap_err();
        assert!(matches!(in_use, Error::FolderInUse { .. }), "{in_use}");
        drop(first);
        // The recipe alone is no run.
        claim(Existing::Refuse).unwrap();
        std::fs::write(dir.path().join("model.safetensors"), "weights").unwrap();
        std::fs::write(dir.path().join("notes.txt"), "mine").unwrap();
        for folder in ["years/2019", "years/2020", "years/agreement", "single-years/2019/strips"] {
            std::fs::create_dir_all(dir.path().join(folder)).unwrap();
        }
        let years = ["years/2019/map.tif", "years/2019/notes.txt", "years/2020/map.tif"];
        let others = ["years/agreement/agreement.json", "years/agreement/.ecotone.lock", "points.csv"];
        for file in years.iter().chain(&others).chain(&["single-years/2019/map.tif"]) {
            std::fs::write(dir.path().join(file), "pixels").unwrap();
        }
        assert!(claim(Existing::Refuse).unwrap_err().to_string().contains("--resume"));

        let again = claim(Existing::Resume).unwrap();
        assert!(again.resumed());
        again.check_recipe("[train]\nepochs = 30\n").unwrap();
        again.clear().unwrap();
        let other = "[train]\nepochs = 31\n";
        let refused = again.check_recipe(other).unwrap_err().to_string();
        assert!(refused.contains("train.epochs was 30, is 31"), "{refused}");
        drop(again);

        let anew = claim(Existing::Replace).unwrap();
        let left = |name: &str| dir.path().join(name).exists();
        assert!(left("model.safetensors"), "nothing is deleted before the inputs are read");
        anew.clear().unwrap();
        anew.keep_recipe(other).unwrap();
        assert!(!left("model.safetensors"));
        assert!(left("notes.txt") && left("points.csv"), "what is not ours stays");
        assert!(left("years/2019/notes.txt") && !left("years/2019/map.tif"));
        assert!(!left("years/2020") && !left("years/agreement") && !left("single-years"));
    }

    #[test]
    fn what_a_job_left_that_failed_early_is_no_run() {
        let dir = folder(&["recipe.toml", "split.tif", "labels.json", "labels.tif", lock::NAME]);
        let claimed = RunFolder::claim(Command::Train, dir.path(), Existing::Refuse, &[]).unwrap();
        assert!(!claimed.resumed());
    }

    #[track_caller]
    fn check(command: Command, files: &[&str], input: &str, existing: Existing, message: &str) {
        let dir = folder(files);
        let input = dir.path().join(input);
        let claimed = RunFolder::claim(command, dir.path(), existing, &[input]);
        let refused = claimed.unwrap_err().to_string();
        assert!(refused.contains(message) && !refused.contains("--force"), "{refused}");
        files.iter().for_each(|file| assert!(dir.path().join(file).exists(), "{file} is gone"));
    }

    #[test]
    fn an_input_is_never_deleted_nor_written_over() {
        let risk = "is an input of this command";
        for existing in [Existing::Refuse, Existing::Resume, Existing::Replace] {
            let model = "model.safetensors";
            check(Command::Train, &[model, "map.tif"], model, existing, risk);
            check(Command::Train, &[model, "years/2019/map.tif"], "years/2019/map.tif", existing, risk);
            check(Command::Assess, &["map.tif", "points.csv"], "points.csv", existing, risk);
            check(Command::Forest, &["samples.csv"], "samples.csv", existing, risk);
            check(Command::Patches, &["legend.csv"], "legend.csv", existing, risk);
            let theirs = "holds a run of `ecotone train`";
            check(Command::Predict, &[model], model, existing, theirs);
            check(Command::Assess, &[model, "report.html"], "elsewhere.tif", existing, theirs);
        }
        check(Command::Train, &["recipe.toml"], "recipe.toml", Existing::Refuse, risk);
        let dir = folder(&["recipe.toml", "model.safetensors"]);
        let own = [dir.path().join("recipe.toml")];
        RunFolder::claim(Command::Train, dir.path(), Existing::Resume, &own).unwrap();
    }

    #[test]
    fn a_folder_that_cannot_be_made_names_itself() {
        let dir = folder(&["file"]);
        let run = dir.path().join("file/run");
        let refused = RunFolder::claim(Command::Train, &run, Existing::Refuse, &[]).unwrap_err().to_string();
        assert!(refused.contains("file/run"), "{refused}");
    }
}
