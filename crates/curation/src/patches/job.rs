//! Patches that are asked for.

use crate::survey::Survey;
use ecotone_jobs::Existing;
use std::path::PathBuf;

/// Patches to write.
#[derive(Debug, Clone)]
pub struct PatchesJob {
    /// Series, labels and split.
    pub survey: Survey,
    /// Their folder.
    pub out: PathBuf,
    /// What to do where the folder holds patches already.
    pub existing: Existing,
    /// Side of a patch in pixels.
    pub size: usize,
    /// From a patch to the next, in pixels; by default `size`.
    pub stride: Option<usize>,
    /// Patches with a smaller share of labelled pixels are left out; those without any always are.
    pub least_labelled: f64,
}
