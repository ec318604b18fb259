//! The preset `forest` on disk: `truth.tif`, `dem.tif` and `legend.csv` beside the scenes.

use super::job::{Made, SimulateJob};
use super::sentinel2::{COLLECTION, Grids, write_scenes};
use super::written::{begin, classes, finish, legend};
use crate::Result;
use ecotone_core::Raster;
use ecotone_io::{CogOptions, write_cog};
use ecotone_jobs::Progress;
use ecotone_simulate::{Forest, ForestConfig};
use std::path::Path;

/// Days between acquisitions of the two orbits together.
const REVISIT_DAYS: u32 = 5;
/// The landscape allows at most 60 days between scenes.
const MOST_DAYS: u32 = 60;

pub(super) fn make(job: &SimulateJob, out: &Path, progress: &dyn Progress) -> Result<Made> {
    let base = ForestConfig::default();
    let forest = Forest::new(ForestConfig {
        size: job.size.unwrap_or(base.size),
        seed: job.seed,
        years: job.years.unwrap_or(base.years),
        revisit_days: job.revisit_days(REVISIT_DAYS, MOST_DAYS)?,
        ..base
    })?;
    begin(out)?;
    let grids = Grids { fine: forest.geobox_10m(), coarse: forest.geobox() };
    let scenes = forest.scenes().len();
    progress.begin("simulate", scenes as u64, "scenes");
    let items = write_scenes(&grids, scenes, &out.join(COLLECTION), progress, |index| forest.scene(index))?;
    progress.end();
    classes(out, "truth.tif", &grids.coarse, forest.truth(), forest.legend())?;
    let heights = Raster::new(grids.coarse.clone(), 1, forest.dem().to_vec(), None)?;
    write_cog(out.join("dem.tif"), &heights, &CogOptions::default())?;
    legend(out, forest.legend())?;
    let config = forest.config();
    let about = format!(
        "Simulated forest of {} pixels of 20 m, seed {}, by ecotone simulate",
        config.size, config.seed
    );
    finish(
        out,
        "simulated-forest",
        &about,
        vec![(COLLECTION, "Simulated Sentinel-2 L2A; no real surface", items)],
    )?;
    Ok(Made { scenes, fingerprint: forest.fingerprint()? })
}
