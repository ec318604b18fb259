//! The plan of a run in its folder: one that goes on uses it, and searches nothing.

use super::job::PredictJob;
use crate::Result;
use ecotone_core::GeoBox;
use ecotone_cubes::{Plan, Series, Site, parts};
use ecotone_jobs::{Resources, RunFolder};

/// The series of the plan that the folder of a resumed run holds; `None` where there is none, and scenes are to be looked for.
///
/// # Errors
/// When the plan cannot be read, or the areas of interest cannot.
pub(super) fn resumed_series(
    job: &PredictJob,
    folder: &RunFolder,
    resources: &Resources,
) -> Result<Option<Series>> {
    if !(folder.resumed() && folder.plan().is_file()) {
        return Ok(None);
    }
    let plan = Plan::read(&folder.plan())?;
    let site = job.site_on(plan.geobox())?;
    Ok(Some(Series::of_plan(plan, site, resources)?))
}

/// Writes the plan of a series into the folder, where a resumed run finds it.
///
/// # Errors
/// When it cannot be written.
pub(super) fn keep_plan(series: &Series, folder: &RunFolder) -> Result<()> {
    if !(folder.resumed() && folder.plan().is_file()) {
        series.planned().write(&folder.plan())?;
    }
    Ok(())
}

impl PredictJob {
    /// The ground that is mapped, on the grid that was found when the run was begun.
    fn site_on(&self, grid: &GeoBox) -> Result<Site> {
        let parts = parts(&self.aoi, grid.crs())?;
        Ok(Site::on(grid.clone(), &parts)?.unwrap_or_else(|| Site::whole(grid.clone())))
    }
}
