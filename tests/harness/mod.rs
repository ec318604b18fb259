//! Runs the `ecotone` binary and keeps what it said; makes the small catalogue and the trained model that most
//! stories start from.

mod catalogue;
mod osm;
mod raster;

pub(crate) use catalogue::{BANDS, Catalogue, corners, empty_raster, halves};
pub(crate) use osm::{Way, osm_file};
pub(crate) use raster::{Place, UTM, small_bands, small_legend, small_map};

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};
use tempfile::TempDir;

/// A network that learns next to nothing in a few seconds: twelve dates, four bands, two epochs.
const TINY: &str = r#"
name = "tiny"
title = "A few seconds of everything"

[inputs]
bands = ["B02", "B03", "B04", "B8A"]
indices = ["NDVI"]
max_cloud_cover = 100

[timeline]
start = "2021-05-16"
step_days = 30
steps = 12

[split]
block_m = 320

[model]
width = 4

[train]
epochs = 2
batch = 4
patch = 16
learning_rate = 4e-3

[predict]
window = 32
halo = 8
"#;

/// What a command left on its streams, and how it ended.
#[derive(Debug)]
pub(crate) struct Said {
    /// The exit code; none where a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Said {
    /// Sees that the command ended with this exit code.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "\n--- stdout\n{}\n--- stderr\n{}", self.stdout, self.stderr);
        self
    }

    /// Sees that stderr holds each of these.
    #[track_caller]
    pub(crate) fn names(self, words: &[&str]) -> Self {
        for word in words {
            assert!(self.stderr.contains(word), "`{word}` is not in\n{}", self.stderr);
        }
        self
    }

    /// Sees that stderr holds each of these after the one before.
    #[track_caller]
    pub(crate) fn names_in_order(&self, words: &[&str]) {
        words.iter().fold(self.stderr.as_str(), |rest, word| {
            let place =
                rest.find(word).unwrap_or_else(|| panic!("`{word}` does not follow in\n{}", self.stderr));
            &rest[place + word.len()..]
        });
    }

    /// The value of a fact on stdout.
    #[track_caller]
    pub(crate) fn fact(&self, label: &str) -> &str {
        let value = self.stdout.lines().find_map(|line| Some(line.strip_prefix(label)?.trim()));
        value.unwrap_or_else(|| panic!("no `{label}` in\n{}", self.stdout))
    }

    /// The one message of a command that could not go on, with the folders of this machine left out.
    #[track_caller]
    pub(crate) fn message(&self, folders: &[(&Path, &str)]) -> String {
        let begins: Vec<usize> = self.stderr.match_indices("error: ").map(|(place, _)| place).collect();
        let first = begins.iter().find(|place| **place == 0 || self.stderr.as_bytes()[*place - 1] == b'\n');
        let first = *first.unwrap_or_else(|| panic!("no message in\n{}", self.stderr));
        assert!(!self.stderr[first..].contains("\nerror: "), "one message, but stderr is\n{}", self.stderr);
        folders.iter().fold(self.stderr[first..].trim_end().to_owned(), |text, (folder, name)| {
            text.replace(&folder.display().to_string(), name)
        })
    }
}

/// The binary, two folders above the tests' own.
pub(crate) fn binary() -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let name = format!("ecotone{}", std::env::consts::EXE_SUFFIX);
    let path = tests.parent().and_then(Path::parent).unwrap().join(name);
    assert!(path.is_file(), "{} is not built: run `cargo build -p ecotone`", path.display());
    path
}

/// The binary with these arguments, in an environment that changes nothing of what it says.
pub(crate) fn ecotone<S: AsRef<OsStr>>(arguments: &[S]) -> Command {
    let mut command = Command::new(binary());
    command.args(arguments);
    plain(&mut command);
    command
}

/// Takes away what a terminal or a user's settings would change.
pub(crate) fn plain(command: &mut Command) {
    for name in ["COLUMNS", "LINES", "CLICOLOR_FORCE", "GDAL_CACHEMAX", "GDAL_NUM_THREADS"] {
        command.env_remove(name);
    }
    command.env("NO_COLOR", "1").current_dir(env!("CARGO_TARGET_TMPDIR"));
}

/// Runs a command to its end.
pub(crate) fn finish(mut command: Command) -> Said {
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Said { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// Runs the binary with these arguments to its end.
pub(crate) fn run<S: AsRef<OsStr>>(arguments: &[S]) -> Said {
    finish(ecotone(arguments))
}

/// A fresh folder, removed at the end of the story.
pub(crate) fn scratch() -> TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap()
}

/// What all stories of this process share. It outlives them, so a later process sweeps it away.
fn shared() -> &'static Path {
    static SHARED: OnceLock<PathBuf> = OnceLock::new();
    SHARED.get_or_init(|| {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let long_ago = SystemTime::now() - Duration::from_secs(3600);
        for entry in root.read_dir().unwrap().flatten() {
            let old = entry.metadata().and_then(|data| data.modified()).is_ok_and(|time| time < long_ago);
            if old && entry.file_name().to_string_lossy().starts_with("stories-") {
                // Another process may be sweeping too.
                let _ = std::fs::remove_dir_all(entry.path());
            }
        }
        let folder = root.join(format!("stories-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        folder
    })
}

/// The tiny recipe. Not to be written to.
pub(crate) fn recipe() -> &'static Path {
    static MADE: OnceLock<PathBuf> = OnceLock::new();
    MADE.get_or_init(|| {
        let path = shared().join("tiny.toml");
        std::fs::write(&path, TINY).unwrap();
        path
    })
}

/// The small catalogue: 64 x 64 pixels of 20 m, a scene every thirty days. Not to be written to; see [`Catalogue`].
pub(crate) fn catalogue() -> &'static Path {
    static MADE: OnceLock<PathBuf> = OnceLock::new();
    MADE.get_or_init(|| {
        let folder = shared().join("catalogue");
        let out = folder.display().to_string();
        run(&["simulate", "forest", "--size", "64", "--years", "2", "--every", "6", "--out", &out]).exits(0);
        folder
    })
}

