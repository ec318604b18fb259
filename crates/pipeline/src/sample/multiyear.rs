//! The preset `multiyear` on disk: some years of scenes, the truth of every year, and an old map as labels.

use super::job::{Made, SimulateJob};
use super::sentinel2::{COLLECTION, Grids, write_scenes};
use super::written::{begin, classes, finish, legend};
use crate::Result;
use ecotone_jobs::Progress;
use ecotone_simulate::{Multiyear, MultiyearConfig};
use std::path::Path;

/// Days between the scenes that are offered, and the most that the landscape allows.
const REVISIT_DAYS: u32 = 5;
const MOST_DAYS: u32 = 60;

pub(super) fn make(job: &SimulateJob, out: &Path, progress: &dyn Progress) -> Result<Made> {
    let base = MultiyearConfig::default();
    let valley = Multiyear::new(MultiyearConfig {
        size: job.size.unwrap_or(base.size),
        seed: job.seed,
        years: job.years.unwrap_or(base.years),
        revisit_days: job.revisit_days(REVISIT_DAYS, MOST_DAYS)?,
        ..base
    })?;
    begin(out)?;
    let grids = Grids { fine: valley.geobox(), coarse: valley.geobox_20m() };
    let scenes = valley.scenes().len();
    progress.begin("simulate", scenes as u64, "scenes");
    let items = write_scenes(&grids, scenes, &out.join(COLLECTION), progress, |index| valley.scene(index))?;
    progress.end();
    for year in valley.years() {
        classes(out, &format!("truth-{year}.tif"), &grids.fine, valley.truth(year)?, valley.legend())?;
    }
    let config = valley.config();
    classes(out, "truth.tif", &grids.fine, valley.truth(config.first_year)?, valley.legend())?;
    classes(out, "labels.tif", &grids.fine, valley.labels(), valley.legend())?;
    legend(out, valley.legend())?;
    let about = format!(
        "Simulated alpine valley over {} years of {} pixels of 10 m, seed {}, by ecotone simulate",
        config.years, config.size, config.seed
    );
    let optical = (COLLECTION, "Simulated Sentinel-2 L2A; no real surface", items);
    finish(out, "simulated-multiyear", &about, vec![optical])?;
    Ok(Made { scenes, fingerprint: valley.fingerprint()? })
}
