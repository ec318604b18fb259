//! Which files each command leaves in a folder, so that `--force` deletes those of its own earlier run and nothing else.

use super::lock;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

/// Where the training keeps its last epoch.
pub(super) const CHECKPOINT: &str = "checkpoint";
/// Where the finished strips of a map wait.
pub(super) const STRIPS: &str = "strips";
/// What happened, a line at a time.
pub(super) const EVENTS: &str = "events.jsonl";
/// The scenes of a map, and how each is read.
pub(super) const PLAN: &str = "plan.json";

/// Where a run of several years keeps the maps of all but the first year.
pub const YEARS: &str = "years";
/// Where it keeps what networks of single years make.
pub const SINGLE_YEARS: &str = "single-years";

/// A command that leaves a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// `ecotone train`.
    Train,
    /// `ecotone predict`.
    Predict,
    /// `ecotone assess`.
    Assess,
    /// `ecotone agree`.
    Agree,
    /// `ecotone compare`.
    Compare,
    /// `ecotone label clean`.
    Clean,
    /// `ecotone label forest`.
    Forest,
    /// `ecotone label patches`.
    Patches,
}

const MAP: &[&str] = &["map.tif", "confidence.tif", "probabilities.tif", "map.json", "manifest.json", EVENTS];
const SCORES: &[&str] = &["confusion.csv", "metrics.csv", "metrics.json", "report.html"];
const TRAIN: &[&str] = &[
    "recipe.toml",
    "model.safetensors",
    "history.csv",
    "baselines.json",
    "blocks.csv",
    "calibration.json",
    "truth.json",
    "labels.json",
    "labels.tif",
    "years.json",
    "split.tif",
];
const ASSESS: &[&str] = &[
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
];
const AGREE: &[&str] =
    &["agreement.csv", "agreement.json", "transitions.csv", "changes.csv", "changes.tif", "report.html"];
const COMPARE: &[&str] = &["comparison.csv", "comparison.json", "compared-runs.csv", "report.html"];
const CLEAN: &[&str] = &["kept.csv", "dropped.csv", "clean.json", "report.html"];
const FOREST: &[&str] = &[
    "recipe.toml",
    "forest.bin",
    "samples.csv",
    "left-out.csv",
    "importance.csv",
    "rules.txt",
    "uncertainty.tif",
    "changes.csv",
    "changes.tif",
    "report.html",
];
const PATCHES: &[&str] = &["patches.csv", "patches.json", "legend.csv", "split.tif", "recipe.toml"];

/// Names that people use for files of their own: such a file is of a run only where the rest of that run says so.
const ANYBODYS: &[&str] = &["points.csv", "areas.csv", "samples.csv", "legend.csv", "changes.csv", PLAN];

/// The folders of pairs of patches.
pub const PAIRS: [&str; 2] = ["images", "labels"];

impl Command {
    const ALL: [Self; 8] = [
        Self::Train,
        Self::Predict,
        Self::Assess,
        Self::Agree,
        Self::Compare,
        Self::Clean,
        Self::Forest,
        Self::Patches,
    ];