/// The run folder of the tiny recipe on the small catalogue. Not to be written to.
pub(crate) fn trained() -> &'static Path {
    static MADE: OnceLock<PathBuf> = OnceLock::new();
    MADE.get_or_init(|| {
        let folder = shared().join("trained");
        run(&train(catalogue(), &folder, &[])).exits(0);
        folder
    })
}

/// The run folder of a model that maps by small windows, so that a map has many strips and takes its time. Not to be
/// written to.
pub(crate) fn windowed() -> &'static Path {
    static MADE: OnceLock<PathBuf> = OnceLock::new();
    MADE.get_or_init(|| {
        let folder = shared().join("windowed");
        run(&train(catalogue(), &folder, &["--set", "predict.window=8"])).exits(0);
        folder
    })
}

/// The scenes that the tiny recipe uses, in order of time.
pub(crate) fn scenes() -> Vec<String> {
    let manifest = json(&trained().join("manifest.json"));
    let used = manifest["scenes_used"].as_array().unwrap().iter();
    used.map(|scene| scene["id"].as_str().unwrap().to_owned()).collect()
}

/// `ecotone train` of the tiny recipe on a catalogue, with more arguments.
pub(crate) fn train(catalogue: &Path, out: &Path, more: &[&str]) -> Vec<String> {
    let catalogue = format!("inputs.catalog={}", catalogue.join("catalog.json").display());
    let (recipe, out) = (recipe().display().to_string(), out.display().to_string());
    let words = ["train", &recipe, "--set", &catalogue, "--out", &out];
    words.into_iter().chain(more.iter().copied()).map(str::to_owned).collect()
}

/// `ecotone predict` with the trained model on a catalogue, with more arguments.
pub(crate) fn predict(catalogue: &Path, out: &Path, more: &[&str]) -> Vec<String> {
    predict_with(trained(), catalogue, out, more)
}

/// `ecotone predict` with the model of a run folder.
pub(crate) fn predict_with(model: &Path, catalogue: &Path, out: &Path, more: &[&str]) -> Vec<String> {
    let model = model.join("model.safetensors").display().to_string();
    let catalogue = catalogue.join("catalog.json").display().to_string();
    let out = out.display().to_string();
    let words = ["predict", &model, "--catalog", &catalogue, "--out", &out];
    words.into_iter().chain(more.iter().copied()).map(str::to_owned).collect()
}

/// The same command, to go on with what its folder holds.
pub(crate) fn resumed(words: &[String]) -> Vec<String> {
    words.iter().cloned().chain(["--resume".to_owned()]).collect()
}

/// What `ecotone info` says of a file.
#[track_caller]
pub(crate) fn info(path: &Path) -> Said {
    run(&["info".as_ref(), path.as_os_str()]).exits(0)
}

/// The share of pixels in which two maps agree, and of how many.
#[track_caller]
pub(crate) fn agreement(map: &Path, other: &Path) -> (f64, u64) {
    let (legend, out) = (catalogue().join("legend.csv"), scratch());
    let words: [&OsStr; 8] = [
        "assess".as_ref(),
        map.as_ref(),
        "--reference".as_ref(),
        other.as_ref(),
        "--legend".as_ref(),
        legend.as_ref(),
        "--out".as_ref(),
        out.path().as_ref(),
    ];
    run(&words).exits(0);
    let metrics = json(&out.path().join("metrics.json"));
    (metrics["overall_accuracy"].as_f64().unwrap(), metrics["pixels"].as_u64().unwrap())
}

/// The folder of real data, where the environment names one.
pub(crate) fn real_data() -> Option<PathBuf> {
    let folder = std::env::var_os("ECOTONE_REAL_DATA").filter(|name| !name.is_empty()).map(PathBuf::from);
    if folder.is_none() {
        println!("skipped: ECOTONE_REAL_DATA is unset");
    }
    folder
}

/// A JSON file.
#[track_caller]
pub(crate) fn json(path: &Path) -> serde_json::Value {
    serde_json::from_slice(&bytes(path)).unwrap()
}

/// The report of a run folder without its pictures, whose coded bytes may spell any word.
#[track_caller]
pub(crate) fn report(folder: &Path) -> String {
    let page = String::from_utf8(bytes(&folder.join("report.html"))).unwrap();
    let is_base64 = |letter: char| letter.is_ascii_alphanumeric() || "+/=".contains(letter);
    page.split("base64,").map(|part| part.trim_start_matches(is_base64)).collect()
}

/// A file's bytes.
#[track_caller]
pub(crate) fn bytes(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Sees that two folders hold the same bytes in each of these files.
#[track_caller]
pub(crate) fn same(left: &Path, right: &Path, files: &[&str]) {
    for name in files {
        let (left, right) = (left.join(name), right.join(name));
        assert!(bytes(&left) == bytes(&right), "{} and {} differ", left.display(), right.display());
    }
}
