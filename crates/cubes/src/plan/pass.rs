//! The passes of satellites over a plan's grid: scenes of one pass are one look at the ground, on one date.

use super::value::{Plan, PlannedSource};
use crate::scene_plan::PlannedScene;
use chrono::{DateTime, NaiveDate, Utc};
use std::collections::BTreeMap;

/// Scenes of one source that one satellite took in one pass. Its tiles lie side by side and are mosaicked; of several
/// processings of a tile the one of the latest baseline counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pass {
    /// The place of the source in the plan.
    pub source: usize,
    /// The day in UTC, of the first scene where the pass goes on beyond midnight.
    pub day: NaiveDate,
    /// The satellite, where it is known.
    pub platform: Option<String>,
    /// The orbit among those that it goes again and again, where it is known.
    pub relative_orbit: Option<u32>,
    /// What the scenes have in common, where it is known.
    pub datatake: Option<String>,
    /// When the first scene was taken.
    pub(crate) begun: DateTime<Utc>,
    /// The places of its scenes in the source.
    pub(crate) scenes: Vec<usize>,
}

/// What scenes of one pass have in common.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Take<'a> {
    Datatake(&'a str),
    /// No satellite comes back to an orbit within a day.
    Orbit(Option<u32>, NaiveDate),
}

impl Plan {
    /// The passes of all sources in order of time.
    pub fn passes(&self) -> Vec<Pass> {
        let of = |(place, source)| of_source(place, source);
        let mut passes: Vec<Pass> = self.sources().enumerate().flat_map(of).collect();
        // The sort is stable, and passes of one source come in an order that scenes do not decide.
        passes.sort_by_key(|pass| (pass.day, pass.begun, pass.source));
        passes
    }
}

fn of_source(place: usize, source: &PlannedSource) -> Vec<Pass> {
    let mut takes: BTreeMap<(Option<String>, Take<'_>), Vec<usize>> = BTreeMap::new();
    for (place, scene) in source.scenes.iter().enumerate() {
        // Providers write sentinel-2a, Sentinel-2A and SENTINEL_2A.
        let platform =
            scene.platform.as_deref().map(|name| name.to_ascii_lowercase().replace(['_', ' '], "-"));
        let take = match &scene.datatake {
            Some(datatake) => Take::Datatake(datatake),
            None => Take::Orbit(scene.relative_orbit, scene.datetime.date_naive()),
        };
        takes.entry((platform, take)).or_default().push(place);
    }
    let pass = |scenes: Vec<usize>| {
        let scenes = latest(&source.scenes, scenes);
        let first = scenes
            .iter()
            .map(|place| &source.scenes[*place])
            .min_by_key(|scene| (scene.datetime, &scene.key))?;
        Some(Pass {
            source: place,
            day: first.datetime.date_naive(),
            platform: first.platform.clone(),
            relative_orbit: first.relative_orbit,
            datatake: first.datatake.clone(),
            begun: first.datetime,
            scenes,
        })
    };
    takes.into_values().filter_map(pass).collect()
}

/// The scenes of a pass without those that were processed again later on. Two of one tile and one baseline are parts of it:
/// where a recording is cut in two, a tile is delivered in two halves.
fn latest(all: &[PlannedScene], places: Vec<usize>) -> Vec<usize> {
    let newer = |one: &PlannedScene| {
        places.iter().any(|other| all[*other].geobox == one.geobox && all[*other].baseline > one.baseline)
    };
    places.iter().copied().filter(|place| !newer(&all[*place])).collect()
}

#[cfg(test)]
#[path = "pass_tests.rs"]
mod tests;
