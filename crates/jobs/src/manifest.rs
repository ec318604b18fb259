//! What a run was: version, seeds, inputs, decisions, timings, and what failed.

use crate::events::{Events, Timing};
use crate::run_folder::RunFolder;
use crate::summary::Failure;
use crate::{Error, Result};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

/// The record of a run, written as manifest.json. What failed and how long the stages took, it has from the run's [`Events`].
#[derive(Debug, Clone, Serialize)]
pub struct Manifest {
    ecotone: &'static str,
    commit: &'static str,
    command: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    backend: Option<String>,
    threads: usize,
    /// Seeds by what they drove.
    pub seeds: Vec<(String, u64)>,
    /// Side of a block of split.tif in pixels, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub split_block: Option<usize>,
    /// Files that went in, with their SHA-256.
    pub inputs: Vec<InputFile>,
    /// Scenes that were used, in order of time.
    pub scenes_used: Vec<UsedScene>,
    scenes_failed: Vec<Failure>,
    timings: Vec<Timing>,
    peak_memory_mib: Option<u64>,
}

/// A file and its hash.
#[derive(Debug, Clone, Serialize)]
pub struct InputFile {
    path: String,
    sha256: String,
}

/// A scene and how its digital numbers became reflectance.
#[derive(Debug, Clone, Serialize)]
pub struct UsedScene {
    /// Identifier.
    pub id: String,
    /// RFC 3339.
    pub datetime: String,
    /// Factor.
    pub scale: OfBands,
    /// Summand, after the factor.
    pub offset: OfBands,
    /// Which witnesses decided the offset; where they differ between bands, each once.
    pub offset_reason: String,
}

/// A number of a scene's bands.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum OfBands {
    /// The same for all.
    All(f64),
    /// By the name of the band.
    Each(BTreeMap<String, f64>),
}

impl OfBands {
    /// Of names and numbers of at least one band.
    pub fn of(bands: impl Iterator<Item = (String, f64)> + Clone) -> Self {
        let mut numbers = bands.clone().map(|(_, number)| number);
        let first = numbers.next().unwrap_or(f64::NAN);
        if numbers.all(|number| number == first) { Self::All(first) } else { Self::Each(bands.collect()) }
    }
}

impl Manifest {
    /// Of a command that begins now; `backend` is what runs its networks, where it has any.
    pub fn new(command: &'static str, backend: Option<String>, threads: usize) -> Self {
        Self {
            ecotone: env!("CARGO_PKG_VERSION"),
            commit: option_env!("ECOTONE_COMMIT").unwrap_or("unknown"),
            command,
            backend,
            threads,
            seeds: Vec::new(),
            split_block: None,
            inputs: Vec::new(),
            scenes_used: Vec::new(),
            scenes_failed: Vec::new(),
            timings: Vec::new(),
            peak_memory_mib: None,
        }
    }

    /// Notes a file that went in. A folder or an address is noted without a hash.
    pub fn input(&mut self, path: &Path) -> Result<()> {
        let sha256 = if path.is_file() { sha256(path)? } else { String::new() };
        self.inputs.push(InputFile { path: path.display().to_string(), sha256 });
        Ok(())
    }

    /// Ends the run: its events tell so, and the record is written.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn write(&mut self, folder: &RunFolder, events: &Events) -> Result<()> {
        events.finish()?;
        self.scenes_failed = events.failures();
        self.timings = events.timings();
        self.peak_memory_mib = peak_memory_mib();
        write_json(&folder.file("manifest.json"), self)
    }
}

/// The most memory that this process has held, where the system tells (Linux).
fn peak_memory_mib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kib| kib / 1024)
}

/// Writes a value as indented JSON, whole or not at all.
pub fn write_json(path: &Path, value: &impl Serialize) -> Result<()> {
    let mut text = serde_json::to_string_pretty(value).map_err(|source| Error::Json {
        act: "writing",
        path: path.to_owned(),
        source,
    })?;
    text.push('\n');
    ecotone_io::write_atomic(path, text.as_bytes())?;
    Ok(())
}

/// The SHA-256 of a file, in hexadecimal.
pub fn sha256(path: &Path) -> Result<String> {
    let failed = |source| Error::ReadFile { what: "file", path: path.to_owned(), source };
    let mut file = std::fs::File::open(path).map_err(failed)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0u8; 1 << 16];
    loop {
        match file.read(&mut buffer).map_err(failed)? {
            0 => break,
            read => hash.update(&buffer[..read]),
        }
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_of_all_bands_or_of_each() {
        let of = |numbers: &[(&str, f64)]| {
            let bands = numbers.iter().map(|(name, number)| ((*name).to_owned(), *number));
            serde_json::to_string(&OfBands::of(bands)).unwrap()
        };
        assert_eq!(of(&[("B04", -0.1), ("B03", -0.1)]), "-0.1");
        assert_eq!(of(&[("red", -0.2), ("lwir11", 149.0)]), r#"{"lwir11":149.0,"red":-0.2}"#);
    }

    #[test]
    fn a_known_hash() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("abc");
        std::fs::write(&path, "abc").unwrap();
        assert_eq!(
            sha256(&path).unwrap(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
