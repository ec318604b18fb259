//! A simulated catalogue on disk: COGs and STAC records as a provider would deliver them, and the truth beside them.

mod amazon;
mod forest;
mod job;
mod multiyear;
mod roads;
mod sentinel2;
mod written;

pub use job::SimulateJob;

use crate::Result;
use crate::recipe::Simulate;
use ecotone_jobs::Error as JobError;
use ecotone_jobs::{Progress, Resources, Summary};
use std::path::{Path, PathBuf};

/// The landscapes.
pub(crate) const PRESETS: [&str; 4] = ["forest", "amazon", "roads", "multiyear"];

/// Simulates a catalogue: `catalog.json`, the COGs of its scenes, `truth.tif`, `legend.csv`, and what else the preset has.
///
/// # Errors
/// When there is no such preset, a setting is out of range, or the folder cannot be written.
pub fn simulate(job: &SimulateJob, resources: &Resources, progress: &dyn Progress) -> Result<Summary> {
    let finished = job.out.join("catalog.json");
    if finished.exists() && !job.replace {
        return Err(JobError::RunExists { path: job.out.clone() }.into());
    }
    resources.apply()?;
    // Records say where files lie relative to themselves, which takes whole paths.
    let failed = |source| JobError::WriteFile { path: job.out.clone(), source };
    let out = std::path::absolute(&job.out).map_err(failed)?;
    let made = match job.preset.as_str() {
        "forest" => forest::make(job, &out, progress)?,
        "amazon" => amazon::make(job, &out, progress)?,
        "roads" => roads::make(job, &out, progress)?,
        "multiyear" => multiyear::make(job, &out, progress)?,
        other => return Err(JobError::word("preset", other, &PRESETS).into()),
    };
    let mut summary = Summary::default();
    summary.fact("catalogue", finished.display().to_string());
    summary.fact("scenes", made.scenes.to_string());
    summary.fact("fingerprint", made.fingerprint);
    Ok(summary)
}

/// The catalogue of a recipe's sample; simulated where it is not there yet.
pub(crate) fn ensure(
    settings: &Simulate,
    folder: &Path,
    resources: &Resources,
    progress: &dyn Progress,
) -> Result<PathBuf> {
    let Simulate { preset, size, seed, years, .. } = settings;
    // A sample of another version may differ, so its folder does.
    let name = format!("{preset}-{size}px-{years}y-seed{seed}-v{}", env!("CARGO_PKG_VERSION"));
    let out = folder.join(&name);
    let failed = |source| JobError::WriteFile { path: folder.to_owned(), source };
    std::fs::create_dir_all(folder).map_err(failed)?;
    // Of several jobs that want the sample, one makes it and the others wait.
    let lock = std::fs::File::create(folder.join(format!(".{name}.lock"))).map_err(failed)?;
    match lock.lock() {
        // Some network drives know no locks.
        Err(error) if error.kind() == std::io::ErrorKind::Unsupported => {}
        locked => locked.map_err(failed)?,
    }
    if !out.join("catalog.json").exists() {
        let job = SimulateJob {
            preset: preset.clone(),
            out: out.clone(),
            size: Some(*size),
            seed: *seed,
            years: Some(*years),
            every: 1,
            replace: true,
        };
        simulate(&job, resources, progress)?;
    }
    Ok(out.join("catalog.json"))
}
