//! Making a plan of scenes that were found: each file is opened once, and looked at where that decides something.

use super::address::Address;
use super::bounds::Bounds;
use super::value::{Plan, PlannedSource};
use crate::band_meaning::BandMeanings;
use crate::readers::Readers;
use crate::scene_open::{open_scene, settle};
use crate::sought::Sought;
use crate::source_spec::SourceSpec;
use crate::terrain::Terrain;
use crate::{Error, Result};
use ecotone_core::GeoBox;
use ecotone_io::{DatasetPool, Scene};
use ecotone_jobs::{Failure, Progress, Resources, reasons};
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::path::PathBuf;

impl Plan {
    /// Plans scenes that were found on a grid; what fails is listed and left out. `heights` is where those are that the
    /// illumination of optical scenes follows from, where it is asked for.
    ///
    /// # Errors
    /// When a source has no scene left, or the heights lie elsewhere.
    pub fn of(
        sought: Vec<Sought>,
        geobox: &GeoBox,
        heights: Option<PathBuf>,
        resources: &Resources,
        progress: &dyn Progress,
    ) -> Result<Self> {
        plan(sought, geobox, heights, (&Readers::new(resources)?, &DatasetPool::default()), progress)
    }
}

/// [`Plan::of`] with threads and files that read the scenes later on.
pub(crate) fn plan(
    sought: Vec<Sought>,
    geobox: &GeoBox,
    heights: Option<PathBuf>,
    (readers, files): (&Readers, &DatasetPool),
    progress: &dyn Progress,
) -> Result<Plan> {
    let heights = heights.filter(|_| sought.iter().any(|sought| sought.spec.illumination));
    let terrain = heights.map(|place| Terrain::over(geobox, &place)).transpose()?;
    let heights = terrain.map(|terrain| terrain.heights().clone());
    let mut bounds = Bounds::on(geobox);
    let source = |sought| plan_source(sought, &mut bounds, (readers, files), progress);
    let sources = sought.into_iter().map(source).collect::<Result<_>>()?;
    Ok(Plan::new(geobox.clone(), heights, sources))
}

/// Opens every scene of a source once: finds its bands, decides its units.
fn plan_source(
    sought: Sought,
    bounds: &mut Bounds<'_>,
    (readers, files): (&Readers, &DatasetPool),
    progress: &dyn Progress,
) -> Result<PlannedSource> {
    let Sought { spec, scenes, mut failures } = sought;
    let timeline = spec.timeline()?;
    // What the job's own words cannot mean is no fault of its scenes.
    spec.channels()?;
    spec.mask_kind()?;
    let inside: Vec<&Scene> =
        scenes.iter().filter(|scene| timeline.step_of(scene.datetime.date_naive()).is_some()).collect();
    let name = names(&inside);
    let meanings = BandMeanings::of(&spec.bands, &spec.meant, &inside);
    progress.begin("plan", inside.len() as u64, "scenes");
    let opened: Vec<_> = readers.install(|| {
        let inside = inside.par_iter().with_max_len(1);
        let open = inside.map(|&scene| {
            let opened = open_scene(scene, &spec, &meanings, files);
            progress.advance(1, "");
            opened
        });
        open.collect()
    });
    progress.end();
    let windows: Vec<_> = opened.iter().map(|scene| bounds.around(scene.as_ref().ok()?.grids())).collect();
    let mut planned = Vec::new();
    for ((scene, settled), window) in inside.iter().zip(settle(opened, &spec)?).zip(windows) {
        match settled {
            Ok(settled) => planned.push(settled.called(name(scene)).within(window)),
            Err(error) => {
                failures.push(Failure { scene: name(scene), reason: unsigned(scene, reasons(&error)) });
            }
        }
    }
    if planned.is_empty() {
        let (count, first) = (failures.len(), failures.into_iter().next().unwrap_or_default());
        return Err(Error::AllScenesFailed { count, scene: first.scene, reason: first.reason });
    }
    let spec = SourceSpec { meant: meanings.into_meant(), ..spec };
    Ok(PlannedSource { spec, scenes: planned, failures })
}

/// What scenes are called: by their identifier, by their key where several have that.
fn names(scenes: &[&Scene]) -> impl Fn(&Scene) -> String + use<> {
    let mut known = BTreeSet::new();
    let shared: BTreeSet<String> =
        scenes.iter().filter(|scene| !known.insert(&scene.id)).map(|scene| scene.id.clone()).collect();
    move |scene| if shared.contains(&scene.id) { scene.key() } else { scene.id.clone() }
}

/// A reason without the signatures of the files that it names.
fn unsigned(scene: &Scene, reason: String) -> String {
    scene.assets.values().fold(reason, |reason, asset| {
        let address = Address::new(&asset.href);
        reason.replace(address.location(), address.unsigned())
    })
}

#[cfg(test)]
#[path = "make_tests.rs"]
mod tests;