    /// As it is typed, and as a manifest names it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Predict => "predict",
            Self::Assess => "assess",
            Self::Agree => "agree",
            Self::Compare => "compare",
            Self::Clean => "label clean",
            Self::Forest => "label forest",
            Self::Patches => "label patches",
        }
    }

    /// The files that it writes, those beside rasters left out.
    const fn files(self) -> &'static [&'static [&'static str]] {
        match self {
            Self::Train => &[TRAIN, MAP, SCORES],
            Self::Predict => &[MAP, &[PLAN]],
            Self::Assess => &[ASSESS, SCORES],
            Self::Agree => &[AGREE],
            Self::Compare => &[COMPARE],
            Self::Clean => &[CLEAN],
            Self::Forest => &[FOREST, MAP],
            Self::Patches => &[PATCHES],
        }
    }

    /// Files and folders that no other command writes and nobody names by chance: where one stands, so does a run.
    const fn marks(self) -> &'static [&'static str] {
        match self {
            Self::Train => &["model.safetensors", "history.csv", CHECKPOINT],
            Self::Predict => &[],
            Self::Assess => &["tables.md", "estimates.json"],
            Self::Agree => &["agreement.json"],
            Self::Compare => &["compared-runs.csv"],
            Self::Clean => &["clean.json"],
            Self::Forest => &["forest.bin"],
            Self::Patches => &["patches.json"],
        }
    }

    /// Another command that left a run in a folder.
    pub(super) fn other_in(self, root: &Path) -> Option<Self> {
        let (manifest, begun) = (command_of_manifest(root), command_of_events(root));
        Self::ALL.into_iter().filter(|other| *other != self).find(|other| {
            other.marks().iter().any(|mark| root.join(mark).exists())
                || manifest.as_deref() == Some(other.name())
                || begun.as_deref() == Some(other.name()) && other.holds_run(root)
        })
    }

    /// Whether the command left more in a folder than what a job leaves that failed early.
    pub(super) fn holds_run(self, root: &Path) -> bool {
        self.left_in(root).iter().any(|path| !is_early(path, root))
    }

    /// Whether a folder holds a run of the command: any of its files that nobody else would call so.
    fn has_run_in(self, root: &Path) -> bool {
        let mut names = self.files().iter().copied().flatten().filter(|name| !ANYBODYS.contains(name));
        names.any(|name| root.join(name).exists())
    }

    /// A file of somebody's that the command would write over.
    pub(super) fn in_the_way(self, root: &Path) -> Option<PathBuf> {
        let mut names = self
            .files()
            .iter()
            .copied()
            .flatten()
            .filter(|name| !self.has_run_in(root) && ANYBODYS.contains(name));
        names.find_map(|name| Some(root.join(name)).filter(|path| path.is_file()))
    }

    /// What a run of the command left in a folder, in order: files, and folders that belong to it as a whole.
    pub(super) fn left_in(self, root: &Path) -> Vec<PathBuf> {
        let own = self.has_run_in(root);
        let files = self.files().iter().copied().flatten().filter(|name| own || !ANYBODYS.contains(name));
        let mut left: Vec<PathBuf> =
            files.flat_map(|name| with_sidecar(&root.join(name))).filter(|path| path.is_file()).collect();
        let whole: &[&str] = match self {
            Self::Train => &[CHECKPOINT, STRIPS],
            Self::Predict | Self::Forest => &[STRIPS],
            _ => &[],
        };
        left.extend(whole.iter().map(|name| root.join(name)).filter(|path| path.is_dir()));
        match self {
            Self::Train => {
                let parts = [YEARS, SINGLE_YEARS].map(|part| entries(&root.join(part))).concat();
                // One of them is a comparison of the years' maps.
                let of_part =
                    |part: &PathBuf| [Self::Train.left_in(part), Self::Agree.left_in(part)].concat();
                let locks = parts.iter().map(|part| part.join(lock::NAME)).filter(|path| path.exists());
                left.extend(parts.iter().flat_map(of_part).chain(locks));
            }
            Self::Patches => {
                let pairs = PAIRS.map(|folder| entries(&root.join(folder))).concat();
                left.extend(pairs.into_iter().filter(|path| path.is_file() && is_patch(path)));
            }
            _ => {}
        }
        left.sort();
        left.dedup();
        left
    }
}

/// What a job leaves that failed before it had anything to keep.
fn is_early(path: &Path, root: &Path) -> bool {
    let name = path.strip_prefix(root).unwrap_or(path).to_string_lossy();
    ["recipe.", "split.", "labels.", "events."].iter().any(|early| name.starts_with(early))
}

/// The command that a folder's manifest names.
fn command_of_manifest(root: &Path) -> Option<String> {
    command_in(&std::fs::read(root.join("manifest.json")).ok()?)
}

/// The command that the first of a folder's events names.
fn command_of_events(root: &Path) -> Option<String> {
    let mut line = Vec::new();
    BufReader::new(File::open(root.join(EVENTS)).ok()?).read_until(b'\n', &mut line).ok()?;
    command_in(&line)
}

fn command_in(json: &[u8]) -> Option<String> {
    let value: serde_json::Value = serde_json::from_slice(json).ok()?;
    Some(value.get("command")?.as_str()?.to_owned())
}

