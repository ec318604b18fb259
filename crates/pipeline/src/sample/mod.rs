//! A simulated catalogue on disk: COGs and STAC records as a provider would deliver them, and the truth beside them.

mod amazon;
mod forest;
mod multiyear;
mod roads;
mod sentinel2;
mod written;

use crate::Result;
use crate::recipe::Simulate;
use ecotone_jobs::Error as JobError;
use ecotone_jobs::{Progress, Resources, Summary};
use std::path::{Path, PathBuf};

/// The landscapes.
pub(crate) const PRESETS: [&str; 4] = ["forest", "amazon", "roads", "multiyear"];

/// A catalogue to simulate.
#[derive(Debug, Clone)]
pub struct SimulateJob {
    /// The landscape: `forest`, `amazon`, `roads` or `multiyear`.
    pub preset: String,
    /// Where the catalogue goes.
    pub out: PathBuf,
    /// Side in pixels: of 20 m for `forest`, else of 10 m. By default the preset's own.
    pub size: Option<usize>,
    /// Its seed.
    pub seed: u64,
    /// Years of scenes: 1 to 10 for `forest`, 2 to 5 for `multiyear`, 1 for the others. By default the preset's own.
    pub years: Option<u32>,
    /// Every how many-th acquisition is kept; `roads` always has its three.
    pub every: usize,
    /// Whether a catalogue in the folder is replaced.
    pub replace: bool,
}

/// What was written.
struct Made {
    scenes: usize,
    fingerprint: String,
}

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

impl SimulateJob {
    /// Days between scenes where one pass is `pass` days after the other, and the landscape allows `most` days.
    fn revisit_days(&self, pass: u32, most: u32) -> Result<u32> {
        match u32::try_from(self.every) {
            Ok(every) if (1..=most / pass).contains(&every) => Ok(pass * every),
            _ => {
                let expected = format!("1 to {}", most / pass);
                Err(JobError::Value { key: "--every", found: self.every.to_string(), expected }.into())
            }
        }
    }

    /// Refuses more than one year.
    fn one_year(&self) -> Result<()> {
        match self.years {
            None | Some(1) => Ok(()),
            Some(years) => {
                let expected = format!("1: the preset {} is one year", self.preset);
                Err(JobError::Value { key: "years", found: years.to_string(), expected }.into())
            }
        }
    }
}
