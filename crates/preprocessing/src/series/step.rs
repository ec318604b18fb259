//! One step of a series: the scenes that fall in it, and what stands of them.

use super::scene_layer::SceneLayer;
use crate::composite::{Layer, mean, median};
use crate::{Error, Result};
use chrono::NaiveDate;
use std::cmp::Ordering;

/// Pixels copied at a time, few enough for all their bands to stay in the cache.
const CHUNK: usize = 2048;

/// Which observation stands for a step that has several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StepRule {
    /// The valid one of the best scene: least cloud cover, then the latest day, then the first id in the alphabet.
    #[default]
    Best,
    /// The median of the valid ones, band by band. Holds all scenes in memory until the end.
    Median,
    /// The mean of the valid ones, band by band. Holds all scenes in memory until the end.
    Mean {
        /// How many of the bands, the first ones, are decibels, of whose power the mean is taken.
        decibels: usize,
    },
}

/// What a series remembers of a step besides its values.
#[derive(Debug)]
pub(super) struct Step {
    scenes: Vec<Rank>,
    /// Which scene each pixel came from, as its place in `scenes` plus one; 0 for none. `[y, x]`, empty before the
    /// second scene.
    sources: Vec<u32>,
    /// Valid observations, `[y, x]`, empty before the second scene.
    seen: Vec<u16>,
    /// Scenes in full, for the median and the mean.
    kept: Vec<Kept>,
    /// Whether the values may be old ones where nothing was observed.
    stale: bool,
}

/// What decides between scenes of one step.
#[derive(Debug)]
struct Rank {
    id: String,
    day: NaiveDate,
    cloud_cover: f32,
}

impl Rank {
    fn new(id: &str, day: NaiveDate, cloud_cover: Option<f32>) -> Self {
        let cloud_cover = cloud_cover.filter(|cover| cover.is_finite()).unwrap_or(f32::INFINITY);
        Self { id: id.to_owned(), day, cloud_cover }
    }

    /// `Less` is better.
    fn order(&self, other: &Self) -> Ordering {
        self.cloud_cover
            .total_cmp(&other.cloud_cover)
            .then(other.day.cmp(&self.day))
            .then_with(|| self.id.cmp(&other.id))
    }
}

#[derive(Debug)]
struct Kept {
    values: Vec<f32>,
    valid: Vec<bool>,
}

impl Step {
    /// A step without a scene, over memory that holds zeros unless it is `stale`.
    pub(super) const fn over(stale: bool) -> Self {
        Self { scenes: Vec::new(), sources: Vec::new(), seen: Vec::new(), kept: Vec::new(), stale }
    }

    pub(super) fn holds(&self, id: &str) -> bool {
        self.scenes.iter().any(|scene| scene.id == id)
    }

    /// Adds the number of its observations to that of each pixel. `valid` are those with any.
    pub(super) fn count(&self, valid: &[bool], observations: &mut [u32]) {
        match (&self.scenes[..], &self.seen[..]) {
            ([], _) => {}
            (_, []) => {
                observations.iter_mut().zip(valid).for_each(|(count, seen)| *count += u32::from(*seen))
            }
            (_, seen) => {
                observations.iter_mut().zip(seen).for_each(|(count, seen)| *count += u32::from(*seen))
            }
        }
    }
}

/// One step of a [`SeriesBuilder`](super::SeriesBuilder); the order in which scenes are added changes nothing.
#[derive(Debug)]
pub struct StepBuilder<'a> {
    step: &'a mut Step,
    rule: StepRule,
    /// `[band, y, x]`.
    values: &'a mut [f32],
    /// `[y, x]`.
    valid: &'a mut [bool],
    /// Memory for scenes after the first.
    spare: (Vec<f32>, Vec<bool>),
}

impl<'a> StepBuilder<'a> {
    pub(super) fn new(
        step: &'a mut Step,
        rule: StepRule,
        values: &'a mut [f32],
        valid: &'a mut [bool],
    ) -> Self {
        Self { step, rule, values, valid, spare: Default::default() }
    }

    /// Adds a scene of this step that `read` puts into memory: values `[band, y, x]` and where they hold `[y, x]`, all
    /// to be overwritten, whatever they held. It gives false where the scene shows nothing, which then is not added.
    /// The step's first scene is read right into the series.
    ///
    /// `cloud_cover` is as in [`SceneLayer`].
    ///
    /// # Errors
    /// When a scene of that id was added to the step before; and those of `read`, which leave the step as it was.
    pub fn read<E: From<Error>>(
        &mut self,
        id: &str,
        day: NaiveDate,
        cloud_cover: Option<f32>,
        read: impl FnOnce(&mut [f32], &mut [bool]) -> std::result::Result<bool, E>,
    ) -> std::result::Result<(), E> {
        if self.step.holds(id) {
            return Err(Error::SceneTwice { id: id.to_owned() }.into());
        }
        if self.rule == StepRule::Best && self.step.scenes.is_empty() {
            self.step.stale = true;
            let shown = read(self.values, self.valid);
            if matches!(shown, Ok(true)) {
                self.take_in_place(Rank::new(id, day, cloud_cover));
            } else {
                self.valid.fill(false);
            }
            return shown.map(|_| ());
        }
        let (mut values, mut valid) = std::mem::take(&mut self.spare);
        values.resize(self.values.len(), 0.0);
        valid.resize(self.valid.len(), false);
        let shown = read(&mut values, &mut valid);
        if matches!(shown, Ok(true)) {
            self.add(SceneLayer { id, day, cloud_cover, values: &values, valid: &valid });
        }
        self.spare = (values, valid);
        shown.map(|_| ())
    }

