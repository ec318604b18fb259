//! Whether the reference is what the map's model learned from: the accuracy is too good then.

use super::points::Points;
use super::{AssessJob, BinTable, Breakdown};
use crate::Result;
use ecotone_core::{GeoBox, Window};
use ecotone_io::RasterDataset;
use ecotone_jobs::{Codes, sha256};
use ecotone_metrics::ConfusionMatrix;
use serde_json::Value;
use std::path::{Path, PathBuf};

fn beside(job: &AssessJob, name: &str) -> Option<PathBuf> {
    let path = job.map.parent()?.join(name);
    path.is_file().then_some(path)
}

/// The split of the run that made the map, where a reference raster is compared without a mask.
pub(super) fn split_beside(job: &AssessJob) -> Option<Breakdown> {
    let masked = job.mask.is_some() || job.by.iter().any(|by| by.name() == "split");
    beside(job, "split.tif").filter(|_| !masked).map(Breakdown::Split)
}

/// The blocks of a run's split.
pub(super) struct SplitBlocks {
    /// Their side in pixels.
    pub(super) side: usize,
    /// Where the split lies on the map.
    pub(super) place: Window,
    /// Its raster.
    pub(super) path: PathBuf,
}

/// The blocks of the split beside the map, or that is the mask; `None` where there is no such split, its run does not say, or it lies on another lattice.
///
/// # Errors
/// When split.tif cannot be read.
pub(super) fn split_block_of(job: &AssessJob, grid: &GeoBox) -> Result<Option<SplitBlocks>> {
    let masks = job.mask.iter().map(|(path, _)| path.as_path());
    for folder in [job.map.as_path()].into_iter().chain(masks).filter_map(Path::parent) {
        let split = folder.join("split.tif");
        let block = manifest(&folder.join("manifest.json")).and_then(|said| said["split_block"].as_u64());
        let block = block.and_then(|block| usize::try_from(block).ok()).filter(|block| *block > 0);
        if let (Some(side), true) = (block, split.is_file())
            && let Some(place) = grid.window_of(RasterDataset::open_unplaced(&split)?.geobox())
        {
            return Ok(Some(SplitBlocks { side, place, path: split }));
        }
    }
    Ok(None)
}

/// What a run says of itself; nothing where it does not, or not as we do.
fn manifest(path: &Path) -> Option<Value> {
    serde_json::from_slice(&std::fs::read(path).ok()?).ok()
}

/// Says so where the reference is among the files that the run was trained with, be it under another name.
///
/// # Errors
/// When the reference cannot be read.
pub(super) fn same_labels(job: &AssessJob) -> Result<Option<String>> {
    let Some(path) = beside(job, "manifest.json") else { return Ok(None) };
    let manifest = manifest(&path);
    let inputs = manifest.as_ref().and_then(|manifest| manifest["inputs"].as_array());
    let inputs: Vec<(&str, &str)> = inputs
        .into_iter()
        .flatten()
        .filter_map(|input| Some((input["path"].as_str()?, input["sha256"].as_str()?)))
        .filter(|(_, hash)| !hash.is_empty())
        .collect();
    let layer = job.reference_layer();
    if inputs.is_empty() || !layer.path().is_file() {
        return Ok(None);
    }
    let hash = sha256(layer.path())?;
    Ok(inputs.into_iter().find(|(_, known)| *known == hash).map(|(name, _)| {
        format!(
            "The reference is {name}, which the map's model was trained on ({}). Its errors are in the map, too, and \
             are not counted; draw an independent sample (ecotone sample draw) for an accuracy that stands up to \
             review.",
            display_name(&path)
        )
    }))
}

/// Says how much of what was scored lies in training blocks, and what the test blocks say.
pub(super) fn in_training_blocks(table: &BinTable, all: &ConfusionMatrix) -> Option<String> {
    if table.name != "split" {
        return None;
    }
    let find = |label: &str| table.rows.iter().find(|(bin, _)| bin == label).map(|(_, matrix)| matrix);
    let training = find("training")?;
    let accuracy = |matrix: &ConfusionMatrix| crate::accuracy::share(matrix.overall_accuracy());
    let test = find("test").map_or(String::new(), |test| {
        format!(
            " In the test blocks alone it is {} ({} pixels); --mask split.tif=3 scores those.",
            accuracy(test),
            test.total()
        )
    });
    Some(format!(
        "{} of {} scored pixels ({:.1} %) lie in blocks that the model was trained on, by split.tif beside the map: \
         overall accuracy there is {}.{test}",
        training.total(),
        all.total(),
        100.0 * training.total() as f64 / all.total() as f64,
        accuracy(training)
    ))
}

/// Says how many points lie in training blocks.
///
/// # Errors
/// When split.tif cannot be read.
pub(super) fn points_in_training_blocks(job: &AssessJob, points: &Points) -> Result<Option<String>> {
    let Some(path) = beside(job, "split.tif") else { return Ok(None) };
    let (split, map) = (Codes::with_free(&path, u8::MAX)?, Codes::with_free(&job.map, u8::MAX)?);
    let (mut training, mut all, mut right) = (0u64, 0u64, 0u64);
    for point in points.scored() {
        all += 1;
        if split.read(&map.geobox().crop(point.pixel))? == [1] {
            training += 1;
            right += u64::from(point.map == point.reference);
        }
    }
    Ok((training > 0).then(|| {
        format!(
            "{training} of {all} points lie in blocks that the model was trained on, by split.tif beside the map; \
             {right} of them are mapped right. A probability sample keeps such points, since the map is as good there \
             as it is; points chosen because of them are no probability sample.",
        )
    }))
}

fn display_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