/// A file and, of a raster, the description beside it.
fn with_sidecar(path: &Path) -> Vec<PathBuf> {
    let mut sidecar = path.as_os_str().to_owned();
    sidecar.push(".aux.xml");
    match path.extension().is_some_and(|extension| extension == "tif") {
        true => vec![path.to_owned(), PathBuf::from(sidecar)],
        false => vec![path.to_owned()],
    }
}

/// What lies in a folder; nothing where there is none.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    entries.filter_map(|entry| Some(entry.ok()?.path())).collect()
}

/// By the pattern of the names of patches.
fn is_patch(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let stem = name.strip_suffix(".aux.xml").unwrap_or(&name).strip_suffix(".tif");
    let numbers = stem.and_then(|stem| stem.split_once('_'));
    let digits = |text: &str| text.len() >= 6 && text.bytes().all(|byte| byte.is_ascii_digit());
    numbers.is_some_and(|(row, col)| digits(row) && digits(col))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_patches_are_taken_for_patches() {
        for patch in ["000256_1000000.tif", "images/000000_000064.tif.aux.xml"] {
            assert!(is_patch(Path::new(patch)), "{patch}");
        }
        for other in ["notes.txt", "000000_000064.png", "a_b.tif", "000000.tif", "1_2.tif"] {
            assert!(!is_patch(Path::new(other)), "{other}");
        }
    }

    #[test]
    fn each_command_knows_its_own_files_only() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["points.csv", "areas.csv", "samples.csv", "map.tif", "map.tif.aux.xml", "legend.csv"] {
            std::fs::write(dir.path().join(name), "").unwrap();
        }
        let left = |command: Command| -> Vec<String> {
            let left = command.left_in(dir.path()).into_iter();
            left.map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect()
        };
        assert_eq!(left(Command::Train), ["map.tif", "map.tif.aux.xml"]);
        assert!(left(Command::Assess).is_empty(), "points and areas alone are somebody's");
        assert_eq!(Command::Assess.in_the_way(dir.path()), Some(dir.path().join("areas.csv")));
        assert_eq!(left(Command::Forest), ["map.tif", "map.tif.aux.xml", "samples.csv"]);
        assert_eq!(Command::Forest.in_the_way(dir.path()), None, "the map is of a forest's run");
        assert_eq!(Command::Patches.in_the_way(dir.path()), Some(dir.path().join("legend.csv")));
        assert!(left(Command::Agree).is_empty() && left(Command::Clean).is_empty());
        assert_eq!(Command::Assess.other_in(dir.path()), None, "a map alone is nobody's run");
        std::fs::write(dir.path().join("manifest.json"), r#"{"command": "predict"}"#).unwrap();
        assert_eq!(Command::Assess.other_in(dir.path()), Some(Command::Predict));
        assert_eq!(Command::Predict.other_in(dir.path()), None);
        std::fs::write(dir.path().join("metrics.json"), "").unwrap();
        assert_eq!(left(Command::Assess), ["areas.csv", "metrics.json", "points.csv"]);
        assert_eq!(Command::Assess.in_the_way(dir.path()), None);
    }

    #[test]
    fn events_tell_whose_a_killed_run_is() {
        let dir = tempfile::tempdir().unwrap();
        let put = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
        put("plan.json", "mine");
        assert!(Command::Predict.left_in(dir.path()).is_empty(), "a plan alone is somebody's");
        assert_eq!(Command::Predict.in_the_way(dir.path()), Some(dir.path().join("plan.json")));
        std::fs::remove_file(dir.path().join("plan.json")).unwrap();
        put("events.jsonl", "{\"event\": \"begun\", \"command\": \"predict\"}\n{\"eve");
        assert_eq!(Command::Train.other_in(dir.path()), None, "it failed before it had anything to keep");
        assert!(!Command::Predict.holds_run(dir.path()));
        put("plan.json", "{}");
        assert_eq!(Command::Train.other_in(dir.path()), Some(Command::Predict));
        assert!(Command::Predict.holds_run(dir.path()));
        let left = Command::Predict.left_in(dir.path());
        assert_eq!(left, [dir.path().join("events.jsonl"), dir.path().join("plan.json")]);
    }
}