    /// Adds a scene whose arrays have the right length and whose id is new.
    pub(super) fn add(&mut self, scene: SceneLayer<'_>) {
        let rank = Rank::new(scene.id, scene.day, scene.cloud_cover);
        match self.rule {
            StepRule::Best => self.take_where_better(&scene, rank),
            StepRule::Median | StepRule::Mean { .. } => self.keep(&scene, rank),
        }
    }

    /// Makes the values final but for the filling of gaps: 0 where nothing was observed.
    pub(super) fn finish(self, bands: usize) -> Result<()> {
        let kept = &self.step.kept;
        if !kept.is_empty() {
            let layers: Vec<_> =
                kept.iter().map(|kept| Layer { values: &kept.values, valid: &kept.valid }).collect();
            let composite = match self.rule {
                StepRule::Mean { decibels } => mean(&layers, bands, decibels)?,
                StepRule::Best | StepRule::Median => median(&layers, bands)?,
            };
            self.values.copy_from_slice(&composite.values);
            self.valid.copy_from_slice(&composite.valid);
        }
        if self.step.stale && self.valid.contains(&false) {
            for layer in self.values.chunks_exact_mut(self.valid.len()) {
                for (value, valid) in layer.iter_mut().zip(&*self.valid) {
                    *value = if *valid { *value } else { 0.0 };
                }
            }
        }
        Ok(())
    }

    /// Makes the scene that lies in the series already its first.
    fn take_in_place(&mut self, rank: Rank) {
        let size = self.valid.len();
        self.step.scenes.push(rank);
        let mut lanes = [0; CHUNK];
        for start in (0..size).step_by(CHUNK) {
            let place = start..(start + CHUNK).min(size);
            let lanes = &mut lanes[..place.len()];
            observed(lanes, &self.valid[place.clone()], self.values, start, size);
            for (lane, valid) in lanes.iter().zip(&mut self.valid[place.clone()]) {
                *valid = *lane == ALL;
            }
            for layer in self.values.chunks_exact_mut(size) {
                for (value, lane) in layer[place.clone()].iter_mut().zip(&*lanes) {
                    *value = f32::from_bits(value.to_bits() & lane);
                }
            }
        }
        self.step.stale = false;
    }

    /// Copies the scene's valid pixels over those of worse scenes.
    fn take_where_better(&mut self, scene: &SceneLayer<'_>, rank: Rank) {
        let size = self.valid.len();
        // By source: whether the pixel is still free or holds a worse scene.
        let yields: Vec<bool> = std::iter::once(true)
            .chain(self.step.scenes.iter().map(|other| rank.order(other).is_lt()))
            .collect();
        let own = yields.len() as u32;
        if self.step.sources.is_empty() {
            // All that is there so far is the first scene, if any.
            self.step.sources = self.valid.iter().map(|valid| u32::from(*valid)).collect();
            self.step.seen = self.valid.iter().map(|valid| u16::from(*valid)).collect();
        }
        self.step.scenes.push(rank);
        let mut lanes = [0; CHUNK];
        for start in (0..size).step_by(CHUNK) {
            let place = start..(start + CHUNK).min(size);
            let lanes = &mut lanes[..place.len()];
            observed(lanes, &scene.valid[place.clone()], scene.values, start, size);
            let pixels = self.step.sources[place.clone()].iter_mut().zip(&mut self.step.seen[place.clone()]);
            for ((lane, valid), (source, seen)) in
                lanes.iter_mut().zip(&mut self.valid[place.clone()]).zip(pixels)
            {
                *seen = seen.saturating_add((*lane & 1) as u16);
                *valid |= *lane == ALL;
                *lane &= if yields[*source as usize] { ALL } else { 0 };
                *source = (own & *lane) | (*source & !*lane);
            }
            for (to, from) in self.values.chunks_exact_mut(size).zip(scene.values.chunks_exact(size)) {
                for ((to, from), lane) in to[place.clone()].iter_mut().zip(&from[place.clone()]).zip(&*lanes)
                {
                    *to = f32::from_bits((from.to_bits() & lane) | (to.to_bits() & !lane));
                }
            }
        }
    }

    fn keep(&mut self, scene: &SceneLayer<'_>, rank: Rank) {
        let size = scene.valid.len();
        let mut lanes = vec![0; size];
        observed(&mut lanes, scene.valid, scene.values, 0, size);
        self.step.scenes.push(rank);
        self.step.seen.resize(size, 0);
        for (seen, lane) in self.step.seen.iter_mut().zip(&lanes) {
            *seen = seen.saturating_add((lane & 1) as u16);
        }
        let valid = lanes.iter().map(|lane| *lane == ALL).collect();
        self.step.kept.push(Kept { values: scene.values.to_vec(), valid });
    }
}

/// A lane that passes all bits of a value. Masks as wide as values let the compiler use vector instructions.
const ALL: u32 = u32::MAX;

/// Sets the lanes of pixels that are valid and finite in every band. They start at pixel `start` of the `size` in a band.
fn observed(lanes: &mut [u32], valid: &[bool], values: &[f32], start: usize, size: usize) {
    const EXPONENT: u32 = 0x7f80_0000;
    for (lane, valid) in lanes.iter_mut().zip(valid) {
        *lane = if *valid { ALL } else { 0 };
    }
    for band in values.chunks_exact(size.max(1)) {
        for (lane, value) in lanes.iter_mut().zip(&band[start..]) {
            *lane &= if value.to_bits() & EXPONENT == EXPONENT { 0 } else { ALL };
        }
    }
}
