//! The state of a run after an epoch, in a folder that appears whole.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{HistoryRow, PatchSource, TrainConfig};
use crate::state::StateDict;
use crate::weights::{decode, encode, read, write_whole};
use crate::{CalibrationSummary, ClassShares, ClassWeights, Error, NetworkConfig, Result};

/// 2: patches are drawn around training pixels. A run of format 1 drew others.
const FORMAT: u32 = 2;
const PREFIX: &str = "epoch-";
const DOCUMENT: &str = "state.json";

/// What a run needs to go on. Random acts are keyed by seed, epoch and place, so no generator is kept.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Checkpoint {
    pub(crate) progress: Progress,
    pub(crate) network: StateDict,
    /// The moving average of the weights, where it is kept.
    pub(crate) average: Option<StateDict>,
    pub(crate) best: StateDict,
    pub(crate) optimizer: StateDict,
}

/// The part of a checkpoint that is no tensor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Progress {
    pub(crate) format: u32,
    pub(crate) network: NetworkConfig,
    pub(crate) training: TrainConfig,
    pub(crate) class_weights: ClassWeights,
    /// How common classes are on the ground and in the loss, where that was told.
    #[serde(default)]
    pub(crate) shares: Option<ClassShares>,
    /// SHA-256 of the weight file that the run started from, if it did.
    #[serde(default)]
    pub(crate) first_weights: Option<String>,
    /// What its patches are made of: names, and the SHA-256 of each.
    pub(crate) made_of: Vec<(Cow<'static, str>, String)>,
    pub(crate) optimizer_steps: u32,
    /// How many batches each normalisation has seen; one that is not named, many.
    #[serde(default)]
    pub(crate) batches: BTreeMap<String, i32>,
    /// The epoch, from 1, of the best weights; 0 before the first.
    pub(crate) best_epoch: usize,
    /// That of the best weights, where asked for.
    #[serde(default)]
    pub(crate) calibration: Option<CalibrationSummary>,
    /// The bias that was fitted beside it.
    #[serde(default)]
    pub(crate) bias: Option<Vec<f64>>,
    pub(crate) history: Vec<HistoryRow>,
}

/// What every format has.
#[derive(Deserialize)]
struct Version {
    format: u32,
}

impl Progress {
    pub(crate) fn new(network: NetworkConfig, training: TrainConfig, class_weights: ClassWeights) -> Self {
        Self {
            format: FORMAT,
            network,
            training,
            class_weights,
            shares: None,
            first_weights: None,
            made_of: Vec::new(),
            optimizer_steps: 0,
            batches: BTreeMap::new(),
            best_epoch: 0,
            calibration: None,
            bias: None,
            history: Vec::new(),
        }
    }

    /// Epochs done.
    pub(crate) fn epoch(&self) -> usize {
        self.history.len()
    }

    /// Refuses to go on from a run with other settings or data.
    fn check_same(&self, other: &Self, path: &Path) -> Result<()> {
        // First, as class weights follow from it.
        let changed = other.made_of.iter().find(|part| !self.made_of.contains(part));
        if let Some((Cow::Borrowed(what), _)) = changed {
            return Err(Error::OtherCheckpoint { path: path.to_owned(), what });
        }
        for (what, same) in [
            ("network", self.network == other.network),
            ("training settings", self.training == other.training),
            ("class weights", self.class_weights == other.class_weights),
            ("shares of the classes", self.shares == other.shares),
            ("file of first weights", self.first_weights == other.first_weights),
        ] {
            if !same {
                return Err(Error::OtherCheckpoint { path: path.to_owned(), what });
            }
        }
        Ok(())
    }
}

/// What the patches of a source are made of, by names and hashes.
pub(crate) fn made_of(source: &dyn PatchSource) -> Vec<(Cow<'static, str>, String)> {
    let hash = |parts: Vec<&[u8]>| -> String {
        let mut hash = Sha256::new();
        for part in parts {
            // With their lengths, so that what moves from one part to the next is another whole.
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    };
    source.made_of().into_iter().map(|(what, parts)| (Cow::Borrowed(what), hash(parts))).collect()
}

impl Checkpoint {
    /// Writes the checkpoint into `folder`, then removes those of earlier epochs.
    pub(crate) fn save(&self, folder: &Path) -> Result<()> {
        let earlier = list(folder)?;
        let path = folder.join(format!("{PREFIX}{:05}", self.progress.epoch()));
        let part = path.with_extension("part");
        remove(&part)?;
        fs::create_dir_all(&part).map_err(|source| Error::Write { path: part.clone(), source })?;
        for (name, state) in self.tensors() {
            let file = part.join(name);
            write_whole(&file, &encode(&file, state, None)?)?;
        }
        let document = |source| Error::Document { path: part.clone(), what: "training state", source };
        write_whole(&part.join(DOCUMENT), &serde_json::to_vec_pretty(&self.progress).map_err(document)?)?;
        remove(&path)?;
        fs::rename(&part, &path).map_err(|source| Error::Write { path: path.clone(), source })?;
        earlier.iter().filter(|(_, old)| *old != path).try_for_each(|(_, old)| remove(old))
    }

    /// The latest checkpoint in `folder`, if any; refused if made under settings other than `now`.
    pub(crate) fn load(folder: &Path, now: &Progress) -> Result<Option<Self>> {
        let Some((_, path)) = list(folder)?.pop() else { return Ok(None) };
        let file = path.join(DOCUMENT);
        let document = |source| Error::Document { path: file.clone(), what: "training state", source };
        let bytes = read(&file)?;
        // First, as another format may lack what this one has.
        let Version { format } = serde_json::from_slice(&bytes).map_err(document)?;
        if format != FORMAT {
            return Err(Error::Version { path: file, expected: FORMAT, found: format });
        }
        let progress: Progress = serde_json::from_slice(&bytes).map_err(document)?;
        progress.check_same(now, &path)?;
        let tensors = |name: &str| {
            let file = path.join(name);
            decode(&file, &read(&file)?)
        };
        let averaged = progress.training.average_decay > 0.0;
        Ok(Some(Self {
            network: tensors("network.safetensors")?,
            average: averaged.then(|| tensors("average.safetensors")).transpose()?,
            best: tensors("best.safetensors")?,
            optimizer: tensors("optimizer.safetensors")?,
            progress,
        }))
    }

    /// Removes all checkpoints from `folder`.
    pub(crate) fn clear(folder: &Path) -> Result<()> {
        list(folder)?.iter().try_for_each(|(_, path)| remove(path))
    }

    fn tensors(&self) -> impl Iterator<Item = (&'static str, &StateDict)> {
        let average = self.average.iter().map(|average| ("average.safetensors", average));
        let always = [
            ("network.safetensors", &self.network),
            ("best.safetensors", &self.best),
            ("optimizer.safetensors", &self.optimizer),
        ];
        always.into_iter().chain(average)
    }
}

/// The whole checkpoints of a folder by epoch; none where there is no folder.
fn list(folder: &Path) -> Result<Vec<(usize, PathBuf)>> {
    let failed = |source| Error::Read { path: folder.to_owned(), source };
    let mut found = Vec::new();
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(found),
        entries => entries.map_err(failed)?,
    };
    for entry in entries {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        if let Some(epoch) = name.and_then(|name| name.strip_prefix(PREFIX)).and_then(|e| e.parse().ok()) {
            found.push((epoch, path));
        }
    }
    found.sort();
    Ok(found)
}

fn remove(path: &Path) -> Result<()> {
    match fs::remove_dir_all(path) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::Write { path: path.to_owned(), source })
        }
        _ => Ok(()),
    }
}
