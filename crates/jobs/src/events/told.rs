//! What the events of a run come to: what was asked for, which scenes failed, how long the stages took, and whether it is
//! finished.

use super::event::{Event, What, window_of};
use crate::failed_scenes::FailedScenes;
use crate::summary::Failure;
use chrono::{DateTime, Utc};
use ecotone_core::Window;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// How long a stage took.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Timing {
    /// The stage.
    pub stage: String,
    /// Seconds, of all processes that worked on it.
    pub seconds: f64,
}

/// What events have told so far.
#[derive(Debug, Clone, Default)]
pub struct Told {
    asked: Option<BTreeMap<String, String>>,
    scenes: BTreeMap<String, Failed>,
    /// Numbers of the windows in which scenes failed: a set of numbers a scene is small, however many windows.
    places: BTreeMap<Place, u32>,
    stages: Vec<(String, i64)>,
    /// The place in `stages` of the one that goes on.
    stage: Option<usize>,
    last: Option<DateTime<Utc>>,
    finished: Option<DateTime<Utc>>,
}

/// A window of a map.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) part: Option<String>,
    pub(super) window: [i64; 4],
}

/// How a scene failed.
#[derive(Debug, Clone, Default)]
struct Failed {
    /// That which was told first.
    reason: String,
    /// Whether it was left out altogether.
    whole: bool,
    /// Where it failed, by number.
    windows: BTreeSet<u32>,
}

impl Told {
    /// By these events, in order.
    pub fn by<'a>(events: impl IntoIterator<Item = &'a Event>) -> Self {
        let mut told = Self::default();
        events.into_iter().for_each(|event| told.hear(event));
        told
    }

    /// Takes one more in.
    pub fn hear(&mut self, Event { time, what }: &Event) {
        // From the last word of a killed process to the first of the next nobody worked.
        let worked = !matches!(what, What::Begun { .. });
        if let (Some(stage), Some(last), true) = (self.stage, self.last, worked) {
            self.stages[stage].1 += (*time - last).num_milliseconds().max(0);
        }
        self.last = Some(*time);
        match what {
            What::Begun { asked, .. } => {
                self.asked.get_or_insert_with(|| asked.clone());
                (self.stage, self.finished) = (None, None);
            }
            What::Stage { stage } => self.begin(stage),
            What::Window { .. } => {}
            What::SceneFailed { scene, reason, window, part } => {
                let place = window.map(|window| Place { part: part.clone(), window });
                self.fail(scene, reason, place);
            }
            What::SceneRead { scene, window, part } => {
                self.take_back(scene, &Place { part: part.clone(), window: *window });
            }
            What::Finished => (self.stage, self.finished) = (None, Some(*time)),
        }
    }

    fn begin(&mut self, stage: &str) {
        let known = self.stages.iter().position(|(name, _)| name == stage);
        self.stage = Some(known.unwrap_or_else(|| {
            self.stages.push((stage.to_owned(), 0));
            self.stages.len() - 1
        }));
    }

    fn fail(&mut self, scene: &str, reason: &str, place: Option<Place>) {
        let next = self.places.len() as u32;
        let number = place.map(|place| *self.places.entry(place).or_insert(next));
        let failed = self.scenes.entry(scene.to_owned()).or_default();
        if failed.windows.is_empty() && !failed.whole {
            reason.clone_into(&mut failed.reason);
        }
        match number {
            Some(number) => _ = failed.windows.insert(number),
            None => failed.whole = true,
        }
    }

    fn take_back(&mut self, scene: &str, place: &Place) {
        let (Some(number), Some(failed)) = (self.places.get(place), self.scenes.get_mut(scene)) else {
            return;
        };
        failed.windows.remove(number);
        if failed.windows.is_empty() && !failed.whole {
            self.scenes.remove(scene);
        }
    }

    /// Whether a scene is known to have failed in a window, or altogether.
    pub(super) fn knows(&self, scene: &str, place: Option<&Place>) -> bool {
        self.scenes.get(scene).is_some_and(|failed| match place {
            None => failed.whole,
            Some(place) => self.places.get(place).is_some_and(|number| failed.windows.contains(number)),
        })
    }

    /// The scenes that failed in a window.
    pub(super) fn failed_at(&self, place: &Place) -> Vec<String> {
        let Some(number) = self.places.get(place) else { return Vec::new() };
        let scenes = self.scenes.iter().filter(|(_, failed)| failed.windows.contains(number));
        scenes.map(|(scene, _)| scene.clone()).collect()
    }

    /// Each scene that failed, once, in order of name.
    pub fn failures(&self) -> Vec<Failure> {
        let mut all = FailedScenes::default();
        for (scene, Failed { reason, whole, windows }) in &self.scenes {
            // Of a scene that was left out nobody needs to know in which windows it was missed.
            let windows = if *whole { 1 } else { windows.len() as u64 };
            all.put(scene, reason, windows);
        }
        all.list()
    }

    /// Each scene that failed in a window of a map, once, in order of name.
    pub fn failures_in(&self, part: Option<&str>) -> Vec<Failure> {
        let here = self.numbers_of(part);
        let mut all = FailedScenes::default();
        for (scene, Failed { reason, windows, .. }) in &self.scenes {
            let windows = windows.intersection(&here).count() as u64;
            if windows > 0 {
                all.put(scene, reason, windows);
            }
        }
        all.list()
    }

    /// The windows of a map in which a scene failed.
    pub fn failed_windows(&self, part: Option<&str>) -> Vec<Window> {
        let failing: BTreeSet<u32> =
            self.scenes.values().flat_map(|failed| failed.windows.iter().copied()).collect();
        let places = self
            .places
            .iter()
            .filter(|(place, number)| place.part.as_deref() == part && failing.contains(number));
        places.map(|(place, _)| window_of(place.window)).collect()
    }

    fn numbers_of(&self, part: Option<&str>) -> BTreeSet<u32> {
        let places = self.places.iter().filter(|(place, _)| place.part.as_deref() == part);
        places.map(|(_, number)| *number).collect()
    }

    /// The stages that have ended, in order of their first beginning.
    pub fn timings(&self) -> Vec<Timing> {
        let stages = self.stages.iter().enumerate().filter(|(place, _)| self.stage != Some(*place));
        let timing = |(_, (stage, ms)): (usize, &(String, i64))| Timing {
            stage: stage.clone(),
            seconds: *ms as f64 / 1000.0,
        };
        stages.map(timing).collect()
    }

    /// What was asked for when the run was begun; none where nobody told.
    pub const fn asked(&self) -> Option<&BTreeMap<String, String>> {
        self.asked.as_ref()
    }

    /// When the run was finished.
    pub const fn finished(&self) -> Option<DateTime<Utc>> {
        self.finished
    }
}
